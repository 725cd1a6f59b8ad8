from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from tests.contracts.simulator.caller import BODY, SEARCH, SUPPLIER, Caller

ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{2}:\d{2}")
PAGE = "rechercheFactureParFournisseur"


def seed(api: Caller, count: int, **changes: Any) -> None:
    api.control("seed", {"invoices": {"supplier_siret": SUPPLIER, "count": count, **changes}})


def numbers(api: Caller, **filters: Any) -> list[str]:
    return [row["numeroFacture"] for row in api.search(**filters)]


def test_a_row_has_the_keys_and_dates_of_the_wire(api: Caller) -> None:
    api.submit(numeroFactureSaisi="FA-1")
    row = api.search(numeroFacture="FA-1")[0]
    assert row["statut"] == "DEPOSEE"
    assert "statutFacture" not in row
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", row["dateDepot"])
    assert row["dateFacture"] == "2026-11-20"
    assert ISO.fullmatch(row["dateHeureEtatCourant"])
    assert (row["montantHT"], row["montantTTC"], row["montantAPayer"], row["devise"]) == (850, 1020, 1020, "EUR")
    assert (row["codeFournisseur"], row["codeDestinataire"]) == (SUPPLIER, BODY)
    assert row["commentaireEtatCourant"] is None
    assert row["rejetTraite"] is False


def test_ten_rows_by_default_and_the_total_is_right(api: Caller) -> None:
    seed(api, 25)
    told = api.ok(SEARCH)
    assert len(told["listeFactures"]) == 10
    assert told["parametresRetour"] == {"pageCourante": 1, "pages": 3, "nbResultatsParPage": 10, "total": 25}


def test_an_empty_search_is_an_empty_list(api: Caller) -> None:
    told = api.ok(SEARCH, {"numeroFacture": "NOWHERE"})
    assert told["listeFactures"] == []
    assert told["parametresRetour"]["total"] == 0


def test_pages_give_every_row_once(api: Caller) -> None:
    seed(api, 37)
    seen: list[str] = []
    for number in range(1, 6):
        page = {
            "nbResultatsParPage": 8,
            "pageResultatDemandee": number,
            "triColonne": "DateDepot",
            "triSens": "Ascendant",
        }
        seen += numbers(api, **{PAGE: page})
    assert len(seen) == 37
    assert seen == sorted(seen)
    assert numbers(api, **{PAGE: {"nbResultatsParPage": 8, "pageResultatDemandee": 6}}) == []


def test_the_newest_deposit_comes_first_by_default(api: Caller) -> None:
    seed(api, 12)
    found = numbers(api)
    assert found == sorted(found, reverse=True)


def test_without_a_maximum_only_200_results_exist(api: Caller) -> None:
    seed(api, 250)
    assert api.ok(SEARCH)["parametresRetour"]["total"] == 200
    assert len(numbers(api, **{PAGE: {"nbResultatsParPage": 1000}})) == 200
    last = {"nbResultatsParPage": 30, "pageResultatDemandee": 7}
    assert len(numbers(api, **{PAGE: last})) == 20
    assert numbers(api, **{PAGE: {**last, "pageResultatDemandee": 8}}) == []
    asked = {"nbResultatsParPage": 1000, "nbResultatsMaximum": 1000}
    assert len(numbers(api, **{PAGE: asked})) == 250


@pytest.mark.parametrize("column", ["MontantTTC", "NumeroFacture", "Statut", "DesignationDestinataire", "DateFacture"])
def test_each_sort_column_sorts_both_ways(api: Caller, column: str) -> None:
    seed(api, 30, statuses={"SUSPENDUE": 1, "REJETEE": 1, "MISE_A_DISPOSITION": 1})
    key = {"MontantTTC": "montantTTC", "NumeroFacture": "numeroFacture", "Statut": "statut"}.get(column)
    key = key or {"DesignationDestinataire": "designationDestinataire", "DateFacture": "dateFacture"}[column]
    for direction, reverse in (("Ascendant", False), ("Descendant", True)):
        rows = api.search(**{PAGE: {"triColonne": column, "triSens": direction, "nbResultatsParPage": 100}})
        values = [row[key] for row in rows]
        assert values == sorted(values, reverse=reverse)
        assert len(set(values)) > 1


