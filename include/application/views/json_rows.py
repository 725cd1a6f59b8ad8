"""Rows as the command line and the JSON of the screens show them: names for keys, reasons in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from include.application.ports.archive import ArchivedInvoice
from include.application.ports.document_views import AttachmentRow, AttemptRow, DocumentDetail, DocumentRow, MoveRow
from include.application.ports.invoice_views import HistoryRow, InvoiceDetail, InvoiceRow, ListedInvoice
from include.application.ports.notification_views import NotificationRow
from include.application.ports.run_views import RunRow
from include.application.ports.runs import FlowRun, RunRef
from include.application.views.bank_details import BankDetailRow
from include.application.views.filters import provider_name
from include.application.views.payment import PaymentClock, clock_of
from include.domain.configuration import Configuration
from include.domain.correction import ANSWERS, acknowledge_by
from include.domain.fields import Candidate, as_json
from include.domain.fields.claims import doubts
from include.domain.late_payment import LateDebt
from include.domain.links import rule_id
from include.domain.mapping import FieldValue
from include.domain.notification import describe, reasons_of
from include.domain.payment_terms import days_late
from include.domain.reasons import Language, Reason
from include.domain.tracking import amount_text
from include.texts import said_stored, translate

Json = dict[str, object]
"""An object for programs: texts, numbers, amounts, times, and lists and objects of these; `plain` makes JSON of it."""


def plain(value: Any) -> Any:
    """JSON data of a value: amounts as texts with two decimals, times in UTC with Z, dates, tuples as lists."""
    if isinstance(value, Decimal):
        return amount_text(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def document(row: DocumentRow, configuration: Configuration, language: Language) -> Json:
    """A row of `chorus documents list`."""
    held = None if row.held_reason is None else row.held_reason.text(language)
    return {
        **_shallow(row),
        "provider": provider_name(configuration, row.provider_key),
        "reasons": reasons(row.reasons, language),
        "warnings": reasons(row.warnings, language),
        "held_reason": held,
        "shelved_reason": held,
    }


def document_detail(detail: DocumentDetail, configuration: Configuration, language: Language) -> Json:
    """`chorus documents show`: the row with every field's value and evidence, edits, moves and attempts."""
    return {
        **document(detail.row, configuration, language),
        "searchable_copy": detail.searchable_copy,
        "criteria": list(detail.criteria),
        "attachments": [_attachment(one, configuration) for one in detail.attached],
        "fields": {name: _field(value, language) for name, value in detail.draft.fields.items()},
        "edits": {name: {"value": e.value, "actor": e.actor, "at": e.at} for name, e in detail.edits.items()},
        "moves": _moves(detail.moves, language),
        "attempts": _attempts(detail.attempts, language),
    }


def _attachment(row: AttachmentRow, configuration: Configuration) -> Json:
    """`rule` by the name that it has in the configuration; as it is stored where there is no such rule any more."""
    rules = {rule_id(rule): rule.identity for rule in configuration.attachments.links}
    return {**_shallow(row), "rule": row.rule and rules.get(row.rule, row.rule)}


def invoice(
    row: ListedInvoice, configuration: Configuration, language: Language, *, today: dt.date | None = None
) -> Json:
    """A row of `chorus invoices list`; how late it is paid only where it is said which day it is (in Paris)."""
    late = {} if today is None else {"days_late": days_late(row.pay_by, row.status, today)}
    return {
        **_shallow(row),
        "provider": provider_name(configuration, row.provider_key),
        "reasons": reasons(row.reasons, language),
        **late,
    }


def archived(row: ArchivedInvoice, configuration: Configuration) -> Json:
    """A row of `chorus archive --search`."""
    return {**_shallow(row), "provider": provider_name(configuration, row.provider_key)}


def run_invoice(row: RunRow, configuration: Configuration, language: Language) -> Json:
    """An invoice that a run touched, with what the run did to it."""
    return {
        **_shallow(row),
        "provider": provider_name(configuration, row.provider_key),
        "reasons": reasons(row.reasons, language),
        "moves": _moves(row.moves, language),
        "attempts": _attempts(row.attempts, language),
    }


def bank_detail(row: BankDetailRow, language: Language) -> Json:
    """A line of `chorus bank-details list`."""
    wrong = row.problem
    problem = None if wrong is None else {"code": wrong.code, "message": wrong.message(language)}
    return {**_shallow(row), "labels": list(row.labels), "problem": problem}


def notification(row: NotificationRow, configuration: Configuration, language: Language) -> Json:
    """A line of `chorus notifications`: the event for programs, its facts beside what a person would read."""
    event = row.event
    facts = {name: said_stored(value, language) for name, value in event.facts.items() if name != "reasons"}
    return {
        "id": event.id,
        "at": event.at,
        "kind": event.kind,
        "provider": provider_name(configuration, event.provider_key),
        "invoice_id": event.invoice_id,
        "document_id": row.document_id,
        "message": describe(event, language),
        "read_at": row.read_at,
        "facts": facts,
        "reasons": [
            {"code": reason.code, "field": reason.field, "message": reason.message_stored(language)}
            for reason in reasons_of(event)
        ],
    }


