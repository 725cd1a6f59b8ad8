"""Why an invoice could not be sent, or was not taken."""

from __future__ import annotations

WORDINGS: dict[str, tuple[str, str]] = {
    "already_sent": (
        "Cette facture est déjà envoyée : le document {document} (facture {number}) a le même numéro ou le même "
        "contenu. Écartez ce doublon ou corrigez son numéro.",
        "This invoice is already sent: document {document} (invoice {number}) has the same number or the same "
        "content. Discard this double, or correct its number.",
    ),
    "bank_details_not_on_platform": (
        "Les coordonnées bancaires « {name} » n'existent pas chez Chorus Pro pour ce fournisseur (connues : {listed}). "
        "Corrigez le libellé ou déclarez-les sur le portail.",
        "The bank details '{name}' do not exist on Chorus Pro for this supplier (known: {listed}). "
        "Correct the label, or declare them on its portal.",
    ),
    "bank_details_ambiguous": (
        "Plusieurs comptes de ce fournisseur s'appellent « {name} » chez Chorus Pro : renommez-les sur le portail.",
        "Several accounts of this supplier are called '{name}' on Chorus Pro: rename them on its portal.",
    ),
    "supplier_service_unknown": (
        "Le service « {service} » du fournisseur n'existe pas chez Chorus Pro (connus : {listed}) : corrigez "
        "supplier_service dans la configuration de l'établissement.",
        "The supplier's service '{service}' does not exist on Chorus Pro (known: {listed}): correct supplier_service "
        "in the provider's configuration.",
    ),
    "attachment_missing": (
        "La pièce jointe {name} n'est pas dans le portail : déposez-la ou retirez le lien.",
        "The attachment {name} is not in the portal: file it, or take the link away.",
    ),
    "content_missing": (
        "La copie conservée de {name} manque ou a changé : faites relire le document (« chorus documents reread »).",
        "The stored copy of {name} is missing or changed: have the document read again (`chorus documents reread`).",
    ),
    "attachment_type_unknown": (
        "Chorus Pro n'accepte pas le type de pièce jointe {type} pour une facture : choisissez parmi {allowed}.",
        "Chorus Pro does not take attachment type {type} for an invoice: choose one of {allowed}.",
    ),
    "upload_refused": (
        "Chorus Pro a refusé le fichier {name} ({number}) : {label}",
        "Chorus Pro refused the file {name} ({number}): {label}",
    ),
    "refused": (
        "Chorus Pro a refusé la facture ({number}) : {label}. Corrigez-la : elle repartira d'elle-même.",
        "Chorus Pro refused the invoice ({number}): {label}. Correct it: it will be sent again by itself.",
    ),
    "found_with_other_values": (
        "Chorus Pro a déjà une facture de ce numéro avec d'autres valeurs (n° {chorus_id}, {status}) : elle a été "
        "saisie à la main ou par un autre logiciel. Vérifiez, puis changez le numéro ou écartez celle-ci.",
        "Chorus Pro already has an invoice of this number with other values (no. {chorus_id}, {status}): it was typed "
        "by hand or sent by other software. Check, then change the number or discard this one.",
    ),
}
