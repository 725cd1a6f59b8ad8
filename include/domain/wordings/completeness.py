"""Reasons of the stations mapping and completeness: what is wrong with an invoice, and what to do about it.

Wordings that differ only in the field they speak of are made from one sentence and the field's label.
"""

from __future__ import annotations

import re

from include.domain.wordings.labels import LABELS

_Texts = tuple[str, str]


def _typeset(french: str) -> str:
    """French punctuation keeps its distance with a blank that does not break the line."""
    return re.sub("« | (?=[:;?!»%≠])", lambda blank: blank.group().replace(" ", "\N{NO-BREAK SPACE}"), french)


def _for_fields(prefix: str, names: str, texts: _Texts) -> dict[str, _Texts]:
    """One wording per field: `{label}` is its label, everything else stays a parameter."""
    french, english = texts
    return {
        f"{prefix}_{name}": (french.replace("{label}", LABELS[name][0]), english.replace("{label}", LABELS[name][1]))
        for name in names.split()
    }


_TOTALS = "total_excl_tax total_tax total_incl_tax"
_ALL_FIELDS = " ".join(LABELS)

_BY_FIELD: dict[str, _Texts] = {
    **_for_fields(
        "missing",
        f"invoice_number issue_date type currency supplier_siret recipient_siret {_TOTALS}",
        (
            "{label} introuvable dans le document et dans ses métadonnées : saisissez la valeur.",
            "{label}: found neither in the document nor in its metadata. Type the value.",
        ),
    ),
    **_for_fields(
        "conflict",
        f"invoice_number recipient_siret {_TOTALS} amount_due",
        (
            "{label} : {chosen} est retenu, mais une autre source indique {other}. Vérifiez lequel est juste.",
            "{label}: {chosen} is used, but another source says {other}. Check which one is right.",
        ),
    ),
    **_for_fields(
        "held",
        f"invoice_number recipient_siret {_TOTALS} amount_due",
        (
            "{label} : deux sources se contredisent, {chosen} et {other}. Cet établissement retient ces factures : "
            "saisissez la bonne valeur.",
            "{label}: two sources disagree, {chosen} and {other}. This establishment holds such invoices: "
            "type the right value.",
        ),
    ),
    **_for_fields(
        "contradicted",
        f"invoice_number issue_date type currency supplier_siret recipient_siret {_TOTALS} amount_due",
        (
            "{label} : les données Factur-X et la page se contredisent, {chosen} et {other}. Rien ne part tant que "
            "personne n'a tranché : saisissez la bonne valeur, ou demandez une facture corrigée.",
            "{label}: the Factur-X data and the page contradict each other, {chosen} and {other}. Nothing is sent "
            "until somebody decides: type the right value, or ask for a corrected invoice.",
        ),
    ),
    **_for_fields(
        "negative",
        f"{_TOTALS} amount_due discount",
        (
            "{label} : {value} est négatif, ce qui n'est possible que pour un avoir. Corrigez le montant ou le type.",
            "{label}: {value} is negative, which only a credit note may be. Correct the amount or the type.",
        ),
    ),
    **_for_fields(
        "too_long",
        "invoice_number original_invoice_number engagement_number contract_number service_code comment",
        (
            "{label} : {length} caractères, mais Chorus Pro en accepte {limit} au plus. Raccourcissez la valeur.",
            "{label}: {length} characters, but Chorus Pro takes {limit} at most. Shorten the value.",
        ),
    ),
    **_for_fields(
        "signs",
        "invoice_number original_invoice_number",
        (
            "{label} « {value} » : Chorus Pro refuse {signs}. Seuls les lettres sans accent, les chiffres, l'espace et "
            "les signes - _ / + sont permis ; corrigez le numéro.",
            "{label} '{value}': Chorus Pro refuses {signs}. Only letters without accents, digits, blanks and the signs "
            "- _ / + are allowed; correct the number.",
        ),
    ),
    **_for_fields(
        "doubtful",
        _ALL_FIELDS,
        (
            "{label} : « {value} » a été lu avec une certitude de {found} %, or {asked} % sont demandés. "
            "Vérifiez, puis saisissez la valeur.",
            "{label}: '{value}' was read with {found}% certainty, but {asked}% are asked for. "
            "Check, then type the value.",
        ),
    ),
    **_for_fields(
        "untrusted",
        _ALL_FIELDS,
        (
            "{label} : « {value} » n'a été lu que par Chorus Pro, et l'envoi automatique ne s'y fie pas. "
            "Vérifiez, puis saisissez la valeur.",
            "{label}: '{value}' was read by Chorus Pro alone, which automatic submission does not trust. "
            "Check, then type the value.",
        ),
    ),
    **_for_fields(
        "frozen",
        "invoice_number supplier_siret",
        (
            "{label} : un envoi avec {frozen} est resté sans réponse claire, mais le document indique maintenant "
            "{value}. Remettez {frozen}, ou saisissez la nouvelle valeur : une recherche chez Chorus Pro la précédera.",
            "{label}: a sending with {frozen} was left without a clear answer, but the document now says {value}. "
            "Put {frozen} back, or type the new value: a search on Chorus Pro will go before it.",
        ),
    ),
}