def flow_run(run: FlowRun) -> Json:
    """The last run of a flow."""
    return _shallow(run)


def returned(row: InvoiceRow, configuration: Configuration, language: Language, *, today: dt.date) -> Json:
    """A row of what recipients gave back: what answers it, and the last day on which Chorus Pro lets one wait."""
    return {
        **invoice(row, configuration, language, today=today),
        "deadline": acknowledge_by(row.status, row.status_at),
        "action": action(row.status),
    }


def action(status: str | None) -> str | None:
    """The command that answers an invoice which was given back with this status; None: none does."""
    return next((kind.value.replace("_", "-") for kind, answered in ANSWERS.items() if answered == status), None)


def invoice_detail(
    detail: InvoiceDetail, configuration: Configuration, language: Language, *, today: dt.date | None = None
) -> Json:
    """`chorus invoices show`: the row with its moves and attempts, and what the platform told."""
    return {
        **invoice(detail.row, configuration, language, today=today),
        "moves": _moves(detail.moves, language),
        "attempts": _attempts(detail.attempts, language),
        "remote": None if detail.remote is None else _shallow(detail.remote),
        "history": [_history(entry) for entry in detail.history],
        "reports_payment": detail.reports_payment,
        "payment": None if today is None else _payment(clock_of(detail, configuration, today)),
    }


def _payment(clock: PaymentClock | None) -> Json | None:
    """The steps of the term, and what is owed for being late; an estimate, which it says itself."""
    if clock is None:
        return None
    debt = clock.debt
    return {
        "estimate": True,
        "term_days": clock.term,
        "steps": [{"step": one.kind, "day": one.day, "days": one.days, "pay_by": one.last_day} for one in clock.steps],
        "pay_by": clock.last_day,
        "days_late": clock.days_late,
        "perhaps_paid": clock.perhaps_paid,
        "late": None if debt is None else _debt(debt),
    }


def _debt(debt: LateDebt) -> Json:
    """Amounts and percentages as texts; `interest` is null where the configuration has no rate for the half-year."""
    return {
        "amount": f"{debt.amount:.2f}",
        "from": debt.first_day,
        "until": debt.until,
        "days": debt.days,
        "paid": debt.paid,
        "half_year": debt.half_year,
        "ecb_percent": None if debt.reference is None else f"{debt.reference}",
        "percent": None if debt.percent is None else f"{debt.percent}",
        "interest": None if debt.interest is None else f"{debt.interest}",
        "lump_sum": f"{debt.lump_sum}",
        "total": None if debt.total is None else f"{debt.total}",
    }


def _shallow(row: object) -> Json:
    """The fields of a row by name, without the key that a name stands for."""
    assert dataclasses.is_dataclass(row)
    return {f.name: getattr(row, f.name) for f in dataclasses.fields(row) if f.name != "provider_key"}


def reasons(found: Iterable[Reason], language: Language) -> list[Json]:
    """Reasons or warnings, in the reader's language."""
    return [{"code": one.code, "field": one.field, "message": one.message_stored(language)} for one in found]


def _moves(moves: Iterable[MoveRow], language: Language) -> list[Json]:
    """Causes in words for people; programs read their codes."""
    return [
        {
            "at": one.at,
            "from": one.before,
            "to": one.after,
            "cause": one.cause.text(language),
            "cause_code": one.cause.code,
            "actor": one.actor,
            "run": _run(one.run),
        }
        for one in moves
    ]


def _attempts(attempts: Iterable[AttemptRow], language: Language) -> list[Json]:
    return [
        {
            **_shallow(one),
            "note": None if one.note is None else one.note.text(language),
            "note_code": None if one.note is None else one.note.code,
            "run": _run(one.run),
        }
        for one in attempts
    ]


def _run(run: RunRef | None) -> Json | None:
    return None if run is None else _shallow(run)


def _history(entry: HistoryRow) -> Json:
    known = {name: value for name, value in vars(entry.agent).items() if value} if entry.agent else None
    return {**_shallow(entry), "agent": known}


def _field(value: FieldValue, language: Language) -> Json:
    return {**_candidate(value.chosen, language), "others": [_candidate(other, language) for other in value.others]}


def _evidence(found: Candidate, language: Language) -> str | None:
    """What else speaks for the value, besides the place that it was read from."""
    return translate("origin.layout_memory", language, count=found.remembered) if found.remembered else None


def _candidate(found: Candidate, language: Language) -> Json:
    return {
        "value": as_json(found.value),
        "source": found.source,
        "page": found.page,
        "box": found.box,
        "text": found.text,
        "confidence": round(found.confidence, 3),
        "evidence": _evidence(found, language),
        "doubts": [{"code": one, "message": translate(f"claim.{one}", language)} for one in doubts(found.claims)],
    }
