"""The answer of `consulter/fournisseur`: one invoice in full, in the platform's own nested keys."""

from __future__ import annotations

import json
from decimal import Decimal

from include.simulator import answers, codes
from include.simulator.answers import Json, Page, page_answer
from include.simulator.backend.platform import Platform
from include.simulator.backend.rules import amount, line_amount
from include.simulator.backend.store import Row

ADDRESS_KEYS = ("Id", "Detail", "Complement1", "Complement2", "CodePostal", "Ville", "CodePays", "LibellePays")
RATES = {code: (label, percent) for code, label, percent in codes.VAT_RATES}


def _address(party: str) -> Json:
    return dict.fromkeys(f"adresse{party}{key}" for key in ADDRESS_KEYS)


def _recipient(row: Row, body: Row) -> Json:
    return {
        "idDestinataire": row["recipient_id"],
        "codeDestinataire": row["recipient_siret"],
        "libelleDestinataire": row["recipient_name"],
        "designationDestinataire": row["recipient_name"],
        "idServiceExecutant": row["service_id"],
        "codeServiceExecutant": row["service_code"],
        "libelleServiceExecutant": row["service_name"],
        "miseEnPaiementDestinataire": bool(body["reports_payment"]),
        **_address("Destinataire"),
    }


def _supplier(row: Row) -> Json:
    bank_keys = ("CleIban", "CleRib", "CodeBanque", "CodePays", "CompteBancaire", "Type")
    return {
        "idFournisseur": row["supplier_id"],
        "typeIdentifiantFournisseur": "SIRET",
        "codeFournisseur": row["supplier_siret"],
        "raisonSocialeFournisseur": row["supplier_name"],
        "designationFournisseur": row["supplier_name"],
        "nomFournisseur": None,
        "prenomFournisseur": None,
        "idServiceFournisseur": row["supplier_service_id"],
        "codeServiceFournisseur": row["supplier_service_code"],
        "libelleServiceFournisseur": row["supplier_service_name"],
        "numeroRcsFournisseur": None,
        "coordBancairesFournisseurId": row["bank_id"],
        "coordBancairesFournisseurLibelle": row["bank_name"],
        **dict.fromkeys(f"coordBancairesFournisseur{key}" for key in bank_keys),
        "affactureur": None,
        **_address("Fournisseur"),
    }


def _references(row: Row, document: Json) -> Json:
    return {
        "dateFacture": row["issue_date"],
        "dateDepot": answers.day(row["deposited_at"]),
        "dateCreationFacture": answers.minute(row["deposited_at"]),
        "dateEcheancePaiement": None,
        "codeDeviseFacture": row["currency"],
        "libelleDeviseFacture": codes.CURRENCIES.get(row["currency"]),
        "typeFacture": row["type"],
        "typeTva": document["vat_type"],
        "motifExonerationTva": document["exemption_reason"],
        "libelleMotifExonerationTva": codes.EXEMPTION_REASONS.get(document["exemption_reason"] or ""),
        "numeroMarche": row["contract"],
        "numeroBonCommande": row["engagement"],
        "numeroFactureOrigine": row["original_number"],
        "modePaiement": document["payment_mode"],
        "tailleTotalePiecesJointes": row["size"],
        "numeroDpMandat": None,
    }


def _totals(document: Json) -> Json:
    before = Decimal(document["incl"]) + Decimal(document["discount"])
    return {
        "montantHtTotal": answers.number(document["excl"]),
        "montantTVA": answers.number(document["tax"]),
        "montantTtcTotal": answers.number(document["incl"]),
        "montantRemiseGlobaleTTC": answers.number(document["discount"]),
        "motifRemiseGlobaleTTC": document["discount_reason"],
        "montantTtcAvantRemiseGlobalTTC": answers.number(before),
        "montantAPayer": answers.number(document["due"]),
    }


def _vat_line(line: Json) -> Json:
    label, percent = RATES.get(line["ligneTvaTaux"] or "", (None, None))
    return {
        "ligneTvaTauxManuel": answers.number(line["ligneTvaTauxManuel"]),
        "ligneTvaTauxRefCode": line["ligneTvaTaux"],
        "ligneTvaTauxRefLibelle": label,
        "ligneTvaTauxRefValeur": answers.number(percent),
        "ligneTvaMontantBaseHtParTaux": answers.number(line["ligneTvaMontantBaseHtParTaux"]),
        "ligneTvaMontantTvaParTaux": answers.number(line["ligneTvaMontantTvaParTaux"]),
    }


