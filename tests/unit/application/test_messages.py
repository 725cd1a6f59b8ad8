"""The dictionary of the platform's messages: what each means, and which ones nobody knows yet."""

from __future__ import annotations

import pytest

from include.application.administration.refusal_catalog import dictionary
from include.domain.fields.registry import FIELD_NAMES
from include.domain.refusal_catalog import MEANINGS, XML_FIELDS, correction_refusal, meaning_of, refusal
from tests.catalogues import table

CAUSES = table("refusal.todo")


@pytest.mark.parametrize(
    ("label", "code", "field"),
    [
        ("Les informations d’authentification ne sont pas présentes", "login", None),
        ("Authentication information not present", "login", None),
        ("Chorus Pro is not available, try again later", "unavailable", None),
        ("Le service exécutant est obligatoire pour ce destinataire.", "service", "service_code"),
        ("Executing service is mandatory for this recipient", "service", "service_code"),
        ("Attachment 00012345 of unknown type does not exist", "attachment", "attachment_switch"),
        ("La pièce jointe de type XX9 n'existe pas pour cet objet.", "attachment", "attachment_switch"),
        ("Invoice could not be analysed by Chorus Pro", "analysis", None),
        ("La synthèse de l'en-tête n'est pas correcte", "header", "total_incl_tax"),
        ("Header synthesis is not correct", "header", "total_incl_tax"),
        ("Recipient not found or inactive", "recipient", "recipient_siret"),
        ("Le destinataire 12345678200051 n'existe pas ou n'est pas actif.", "recipient", "recipient_siret"),
        ("Consistency checks on the payment request are not valid", "consistency", None),
        ("LE NUMERO D'ENGAGEMENT EST OBLIGATOIRE", "engagement", "engagement_number"),
        ("Le numéro de facture F-1 existe déjà pour ce fournisseur.", "number_used", "invoice_number"),
        (
            "Une demande de paiement portant ce numéro a déjà été déposée pour cette structure",
            "number_used",
            "invoice_number",
        ),
        ("Le numéro saisi est déjà utilisé par une autre facture", "number_used", "invoice_number"),
        ("Vous avez déjà transmis une facture sous ce numéro", "number_used", "invoice_number"),
        ("Une facture avec la même référence existe déjà", "number_used", "invoice_number"),
        ("Cette facture a déjà été déposée", "number_used", "invoice_number"),
        ("Le numéro de facture doit être unique par fournisseur", "number_used", "invoice_number"),
        ("Invoice number already used", "number_used", "invoice_number"),
        ("Le numéro de facture contient un caractère interdit.", "number_form", "invoice_number"),
        (
            "Le service exécutant ou le numéro d'engagement est obligatoire pour ce destinataire.",
            "either",
            "service_code",
        ),
        ("Le service exécutant ST9 n'existe pas ou n'est pas actif.", "service_closed", "service_code"),
        ("Le service FACTURES_PUBLIQUES est réservé aux émetteurs publics.", "public_only", "service_code"),
        ("Le fournisseur n'est pas rattaché au compte ou n'est pas actif.", "supplier", "supplier_siret"),
        ("Les coordonnées bancaires n'existent pas ou ne sont pas valides.", "bank", "bank_details"),
        ("Le montant à payer dépasse le montant TTC.", "amount_due", "amount_due"),
        ("Le motif d'exonération est absent ou inconnu.", "exemption", "vat_exemption_reason"),
        ("La TVA doit être nulle pour ce type de TVA.", "vat_type", "vat_type"),
        ("Le cadre de facturation A25 n'est pas permis ici.", "framework", "invoicing_framework"),
        ("La devise ZZZ n'existe pas.", "currency", "currency"),
        ("GDP_MSG_11.022", "too_large", None),
        ("La pièce jointe dépasse 10 Mo.", "too_large", None),
        ("L'extension EXE n'est pas autorisée.", "file_kind", None),
        ("Le fichier PDF est signé : le mode de dépôt doit l'annoncer.", "signed", None),
        ("Le fichier est vide.", "analysis", None),
        ("GDP_MSG_11.005", "right", None),
        ("GDP_MSG_11.001", "moved_on", None),
        ("GDP_MSG_11.033", "moved_on", None),
        ("GDP_MSG_11.008", "not_there", None),
        ("La demande de paiement n'existe pas.", "not_there", None),
        (
            "L'element FichierXml.SupplyChainTradeTransaction.SpecifiedTradeSettlementPaymentMeans.TypeCode.value est "
            "obligatoire.",
            "xml_missing",
            "payment_mode",
        ),
        (
            "Le champ identifiant de la facture (FichierXml.ExchangedDocument.ID.value) ne doit pas depasser 20 signes",
            "xml_length",
            "invoice_number",
        ),
        ("L'element FichierXml.AppliedTradeAllowanceCharge.ActualAmount est obligatoire.", "xml_missing", "discount"),
        ("FichierXml.SellerTradeParty.GlobalID.value n'est pas un SIRET", "xml_value", "supplier_siret"),
        ("FichierXml.BuyerTradeParty.GlobalID.value n'est pas un SIRET", "xml_value", "recipient_siret"),
        ("Regle G1.02 : le cadre B1 n'est pas dans la liste", "xml_value", "invoicing_framework"),
        ("FichierXml.Quelque.Chose est obligatoire", "xml_missing", None),
    ],
)
def test_a_known_message_names_the_field_and_what_to_do(label: str, code: str, field: str | None) -> None:
    meaning = meaning_of(label)
    assert meaning is not None and (meaning.code, meaning.field) == (code, field)
    reason = refusal(20013, label)
    assert (reason.code, reason.field) == (f"refused_{code}", field)
    assert label in reason.message("fr") and CAUSES[code][0] in reason.message("fr")
    assert CAUSES[code][1] in reason.message("en")
    corrected = correction_refusal(20013, label)
    assert (corrected.code, corrected.field) == (f"correction_refused_{code}", field)
    assert "correction" in corrected.message("fr") and CAUSES[code][0] in corrected.message("fr")


def test_an_unknown_message_is_shown_as_it_is() -> None:
    reason = refusal(29999, "Motif {inconnu}")
    assert (reason.code, reason.field) == ("refused", None)
    assert "Motif {inconnu}" in reason.message("fr")
    assert correction_refusal(29999, "Motif {inconnu}").code == "correction_refused"


def test_every_meaning_has_its_words_and_only_an_outage_is_worth_trying_again() -> None:
    assert {meaning.code for meaning in MEANINGS} == set(CAUSES)
    assert [meaning.code for meaning in MEANINGS if meaning.retry] == ["unavailable"]
    assert len({meaning.code for meaning in MEANINGS}) == len(MEANINGS)


def test_every_path_of_xml_names_a_field_of_an_invoice() -> None:
    assert {field for _, field in XML_FIELDS} <= set(FIELD_NAMES)


def test_the_dictionary_can_be_read_in_both_languages() -> None:
    french, english = dictionary("fr"), dictionary("en")
    assert [row["code"] for row in french] == [row["code"] for row in english] == [m.code for m in MEANINGS]
    assert all(one["message"] != other["message"] for one, other in zip(french, english, strict=True))
    assert next(row for row in french if row["code"] == "xml_value")["field"]
