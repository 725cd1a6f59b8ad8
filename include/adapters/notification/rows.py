"""The lines of a digest as a template shows them: plain texts in the reader's language, one line each.

Every text goes through `one_line`; escaping is the business of the template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from babel.dates import format_datetime
from babel.numbers import format_currency

from include.domain.codes import UNKNOWN_STATUS
from include.domain.notification import PARIS, Event, EventKind, describe, one_line, what_to_do
from include.texts import Language, label

LOCALES: dict[Language, str] = {"fr": "fr_FR", "en": "en_GB"}

_GOOD = frozenset({"submitted", "ready", "MISE_EN_PAIEMENT", "COMPTABILISEE", "MANDATEE", "SERVICE_FAIT"})
_BAD = frozenset({"refused", "unreadable", "REJETEE"})
_ACT = frozenset({"to_complete", "to_process", "unknown", "SUSPENDUE", "A_RECYCLER", UNKNOWN_STATUS})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One invoice, or one alert; what is not known is empty. `tone` is good, act, bad or calm."""

    document: str = ""
    number: str = ""
    recipient: str = ""
    total: str = ""
    state: str = ""
    tone: str = "calm"
    before: str = ""
    chorus_id: str = ""
    comment: str = ""
    reasons: tuple[str, ...] = ()
    provider: str = ""
    at: str = ""

    @property
    def title(self) -> str:
        """What names it best."""
        return self.number or self.document


def rows_of(events: Sequence[Event], language: Language, providers: Mapping[str, str]) -> list[Row]:
    """One row per invoice, its latest event; one per alert. In the order of the events."""
    latest = {event.id if _is_alert(event) else event.invoice_id or -event.id: event for event in events}
    return [(_alert_row if _is_alert(event) else _row)(event, language, providers) for event in latest.values()]


def _is_alert(event: Event) -> bool:
    return event.kind is EventKind.ALERT


def _alert_row(event: Event, language: Language, providers: Mapping[str, str]) -> Row:
    provider = one_line(providers.get(event.provider_key or "", ""))
    named = replace(event, facts={**event.facts, "provider": provider}) if provider else event
    return Row(
        provider=provider,
        reasons=(one_line(describe(named, language)),),
        tone="act",
        at=_moment(event, language),
    )


def _row(event: Event, language: Language, providers: Mapping[str, str]) -> Row:
    facts = {name: one_line(text) for name, text in event.facts.items()}
    name, siret = facts.get("recipient_name", ""), facts.get("recipient_siret", "")
    code, state = _state(event, facts, language)
    return Row(
        document=facts.get("document", ""),
        number=facts.get("number", ""),
        recipient=f"{name} ({siret})" if name and siret else name or siret,
        total=_amount(facts.get("total_incl_tax", ""), facts.get("currency", "EUR"), language),
        state=state,
        tone="good" if code in _GOOD else "bad" if code in _BAD else "act" if code in _ACT else "calm",
        before=label("status", facts.get("status_before", ""), language),
        chorus_id=facts.get("chorus_id", ""),
        comment=facts.get("comment", ""),
        reasons=tuple(one_line(text) for text in what_to_do(event, language)),
        provider=one_line(providers.get(event.provider_key or "", "")),
        at=_moment(event, language),
    )


def _state(event: Event, facts: Mapping[str, str], language: Language) -> tuple[str, str]:
    """The platform's status where the event is about it, else our own state: code and wording."""
    if event.kind is EventKind.STATUS_CHANGED:
        status = facts.get("status", UNKNOWN_STATUS)
        return status, label("status", status, language)
    state = facts.get("state", "submitted" if event.kind is EventKind.SUBMITTED else "")
    return state, label("state", state, language)


def _amount(text: str, currency: str, language: Language) -> str:
    try:
        return format_currency(Decimal(text), currency, locale=LOCALES[language])
    except InvalidOperation:
        return text


def _moment(event: Event, language: Language) -> str:
    return format_datetime(event.at, "short", tzinfo=PARIS, locale=LOCALES[language])
