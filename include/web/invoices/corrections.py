"""What a person does about a returned invoice, from a form or from a program: one way to the use case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from include.application.tracking.correct_invoice import CorrectionService
from include.application.tracking.correction_case import CorrectionReport, NewFile
from include.domain.errors import InputError
from include.domain.values import normalise_siret
from include.web.guards.person import Person
from include.web.host import Services
from include.web.remote_calls import asking_chorus


class CorrectionAction(StrEnum):
    """As it stands in addresses."""

    RECYCLE = "recycle"
    COMPLETE = "complete"
    REJECT_HANDLED = "reject-handled"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was typed; each action takes its own part of it. `dry_run`: ask the platform, send nothing."""

    recipient_siret: str | None = None
    service_code: str | None = None
    engagement_number: str | None = None
    comment: str | None = None
    files: Sequence[NewFile] = field(default_factory=tuple)
    successor_document: int | None = None
    dry_run: bool = False


async def correct(
    services: Services, person: Person, reference: str, action: CorrectionAction, wanted: Wanted
) -> CorrectionReport:
    """Done, or with `dry_run` only proposed; InputError for a SIRET that is none."""
    siret = normalise_siret(wanted.recipient_siret) if wanted.recipient_siret else None
    if wanted.recipient_siret and siret is None:
        raise InputError("recipient_no_siret", recipient=wanted.recipient_siret)

    def work() -> CorrectionReport:
        service: CorrectionService = services.correction_service(viewer=person.viewer, actor=person.name)
        if action is CorrectionAction.RECYCLE:
            return service.recycle(
                reference,
                recipient=siret,
                service=wanted.service_code,
                engagement=wanted.engagement_number,
                comment=wanted.comment,
                dry_run=wanted.dry_run,
            )
        if action is CorrectionAction.COMPLETE:
            return service.complete(reference, comment=wanted.comment, files=wanted.files, dry_run=wanted.dry_run)
        return service.reject_handled(reference, successor_document=wanted.successor_document, dry_run=wanted.dry_run)

    return await asking_chorus(work)


async def files_of(uploads: Sequence[object], types: Sequence[str]) -> list[NewFile]:
    """Uploaded files with their type codes; a browser sends one empty file where none was chosen."""
    found = []
    for number, upload in enumerate(uploads):
        name = getattr(upload, "filename", None)
        if not name:
            continue
        content: bytes = await upload.read()  # type: ignore[attr-defined]
        type_code = types[number] if number < len(types) and types[number] else None
        found.append(NewFile(name=name, content=content, type_code=type_code))
    return found
