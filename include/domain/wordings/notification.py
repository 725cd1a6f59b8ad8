"""What people are told, as data: kinds of events, states, statuses and alerts, each in French and English.

Status labels are those of the platform's portal (API page 4.1), one for each code of the closed list.
"""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "awaiting_submission": ("En attente de dépôt", "Awaiting submission"),
    "submitted": ("Déposée", "Submitted"),
    "status_changed": ("Statut modifié", "Status changed"),
    "alert": ("Alerte", "Alert"),
}

STATES: dict[str, tuple[str, str]] = {
    "ready": ("Prête à déposer", "Ready to submit"),
    "to_complete": ("À compléter", "To complete"),
    "unreadable": ("Illisible", "Unreadable"),
    "refused": ("Refusée par Chorus Pro", "Refused by Chorus Pro"),
    "submitted": ("Déposée", "Submitted"),
    "unknown": ("Dépôt à vérifier", "Submission being checked"),
    "held": ("Mise de côté", "Put on hold"),
    "discarded": ("Écartée", "Discarded"),
    "ignored": ("Hors critères", "Outside the criteria"),
    "to_process": ("À traiter", "To process"),
    "closed": ("Close", "Closed"),
}

STATUSES: dict[str, tuple[str, str]] = {
    "DEPOSEE": ("Déposée", "Deposited"),
    "EN_COURS_ACHEMINEMENT": ("En cours d'acheminement", "Being forwarded"),
    "MISE_A_DISPOSITION": ("Mise à disposition du destinataire", "Available to the recipient"),
    "SERVICE_FAIT": ("Service fait", "Service confirmed"),
    "MANDATEE": ("Mandatée", "Payment ordered"),
    "MISE_A_DISPOSITION_COMPTABLE": ("Mise à disposition du comptable", "Available to the accountant"),
    "COMPTABILISEE": ("Comptabilisée", "Entered in the accounts"),
    "MISE_EN_PAIEMENT": ("Mise en paiement", "Being paid"),
    "SUSPENDUE": ("Suspendue", "Suspended"),
    "COMPLETEE": ("Complétée", "Completed"),
    "A_RECYCLER": ("À recycler", "To be recycled"),
    "REJETEE": ("Rejetée", "Rejected"),
    "INTERPRETEE_OCR": ("Interprétée OCR", "Read by OCR, not submitted"),
    "BROUILLON": ("Brouillon", "Draft"),
    "ABANDONNEE": ("Abandonnée", "Abandoned"),
    "SUPPRIMEE": ("Supprimée", "Deleted"),
    "UNKNOWN": ("Statut inconnu du connecteur", "Status unknown to the connector"),
    # Validation by a third party (sub-contractors, co-contractors); these and what follows are read from the code.
    "A_VALIDER_1": ("À valider par le premier valideur", "To be validated by the first validator"),
    "VALIDEE_1": ("Validée par le premier valideur", "Validated by the first validator"),
    "REFUSEE_1": ("Refusée par le premier valideur", "Refused by the first validator"),
    "ABSENCE_VALIDATION_1_HORS_DELAI": (
        "Non validée à temps par le premier valideur",
        "Not validated in time by the first validator",
    ),
    "ERREUR_FOURNISSEUR_SUR_VALIDEUR": (
        "Valideur erroné (erreur du fournisseur)",
        "Wrong validator (error of the supplier)",
    ),
    "A_VALIDER_2": ("À valider par le second valideur", "To be validated by the second validator"),
    "VALIDEE_2": ("Validée par le second valideur", "Validated by the second validator"),
    "REFUSEE_2": ("Refusée par le second valideur", "Refused by the second validator"),
    "ABSENCE_VALIDATION_2_HORS_DELAI": (
        "Non validée à temps par le second valideur",
        "Not validated in time by the second validator",
    ),
    "ERREUR_COTRAITANT_SUR_VALIDEUR": (
        "Valideur erroné (erreur du cotraitant)",
        "Wrong validator (error of the co-contractor)",
    ),
    # Works invoices: MOE is the project manager (maîtrise d'œuvre), MOA the project owner (maîtrise d'ouvrage).
    "ASSOCIEE": ("Associée", "Associated"),
    "A_COMPLETER": ("À compléter", "To be completed"),
    "NON_CONFORME": ("Non conforme", "Not compliant"),
    "EN_COURS_TRAITEMENT_PIVOT_S": ("En cours de traitement (pivot)", "Being processed (exchange format)"),
    "EN_ATTENTE_RECYCLAGE_FOURNISSEUR": (
        "En attente de recyclage par le fournisseur",
        "Waiting to be recycled by the supplier",
    ),
    "A_ASSOCIER_FOURNISSEUR": ("À associer par le fournisseur", "To be associated by the supplier"),
    "REFUSEE_FOURNISSEUR": ("Refusée par le fournisseur", "Refused by the supplier"),
    "A_VALIDER_MOE": ("À valider par la maîtrise d'œuvre", "To be validated by the project manager"),
    "REFUSEE_MOE": ("Refusée par la maîtrise d'œuvre", "Refused by the project manager"),
    "A_ASSOCIER_MOE": ("À associer par la maîtrise d'œuvre", "To be associated by the project manager"),
    "MISE_A_DISPOSITION_MOE": (
        "Mise à disposition de la maîtrise d'œuvre",
        "Available to the project manager",
    ),
    "PRISE_EN_COMPTE_MOE": ("Prise en compte par la maîtrise d'œuvre", "Taken up by the project manager"),
    "ERREUR_DE_MOE": ("Erreur de maîtrise d'œuvre", "Wrong project manager"),
    "ERREUR_FOURNISSEUR_SUR_MOE": (
        "Maîtrise d'œuvre erronée (erreur du fournisseur)",
        "Wrong project manager (error of the supplier)",
    ),
    "ERREUR_MOE_SUR_FOURNISSEUR": (
        "Fournisseur erroné (erreur de la maîtrise d'œuvre)",
        "Wrong supplier (error of the project manager)",
    ),
    "ERREUR_MOE_SUR_MOA": (
        "Maîtrise d'ouvrage erronée (erreur de la maîtrise d'œuvre)",
        "Wrong project owner (error of the project manager)",
    ),
    "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE": (
        "Non validée par la maîtrise d'œuvre dans le délai réglementaire",
        "Not validated by the project manager in the statutory time",
    ),
    "TRANSMISE_MOA": ("Transmise à la maîtrise d'ouvrage", "Sent on to the project owner"),
    "REFUSEE_MOA": ("Refusée par la maîtrise d'ouvrage", "Refused by the project owner"),
    "A_ASSOCIER_MOA": ("À associer par la maîtrise d'ouvrage", "To be associated by the project owner"),
    "MISE_A_DISPOSITION_MOA": ("Mise à disposition de la maîtrise d'ouvrage", "Available to the project owner"),
    "PRISE_EN_COMPTE_MOA": ("Prise en compte par la maîtrise d'ouvrage", "Taken up by the project owner"),
    "ERREUR_DE_MOA": ("Erreur de maîtrise d'ouvrage", "Wrong project owner"),
    "ERREUR_FOURNISSEUR_SUR_MOA": (
        "Maîtrise d'ouvrage erronée (erreur du fournisseur)",
        "Wrong project owner (error of the supplier)",
    ),
    "ERREUR_MOA_SUR_FOURNISSEUR": (
        "Fournisseur erroné (erreur de la maîtrise d'ouvrage)",
        "Wrong supplier (error of the project owner)",
    ),
    "ERREUR_DESTINATAIRE_PD": ("Destinataire erroné (projet de décompte)", "Wrong recipient (draft statement)"),
    "ERREUR_DESTINATAIRE_EA": ("Destinataire erroné (état d'acompte)", "Wrong recipient (interim statement)"),
    "PRISE_EN_COMPTE_DESTINATAIRE": ("Prise en compte par le destinataire", "Taken up by the recipient"),
    "REMPLACEE_PAR_A22": ("Remplacée par une pièce A22", "Replaced by a document A22"),
    "DUPLIQUE_APRES_REFUS": ("Dupliquée après refus", "Duplicated after a refusal"),
    "TECHNIQUE_INCONNU": ("Statut technique inconnu de Chorus Pro", "Technical status unknown to Chorus Pro"),
}

