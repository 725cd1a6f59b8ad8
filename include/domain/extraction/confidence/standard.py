"""Broken rules of EN 16931, and which of our fields each concerns.

The rules name what they speak of by its number in the standard (`BT-112` is the total with tax), and that is what leads
to the field beside which the warning is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from include.domain.fields.registry import FIELDS
from include.domain.reasons import Reason

BY_TERM = {term: field.name for field in FIELDS for term in field.terms}
"""Business terms of EN 16931-1 (section 6.3) that we hold."""

FAMILIES = (
    (re.compile(r"BR-CO-1[0-7]$"), "standard_sums"),
    (re.compile(r"BR-(?:S|Z|E|AE|IC|G|O|AF|AG|K|IG|IP)-"), "standard_vat"),
    (re.compile(r"BR-DEC-"), "standard_decimals"),
    (re.compile(r"BR-CL-"), "standard_code"),
    (re.compile(r"BR-[0-9]+$"), "standard_missing"),
)
"""Rules by their names, and the code of the wording; all others are told by their own text."""

_LONGEST = 240
_NAMED = re.compile(r"^\[?(?P<rule>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)(?:/[A-Z0-9-]+)?\]?\s*[-:]\s*(?P<text>.*)$", re.DOTALL)
_TERM = re.compile(r"\bBT-[0-9]+\b")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A rule that an invoice breaks: its name, its text as published, and the term that it is about."""

    rule: str
    text: str
    field: str | None

    @classmethod
    def of(cls, identifier: str, message: str) -> Failure:
        """From what the rule file says: `[BR-CO-15]-Invoice total amount with VAT (BT-112) = ...`."""
        named = _NAMED.match(message.strip())
        rule = named["rule"] if named else identifier
        terms = [BY_TERM[term] for term in _TERM.findall(message) if term in BY_TERM]
        text = named["text"] if named else message
        return cls(rule=rule, text=_short(text), field=terms[0] if terms else None)


def reason_of(failure: Failure) -> Reason:
    """The warning beside the field."""
    code = next((code for pattern, code in FAMILIES if pattern.match(failure.rule)), "standard_other")
    return Reason(code=code, field=failure.field, params={"rule": failure.rule, "text": failure.text})


def french_reason(failures: Sequence[Failure]) -> Reason:
    """One warning for all French rules: most programs of today break several of those that the reform brings."""
    rules = ", ".join(dict.fromkeys(failure.rule for failure in failures))
    field = failures[0].field if len(failures) == 1 else None
    return Reason(code="standard_french", field=field, params={"rules": rules, "text": failures[0].text})


def schema_reason(profile: str, message: str) -> Reason:
    """The XML does not even have the form of its profile."""
    return Reason(code="standard_schema", params={"profile": profile, "text": _short(message)})


def unchecked_reason(size: int) -> Reason:
    """The XML has the form of its profile and is too large for the rules to be asked."""
    return Reason(code="standard_unchecked", params={"megabytes": f"{size / 1_000_000:.1f}"})


def _short(text: str) -> str:
    plain = " ".join(text.split()).rstrip(".")
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST].rsplit(' ', 1)[0]} ..."
