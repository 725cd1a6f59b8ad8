"""What goes out: our values under the French key names of the platform.

An amount never passes through a float: it is written as the JSON number that its decimal digits are.

Source: docs/reference/chorus-pro-api.md 3.2, 3.3, 3.6, 3.10, 3.11.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import Any, Literal

from include.domain.errors import InputError
from include.domain.submission import SentAttachment, Submission

FILE_NAME_LIMIT = 50
DEPOSIT_NAME_LIMIT = 200
DESIGNATION_LIMIT = 100
SEARCH_PAGE_SIZE = 100
SEARCH_MAXIMUM = 10_000
"""`nbResultatsMaximum` is 200 if left out, and cuts silently."""
SERVICE_PAGE_SIZE = 500

CREDIT_NOTE = "AVOIR"
INVOICE = "FACTURE"
CENT = Decimal("0.01")

Sign = Literal[1, -1]


def encode(submission: Submission, *, credit_note_sign: Sign = 1) -> str:
    """The body of `soumettre`, the same text for the same submission.

    The signs of a credit note are unknown on the real platform: `credit_note_sign` is that one setting.
    """
    sign = credit_note_sign if submission.credit_note else 1
    body = {
        "modeDepot": "DEPOT_PDF_SIGNE_API" if submission.signed else "DEPOT_PDF_API",
        "numeroFactureSaisi": submission.number,
        "dateFacture": submission.issue_date.isoformat(),
        "destinataire": {
            "codeDestinataire": submission.recipient_siret,
            "codeServiceExecutant": submission.service_code,
        },
        "fournisseur": {
            "idFournisseur": submission.supplier_id,
            "idServiceFournisseur": submission.supplier_service_id,
            "codeCoordonneesBancairesFournisseur": submission.bank_details_id,
        },
        "cadreDeFacturation": {"codeCadreFacturation": submission.framework.value},
        "references": _references(submission),
        "lignePoste": [],
        "ligneTva": [
            {
                "ligneTvaTauxManuel": _rate(line.rate),
                "ligneTvaMontantBaseHtParTaux": _amount(line.base, sign),
                "ligneTvaMontantTvaParTaux": _amount(line.amount, sign),
            }
            for line in submission.vat
        ],
        "montantTotal": _totals(submission, sign),
        "pieceJointePrincipale": [  # an array of one, whatever the Swagger says
            {
                "pieceJointePrincipaleDesignation": shorten(submission.main_name, DESIGNATION_LIMIT),
                "pieceJointePrincipaleId": submission.main_upload_id,
            }
        ],
        "pieceJointeComplementaire": [_attachment(sent) for sent in submission.attachments] or None,
        "commentaire": submission.comment,
    }
    return _render(body)


def _references(submission: Submission) -> dict[str, Any]:
    return {
        "deviseFacture": submission.currency,
        "typeFacture": CREDIT_NOTE if submission.credit_note else INVOICE,
        "typeTva": submission.vat_type.value,
        "motifExonerationTva": submission.vat_exemption_reason,
        "modePaiement": submission.payment_mode.value,
        "numeroBonCommande": submission.engagement_number,
        "numeroMarche": submission.contract_number,
        "numeroFactureOrigine": submission.original_invoice_number,
    }


def _totals(submission: Submission, sign: int) -> dict[str, Any]:
    discount = submission.discount
    return {
        "montantHtTotal": _amount(submission.total_excl_tax, sign),
        "montantTVA": _amount(submission.total_tax, sign),
        "montantTtcTotal": _amount(submission.total_incl_tax, sign),
        "montantRemiseGlobaleTTC": None if discount is None else _amount(discount, sign),
        "motifRemiseGlobaleTTC": submission.discount_reason,
        "montantAPayer": _amount(submission.amount_due, sign),
    }


def _attachment(sent: SentAttachment) -> dict[str, Any]:
    return {
        "pieceJointeComplementaireDesignation": shorten(sent.name, DESIGNATION_LIMIT),
        "pieceJointeComplementaireType": sent.type_code,
        "pieceJointeComplementaireId": sent.upload_id,
    }


def _amount(value: Decimal, sign: int) -> Decimal:
    """The amount with exactly two decimals; one that has more is never rounded in silence."""
    try:
        exact = value.quantize(CENT)
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite() or exact != value:
        raise InputError("no_amount_in_cents", value=value)
    return exact * sign + Decimal("0.00")  # no minus zero


def _rate(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise InputError("no_vat_rate", value=value)
    return value.normalize()


def _render(value: object) -> str:
    """JSON in the given order; keys without a value are left out. The standard encoder knows no Decimal."""
    if isinstance(value, Mapping):
        parts = (f"{json.dumps(key)}:{_render(item)}" for key, item in value.items() if item is not None and item != "")
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_render(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value)


def shorten(name: str, limit: int) -> str:
    """A file name without folders that fits, its extension kept."""
    path = PurePosixPath(name.replace("\\", "/"))
    suffix = path.suffix[:limit]
    return path.stem[: limit - len(suffix)].rstrip() + suffix


def upload(name: str, content: bytes, mime_type: str) -> dict[str, Any]:
    """The body of `ajouter/fichier`."""
    return {
        "pieceJointeFichier": base64.b64encode(content).decode("ascii"),
        "pieceJointeNom": shorten(name, FILE_NAME_LIMIT),
        "pieceJointeTypeMime": mime_type,
        "pieceJointeExtension": PurePosixPath(name).suffix.removeprefix(".").upper(),
    }


def analysis(name: str, content: bytes, *, signed: bool) -> dict[str, Any]:
    """The body of `deposer/pdf`."""
    return {
        "fichierFacture": base64.b64encode(content).decode("ascii"),
        "nomFichier": shorten(name, DEPOSIT_NAME_LIMIT),
        "formatDepot": "PDF_SIGNE_PADES" if signed else "PDF_NON_SIGNE",
    }


def invoice_search(supplier_id: int, number: str, page: int) -> dict[str, Any]:
    """The body of `rechercher/fournisseur` by number, for one page."""
    return {
        "idFournisseur": supplier_id,
        "numeroFacture": number,
        "rechercheFactureParFournisseur": {
            "nbResultatsMaximum": SEARCH_MAXIMUM,
            "nbResultatsParPage": SEARCH_PAGE_SIZE,
            "pageResultatDemandee": page,
            "triColonne": "DateDepot",
            "triSens": "Ascendant",
        },
    }


def structure_search(siret: str) -> dict[str, Any]:
    """The body of `structures/rechercher` for one SIRET."""
    return {
        "structure": {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"},
        "parametres": {"nbResultatsParPage": 10, "pageResultatDemandee": 1},
    }


_HEAD_OF_SIRET = re.compile(r"\d{6,14}")
"""Fewer digits may be a postcode."""


def recipient_search(text: str, size: int) -> dict[str, Any]:
    """The body of `rechercher/destinataire`: by the head of a SIRET, or by name, town or postcode."""
    digits = "".join(text.split())
    key = "identifiant" if _HEAD_OF_SIRET.fullmatch(digits) else "nomVilleCodePostal"
    return {
        key: digits if key == "identifiant" else text,
        "parametresRecherche": {"nbResultatsParPage": size, "pageResultatDemandee": 1},
    }


def structure_searches(text: str, size: int) -> list[dict[str, Any]]:
    """Bodies of `structures/rechercher` that together find by SIRET, or by name and by town."""
    digits = "".join(text.split())
    if _HEAD_OF_SIRET.fullmatch(digits):
        return [structure_search(digits)]
    page = {"nbResultatsParPage": size, "pageResultatDemandee": 1}
    asked = ({"raisonSocialeStructure": text}, {"adresseVille": text})
    return [{"structure": {**one, "typeStructure": "PUBLIQUE"}, "parametres": page} for one in asked]


def structure(structure_id: int) -> dict[str, Any]:
    """The body of `structures/consulter`."""
    return {"idStructureCPP": structure_id, "codeLangue": "fr"}


def services(structure_id: int, page: int) -> dict[str, Any]:
    """The body of `structures/rechercher/services`, for one page."""
    return {
        "idStructure": structure_id,
        "parametresRechercherServicesStructure": {
            "nbResultatsParPage": SERVICE_PAGE_SIZE,
            "pageResultatDemandee": page,
            "triColonne": "CodeService",
            "triSens": "Ascendant",
        },
    }


def service(structure_id: int, service_id: int) -> dict[str, Any]:
    """The body of `structures/consulter/service`."""
    return {"idStructure": structure_id, "idService": service_id, "codeLangue": "fr"}


ACTIVE_STRUCTURES: Mapping[str, Any] = {}
ATTACHMENT_TYPES: Mapping[str, Any] = {"codeLangue": "fr", "typeObjet": "FACTURE"}


def bank_accounts(structure_id: int) -> dict[str, Any]:
    """The body of `recuperer/coordbanc/valides`."""
    return {"idStructure": structure_id}
