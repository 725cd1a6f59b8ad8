"""What the platform's refusals mean and what to do, by the codes of `messages.MEANINGS`."""

from __future__ import annotations

CAUSES: dict[str, tuple[str, str]] = {
    "xml_missing": (
        "Un élément obligatoire manque dans les données XML de la facture : le logiciel qui l'établit doit l'écrire.",
        "A mandatory element is missing in the invoice's XML data: the software that makes it has to write it.",
    ),
    "xml_length": (
        "Une valeur des données XML est trop longue (un numéro de facture : 20 caractères) : raccourcissez-la.",
        "A value of the XML data is too long (an invoice number: 20 characters): shorten it.",
    ),
    "xml_value": (
        "Une valeur des données XML n'est pas dans les listes de Chorus Pro : corrigez-la dans le logiciel d'origine.",
        "A value of the XML data is not in the lists of Chorus Pro: correct it in the software that makes it.",
    ),
    "either": (
        "Ce destinataire exige un code service ou un numéro d'engagement : indiquez l'un des deux.",
        "This recipient demands a service code or an engagement number: enter one of them.",
    ),
    "signed": (
        "Ce PDF est signé : déposez dans le portail la version sans signature.",
        "This PDF is signed: file the version without signature in the portal.",
    ),
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
    "number_form": (
        "Le numéro de facture n'a pas la forme permise : 20 caractères au plus, lettres, chiffres, espace, - _ / et +.",
        "The invoice number is not as allowed: at most 20 characters, letters, digits, space, - _ / and +.",
    ),
    "service_closed": (
        "Ce service est inconnu ou fermé : demandez le bon code au destinataire, puis corrigez-le.",
        "This service is unknown or closed: ask the recipient for the right code and correct it.",
    ),
    "public_only": (
        "Ce service est réservé aux factures entre organismes publics : indiquez un autre code service.",
        "This service is kept for invoices between public bodies: enter another service code.",
    ),
    "supplier": (
        "Le fournisseur, ou son service, est inconnu, fermé ou pas rattaché au compte technique : vérifiez le SIRET "
        "du fournisseur et les droits de son compte.",
        "The supplier, or its service, is unknown, closed or not attached to the technical account: check the "
        "provider's SIRET and the rights of its account.",
    ),
    "bank": (
        "Ces coordonnées bancaires ne sont pas valides pour ce fournisseur : choisissez-en parmi celles que montre la "
        "commande chorus bank-details list.",
        "These bank details are not valid for this supplier: choose from those of `chorus bank-details list`.",
    ),
    "amount_due": (
        "Le montant à payer ne convient pas : au plus le TTC, et zéro pour une facture déjà payée. Corrigez-le.",
        "The amount due does not fit: at most the gross total, and zero for an invoice already paid. Correct it.",
    ),
    "exemption": (
        "Le motif d'exonération manque ou n'est pas dans la liste : corrigez-le.",
        "The reason of exemption is missing or not in the list: correct it.",
    ),
    "vat_type": (
        "Le type de TVA et la TVA de la facture se contredisent : corrigez l'un des deux.",
        "VAT type and VAT of the invoice contradict each other: correct one of them.",
    ),
    "framework": (
        "Le cadre de facturation, ou son valideur, n'est pas permis ici : corrigez-le.",
        "The invoicing framework, or its validator, is not allowed here: correct it.",
    ),
    "currency": (
        "Cette devise n'est pas acceptée : corrigez-la.",
        "This currency is not accepted: correct it.",
    ),
    "too_large": (
        "Un fichier est trop gros (10 Mo chacun, 120 Mo en tout) : réduisez-le, puis recommencez.",
        "A file is too large (10 MB each, 120 MB together): make it smaller, then try again.",
    ),
    "file_kind": (
        "Ce type de fichier n'est pas accepté : convertissez la pièce en PDF.",
        "This kind of file is not accepted: convert the attachment to PDF.",
    ),
    "right": (
        "Le compte technique n'a pas le droit de faire cela : le gestionnaire principal doit le lui donner sur le "
        "portail de Chorus Pro.",
        "The technical account may not do this: the main manager has to allow it on the portal of Chorus Pro.",
    ),
    "moved_on": (
        "Le statut de la facture ne le permet plus, quelqu'un a peut-être déjà agi : lancez la commande chorus run "
        "retrieval, puis regardez la facture.",
        "The invoice's status does not allow it any more, perhaps somebody acted already: run `chorus run retrieval`, "
        "then look at the invoice.",
    ),
    "not_there": (
        "Chorus Pro ne connaît pas cette facture pour ce compte : vérifiez le fournisseur et le numéro Chorus Pro.",
        "Chorus Pro does not know this invoice for this account: check the provider and the Chorus Pro number.",
    ),
}

WORDINGS: dict[str, tuple[str, str]] = {
    **{
        f"refused_{code}": (
            f"Chorus Pro a refusé la facture ({{number}}) : {{label}}. {french}",
            f"Chorus Pro refused the invoice ({{number}}): {{label}}. {english}",
        )
        for code, (french, english) in CAUSES.items()
    },
    **{
        f"correction_refused_{code}": (
            f"Chorus Pro a refusé la correction ({{number}}) : {{label}}. {french}",
            f"Chorus Pro refused the correction ({{number}}): {{label}}. {english}",
        )
        for code, (french, english) in CAUSES.items()
    },
}