_VALUES: dict[str, _Texts] = {
    "not_amount": (
        "« {place} » vaut « {value} », qui n'est pas un montant sans équivoque en euros et centimes. "
        "Écrivez par exemple 1 800,00.",
        "'{place}' is '{value}', which is no unambiguous amount in euros and cents. Write it like 1 800,00.",
    ),
    "not_date": (
        "« {place} » vaut « {value} », qui n'est pas une date. Écrivez par exemple 18/11/2026.",
        "'{place}' is '{value}', which is not a date. Write it like 18/11/2026.",
    ),
    "not_siret": (
        "« {place} » vaut « {value} », qui n'est pas un SIRET : il en faut les 14 chiffres.",
        "'{place}' is '{value}', which is not a SIRET: all its 14 digits are needed.",
    ),
    "not_iban": (
        "« {place} » vaut « {value} », qui n'est pas un IBAN valide : corrigez-le.",
        "'{place}' is '{value}', which is not a valid IBAN: correct it.",
    ),
    "not_currency": (
        "« {place} » vaut « {value} », qui n'est pas une devise : écrivez EUR.",
        "'{place}' is '{value}', which is not a currency: write EUR.",
    ),
    "not_code": (
        "« {place} » vaut « {value} », qui n'est pas prévu : choisissez parmi {allowed}.",
        "'{place}' is '{value}', which is not one of the possible values: choose one of {allowed}.",
    ),
    "not_vat": (
        "« {place} » vaut « {value} », où ne se lisent pas des lignes de TVA. "
        "Écrivez taux : base : montant, par exemple 20 : 850,00 : 170,00.",
        "'{place}' is '{value}', which does not read as VAT rows. "
        "Write rate : base : amount, for example 20 : 850,00 : 170,00.",
    ),
    "several_values": (
        "« {place} » a plusieurs valeurs ({value}), mais il en faut une seule : gardez la bonne.",
        "'{place}' has several values ({value}), but only one can be used: keep the right one.",
    ),
}

