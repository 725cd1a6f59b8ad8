"""Factures: `soumettre` (one invoice) and `deposer/pdf` (a file, with what the platform could read in it)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from decimal import Decimal
from typing import Any

from include.simulator import answers, codes, failures
from include.simulator.answers import Json
from include.simulator.backend.drafts import Attachment, Draft, Totals
from include.simulator.backend.files import check_pdf
from include.simulator.backend.pdf_reading import read_guesses
from include.simulator.failures import Misunderstood, Refusal, TooLarge
from include.simulator.operations import Operation, Request
from include.simulator.wire import Amount, Day, Group, Several, Text, Whole, body, group, required

RECIPIENT = group(codeDestinataire=Text(14), codeServiceExecutant=Text(100))
REFERENCES = group(
    deviseFacture=Text(3),
    typeFacture=Text(values=codes.INVOICE_TYPES),
    typeTva=Text(values=codes.VAT_TYPES),
    motifExonerationTva=Text(),
    numeroBonCommande=Text(50),
    numeroMarche=Text(50),
    numeroFactureOrigine=Text(20),
    modePaiement=Text(values=codes.PAYMENT_MODES),
)
LINE = group(
    lignePosteNumero=Whole(),
    lignePosteReference=Text(),
    lignePosteDenomination=Text(),
    lignePosteQuantite=Amount(),
    lignePosteUnite=Text(),
    lignePosteMontantUnitaireHT=Amount(),
    lignePosteMontantRemiseHT=Amount(),
    lignePosteTauxTva=Text(),
    lignePosteTauxTvaManuel=Amount(),
)
VAT_LINE = group(
    ligneTvaTaux=Text(),
    ligneTvaTauxManuel=Amount(),
    ligneTvaMontantBaseHtParTaux=Amount(),
    ligneTvaMontantTvaParTaux=Amount(),
)
ATTACHMENT = group(
    pieceJointeComplementaireDesignation=Text(100),
    pieceJointeComplementaireType=Text(30),
    pieceJointeComplementaireId=Whole(),
    pieceJointeComplementaireNumeroLigneFacture=Whole(),
    pieceJointeComplementaireIdLiaison=Whole(),
)
SUBMIT: Group = body(
    modeDepot=Text(values=codes.SUBMIT_MODES),
    numeroFactureSaisi=Text(20),
    dateFacture=Day(),
    destinataire=RECIPIENT,
    fournisseur=group(idFournisseur=Whole(), idServiceFournisseur=Whole(), codeCoordonneesBancairesFournisseur=Whole()),
    cadreDeFacturation=group(
        codeCadreFacturation=Text(values=[*codes.FRAMEWORKS, *codes.OTHER_FRAMEWORKS]),
        codeStructureValideur=Text(),
        codeServiceValideur=Text(),
    ),
    references=REFERENCES,
    lignePoste=Several(LINE),
    ligneTva=Several(VAT_LINE),
    montantTotal=group(
        montantHtTotal=Amount(),
        montantTVA=Amount(),
        montantTtcTotal=Amount(),
        montantRemiseGlobaleTTC=Amount(),
        motifRemiseGlobaleTTC=Text(),
        montantAPayer=Amount(),
    ),
    pieceJointePrincipale=Several(
        group(pieceJointePrincipaleDesignation=Text(100), pieceJointePrincipaleId=Whole()), lone=True
    ),
    pieceJointeComplementaire=Several(ATTACHMENT),
    commentaire=Text(2000),
)


def decode(text: str | None, key: str) -> bytes:
    """Decode a base64 field."""
    try:
        return base64.b64decode(required(text, key), validate=True)
    except (binascii.Error, ValueError):
        raise Misunderstood(failures.BAD_VALUE, key=key, why="base64 attendu") from None


def attachments_of(rows: list[Json]) -> tuple[Attachment, ...]:
    """Read the complementary attachments of a body."""
    return tuple(
        Attachment(
            file_id=row["pieceJointeComplementaireId"] or 0,
            type=row["pieceJointeComplementaireType"],
            designation=row["pieceJointeComplementaireDesignation"],
            line=row["pieceJointeComplementaireNumeroLigneFacture"],
        )
        for row in rows
    )


def _as_text(row: Json) -> Json:
    """Keep amounts as text, so that storing loses nothing."""
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in row.items()}


def _totals(total: Json) -> Totals:
    return Totals(
        excl=required(total["montantHtTotal"], "montantTotal.montantHtTotal"),
        tax=required(total["montantTVA"], "montantTotal.montantTVA"),
        incl=required(total["montantTtcTotal"], "montantTotal.montantTtcTotal"),
        due=required(total["montantAPayer"], "montantTotal.montantAPayer"),
        discount=total["montantRemiseGlobaleTTC"] or Decimal(0),
        discount_reason=total["motifRemiseGlobaleTTC"],
    )


def _number_and_date(request: Request, mode: str) -> tuple[str, str]:
    """In SAISIE_API the platform numbers the invoice itself and dates it today; what was sent is ignored."""
    today = answers.day(request.platform.clock.now()) or ""
    if mode == "SAISIE_API":
        return request.platform.invoices.own_number(), today
    return required(request.body["numeroFactureSaisi"], "numeroFactureSaisi"), request.body["dateFacture"] or today


def _main(sent: list[Json], mode: str) -> Attachment | None:
    if mode == "SAISIE_API":
        return None
    if not sent or sent[0]["pieceJointePrincipaleId"] is None:
        raise Refusal(failures.MAIN_FILE_REQUIRED)
    return Attachment(
        file_id=sent[0]["pieceJointePrincipaleId"], designation=sent[0]["pieceJointePrincipaleDesignation"]
    )


def draft_of(request: Request) -> Draft:
    """Read the body of `soumettre`."""
    sent = request.body
    references, supplier, framework = sent["references"], sent["fournisseur"], sent["cadreDeFacturation"]
    mode = required(sent["modeDepot"], "modeDepot")
    number, issue_date = _number_and_date(request, mode)
    return Draft(
        mode=mode,
        number=number,
        issue_date=issue_date,
        type=required(references["typeFacture"], "references.typeFacture"),
        framework=required(framework["codeCadreFacturation"], "cadreDeFacturation.codeCadreFacturation"),
        validator_siret=framework["codeStructureValideur"],
        recipient_siret=required(sent["destinataire"]["codeDestinataire"], "destinataire.codeDestinataire"),
        service_code=sent["destinataire"]["codeServiceExecutant"],
        supplier_id=required(supplier["idFournisseur"], "fournisseur.idFournisseur"),
        supplier_service_id=supplier["idServiceFournisseur"],
        bank_id=supplier["codeCoordonneesBancairesFournisseur"],
        totals=_totals(sent["montantTotal"]),
        currency=required(references["deviseFacture"], "references.deviseFacture"),
        vat_type=required(references["typeTva"], "references.typeTva"),
        exemption_reason=references["motifExonerationTva"],
        payment_mode=required(references["modePaiement"], "references.modePaiement"),
        engagement=references["numeroBonCommande"],
        contract=references["numeroMarche"],
        original_number=references["numeroFactureOrigine"],
        comment=sent["commentaire"],
        lines=[_as_text(row) for row in sent["lignePoste"]],
        vat=[_as_text(row) for row in sent["ligneTva"]],
        main=_main(sent["pieceJointePrincipale"], mode),
        attachments=attachments_of(sent["pieceJointeComplementaire"]),
    )


def submit(request: Request) -> Json:
    """Take one invoice."""
    platform = request.platform
    invoice = platform.invoices.deposit(request.account, draft_of(request), request.payload)
    supplier = platform.directory.structure(invoice["supplier_id"])
    stamp = hashlib.sha256(f"{invoice['id']} {invoice['deposited_at']}".encode()).digest()
    return {
        "identifiantFactureCPP": invoice["id"],
        "identifiantStructure": supplier["siret"] if supplier else None,
        "numeroFacture": invoice["number"],
        "statutFacture": invoice["status"],
        "dateDepot": answers.day(invoice["deposited_at"]),
        "empreinteCertificatDepot": base64.b64encode(stamp).decode(),
    }


DEPOSIT_PDF = body(fichierFacture=Text(), nomFichier=Text(200), formatDepot=Text(values=codes.DEPOSIT_FORMATS))


def deposit_pdf(request: Request) -> Json:
    """Take a PDF and tell what could be read in it (native text only, as on the real platform)."""
    sent: dict[str, Any] = request.body
    content = decode(sent["fichierFacture"], "fichierFacture")
    if len(content) > codes.FILE_LIMIT:
        raise TooLarge
    name = required(sent["nomFichier"], "nomFichier")
    if not content:
        raise Refusal(failures.EMPTY_FILE)
    announced = required(sent["formatDepot"], "formatDepot") != "PDF_NON_SIGNE"
    check_pdf(content, signature_announced=announced)
    file_id = request.platform.files.add(
        request.account, name=name, extension="PDF", mime="application/pdf", content=content, origin="deposer/pdf"
    )
    return {"pieceJointeId": file_id, **read_guesses(content)}


OPERATIONS = (
    Operation(name="factures/soumettre", declared=SUBMIT, perform=submit),
    Operation(name="factures/deposer/pdf", declared=DEPOSIT_PDF, perform=deposit_pdf),
)
