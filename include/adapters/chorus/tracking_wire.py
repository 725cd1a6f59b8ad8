"""What tracking asks: bodies of the paged search, the history and one invoice.

Source: docs/reference/chorus-pro-api.md 3.6 to 3.8.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from include.application.ports.chorus import RemoteQuery

SEARCH_MAXIMUM = 100_000
"""`nbResultatsMaximum`: 200 if left out, and it cuts silently; whoever reads on continues from the last deposit day."""

HISTORY_PAGE_SIZE = 100


def changed_since(
    supplier_id: int, since: dt.datetime | None, deposited_from: dt.date | None, page: int, page_size: int
) -> dict[str, Any]:
    """`rechercher/fournisseur` by a lower bound of the status date.

    Never with an upper bound: the filter sees the current status only, so rows that change meanwhile would leave it.
    """
    return {
        "idFournisseur": supplier_id,
        **_given(
            periodeDateHeureEtatCourantDu=None if since is None else since.isoformat(timespec="milliseconds"),
            periodeDateDepotDu=None if deposited_from is None else deposited_from.isoformat(),
        ),
        "rechercheFactureParFournisseur": _page(page, page_size, "Ascendant"),
    }


def browse(supplier_id: int, query: RemoteQuery, page: int, page_size: int) -> dict[str, Any]:
    """`rechercher/fournisseur` for a person who looks: the newest deposits first."""
    return {
        "idFournisseur": supplier_id,
        **_given(
            numeroFacture=query.number,
            statutCourant=None if query.status is None else [query.status],
            periodeDateDepotDu=None if query.deposited_from is None else query.deposited_from.isoformat(),
            periodeDateDepotAu=None if query.deposited_to is None else query.deposited_to.isoformat(),
        ),
        "rechercheFactureParFournisseur": _page(page, page_size, "Descendant"),
    }


def history(chorus_id: int, *, statuses: int, actions: int | None, events: int | None) -> dict[str, Any]:
    """`consulter/historique` by the page of each list; no page keys for a list whose first rows are all there is."""
    return {
        "idFacture": chorus_id,
        "paramRechercheHistoStatuts": _named_page("ListeHistoStatut", statuses),
        **_given(
            paramRechercheHistoActionsUtilisateurs=_named_page("ListeHistoAction", actions) if actions else None,
            paramRechercheHistoEvenementsComplementaires=_named_page("ListeHistoEvenement", events) if events else None,
        ),
    }


def consult(chorus_id: int) -> dict[str, Any]:
    """`consulter/fournisseur`."""
    return {"identifiantFactureCPP": chorus_id, "codeLangue": "fr"}


def _page(page: int, page_size: int, direction: str) -> dict[str, Any]:
    return {
        "nbResultatsMaximum": SEARCH_MAXIMUM,
        "nbResultatsParPage": page_size,
        "pageResultatDemandee": page,
        "triColonne": "DateDepot",
        "triSens": direction,
    }


def _named_page(suffix: str, page: int) -> dict[str, Any]:
    return {f"nbResultatsParPage{suffix}": HISTORY_PAGE_SIZE, f"pageResultatDemandee{suffix}": page}


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