_INVOICE: dict[str, _Texts] = {
    "second_total": (
        "La page porte deux totaux, {chosen} et {other}, que rien n'explique. Vérifiez lequel est dû, puis saisissez "
        "le montant TTC.",
        "The page has two totals, {chosen} and {other}, and nothing explains them. Check which one is due, then type "
        "the total including tax.",
    ),
    "two_invoices": (
        "Le PDF semble contenir plusieurs factures : déposez un fichier par facture.",
        "The PDF seems to hold several invoices: file one PDF for each invoice.",
    ),
    "issue_date_future": (
        "La date de facture {date} est dans l'avenir : corrigez-la, ou attendez ce jour.",
        "The invoice date {date} lies in the future: correct it, or wait for that day.",
    ),
    "currency_not_eur": (
        "La facture est en {currency}, mais Chorus Pro n'accepte ici que l'euro : établissez-la en euros.",
        "The invoice is in {currency}, but only euros can be sent: issue it in euros.",
    ),
    "framework_needs_validator": (
        "Le cadre {framework} exige un valideur, que le connecteur ne sait pas transmettre : déposez cette facture "
        "sur le portail Chorus Pro, ou changez le cadre.",
        "Framework {framework} needs a validator, which the connector cannot pass on: file this invoice on the "
        "Chorus Pro portal, or change the framework.",
    ),
    "vat_exemption_missing": (
        "Le type de TVA EXONERATION exige un motif : saisissez le motif d'exonération.",
        "VAT regime EXONERATION needs a reason: type the reason for the exemption.",
    ),
    "supplier_unknown": (
        "Aucun établissement configuré n'a le SIRET {siret} : corrigez le SIRET du fournisseur, ou ajoutez "
        "l'établissement à la configuration.",
        "No configured provider has SIRET {siret}: correct the supplier's SIRET, or add the provider to the "
        "configuration.",
    ),
    "supplier_retired": (
        "L'établissement {siret} a été retiré de la configuration et n'envoie plus rien : remettez-le, ou corrigez le "
        "SIRET du fournisseur.",
        "Provider {siret} was removed from the configuration and sends nothing any more: put it back, or correct the "
        "supplier's SIRET.",
    ),
    "supplier_ambiguous": (
        "Plusieurs établissements configurés ont le SIRET {siret} ({providers}) : activez l'envoi automatique pour un "
        "seul d'entre eux, ou nommez-le dans le critère.",
        "Several configured providers have SIRET {siret} ({providers}): switch automatic submission on for one of "
        "them, or name it in the criterion.",
    ),
    "supplier_out_of_scope": (
        "Le fournisseur {siret} n'est pas de ceux que le critère prévoit ({providers}) : corrigez le SIRET du "
        "fournisseur ou le critère.",
        "Supplier {siret} is not among those of the criterion ({providers}): correct the supplier's SIRET or the "
        "criterion.",
    ),
    "bank_label_unknown": (
        "Les coordonnées bancaires « {label} » ne figurent pas dans la configuration de l'établissement : "
        "ajoutez ce libellé, ou corrigez-le.",
        "The bank details '{label}' are not in the provider's configuration: add this label, or correct it.",
    ),
}

_AMOUNTS: dict[str, _Texts] = {
    "totals_disagree": (
        "Les montants ne s'accordent pas : HT {total_excl_tax} + TVA {total_tax} = {sum}, mais TTC {total_incl_tax}. "
        "Corrigez le montant qui est faux.",
        "The amounts do not agree: {total_excl_tax} excluding tax + VAT {total_tax} = {sum}, but the total is "
        "{total_incl_tax}. Correct the wrong amount.",
    ),
    "totals_disagree_discount": (
        "Les montants ne s'accordent pas : HT {total_excl_tax} + TVA {total_tax} - remise {discount} = {sum}, mais TTC "
        "{total_incl_tax}. Corrigez le montant qui est faux.",
        "The amounts do not agree: {total_excl_tax} excluding tax + VAT {total_tax} - discount {discount} = {sum}, but "
        "the total is {total_incl_tax}. Correct the wrong amount.",
    ),
    "vat_rows_disagree": (
        "Le récapitulatif de TVA (bases {base}, TVA {tax}) contredit les totaux (HT {total_excl_tax}, TVA "
        "{total_tax}) : corrigez l'un ou l'autre, ou videz le récapitulatif.",
        "The VAT table (bases {base}, VAT {tax}) contradicts the totals ({total_excl_tax} excluding tax, VAT "
        "{total_tax}): correct one or the other, or empty the table.",
    ),
    "total_zero": (
        "Le montant TTC est nul : il n'y a rien à payer. Corrigez-le, ou écartez ce document.",
        "The total including tax is zero: there is nothing to pay. Correct it, or discard this document.",
    ),
    "vat_not_zero": (
        "Le type de TVA {vat_type} exclut toute TVA, mais son montant est {tax} : corrigez l'un ou l'autre.",
        "VAT regime {vat_type} means no VAT, but its amount is {tax}: correct one or the other.",
    ),
    "vat_zero": (
        "La TVA est nulle alors que le type de TVA est {vat_type} : vérifiez s'il faut SANS_TVA ou EXONERATION.",
        "VAT is zero though the VAT regime is {vat_type}: check whether SANS_TVA or EXONERATION is meant.",
    ),
    "due_above_total": (
        "Le montant à payer {due} dépasse le montant TTC {total} : corrigez l'un ou l'autre.",
        "The amount due {due} is above the total {total}: correct one or the other.",
    ),
    "due_not_zero": (
        "Le cadre de facturation dit que la facture est déjà payée, mais il reste {due} à payer : "
        "mettez zéro, ou changez le cadre.",
        "The framework says that the invoice is already paid, but {due} is due: set zero, or change the framework.",
    ),
    "due_zero": (
        "Le montant à payer est nul : si la facture est déjà payée, le cadre A2 convient mieux. Vérifiez.",
        "The amount due is zero: if the invoice is already paid, framework A2 suits better. Check.",
    ),
    "due_unclear": (
        "Le montant à payer {due} ne va pas avec le montant TTC retenu {total} : saisissez le montant à payer.",
        "The amount due {due} does not go with the total in use {total}: type the amount due.",
    ),
    "amounts_computed": (
        "Des montants ont été calculés à partir des autres : HT {total_excl_tax}, TVA {total_tax}, TTC "
        "{total_incl_tax}. Vérifiez-les.",
        "Amounts were computed from the others: {total_excl_tax} excluding tax, VAT {total_tax}, total "
        "{total_incl_tax}. Check them.",
    ),
}