ACTORS: dict[str, tuple[str, str]] = {
    "supplier": ("le fournisseur", "the supplier"),
    "recipient": ("le destinataire", "the recipient"),
    "nobody": ("personne", "nobody"),
}
"""Who has to act next."""

STATUS_ACTIONS: dict[str, tuple[str, str]] = {
    "A_RECYCLER": (
        "Le destinataire, le service ou l'engagement est faux : corrigez-le, puis recyclez la facture.",
        "The recipient, the service or the engagement is wrong: correct it, then recycle the invoice.",
    ),
    "SUSPENDUE": (
        "Le destinataire attend des pièces ou des précisions : ajoutez-les, puis complétez la facture.",
        "The recipient is waiting for papers or explanations: add them, then complete the invoice.",
    ),
    "REJETEE": (
        "La facture est rejetée pour de bon : établissez-en une nouvelle sous un nouveau numéro, "
        "et prenez acte du rejet sous 7 jours.",
        "The invoice is rejected for good: issue a new one under a new number, and acknowledge the rejection "
        "within 7 days.",
    ),
    "UNKNOWN": (
        "Chorus Pro a donné un statut qui n'est pas dans la liste connue : regardez la facture sur son portail.",
        "Chorus Pro gave a status that is not in the known list: look at the invoice on its portal.",
    ),
}
"""What the supplier has to do, for the statuses that wait for it."""

