"""The form of one invoice: from its draft to what a person sees and types, and back to what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from include.application.mapping.edit_document import ABSENT, Conflict, typed_values
from include.application.ports.document_views import DocumentDetail
from include.domain.codes import InvoiceType, InvoicingFramework, PaymentMode, VatType
from include.domain.configuration import Provider
from include.domain.fields import Candidate, Claim, Value, VatRow, from_text
from include.domain.fields.claims import doubts
from include.domain.fields.declared.amounts import AMOUNTS
from include.domain.fields.declared.handling import HANDLING
from include.domain.fields.declared.heading import HEADING
from include.domain.fields.declared.parties import PARTIES
from include.domain.fields.declared.payment import PAYMENT
from include.domain.fields.declared.references import REFERENCES
from include.domain.fields.field import Field
from include.domain.fields.registry import BY_NAME, FIELD_NAMES, Kind
from include.domain.notification import harmless
from include.domain.reasons import Reason
from include.texts import Language, show_amount, show_date
from include.web.rendering.shown import siret

SHOWN_AT = {"service_name": "service_code"}
"""Where a reason is shown that speaks of a field without a control."""

_LOOKED_AT: Mapping[str, tuple[str, ...]] = {
    "recipient": ("recipient_siret", "service_code", "engagement_number", "contract_number", "recipient_name"),
    "invoice": ("invoice_number", "issue_date", "type", "due_date", "currency", "original_invoice_number"),
    "amounts": ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due", "discount", "discount_reason", "vat"),
    "payment": ("invoicing_framework", "bank_details", "vat_type", "vat_exemption_reason", "payment_mode", "iban"),
    "more": ("supplier_siret", "comment", "user_label", "attachment_switch"),
}
"""Fields in the order in which a person looks at them."""

_DECLARED: Mapping[str, tuple[Field, ...]] = {
    "recipient": (*PARTIES, *REFERENCES),
    "invoice": HEADING,
    "amounts": AMOUNTS,
    "payment": PAYMENT,
    "more": HANDLING,
}
_PLACED = {*SHOWN_AT, *(name for names in _LOOKED_AT.values() for name in names)}

GROUPS: Mapping[str, tuple[str, ...]] = {
    group: (*names, *(field.name for field in _DECLARED[group] if field.name not in _PLACED))
    for group, names in _LOOKED_AT.items()
}
"""The form: every field that is declared has a control; one without a place above stands last in its group."""

CHOICES: Mapping[str, Sequence[str]] = {
    "type": [str(one) for one in InvoiceType],
    "invoicing_framework": [str(one) for one in InvoicingFramework],
    "vat_type": [str(one) for one in VatType],
    "payment_mode": [str(one) for one in PaymentMode],
}
SHOWN = "shown."
"""Before the name of a field: its text when the form was made, so that what the person changed is known later too."""

FILES_SHOWN = "shown_files"
"""The files that went along when the form was made."""

LONG = frozenset({"vat", "comment"})
"""Written over several lines."""


@dataclass(frozen=True, kw_only=True)
class Other:
    """A value that was found too, and not chosen."""

    text: str
    found: Candidate


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One control: its text, where that came from, what else was found, what is wrong with it.

    `stored`: the text of what is stored, where `text` is what somebody typed. `choices`: codes of a list, None for a
    text; `doubts`: why a value was read with too little certainty; `edited_by`: who typed the value, if
    somebody did.
    """

    name: str
    text: str
    stored: str
    found: Candidate | None
    others: tuple[Other, ...]
    reasons: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    doubts: tuple[Claim, ...]
    choices: tuple[str, ...] | None
    amount: bool
    long: bool
    edited_by: str | None


def form_of(
    detail: DocumentDetail,
    provider: Provider | None,
    language: Language,
    typed: Mapping[str, str],
    faults: Mapping[str, Reason],
) -> dict[str, list[FormField]]:
    """The groups of fields; `typed` stands in place of what is stored where a form could not be taken.

    `faults`: what is wrong with what was typed, by field.
    """
    return {
        group: [_field(name, detail, provider, language, typed, faults) for name in names]
        for group, names in GROUPS.items()
    }


