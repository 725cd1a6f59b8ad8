"""Adding documents to the portal from the browser."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from include.application.intake.add_document import MOST_ATTACHMENTS, GivenDocument, GivenFile
from include.domain.completeness.attachments import EXTENSIONS
from include.domain.configuration import Configuration
from include.domain.errors import ConnectorError, InputError, PortalUnavailableError
from include.web.documents.added_files import BODY, add, files_of, words_of
from include.web.guards.person import Person, Right
from include.web.guards.routing import CurrentPerson, guarded
from include.web.rendering.pages import page
from include.web.settings.criteria import rules_of

router = guarded(Right.INVOICES, limit=BODY)

AT_ONCE = 50
"""Files of one go."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file; `error` is None where it was added."""

    name: str
    attachments: int = 0
    error: ConnectorError | None = None


@router.get("/add")
def form(request: Request, person: CurrentPerson) -> Response:
    """The form."""
    return _shown(request, person)


@router.post("/add")
async def add_some(request: Request, person: CurrentPerson) -> Response:
    """Files every PDF of the form, one by one, and says what became of each; without a script in the browser."""
    async with request.form() as form:
        words, fault = words_of(form, files=("file", "attachments"))
        files, attachments = await files_of(form, "file"), await files_of(form, "attachments")
    if not files:
        raise InputError("one_file", count=0)
    if len(files) > AT_ONCE:
        raise InputError("too_many_files", most=AT_ONCE)
    if attachments and len(files) > 1:
        fault = InputError("attachments_of_which")
    outcomes = [await _outcome(request, GivenDocument(file=one, attachments=tuple(attachments), **words), fault)
                for one in files]  # fmt: skip
    status = 200 if any(one.error is None for one in outcomes) else 422
    return _shown(request, person, outcomes, status)


async def _outcome(request: Request, given: GivenDocument, fault: InputError | None) -> Outcome:
    file: GivenFile = given.file
    try:
        added = await add(request, given, fault)
    except (InputError, PortalUnavailableError) as error:
        return Outcome(name=file.name, error=error)
    return Outcome(name=file.name, attachments=len(added.attachments))


def _shown(request: Request, person: Person, outcomes: list[Outcome] | None = None, status: int = 200) -> Response:
    configuration = person.configuration
    names = _metadata(configuration)
    return page(
        request,
        "add.html",
        status=status,
        outcomes=outcomes or [],
        rules=rules_of(configuration),
        first_rule=next((one.classification_rule for one in configuration.criteria if one.classification_rule), None),
        folders=list(dict.fromkeys(one.folder for one in configuration.criteria if one.folder)),
        metadata=names,
        limits=configuration.reading,
        most=AT_ONCE,
        most_attachments=MOST_ATTACHMENTS,
        endings=sorted(EXTENSIONS),
        portal=configuration.portal,
        links=_takes_attachments(configuration),
    )


def _takes_attachments(configuration: Configuration) -> bool:
    """Whether something can go along: a folder knows links, web services know what rules link."""
    portal = configuration.portal
    return portal is not None and (portal.kind == "folder" or bool(configuration.attachments.links))


def _metadata(configuration: Configuration) -> dict[str, list[str]]:
    """Names of metadata that some field or link is taken from, with the rules they belong to."""
    found: dict[str, list[str]] = {}
    for association in configuration.metadata_association:
        for name in association.fields.values():
            found.setdefault(name, []).append(association.classification_rule)
    for link in configuration.attachments.links:
        for pair in link.pairs:
            found.setdefault(pair.invoice, []).append(link.invoice_rule)
    return {name: list(dict.fromkeys(rules)) for name, rules in found.items()}