STATE_ACTIONS: dict[str, tuple[str, str]] = {
    "ready": (
        "Rien ne manque, et son fournisseur n'envoie pas tout seul : vérifiez-la, puis déposez-la.",
        "Nothing is missing, and its provider does not send by itself: check it, then submit it.",
    ),
}
"""What a person has to do, for states that carry no reason of their own."""

HANDLED: dict[str, tuple[str, str]] = {
    "REJETEE": (
        "Le rejet est pris en compte : il n'y a plus rien à faire pour cette facture.",
        "The rejection was dealt with: nothing is left to do for this invoice.",
    ),
}
"""Instead of what the status asks for, once that was done and the invoice is closed."""

ALERTS: dict[str, tuple[str, str]] = {
    "login_refused": (
        "Chorus Pro refuse l'identification du fournisseur {provider} ({half}). Ses envois sont arrêtés, les autres "
        "fournisseurs continuent. Corrigez sa connexion Airflow, puis lancez la commande chorus doctor ; sans cela, un "
        "essai a lieu toutes les heures.",
        "Chorus Pro refuses the login of {provider} ({half}). Its submissions are stopped, the other providers go on. "
        "Correct its Airflow connection, then run `chorus doctor`; otherwise one attempt is made every hour.",
    ),
    "circuit_opened": (
        "Les envois du fournisseur {provider} sont suspendus : {reason}. Un essai a lieu toutes les heures ; la "
        "commande chorus doctor montre ce qui manque.",
        "The submissions of {provider} are suspended: {reason}. One attempt is made every hour; `chorus doctor` shows "
        "what is missing.",
    ),
    "password_expires": (
        "Le mot de passe du compte technique du fournisseur {provider} expire le {day} (jours restants : {days}) ; "
        "ensuite ses factures ne partiront plus. Le gestionnaire principal doit le changer sur le portail de Chorus "
        "Pro, puis le nouveau doit être écrit dans la connexion Airflow de ce fournisseur.",
        "The password of the technical account of {provider} ends on {day} (days left: {days}); after that its "
        "invoices do not go out any more. The main manager has to change it on the portal of Chorus Pro, then the new "
        "one has to be written into the Airflow connection of this provider.",
    ),
    "certificate_expires": (
        "Le certificat client du fournisseur {provider} expire le {day} (jours restants : {days}) ; ensuite ses "
        "factures ne partiront plus. Renouvelez-le, ou passez à PISTE : Chorus Pro n'enregistre plus de nouveau "
        "certificat.",
        "The client certificate of {provider} ends on {day} (days left: {days}); after that its invoices do not go out "
        "any more. Renew it, or move to PISTE: Chorus Pro registers no new certificates.",
    ),
    "mail_failed": (
        "Le serveur de messagerie refuse définitivement un message à {user} : {reason}. Corrigez l'adresse dans la "
        "section people de la configuration ; les événements restent visibles dans son tableau de bord.",
        "The mail server refuses for good a mail to {user}: {reason}. Correct the address in the people section of the "
        "configuration; the events stay on that person's dashboard.",
    ),
    "mail_waiting": (
        "Les messages attendent, ils partiront dès que possible : {reason}. Vérifiez la connexion Airflow de la "
        "section mail et le serveur de messagerie.",
        "Mails are waiting and will leave as soon as possible: {reason}. Check the Airflow connection of the mail "
        "section and the mail server.",
    ),
    "unknown_status": (
        "Chorus Pro a donné à la facture {number} le statut {status}, qui n'est pas dans la liste connue. "
        "Regardez-la sur le portail de Chorus Pro, et signalez ce statut à l'équipe qui maintient le connecteur.",
        "Chorus Pro gave invoice {number} the status `{status}`, which is not in the known list. Look at it on the "
        "portal of Chorus Pro, and report this status to the team that maintains the connector.",
    ),
    "acknowledge_due": (
        "La facture {number} du fournisseur {provider} est au statut {status} depuis {days} jours : il reste {left} "
        "jours pour en prendre acte. Voyez-la par la commande chorus invoices show, puis complétez-la, ou remplacez-la "
        "par un document corrigé.",
        "Invoice {number} of {provider} has had the status {status} for {days} days: {left} days are left to "
        "acknowledge it. Look at it with `chorus invoices show`, then complete it, or replace it by a corrected "
        "document.",
    ),
    "acknowledge_overdue": (
        "La facture {number} du fournisseur {provider} est au statut {status} depuis {days} jours : le portail de "
        "Chorus Pro exige maintenant qu'on en prenne acte. Complétez-la, ou remplacez-la par un document corrigé.",
        "Invoice {number} of {provider} has had the status {status} for {days} days: the portal of Chorus Pro now "
        "demands that it is acknowledged. Complete it, or replace it by a corrected document.",
    ),
    "reconciliation": (
        "Le rapprochement avec Chorus Pro trouve {count} écarts nouveaux chez le fournisseur {provider} : {kinds}. La "
        "commande chorus invoices compare les montre, avec ce qu'il faut faire de chacun.",
        "The comparison with Chorus Pro finds {count} new differences at {provider}: {kinds}. `chorus invoices "
        "compare` shows them, with what to do about each.",
    ),
    "body_inactive": (
        "L'annuaire de Chorus Pro ne connaît plus {name} ({siret}) comme structure active. Factures non envoyées "
        "que cela bloque : {count}. Demandez à ce destinataire son nouveau SIRET ; la commande chorus directory list "
        "--blocked montre ces factures.",
        "The directory of Chorus Pro no longer shows {name} ({siret}) as an active body. Unsent invoices that "
        "this blocks: {count}. Ask this recipient for its new SIRET; `chorus directory list --blocked` shows "
        "these invoices.",
    ),
    "no_run": (
        "Depuis le {since}, aucun passage du dépôt automatique n'est arrivé à son terme. Vérifiez dans Airflow que le "
        "planificateur tourne, que le DAG chorus_auto_submission n'est pas en pause, et lisez la tâche en rouge.",
        "Since {since} no pass of the automatic submission came to a good end. Check in Airflow that the scheduler "
        "runs and that the DAG chorus_auto_submission is not paused, and read the red task.",
    ),
    "no_retrieval": (
        "Les statuts du fournisseur {provider} n'ont pas été rapatriés jusqu'au bout depuis le {since} : ses listes "
        "vieillissent. La commande chorus retrieval status dit pourquoi.",
        "The statuses of {provider} were not retrieved to the end since {since}: its lists grow old. `chorus retrieval "
        "status` says why.",
    ),
    "not_submitted": (
        "Factures du fournisseur {provider} prêtes, dont aucune ne part : {count}, la plus ancienne depuis le {since}. "
        "Lancez la commande chorus doctor, puis lisez la tâche submit_invoices dans Airflow.",
        "Invoices of {provider} that are ready and do not go out: {count}, the oldest since {since}. Run `chorus "
        "doctor`, then read the task submit_invoices in Airflow.",
    ),
    "stuck": (
        "Documents qui n'avancent plus dans l'état {state} (fournisseur : {provider}) : {count}, le plus ancien depuis "
        "le {since}. La commande chorus documents list --state {state} les montre.",
        "Documents stuck in the state {state} (provider: {provider}): {count}, the oldest since {since}. `chorus "
        "documents list --state {state}` shows them.",
    ),
    "silent": (
        "Factures du fournisseur {provider} sans nouvelles du destinataire depuis plus de {days} jours : {count}, la "
        "plus ancienne depuis le {since}. Relancez leur destinataire.",
        "Invoices of {provider} without news from the recipient for more than {days} days: {count}, the oldest since "
        "{since}. Ask their recipient.",
    ),
    "silent_body": (
        "{body} ({siret}) ne donne plus de nouvelles de factures du fournisseur {provider} (nombre : {count}) au "
        "statut « {status} » : d'habitude la suite vient en {usual} jours au plus, la plus ancienne attend depuis "
        "{days} jours (le {since}). Relancez ce destinataire.",
        "{body} ({siret}) gives no news of invoices of {provider} ({count}) with the status `{status}`: usually the "
        "next step comes within {usual} days, the oldest has waited for {days} days (since {since}). Ask this "
        "recipient.",
    ),
    "unknown_statuses": (
        "Factures du fournisseur {provider} dont le connecteur ne connaît pas le statut : {count}. Regardez-les sur le "
        "portail de Chorus Pro ; la commande chorus invoices list --status UNKNOWN les montre.",
        "Invoices of {provider} with a status that the connector does not know: {count}. Look at them on the portal of "
        "Chorus Pro; `chorus invoices list --status UNKNOWN` shows them.",
    ),
    "document_waits": (
        "Le document {document} attend dans le portail et n'est pas lu. {reason}",
        "Document {document} waits in the portal and is not read. {reason}",
    ),
    "other": ("{text}", "{text}"),
}
"""Alerts for who operates the connector, by their code; `{parameters}` come from the facts of the event."""

HALVES: dict[str, tuple[str, str]] = {
    "piste": ("identifiants PISTE : client id et client secret", "PISTE credentials: client id and client secret"),
    "account": ("compte technique : identifiant et mot de passe", "technical account: login and password"),
    "certificate": ("certificat client du port 5443", "client certificate of port 5443"),
}
"""The parts of a login, of which a provider has two (exactly-once 6)."""

SENTENCES: dict[str, tuple[str, str]] = {
    "awaiting_submission": (
        "La facture {name} attend d'être déposée ({state}).",
        "Invoice {name} awaits submission ({state}).",
    ),
    "submitted": (
        "La facture {name} est déposée sous le numéro Chorus Pro {chorus_id}.",
        "Invoice {name} was submitted; its Chorus Pro number is {chorus_id}.",
    ),
    "status_changed": (
        "La facture {name} est passée au statut : {status}.",
        "Invoice {name} now has the status `{status}`.",
    ),
}
"""One line per event, for the dashboard and the command line."""
