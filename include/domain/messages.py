"""What the platform's refusals mean: text -> field, plain cause and next step, whether trying again can help.

The annex with its numbers is not public and a number means different things in different operations, so the text
decides (API page 4.6). First the nine messages that supplier software names (connector-functions 2.6 and 4.6), then
what else is known. A text outside this list is shown as it is, and collected for who maintains the connector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    Meaning(code="login", pattern=r"informations? d.authentification|authentication information"),
    Meaning(
        code="unavailable",
        pattern=r"indisponible|n.est pas disponible|not available|ulterieurement|try again later",
        retry=True,
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
    Meaning(code="analysis", pattern=r"n.a pas pu etre analysee?|could not be analy[sz]ed|pdf (lisible|est chiffre)"),
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
    Meaning(code="number_used", pattern=r"numero (de )?facture.{0,80}existe deja", field="invoice_number"),
)
"""The first that fits counts. (The second of the nine, an empty column of documents, is no text of the platform.)"""


def meaning_of(label: str) -> Meaning | None:
    """What the text means; None where nobody has said so yet."""
    text = fold(label)
    return next((meaning for meaning in MEANINGS if re.search(meaning.pattern, text)), None)


def refusal(number: int, label: str) -> Reason:
    """The reason that a refused invoice carries."""
    params = {"number": str(number), "label": label}
    meaning = meaning_of(label)
    if meaning is None:
        return Reason(code="refused", params=params)
    return Reason(code=f"refused_{meaning.code}", field=meaning.field, params=params)
