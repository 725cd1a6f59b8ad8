"""Factures: the paged search, one invoice in full, its history."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from include.simulator import answers, codes, failures
from include.simulator.answers import RESULT_CAP, Json, page_answer, page_shape, read_page
from include.simulator.backend.search import SORTS, Conditions
from include.simulator.backend.store import Row
from include.simulator.codes import words
from include.simulator.failures import Refusal
from include.simulator.operations import Operation, Request
from include.simulator.routes.invoice_answer import invoice_answer
from include.simulator.wire import PARIS, Amount, Anything, Day, Flag, Moment, Several, Text, Whole, body, group

SEARCH = body(
    idFournisseur=Whole(),
    idServiceFournisseur=Whole(),
    listeDestinataire=Several(
        group(idDestinataire=Whole(), listeIdServiceExecutant=Several(Whole()), raisonSocialeStuctDmd=Text())
    ),
    # A boolean in every transcription of the Swagger; a SIREN in its place is understood too.
    rechercheSirenDestinataire=Anything(),
    numeroFacture=Text(),
    typeFacture=Text(values=codes.SEARCHED_TYPES),
    cadreFacturation=Text(values=[*codes.FRAMEWORKS, *codes.OTHER_FRAMEWORKS]),
    statutCourant=Several(Text(values=codes.STATUSES)),
    periodeDateDepotDu=Day(),
    periodeDateDepotAu=Day(),
    periodeDateFactureDu=Day(),
    periodeDateFactureAu=Day(),
    periodeDateHeureEtatCourantDu=Moment(),
    periodeDateHeureEtatCourantAu=Moment(),
    montantHTMin=Amount(),
    montantHTMax=Amount(),
    montantTTCMin=Amount(),
    montantTTCMax=Amount(),
    montantApayerMin=Amount(),
    montantApayerMax=Amount(),
    coordonneeBancaire=Whole(),
    idStructureValideur=Whole(),
    idUtilisateurCreateur=Several(Whole()),
    numeroMarche=Text(),
    numeroBonCommande=Text(),
    numeroFactureOrigine=Text(),
    modeDepot=Text(values=codes.DEPOSIT_MODES),
    numeroFluxDepot=Text(),
    rejetTraite=Flag(),
    recupererTaille=Flag(),
    rechercheFactureParFournisseur=page_shape(list(SORTS)),
)
PLAIN_FILTERS = {
    "idFournisseur": "i.supplier_id = ?",
    "idServiceFournisseur": "i.supplier_service_id = ?",
    "numeroFacture": "i.number = ?",
    "typeFacture": "i.type = ?",
    "cadreFacturation": "i.framework = ?",
    "coordonneeBancaire": "i.bank_id = ?",
    "idStructureValideur": "i.validator_id = ?",
    "numeroMarche": "i.contract = ?",
    "numeroBonCommande": "i.engagement = ?",
    "numeroFactureOrigine": "i.original_number = ?",
    "modeDepot": "i.mode = ?",
    "numeroFluxDepot": "i.flux = ?",
    "rejetTraite": "i.rejection_handled = ?",
}
AMOUNT_FILTERS = {"montantHT": "i.excl", "montantTTC": "i.incl", "montantApayer": "i.due"}


def _midnight(day: str | None, *, after: int = 0) -> float | None:
    """Start of a Paris day (or of the day after), in seconds since the epoch."""
    if day is None:
        return None
    start = dt.datetime.fromisoformat(day) + dt.timedelta(days=after)
    return start.replace(tzinfo=PARIS).timestamp()


def _seconds(moment: dt.datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _recipients(asked: list[Json], *, by_siren: bool) -> list[Conditions]:
    """One alternative per recipient; by SIREN, every establishment of the same body counts."""
    alternatives = []
    for one in asked:
        conditions = Conditions()
        same = "substr(r.siret, 1, 9) = (SELECT substr(siret, 1, 9) FROM structures WHERE id = ?)"
        conditions.add(same if by_siren else "i.recipient_id = ?", one["idDestinataire"])
        conditions.among("i.service_id", one["listeIdServiceExecutant"])
        name = one["raisonSocialeStuctDmd"]
        conditions.add("r.name LIKE ?", f"%{name}%" if name else None)
        alternatives.append(conditions)
    return alternatives


def conditions_of(request: Request) -> Conditions:
    """Turn the filters of a search into conditions."""
    asked: dict[str, Any] = request.body
    conditions = request.platform.search.visible(request.account.suppliers)
    for key, condition in PLAIN_FILTERS.items():
        conditions.add(condition, asked[key])
    for key, column in AMOUNT_FILTERS.items():
        low, high = asked[f"{key}Min"], asked[f"{key}Max"]
        conditions.between(column, None if low is None else float(low), None if high is None else float(high))
    conditions.narrow = asked["numeroFacture"] is not None or asked["numeroFluxDepot"] is not None
    conditions.among("i.status", asked["statutCourant"])
    conditions.among("i.account_id", asked["idUtilisateurCreateur"])
    siren = asked["rechercheSirenDestinataire"]
    conditions.either(_recipients(asked["listeDestinataire"], by_siren=siren is True))
    conditions.add("substr(r.siret, 1, 9) = ?", siren[:9] if isinstance(siren, str) and siren else None)
    conditions.add("i.deposited_at >= ?", _midnight(asked["periodeDateDepotDu"]))
    conditions.add("i.deposited_at < ?", _midnight(asked["periodeDateDepotAu"], after=1))
    conditions.between("i.issue_date", asked["periodeDateFactureDu"], asked["periodeDateFactureAu"])
    conditions.between(
        "i.status_at",
        _seconds(asked["periodeDateHeureEtatCourantDu"]),
        _seconds(asked["periodeDateHeureEtatCourantAu"]),
    )
    return conditions


def row_answer(row: Row, *, with_size: bool) -> Json:
    """Write one row of the search; what the simulator knows nothing of is null."""
    document = json.loads(row["document"])
    unknown = words(
        "nomValideur1 prenomValideur1 dateValidation1 typeIdentifiantValideur2 codeValideur2 raisonSocialeValideur2 "
        "nomValideur2 prenomValideur2 dateValidation2 coordBancairesFournisseurCleIban coordBancairesFournisseurCleRib "
        "coordBancairesFournisseurCodeBanque coordBancairesFournisseurCodePays coordBancairesFournisseurCompteBancaire "
        "affactureurCode affactureurTypeIdentifiant affactureurRaisonSociale nomPrenomUtilisateurCreateur"
    )
    return {
        "identifiantFactureCPP": row["id"],
        "numeroFacture": row["number"],
        "statut": row["status"],
        "dateHeureEtatCourant": answers.instant(row["status_at"]),
        "commentaireEtatCourant": row["status_comment"],
        "typeDemandePaiement": "FACTURE",
        "typeFacture": row["type"],
        "dateFacture": row["issue_date"],
        "dateDepot": answers.day(row["deposited_at"]),
        "montantHT": answers.number(document["excl"]),
        "montantTTC": answers.number(document["incl"]),
        "montantAPayer": answers.number(document["due"]),
        "devise": row["currency"],
        "codeFournisseur": row["supplier_siret"],
        "typeIdentifiantFournisseur": "SIRET",
        "designationFournisseur": row["supplier_name"],
        "codeServiceFournisseur": row["supplier_service_code"],
        "nomServiceFournisseur": row["supplier_service_name"],
        "idDestinataire": row["recipient_id"],
        "codeDestinataire": row["recipient_siret"],
        "designationDestinataire": row["recipient_name"],
        "idServiceExecutant": row["service_id"],
        "codeServiceExecutant": row["service_code"],
        "nomServiceExecutant": row["service_name"],
        "numeroMarche": row["contract"],
        "numeroBonCommande": row["engagement"],
        "numeroFactureOrigine": row["original_number"],
        "numeroFluxDepot": row["flux"],
        "modeDepot": row["mode"],
        "rejetTraite": bool(row["rejection_handled"]),
        "taille": row["size"] if with_size else None,
        "typeIdentifiantValideur1": "SIRET" if row["validator_siret"] else None,
        "codeValideur1": row["validator_siret"],
        "raisonSocialeValideur1": row["validator_name"],
        "coordBancairesFournisseurNomCb": row["bank_name"],
        **dict.fromkeys(unknown),
    }


def search(request: Request) -> Json:
    """Find own invoices; without an explicit maximum only the first 200 exist."""
    page = read_page(request.body["rechercheFactureParFournisseur"], cap=RESULT_CAP)
    rows, total = request.platform.search.find(conditions_of(request), page)
    with_size = bool(request.body["recupererTaille"])
    return {
        "listeFactures": [row_answer(row, with_size=with_size) for row in rows],
        "parametresRetour": page_answer(page, total),
    }


# The Swagger's names carry a bean generator's `get`; GO's do not: both are accepted, neither is looked at.
_DETAIL_PAGES = ("LignesPoste", "ListePiecesJointes", "LigneRecapTva")
CONSULT = body(
    identifiantFactureCPP=Whole(),
    codeLangue=Text(),
    **{f"{prefix}{name}": Anything() for name in _DETAIL_PAGES for prefix in ("getp", "p")},
)


def consult(request: Request) -> Json:
    """Give one invoice in full; by id it is known at once, whatever the search says."""
    invoice = request.platform.invoices.own(request.account, request.body["identifiantFactureCPP"])
    return {"facture": invoice_answer(request.platform, request.platform.search.one(invoice["id"]))}


HISTORY = body(
    idFacture=Whole(),
    idEspace=Whole(),
    nbResultatsMaximum=Whole(),
    paramRechercheHistoStatuts=page_shape(suffix="ListeHistoStatut"),
    paramRechercheHistoActionsUtilisateurs=page_shape(suffix="ListeHistoAction"),
    paramRechercheHistoEvenementsComplementaires=page_shape(suffix="ListeHistoEvenement"),
)


def _history_row(row: Row) -> Json:
    return {
        "histoStatutId": row["id"],
        "histoStatutCode": row["code"],
        "histoStatutDatePassage": answers.minute(row["at"]),
        "histoStatutCommentaire": row["comment"],
        "histoStatutUtilisateurPrenom": row["first_name"],
        "histoStatutUtilisateurNom": row["last_name"],
        "histoStatutUtilisateurEmail": row["mail"],
        "histoStatutUtilisateurTelephone": row["phone"],
    }


def _action_row(row: Row) -> Json:
    return {
        "histoActionId": row["id"],
        "histoActionCode": row["code"],
        "histoActionDateHeure": answers.minute(row["at"]),
    }


def _paged(name: str, key: str, rows: list[Json], page: answers.Page) -> Json:
    shown = rows[page.offset : page.offset + page.size]
    told = page_answer(page, len(rows))
    return {key: shown, **{f"{word}{name}": value for word, value in told.items()}}


def history(request: Request) -> Json:
    """Give the statuses an invoice went through, newest first, and what users did with it."""
    platform = request.platform
    invoice = platform.invoices.own(request.account, request.body["idFacture"])
    if not platform.invoices.is_shown(invoice):
        raise Refusal(failures.UNKNOWN_INVOICE)
    page = read_page(request.body["paramRechercheHistoStatuts"], suffix="ListeHistoStatut")
    acts = read_page(request.body["paramRechercheHistoActionsUtilisateurs"], suffix="ListeHistoAction")
    statuses = platform.invoices.history(invoice["id"])
    if page.descending is not False:
        statuses.reverse()
    actions = [_action_row(row) for row in reversed(platform.invoices.actions(invoice["id"]))]
    last = actions[0] if actions else None
    return {
        "idFacture": invoice["id"],
        "numeroFacture": invoice["number"],
        "modeDepot": invoice["mode"],
        "statutCourantCode": invoice["status"],
        "historiquesDesStatuts": _paged("HistoStatut", "histoStatut", [_history_row(row) for row in statuses], page),
        "historiquesDesActionsUtilisateurs": _paged("HistoAction", "histoAction", actions, acts),
        "historiquesDesEvenementsComplementaires": _paged("Evenement", "evenement", [], answers.Page()),
        "derniereAction": {"derniereActionId": last["histoActionId"], "derniereActionCode": last["histoActionCode"]}
        if last
        else None,
    }


OPERATIONS = (
    Operation(name="factures/rechercher/fournisseur", declared=SEARCH, perform=search),
    Operation(name="factures/consulter/fournisseur", declared=CONSULT, perform=consult),
    Operation(name="factures/consulter/historique", declared=HISTORY, perform=history),
)