def test_an_unknown_sort_column_is_400(api: Caller) -> None:
    assert api.call(SEARCH, {PAGE: {"triColonne": "dateDepot"}}).status_code == 400


@pytest.fixture
def three(api: Caller) -> Caller:
    """Three invoices that differ in everything a filter can see."""
    bank = api.ok("transverses/recuperer/coordbanc/valides", {"idStructure": api.supplier_id})[
        "listeCoordonneeBancaire"
    ]
    api.submit(numeroFactureSaisi="ONE", dateFacture="2026-01-10", destinataire__codeServiceExecutant="ST01")
    api.submit(
        numeroFactureSaisi="TWO",
        dateFacture="2026-02-10",
        references__typeFacture="AVOIR",
        references__numeroFactureOrigine="ONE",
        references__numeroMarche="M-2",
        references__numeroBonCommande="1300045678",
        destinataire__codeDestinataire="12345678200036",
        montantTotal={"montantHtTotal": 10, "montantTVA": 2, "montantTtcTotal": 12, "montantAPayer": 6},
        fournisseur__codeCoordonneesBancairesFournisseur=bank[1]["idCoordonneeBancaire"],
    )
    api.control("clock", {"advance_seconds": 3 * 86400})
    api.renew()
    api.submit(
        numeroFactureSaisi="THREE",
        dateFacture="2026-03-10",
        modeDepot="DEPOT_PDF_SIGNE_API",
        destinataire__codeDestinataire="11000201100044",
        destinataire__codeServiceExecutant="SFACETAT",
        cadreDeFacturation__codeCadreFacturation="A2_FACTURE_FOURNISSEUR_DEJA_PAYEE",
        montantTotal={"montantHtTotal": 5000, "montantTVA": 1000, "montantTtcTotal": 6000, "montantAPayer": 0},
    )
    return api


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"ONE", "TWO", "THREE"}),
        ({"numeroFacture": "ONE"}, {"ONE"}),
        ({"typeFacture": "AVOIR"}, {"TWO"}),
        ({"statutCourant": ["DEPOSEE"]}, {"THREE"}),
        ({"statutCourant": ["MISE_A_DISPOSITION", "SUSPENDUE"]}, {"ONE", "TWO"}),
        ({"statutCourant": []}, {"ONE", "TWO", "THREE"}),
        ({"cadreFacturation": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"}, {"THREE"}),
        ({"periodeDateFactureDu": "2026-01-10", "periodeDateFactureAu": "2026-02-10"}, {"ONE", "TWO"}),
        ({"periodeDateFactureDu": "2026-02-11"}, {"THREE"}),
        ({"montantHTMin": 850, "montantHTMax": 850}, {"ONE"}),
        ({"montantTTCMin": 1020.01}, {"THREE"}),
        ({"montantApayerMax": 6}, {"TWO", "THREE"}),
        ({"numeroMarche": "M-2"}, {"TWO"}),
        ({"numeroBonCommande": "1300045678"}, {"TWO"}),
        ({"numeroFactureOrigine": "ONE"}, {"TWO"}),
        ({"modeDepot": "DEPOT_PDF_SIGNE_API"}, {"THREE"}),
        ({"rechercheSirenDestinataire": "110002011"}, {"THREE"}),
        ({"listeDestinataire": [{"raisonSocialeStuctDmd": "etat"}]}, {"THREE"}),
        ({"rejetTraite": True}, set()),
        ({"numeroFluxDepot": "CPP0"}, set()),
        ({"idFournisseur": 1}, set()),
        ({"typeFacture": "AVOIR", "numeroFacture": "ONE"}, set()),
    ],
)
def test_each_filter_narrows(three: Caller, filters: dict[str, Any], expected: set[str]) -> None:
    assert set(numbers(three, **filters)) == expected