def _line(line: Json) -> Json:
    rate = line["lignePosteTauxTvaManuel"] or RATES.get(line["lignePosteTauxTva"] or "", (None, "0"))[1]
    after = line_amount(line)
    tax = after * amount(rate) / 100
    return {
        "lignePosteNumero": line["lignePosteNumero"],
        "lignePosteReference": line["lignePosteReference"],
        "lignePosteDenomination": line["lignePosteDenomination"],
        "lignePosteQuantite": answers.number(line["lignePosteQuantite"]),
        "lignePosteUniteLibelle": line["lignePosteUnite"],
        "lignePosteMontantUnitaireHT": answers.number(line["lignePosteMontantUnitaireHT"]),
        "lignePosteMontantRemiseHT": answers.number(line["lignePosteMontantRemiseHT"]),
        "lignePosteTauxTva": line["lignePosteTauxTva"],
        "lignePosteTauxTvaManuel": answers.number(line["lignePosteTauxTvaManuel"]),
        "lignePosteMontantHtApresRemise": answers.number(after),
        "lignePosteMontantTva": answers.number(tax),
        "lignePosteMontantTtcApresRemise": answers.number(after + tax),
    }


def _attachment(file: Row) -> Json:
    labels = {code: label for _, code, label in codes.ATTACHMENT_TYPES["FACTURE"]}
    return {
        "pieceJointeTypeCode": file["type"],
        "pieceJointeTypeLibelle": labels.get(file["type"]),
        "pieceJointeDesignation": file["designation"] or file["name"],
        "pieceJointeNumeroLigneFacture": file["line"],
        "pieceJointeIdLiaison": file["link_id"],
        "pieceJointeId": file["id"],
        "pieceJointeExtension": file["extension"],
    }


def _whole(name: str, key: str, rows: list[Json]) -> Json:
    """A sub-list on one page, with page keys of its own name."""
    told = page_answer(Page(size=max(1, len(rows))), len(rows))
    return {key: rows, **{f"{word}{name}": value for word, value in told.items()}}


def _framework(row: Row) -> Json:
    return {
        "codeCadreFacturation": row["framework"],
        "idValideur1": row["validator_id"],
        "codeValideur1": row["validator_siret"],
        "typeIdentifiantValideur1": "SIRET" if row["validator_siret"] else None,
        "raisonSocialeValideur1": row["validator_name"],
        "dateValidation1": None,
        "idValideur2": None,
        "codeValideur2": None,
        "dateValidation2": None,
    }


def invoice_answer(platform: Platform, row: Row) -> Json:
    """Write one invoice; `row` comes with the names of its parties."""
    document = json.loads(row["document"])
    body = platform.directory.structure(row["recipient_id"])
    files = platform.files.of_invoice(row["id"])
    main = next((file for file in files if file["main"]), None)
    others = [_attachment(file) for file in files if not file["main"]]
    return {
        "identifiantFactureCPP": row["id"],
        "numeroFacture": row["number"],
        "statutFacture": row["status"],
        "modeDepot": row["mode"],
        "rejetTraite": bool(row["rejection_handled"]),
        "commentaire": document["comment"],
        "destinataire": _recipient(row, body) if body else None,
        "fournisseur": _supplier(row),
        "cadreDeFacturation": _framework(row),
        "references": _references(row, document),
        "recapitulatifDeTva": _whole("LigneRecapTva", "ligneTva", [_vat_line(line) for line in document["vat"]]),
        "montantTotal": _totals(document),
        "pieceJointePrincipale": {
            "idPieceJointePrincipale": main["id"],
            "idLiaisonPieceJointePrincipale": main["link_id"],
        }
        if main
        else None,
        "listeDesPiecesJointes": _whole("ListePiecesJointes", "pieceJointe", others),
        "lignesDePoste": _whole("LignesPoste", "lignePoste", [_line(line) for line in document["lines"]]),
        "piecePrecedente": None,
        "pieceSuivante": None,
    }