def _field(
    name: str,
    detail: DocumentDetail,
    provider: Provider | None,
    language: Language,
    typed: Mapping[str, str],
    faults: Mapping[str, Reason],
) -> FormField:
    value = detail.draft.fields.get(name)
    edit = detail.edits.get(name)
    stored = stored_text(name, detail, language)
    text = typed.get(name, stored)
    wrong = [faults[name]] if name in faults else [one for one in detail.row.reasons if _at(one) == name]
    doubtful = any(one.code == f"doubtful_{name}" for one in wrong)
    return FormField(
        name=name,
        text=text,
        stored=stored,
        found=None if value is None else value.chosen,
        others=_others(name, value.others if value else (), text, language),
        reasons=tuple(wrong),
        warnings=tuple(one for one in detail.row.warnings if _at(one) == name),
        doubts=doubts(value.chosen.claims) if value is not None and doubtful else (),
        choices=_choices(name, provider, text),
        amount=BY_NAME[name].kind is Kind.AMOUNT,
        long=name in LONG,
        edited_by=None if edit is None else edit.actor,
    )


def _at(reason: Reason) -> str | None:
    """The control at which a reason is shown."""
    return SHOWN_AT.get(reason.field or "", reason.field)


def _others(name: str, found: Sequence[Candidate], text: str, language: Language) -> tuple[Other, ...]:
    """Each text once."""
    others = {(words := shown(name, one.value, language)): Other(text=words, found=one) for one in reversed(found)}
    others.pop(text, None)
    return tuple(reversed(others.values()))


def _choices(name: str, provider: Provider | None, text: str) -> tuple[str, ...] | None:
    if name == "bank_details":
        if provider is None:
            return None
        bank = provider.bank_details
        known = [one for one in (bank.default, *(label.name for label in bank.labels)) if one]
        return tuple(dict.fromkeys([*known, *([text] if text else [])]))
    codes = CHOICES.get(name)
    return None if codes is None else tuple(codes)


def shown(name: str, value: Value | None, language: Language) -> str:
    """A value as a person writes it; what the conversion of typed values takes back."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ; ".join(_row(row, language) for row in value)
    kind = BY_NAME[name].kind
    if isinstance(value, Decimal):
        return show_amount(value, language)
    if kind is Kind.DATE:
        return show_date(value, "fr")
    return siret(str(value)) if kind is Kind.SIRET else str(value)


def stored_text(name: str, detail: DocumentDetail, language: Language) -> str:
    """The value that is stored: what somebody typed, also where it is not assessed yet, else what was found."""
    edit = detail.edits.get(name)
    return shown(name, detail.draft.value(name), language) if edit is None else _typed(name, edit.value, language)


def _typed(name: str, stored: Any, language: Language) -> str:
    if stored in (None, ""):
        return ""
    rows = [list(row.values()) for row in stored] if name == "vat" else stored
    return shown(name, from_text(name, rows), language)


def as_shown(name: str, text: str, language: Language) -> str:
    """What somebody typed, as it is shown once it is stored; as it was typed where it cannot be taken."""
    edits, _ = typed_values({name: text.strip() or ABSENT})
    return _typed(name, edits[name], language) if name in edits else text


def _row(row: VatRow, language: Language) -> str:
    """`20 : 850,00 : 170,00`: rate, base, amount."""
    return " : ".join(show_amount(part, language) for part in (row.rate, row.base, row.amount))


def changes(
    given: Mapping[str, str], detail: DocumentDetail, language: Language, taken_back: Sequence[str] = ()
) -> dict[str, str]:
    """What somebody changed against what the form showed, as the use case takes it.

    A field that was emptied is one that the invoice does not have; an edit that is taken back is a blank.
    """
    found = {}
    for name, text in given.items():
        if name not in FIELD_NAMES:
            continue
        before = given.get(SHOWN + name)
        if before is None:  # a program, which sends what it wants to be stored
            before = stored_text(name, detail, language)
        if not same(text, before):
            found[name] = text.strip() or ABSENT
    return {**found, **{name: "" for name in taken_back if name in detail.edits}}


def changed_beside(given: Mapping[str, str], detail: DocumentDetail, language: Language) -> dict[str, Conflict]:
    """What is stored now and was not when the form was made: each with the text that it showed, and who changed it.

    A program does not tell what it saw: whatever it wants to be different stands for that.
    """
    found = {}
    for name in FIELD_NAMES:
        before, now = given.get(SHOWN + name, given.get(name)), stored_text(name, detail, language)
        if before is not None and not same(before, now):
            edit = detail.edits.get(name)
            by, at = (None, None) if edit is None else (edit.actor, edit.at)
            found[name] = Conflict(stored=now, yours=before, by=by, at=at)
    return found


def files_of(detail: DocumentDetail) -> str:
    """Which files go along, in one text."""
    return "|".join(one.portal_id for one in detail.attached)


def same(one: str, other: str) -> bool:
    """Browsers send other line ends than they were given, and the page leaves out what could hide something."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in harmless(text.replace("\r\n", "\n")).strip().split("\n"))