_RECIPIENT: dict[str, _Texts] = {
    "recipient_wording_unknown": (
        "Le destinataire « {wording} » n'a pas de SIRET connu : saisissez le SIRET, ou ajoutez ce libellé aux "
        "destinataires de la configuration.",
        "The recipient '{wording}' has no known SIRET: type the SIRET, or add this wording to the recipients of the "
        "configuration.",
    ),
    "recipient_wording_close": (
        "Le destinataire « {wording} » n'est pas connu mais ressemble à {candidates} : si c'est lui, confirmez-le "
        "comme destinataire de ce libellé, sinon saisissez le SIRET.",
        "The recipient '{wording}' is not known but resembles {candidates}: if it is the same, confirm it as the "
        "recipient of this wording, else type the SIRET.",
    ),
    "recipient_wording_sent_to_several": (
        "Le libellé « {wording} » a déjà servi pour plusieurs destinataires, {candidates} : saisissez le SIRET, ou "
        "confirmez celui que ce libellé désigne toujours.",
        "The wording '{wording}' was sent to several recipients before, {candidates}: type the SIRET, or confirm the "
        "one that this wording always means.",
    ),
    "recipient_learned": (
        "Le destinataire « {wording} » a été reconnu d'après un envoi précédent : SIRET {siret}. Si c'est faux, "
        "saisissez le SIRET et oubliez ce libellé appris.",
        "The recipient '{wording}' was recognised by an earlier submission: SIRET {siret}. If that is wrong, type the "
        "SIRET and forget this learned wording.",
    ),
    "service_learned": (
        "Le service « {wording} » du destinataire {siret} a été reconnu d'après un envoi précédent : code {service}. "
        "Si c'est faux, saisissez le code et oubliez ce libellé appris.",
        "The service '{wording}' of recipient {siret} was recognised by an earlier submission: code {service}. If that "
        "is wrong, type the code and forget this learned wording.",
    ),
    "recipient_wording_ambiguous": (
        "Le libellé « {wording} » désigne plusieurs destinataires ({sirets}) : saisissez le SIRET, ou corrigez la "
        "configuration.",
        "The wording '{wording}' means several recipients ({sirets}): type the SIRET, or correct the configuration.",
    ),
    "recipient_is_supplier": (
        "Le destinataire et le fournisseur ont le même SIRET {siret} : saisissez celui du destinataire.",
        "Recipient and supplier have the same SIRET {siret}: type that of the recipient.",
    ),
    "recipient_unknown": (
        "Chorus Pro ne connaît aucune structure de SIRET {siret} : vérifiez le SIRET du destinataire.",
        "Chorus Pro knows no body with SIRET {siret}: check the recipient's SIRET.",
    ),
    "recipient_misread": (
        "Chorus Pro ne connaît aucune structure de SIRET {siret}, et sa clé de contrôle est fausse : un chiffre est "
        "sans doute mal lu. Corrigez le SIRET du destinataire.",
        "Chorus Pro knows no body with SIRET {siret}, and its check digit is wrong: a digit is probably misread. "
        "Correct the recipient's SIRET.",
    ),
    "recipient_inactive": (
        "La structure {recipient} ({siret}) est fermée dans l'annuaire de Chorus Pro : demandez au destinataire son "
        "nouveau SIRET.",
        "The body {recipient} ({siret}) is closed in the directory of Chorus Pro: ask the recipient for its new SIRET.",
    ),
    "recipient_lookup_refused": (
        "Chorus Pro refuse de chercher le SIRET {siret} ({number}) : {label}. Vérifiez le SIRET du destinataire.",
        "Chorus Pro refuses to look up SIRET {siret} ({number}): {label}. Check the recipient's SIRET.",
    ),
    "directory_old": (
        "L'annuaire de Chorus Pro ne répond pas : la fiche du destinataire date du {day}.",
        "The directory of Chorus Pro does not answer: the recipient's entry is of {day}.",
    ),
    "service_wording_unknown": (
        "Le service « {wording} » de {recipient} n'a pas de code connu : saisissez le code service, ou ajoutez ce "
        "libellé au destinataire {siret} de la configuration.",
        "The service '{wording}' of {recipient} has no known code: type the service code, or add this wording to "
        "recipient {siret} of the configuration.",
    ),
    "service_required": (
        "{recipient} exige un code service : saisissez-en un (services actifs : {known}).",
        "{recipient} demands a service code: type one (active services: {known}).",
    ),
    "service_unknown": (
        "{recipient} n'a pas de service {service} : corrigez ou videz le code (services actifs : {known}).",
        "{recipient} has no service {service}: correct or empty the code (active services: {known}).",
    ),
    "service_inactive": (
        "Le service {service} de {recipient} est fermé : choisissez-en un autre (services actifs : {known}).",
        "Service {service} of {recipient} is closed: choose another one (active services: {known}).",
    ),
    "service_public": (
        "Le service {service} est réservé aux factures entre entités publiques : choisissez un autre service.",
        "Service {service} is for invoices between public bodies only: choose another service.",
    ),
    "engagement_required": (
        "{recipient} exige un numéro d'engagement : saisissez celui de la commande.",
        "{recipient} demands an engagement number: type that of the order.",
    ),
    "engagement_required_by_service": (
        "Le service {service} de {recipient} exige un numéro d'engagement : saisissez celui de la commande.",
        "Service {service} of {recipient} demands an engagement number: type that of the order.",
    ),
    "service_or_engagement_required": (
        "{recipient} exige un code service ou un numéro d'engagement : saisissez l'un des deux.",
        "{recipient} demands a service code or an engagement number: type one of them.",
    ),
}

