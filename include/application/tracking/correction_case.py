"""One returned invoice on the service: what a person adds, what is proposed, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from include.application.ports.chorus import ChorusGateway
from include.application.ports.corrections import CorrectionWork
from include.domain.completeness.attachments import EXTENSIONS, MAX_FILE
from include.domain.configuration import Provider
from include.domain.correction import Correction, CorrectionKind, Routing
from include.domain.lifecycle import State
from include.domain.reasons import Language, Reason

NOT_ALLOWED, WOULD_BE_SENT, LINKED = "not allowed", "would be sent", "linked"

_DONE = (WOULD_BE_SENT, LINKED, State.SUBMITTED, State.CLOSED)


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file that a person adds to a suspended invoice; without a type the configured one."""

    name: str
    content: bytes
    type_code: str | None = None


@dataclass(kw_only=True)
class CorrectionReport:
    """What was proposed for one invoice, and what became of it."""

    work: CorrectionWork
    kind: CorrectionKind
    routing: Routing
    comment: str | None = None
    attachments: tuple[str, ...] = ()
    outcome: str = NOT_ALLOWED
    reasons: list[Reason] = field(default_factory=list)
    days_left: int | None = None

    @property
    def complete(self) -> bool:
        """Whether it is done, or would be."""
        return self.outcome in _DONE

    def shown(self, language: Language) -> dict[str, Any]:
        """For people and programs."""
        work = self.work
        now, then = vars(work.routing), vars(self.routing)
        return {
            "id": work.row_version.invoice_id,
            "chorus_id": work.chorus_id,
            "invoice_number": work.number,
            "correction": self.kind,
            "outcome": self.outcome,
            "status": work.status,
            "status_at": work.status_at,
            "status_comment": work.status_comment,
            "days_left": self.days_left,
            "present": now,
            "proposal": {**then, "comment": self.comment, "attachments": list(self.attachments)},
            "reasons": [
                {"code": each.code, "field": each.field, "message": each.message(language)} for each in self.reasons
            ],
        }


@dataclass(frozen=True, kw_only=True)
class CorrectionCase:
    """One invoice on the service."""

    provider: Provider
    gateway: ChorusGateway
    work: CorrectionWork
    report: CorrectionReport
    actor: str

    def correction(self, **values: Any) -> Correction:
        """With what is known of the invoice; `values` are what this correction says."""
        known = {"routing": self.work.routing, **values}
        return Correction(
            kind=self.report.kind,
            chorus_id=self.work.chorus_id or 0,
            actor=self.actor,
            before=self.work.routing,
            **known,
        )


def attachment_type(wanted: str | None, listed: Sequence[str]) -> str | Reason:
    """The type code wanted, if the platform lists it; none wanted: its first."""
    if listed and (wanted is None or wanted in listed):
        return wanted or listed[0]
    params = {"type": wanted or "-", "allowed": ", ".join(listed) or "-"}
    return Reason(code="attachment_type_unknown", params=params)


def file_reasons(file: NewFile) -> list[Reason]:
    """Files that the platform would refuse (docs/reference/chorus-pro-api.md 1.4)."""
    params = {"name": file.name}
    if PurePath(file.name).suffix.removeprefix(".").lower() not in EXTENSIONS:
        return [Reason(code="attachment_type", params=params)]
    if not file.content:
        return [Reason(code="attachment_empty", params=params)]
    if len(file.content) >= MAX_FILE:
        megabytes = f"{len(file.content) / 1_000_000:.1f}"
        return [Reason(code="attachment_too_large", params={**params, "megabytes": megabytes})]
    return []