def test_filters_by_ids(three: Caller) -> None:
    one, two = three.search(numeroFacture="ONE")[0], three.search(numeroFacture="TWO")[0]
    assert numbers(three, idFournisseur=three.supplier_id, numeroFacture="ONE") == ["ONE"]
    assert numbers(three, listeDestinataire=[{"idDestinataire": two["idDestinataire"]}]) == ["TWO"]
    service = {"idDestinataire": one["idDestinataire"], "listeIdServiceExecutant": [one["idServiceExecutant"]]}
    assert numbers(three, listeDestinataire=[service]) == ["ONE"]
    both = [service, {"idDestinataire": two["idDestinataire"]}]
    assert set(numbers(three, listeDestinataire=both)) == {"ONE", "TWO"}
    alone = [{"idDestinataire": two["idDestinataire"]}]
    assert numbers(three, listeDestinataire=alone, rechercheSirenDestinataire=False) == ["TWO"]
    assert set(numbers(three, listeDestinataire=alone, rechercheSirenDestinataire=True)) == {"ONE", "TWO"}
    bank = three.ok("transverses/recuperer/coordbanc/valides", {"idStructure": three.supplier_id})
    assert numbers(three, coordonneeBancaire=bank["listeCoordonneeBancaire"][1]["idCoordonneeBancaire"]) == ["TWO"]


def test_deposit_days_are_whole_days_in_paris(three: Caller) -> None:
    day = three.search(numeroFacture="ONE")[0]["dateDepot"]
    assert set(numbers(three, periodeDateDepotDu=day, periodeDateDepotAu=day)) == {"ONE", "TWO"}
    after = (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()
    assert numbers(three, periodeDateDepotDu=after) == ["THREE"]


@pytest.mark.parametrize("zone", ["Paris", "UTC", "naive"])
def test_the_moment_of_the_current_status_is_read_with_any_offset(three: Caller, zone: str) -> None:
    at = dt.datetime.fromisoformat(three.search(numeroFacture="THREE")[0]["dateHeureEtatCourant"])
    low = at - dt.timedelta(seconds=1)
    text = {
        "Paris": low.isoformat(),
        "UTC": low.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
        "naive": low.replace(tzinfo=None).isoformat(),
    }[zone]
    assert numbers(three, periodeDateHeureEtatCourantDu=text) == ["THREE"]
    assert set(numbers(three, periodeDateHeureEtatCourantAu=text)) == {"ONE", "TWO"}


def test_the_size_is_told_on_demand(api: Caller) -> None:
    api.submit(numeroFactureSaisi="FA-1")
    assert api.search(numeroFacture="FA-1")[0]["taille"] is None
    assert api.search(numeroFacture="FA-1", recupererTaille=True)[0]["taille"] > 0


def test_a_new_invoice_shows_late_in_search_and_history_but_not_by_id(api: Caller) -> None:
    api.control("settings", {"search_delay_seconds": 300})
    body = api.invoice(numeroFactureSaisi="LATE")
    chorus_id = api.ok("factures/soumettre", body)["identifiantFactureCPP"]
    assert api.search(numeroFacture="LATE") == []
    assert api.refused("factures/consulter/historique", {"idFacture": chorus_id}) == 29910
    assert api.ok("factures/consulter/fournisseur", {"identifiantFactureCPP": chorus_id})
    assert api.refused("factures/soumettre", body) == 29922
    api.control("clock", {"advance_seconds": 301})
    assert len(api.search(numeroFacture="LATE")) == 1
    assert api.ok("factures/consulter/historique", {"idFacture": chorus_id})["numeroFacture"] == "LATE"


def test_an_unknown_invoice_is_refused_by_id(api: Caller) -> None:
    assert api.refused("factures/consulter/fournisseur", {"identifiantFactureCPP": 1}) == 29910
    assert api.refused("factures/consulter/historique", {"idFacture": None}) == 29910