_FILES: dict[str, _Texts] = {
    "main_file_too_large": (
        "Le PDF pèse {megabytes} Mo, mais Chorus Pro n'accepte que moins de 10 Mo : réduisez-le.",
        "The PDF has {megabytes} MB, but Chorus Pro takes less than 10 MB only: make it smaller.",
    ),
    "attachments_missing": (
        "Des pièces jointes sont demandées ({switch}), mais aucun document n'est lié : liez-les dans le portail, ou "
        "retirez la demande.",
        "Attachments are asked for ({switch}), but no document is linked: link them in the portal, or take the "
        "request away.",
    ),
    "attachment_type": (
        "Chorus Pro n'accepte pas la pièce jointe {name} à cause de son extension : convertissez-la en PDF.",
        "Chorus Pro does not take the attachment {name} because of its extension: convert it to PDF.",
    ),
    "attachment_empty": (
        "La pièce jointe {name} est vide : déposez-la de nouveau ou retirez le lien.",
        "The attachment {name} is empty: file it again, or take the link away.",
    ),
    "attachment_too_large": (
        "La pièce jointe {name} pèse {megabytes} Mo, mais Chorus Pro n'accepte que moins de 10 Mo : réduisez-la.",
        "The attachment {name} has {megabytes} MB, but Chorus Pro takes less than 10 MB only: make it smaller.",
    ),
    "attachments_too_large": (
        "La facture et ses pièces jointes pèsent {megabytes} Mo, plus que les 120 Mo que Chorus Pro accepte : "
        "réduisez-les.",
        "The invoice and its attachments have {megabytes} MB, more than the 120 MB that Chorus Pro takes: make them "
        "smaller.",
    ),
}

WORDINGS: dict[str, tuple[str, str]] = {
    code: (_typeset(french), english)
    for table in (_BY_FIELD, _VALUES, _INVOICE, _AMOUNTS, _RECIPIENT, _FILES)
    for code, (french, english) in table.items()
}
