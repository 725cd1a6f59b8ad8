"""Why an invoice moved, or what became of an attempt: a code with parameters, put into words where it is shown.

The words stand in the catalogues `move.po`, in French and English. Nothing that a person reads is stored as a sentence
(docs/adr/0016-pure-decisions.md); what a person wrote is a parameter of `free_text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from include.domain.errors import (
    LoginRefusedError,
    NeverLeftError,
    OutcomeUnknownError,
    RateLimitedError,
    RemoteError,
    TurnedAwayError,
)
from include.domain.reasons import Reason
from include.texts import Language, Spoken, Text, label, said_stored, store, translate, translate_stored


class CauseCode(StrEnum):
    """Every cause there is; each has its words in the catalogue `move.po`."""

    FREE_TEXT = "free_text"
    # intake and reading
    FOUND = "found"
    VANISHED = "vanished"
    VANISHED_HELD = "vanished_held"
    RETURNED = "returned"
    CRITERIA_MATCHED = "criteria_matched"
    NO_CRITERION = "no_criterion"
    NEW_CONTENT = "new_content"
    BACKFILLED = "backfilled"
    LINKS_BACKFILLED = "links_backfilled"
    READ = "read"
    UNREADABLE = "unreadable"
    LAYOUT_FORGOTTEN = "layout_forgotten"
    # mapping and completeness
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    VALUES_CHANGED = "values_changed"
    REOPENED = "reopened"
    RELEASED = "released"
    RESTORED = "restored"
    REREAD = "reread"
    # submission
    CLAIMED = "claimed"
    NOT_SENDABLE = "not_sendable"
    TAKEN = "taken"
    NEVER_LEFT = "never_left"
    CLAIM_TOO_OLD = "claim_too_old"
    TURNED_AWAY = "turned_away"
    RATE_LIMITED = "rate_limited"
    LOGIN_REFUSED = "login_refused"
    ANSWER_LOST = "answer_lost"
    ANSWER_UNREADABLE = "answer_unreadable"
    SENDER_FAILED = "sender_failed"
    LEASE_RAN_OUT = "lease_ran_out"
    # what a search decided
    REFUSED = "refused"
    REFUSED_EARLIER_UNRESOLVED = "refused_earlier_unresolved"
    EARLIER_TAKEN = "earlier_taken"
    FOUND_AS_SENT = "found_as_sent"
    FOUND_WITH_OTHER_VALUES = "found_with_other_values"
    FOUND_BY_SEARCH = "found_by_search"
    NOT_FOUND_YET = "not_found_yet"
    NOT_FOUND_TWICE = "not_found_twice"
    ADOPTED = "adopted"
    # what the platform says
    STATUS = "status"
    FOREIGN = "foreign"
    NUMBER_GIVEN_TO = "number_given_to"
    NUMBER_GIVEN_AWAY = "number_given_away"
    # corrections
    CORRECTION = "correction"
    CORRECTION_ANSWERED = "correction_answered"
    CORRECTION_NOT_SEEN_YET = "correction_not_seen_yet"
    CORRECTION_LEASE_RAN_OUT = "correction_lease_ran_out"
    CORRECTION_REFUSED = "correction_refused"
    CORRECTION_TAKEN = "correction_taken"
    CORRECTION_MOVED_ON = "correction_moved_on"
    CORRECTION_NOT_TAKEN = "correction_not_taken"
    FOLLOWED_BY = "followed_by"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One cause: `params` fill its words, `reasons` are what was wrong with the invoice, if that was the cause."""

    code: CauseCode
    params: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()

    def text(self, language: Language = "fr") -> str:
        """The cause in words, with which host did not answer and why, where that is known."""
        said: dict[str, str] = dict(self.params)
        said |= {name: label(_NAMED[name], value, language) for name, value in said.items() if name in _NAMED}
        said["reasons"] = " ".join(reason.message_stored(language) for reason in self.reasons)
        told = translate_stored(f"move.{self.code}", language, said)
        if _DETAIL not in self.params:
            return told
        return translate("cause.with_detail", language, told=told, detail=said_stored(self.params[_DETAIL], language))


_DETAIL = "detail"
_NAMED = {"kind": "move.kind", "correction": "move.correction", "status": "status", "half": "alert.half"}
"""Parameters whose values are codes, with the part of the catalogue that words them."""


def cause(code: CauseCode, reasons: Iterable[Reason] = (), **params: object) -> Cause:
    """A cause with these parameters as texts."""
    return Cause(code=code, params={name: str(value) for name, value in params.items()}, reasons=tuple(reasons))


def free_text(text: str) -> Cause:
    """What a person gave as the reason."""
    return cause(CauseCode.FREE_TEXT, text=text)


def _network(error: RemoteError) -> dict[str, str]:
    """Which host did not answer, and what happened on the way to it, where the error says so."""
    inner, host = error.params.get("cause"), error.params.get("host")
    if isinstance(inner, RemoteError):
        return _network(inner)
    if host is None or not isinstance(inner, Spoken):
        return {}
    return {_DETAIL: store(Text("cause.of_host", {"host": str(host), "cause": inner.as_text()}))}


def not_taken(error: NeverLeftError | TurnedAwayError) -> Cause:
    """Why the platform surely did not take a request (docs/reference/exactly-once.md 3)."""
    match error:
        case LoginRefusedError():
            return cause(CauseCode.LOGIN_REFUSED, half=error.half)
        case RateLimitedError():
            return cause(CauseCode.RATE_LIMITED)
        case TurnedAwayError():
            return cause(CauseCode.TURNED_AWAY, status=error.status or "?")
        case NeverLeftError():
            return cause(CauseCode.NEVER_LEFT, (), **_network(error))


def outcome_unknown(error: OutcomeUnknownError) -> Cause:
    """Why nobody knows whether the platform took a request: no answer came, or none that can be read."""
    if error.status is None:
        return cause(CauseCode.ANSWER_LOST, (), **_network(error))
    return cause(CauseCode.ANSWER_UNREADABLE, status=error.status)
