"""What the platform's refusals mean and what to do, by the codes of `messages.MEANINGS`."""

from __future__ import annotations

CAUSES: dict[str, tuple[str, str]] = {
    "login": (
        "L'identification du fournisseur est incomplète : complétez sa connexion Airflow, puis relancez l'envoi.",
        "The login of the provider is incomplete: complete its Airflow connection, then send again.",
    ),
    "unavailable": (
        "La plateforme n'était pas disponible : relancez l'envoi plus tard, sans rien changer.",
        "The platform was not available: send again later, without changing anything.",
    ),
    "service": (
        "Ce destinataire exige un code service : indiquez-le, ou complétez la liste des destinataires.",
        "This recipient demands a service code: enter it, or complete the list of recipients.",
    ),
    "attachment": (
        "Une pièce jointe a un type inconnu, ou son dépôt a expiré : vérifiez le type, puis relancez l'envoi.",
        "An attachment has an unknown type, or its upload has expired: check the type, then send again.",
    ),
    "analysis": (
        "La plateforme ne peut pas lire ce PDF (chiffré, abîmé ou trop gros) : déposez un PDF sain dans le portail.",
        "The platform cannot read this PDF (encrypted, damaged or too large): file a sound PDF in the portal.",
    ),
    "header": (
        "Les montants ne concordent pas (HT + TVA = TTC, net à payer, lignes de TVA) : corrigez-les.",
        "The amounts do not agree (net + VAT = gross, amount due, VAT lines): correct them.",
    ),
    "recipient": (
        "Ce destinataire ou ce service est inconnu ou fermé : corrigez le SIRET ou la liste des destinataires.",
        "This recipient or service is unknown or closed: correct the SIRET or the list of recipients.",
    ),
    "consistency": (
        "Un contrôle de la plateforme a échoué : vérifiez numéro, dates, cadre de facturation et engagement.",
        "A check of the platform failed: look at number, dates, invoicing framework and engagement.",
    ),
    "engagement": (
        "Ce destinataire exige un numéro d'engagement : demandez-le lui et indiquez-le.",
        "This recipient demands an engagement number: ask for it and enter it.",
    ),
    "number_used": (
        "Ce numéro de facture a déjà servi : vérifiez qu'elle n'est pas déjà déposée, puis changez le numéro.",
        "This invoice number was used before: check that it is not there already, then change the number.",
    ),
}

WORDINGS: dict[str, tuple[str, str]] = {
    f"refused_{code}": (
        f"Chorus Pro a refusé la facture ({{number}}) : {{label}}. {french}",
        f"Chorus Pro refused the invoice ({{number}}): {{label}}. {english}",
    )
    for code, (french, english) in CAUSES.items()
}
