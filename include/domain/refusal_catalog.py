"""What the platform's refusals mean: text -> field, plain cause and next step, whether trying again can help.

The annex with its numbers is not public and a number means different things in different operations, so the text
decides (docs/reference/chorus-pro-api.md 4.6): words, the few keys that are known (`GDP_MSG_11.033`), and for XML the
path or the rule that the text names. First the nine messages that supplier software names
(docs/reference/connector-functions.md 2.6 and 4.6), then what else is known. A text outside this list is shown as it
is, and collected for who maintains the connector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from include.domain.reasons import Reason
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """One kind of message: `pattern` fits the text without case and accents, `field` is what to correct."""

    code: str
    pattern: str
    field: str | None = None
    retry: bool = False


MEANINGS: tuple[Meaning, ...] = (
    # a path says more than the words around it
    Meaning(code="xml_missing", pattern=r"fichierxml\..*obligatoire"),
    Meaning(code="xml_length", pattern=r"fichierxml\..*ne doit pas depasser"),
    Meaning(code="xml_value", pattern=r"fichierxml\.|\b(g1|s2)\.\d\d\b"),
    Meaning(code="login", pattern=r"informations? d.authentification|authentication information"),
    Meaning(
        code="unavailable",
        pattern=r"indisponible|n.est pas disponible|not available|ulterieurement|try again later",
        retry=True,
    ),
    Meaning(
        code="either",
        pattern=r"service executant ou .{0,30}engagement.{0,20}obligatoire|executing service or .{0,40}mandatory",
        field="service_code",
    ),
    Meaning(
        code="service",
        pattern=r"service executant.{0,60}obligatoire|(executing|performing) service.{0,40}mandatory",
        field="service_code",
    ),
    Meaning(
        code="attachment",
        pattern=r"piece jointe.{0,80}n.existe pas|attachment.{0,80}does not exist",
        field="attachment_switch",
    ),
    Meaning(code="signed", pattern=r"pdf est signe|pdf is signed"),
    Meaning(
        code="analysis",
        pattern=r"n.a pas pu etre analysee?|could not be analy[sz]ed|pdf (lisible|est chiffre)|fichier est vide",
    ),
    Meaning(
        code="header",
        pattern=r"synthese de l.en-?tete|header synthesis|(montants|totaux) ne concordent|ne concordent pas avec",
        field="total_incl_tax",
    ),
    Meaning(
        code="recipient",
        pattern=r"destinataire.{0,60}(n.existe pas|inconnu|introuvable|inacti|pas actif)|"
        r"recipient.{0,30}(not found|inactive)",
        field="recipient_siret",
    ),
    Meaning(code="consistency", pattern=r"controles? de coherence|consistency checks"),
    Meaning(code="engagement", pattern=r"engagement.{0,60}obligatoire", field="engagement_number"),
    Meaning(
        code="number_used",
        pattern=r"(numero|facture|demande de paiement).{0,120}existe deja"
        r"|numero.{0,120}\bdeja\b.{0,40}(utilise|depose|transmi|enregistre|attribue|employe|affecte|pris|connu|present)"
        r"|\bdeja\b.{0,40}(utilise|depose|transmi|enregistre|attribue|employe|affecte).{0,80}numero"
        r"|(facture|demande de paiement)[^.]{0,80}\bdeja (ete )?(depose|transmis|enregistre)"
        r"|numero.{0,80}(doit etre unique|n.est pas unique|en double)|\bdoublons?\b"
        r"|(number|invoice|payment request).{0,80}already (exists|been (used|submitted|deposited)|used)"
        r"|duplicate invoice",
        field="invoice_number",
    ),
    Meaning(
        code="number_form",
        pattern=r"numero (de )?(la )?facture.{0,60}(caracteres?|longueur)",
        field="invoice_number",
    ),
    Meaning(
        code="service_closed",
        pattern=r"service executant.{0,60}(n.existe pas|inconnu|inacti|pas actif)",
        field="service_code",
    ),
    Meaning(code="public_only", pattern=r"factures_publiques", field="service_code"),
    Meaning(
        code="supplier",
        pattern=r"fournisseur.{0,60}(pas rattache|n.existe pas|inconnu|inacti|pas actif)",
        field="supplier_siret",
    ),
    Meaning(code="bank", pattern=r"coordonnees bancaires|bank details", field="bank_details"),
    Meaning(code="amount_due", pattern=r"montant a payer|net a payer", field="amount_due"),
    Meaning(code="exemption", pattern=r"motif d.exoneration", field="vat_exemption_reason"),
    Meaning(code="vat_type", pattern=r"tva doit etre nulle|type de tva", field="vat_type"),
    Meaning(code="framework", pattern=r"cadre de facturation|structure valideur", field="invoicing_framework"),
    Meaning(code="currency", pattern=r"devise", field="currency"),
    Meaning(code="too_large", pattern=r"gdp_msg_11\.022|depasse(?:nt)? \d+ ?mo|too large|^http 413$"),
    Meaning(
        code="file_kind", pattern=r"extension.{0,30}(pas autorisee|not allowed)|media type not accepted|^http 415$"
    ),
    Meaning(code="right", pattern=r"gdp_msg_11\.005|(pas|aucun) (le |l.)?(droit|habilit)|droits? insuffisants?"),
    Meaning(code="moved_on", pattern=r"gdp_msg_11\.(001|033)|rejet.{0,60}deja traite"),
    Meaning(code="not_there", pattern=r"gdp_msg_11\.008|demande de paiement n.existe pas"),
)
"""Known texts of refusals; the first that fits counts. (The second of the nine, an empty column of documents, is no
text of the platform.)"""


XML_FIELDS: tuple[tuple[str, str], ...] = (
    (r"buyerorderreferenceddocument", "engagement_number"),
    (r"contractreferenceddocument", "contract_number"),
    (r"invoicereferenceddocument", "original_invoice_number"),
    (r"buyerreference", "service_code"),
    (r"buyertradeparty", "recipient_siret"),
    (r"sellertradeparty", "supplier_siret"),
    (r"exchangeddocument\.id\b|g1\.05\b", "invoice_number"),
    (r"exchangeddocument\.typecode", "type"),
    (r"exchangeddocument\.issuedatetime", "issue_date"),
    (r"businessprocess|g1\.02\b", "invoicing_framework"),
    (r"ibanid|payeepartycreditorfinancialaccount|g1\.1[6-9]\b", "bank_details"),
    (r"paymentmeans|s2\.05\b", "payment_mode"),
    (r"duedatedatetime", "due_date"),
    (r"invoicecurrencycode", "currency"),
    (r"allowancecharge", "discount"),
    (r"taxbasistotalamount", "total_excl_tax"),
    (r"taxtotalamount", "total_tax"),
    (r"grandtotalamount", "total_incl_tax"),
    (r"duepayableamount", "amount_due"),
    (r"applicabletradetax|categorycode", "vat"),
)
"""Paths of the platform's own classes and rules of its format, as refusals name them; first fits.

Source: docs/reference/chorus-pro-api.md 5.5.
"""


def meaning_of(label: str) -> Meaning | None:
    """What the text means; None where nobody has said so yet."""
    text = fold(label)
    found = next((meaning for meaning in MEANINGS if re.search(meaning.pattern, text)), None)
    if found is None or not found.code.startswith("xml_"):
        return found
    return replace(found, field=next((field for path, field in XML_FIELDS if re.search(path, text)), None))


def refusal(number: int, label: str) -> Reason:
    """The reason that a refused invoice carries."""
    return _reason("refused", number, label)


def correction_refusal(number: int, label: str) -> Reason:
    """The reason that an invoice carries whose correction was refused."""
    return _reason("correction_refused", number, label)


def _reason(code: str, number: int, label: str) -> Reason:
    params = {"number": str(number), "label": label}
    meaning = meaning_of(label)
    if meaning is None:
        return Reason(code=code, params=params)
    return Reason(code=f"{code}_{meaning.code}", field=meaning.field, params=params)
