"""Moves of an invoice as a person reads them in a pack of evidence, in French: states on the way, and causes.

The store keeps causes as short English sentences. Those that a person wrote are shown as they stand.
"""

from __future__ import annotations

STATES_ON_THE_WAY: dict[str, str] = {
    "detected": "Repérée dans le portail",
    "matched": "Retenue par les critères",
    "read": "Lue",
    "submitting": "Dépôt en cours",
    "correcting": "Correction en cours",
    "correction_unknown": "Correction à vérifier",
}
"""States in which nobody has to be told anything; the others stand in `notification.STATES`."""

CAUSES: dict[str, str] = {
    "found": "document trouvé dans le portail",
    "found on Chorus Pro, not sent by this connector": "trouvée sur Chorus Pro, non envoyée par ce connecteur",
    "new content": "nouveau contenu du document",
    "no criterion takes it": "aucun critère ne la retient",
    "complete": "complète",
    "values changed": "des valeurs ont changé",
    "opened again": "rouverte",
    "layout forgotten": "mise en page oubliée",
    "vanished": "document disparu du portail",
    "vanished from the portal": "document disparu du portail",
    "returned to the portal": "document revenu dans le portail",
    "claimed": "réservée pour l'envoi",
    "taken by Chorus Pro": "prise en charge par Chorus Pro",
    "refused by the platform": "refusée par Chorus Pro",
    "refused, an earlier attempt is unresolved": "refusée, alors qu'un envoi précédent reste à vérifier",
    "an earlier attempt was taken": "un envoi précédent avait été pris en charge",
    "found on the platform as sent": "retrouvée sur Chorus Pro telle qu'elle a été envoyée",
    "not found, which is no proof yet": "pas encore trouvée sur Chorus Pro, ce qui ne prouve rien",
    "not found twice after the delay": "deux fois introuvable sur Chorus Pro après le délai",
    "the platform has this number with other values": "Chorus Pro connaît ce numéro avec d'autres valeurs",
    "the lease of the correction ran out": "le délai réservé à la correction est écoulé",
}

CAUSES_BEFORE: dict[str, str] = {
    "criteria: ": "critère : ",
    "read from digital": "lue dans le texte du PDF",
    "read from scan": "lue par reconnaissance de caractères",
    "read from facturx": "lue dans le XML Factur-X",
    "unreadable: ": "illisible : ",
    "incomplete: ": "incomplète : ",
    "not sent: ": "pas partie : ",
    "correction: ": "correction : ",
    "followed by invoice ": "remplacée par la facture ",
    "back-fill of criterion ": "reprise par le critère ",
    "links by back-fill: ": "pièces liées après coup : ",
}
"""Beginnings of causes that go on with a name, an id or a code."""


def cause_in_french(cause: str) -> str:
    """The cause in French, or as it stands where it is nobody's wording but a person's."""
    if cause in CAUSES:
        return CAUSES[cause]
    for start, french in CAUSES_BEFORE.items():
        if cause.startswith(start):
            return french + cause.removeprefix(start)
    return cause
