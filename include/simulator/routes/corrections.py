"""Factures: what a supplier does about returned invoices, and `traiter/recue`, by which a test plays the recipient."""

from __future__ import annotations

from include.simulator import answers, codes, failures
from include.simulator.answers import Json
from include.simulator.failures import Refusal
from include.simulator.operations import Operation, Request
from include.simulator.routes.deposits import ATTACHMENT, RECIPIENT, REFERENCES, attachments_of
from include.simulator.wire import Several, Text, Whole, body, group, required

COMPLETE = body(identifiantFactureCPP=Whole(), commentaire=Text(2000), pieceJointeComplementaire=Several(ATTACHMENT))


def complete(request: Request) -> Json:
    """Add attachments or a comment to a suspended invoice."""
    sent = request.body
    added = attachments_of(sent["pieceJointeComplementaire"])
    invoice = request.platform.invoices.complete(
        request.account, sent["identifiantFactureCPP"], added, sent["commentaire"]
    )
    return {
        "identifiantFactureCPP": invoice["id"],
        "numeroFacture": invoice["number"],
        "dateTraitement": answers.day(invoice["status_at"]),
        "pageCourante": None,
        "pages": None,
        "nbResultatsParPage": None,
        "total": None,
    }


# `reference`, singular, with the keys of `references`.
RECYCLE = body(identifiantFactureCPP=Whole(), destinataire=RECIPIENT, reference=REFERENCES, commentaire=Text(2000))


def recycle(request: Request) -> Json:
    """Send an invoice on to another body, service or engagement; what is not given stays as it was."""
    platform, sent = request.platform, request.body
    invoice = platform.invoices.own(request.account, sent["identifiantFactureCPP"])
    before = platform.search.one(invoice["id"])
    siret, service = sent["destinataire"]["codeDestinataire"], sent["destinataire"]["codeServiceExecutant"]
    same_body = siret in (None, before["recipient_siret"])
    changed = platform.invoices.recycle(
        invoice,
        siret=siret or before["recipient_siret"],
        # A service belongs to its body: it does not follow the invoice to another one.
        service_code=service or (before["service_code"] if same_body else None),
        engagement=sent["reference"]["numeroBonCommande"] or before["engagement"],
        comment=sent["commentaire"],
    )
    return {
        "identifiantFactureCPP": changed["id"],
        "numeroFacture": changed["number"],
        "statutFacture": changed["status"],
        "dateDepot": answers.day(changed["deposited_at"]),
    }


HANDLE = body(listeDemandePaiement=Several(group(idDemandePaiement=Whole())), motifRejet=Text(), cpltInfos=Text())


def handle_rejections(request: Request) -> Json:
    """Mark rejections as dealt with, all or none."""
    for asked in required(request.body["listeDemandePaiement"], "listeDemandePaiement"):
        invoice = request.platform.invoices.own(request.account, asked["idDemandePaiement"])
        request.platform.invoices.handle_rejection(invoice)
    return {}


VALIDATOR = body(
    idFacture=Whole(),
    idStructure=Whole(),
    typeIdentifiantStructure=Text(values=codes.IDENTIFIER_TYPES),
    identifiantStructure=Text(),
)


def correct_validator(request: Request) -> Json:
    """Name another validator for an invoice that went to the wrong one."""
    platform, sent = request.platform, request.body
    invoice = platform.invoices.own(request.account, sent["idFacture"])
    validator = platform.directory.structure(sent["idStructure"]) or platform.directory.by_siret(
        sent["identifiantStructure"]
    )
    if validator is None:
        raise Refusal(failures.VALIDATOR)
    platform.invoices.correct_validator(invoice, validator)
    return {"idFacture": invoice["id"]}


RECEIVE = body(
    idFacture=Whole(), nouveauStatut=Text(values=codes.RECIPIENT_STATUSES), motif=Text(), numeroDPMandat=Text()
)


def receive(request: Request) -> Json:
    """Play the recipient of one of one's own invoices."""
    platform, sent = request.platform, request.body
    invoice = platform.invoices.own(request.account, sent["idFacture"])
    platform.invoices.receive(invoice, required(sent["nouveauStatut"], "nouveauStatut"), sent["motif"])
    moved = platform.invoices.get(invoice["id"])
    return {
        "idFacture": moved["id"],
        "numeroFacture": moved["number"],
        "dateTraitement": answers.day(moved["status_at"]),
        "nouveauStatut": moved["status"],
    }


OPERATIONS = (
    Operation(name="factures/completer", declared=COMPLETE, perform=complete),
    Operation(name="factures/recycler", declared=RECYCLE, perform=recycle),
    Operation(name="factures/traiterRejet", declared=HANDLE, perform=handle_rejections),
    Operation(name="factures/corriger/valideur/facture", declared=VALIDATOR, perform=correct_validator),
    Operation(name="factures/traiter/recue", declared=RECEIVE, perform=receive),
)
