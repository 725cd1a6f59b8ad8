"""The service that the recipient's address names, where the body asks for one and nothing else says which.

Many addresses have a line like `Service comptabilité`, which is no code. It says which service is meant only where the
directory lists exactly one active service of that name or code for the body; else it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import fmean

from include.domain.directory import DirectoryEntry
from include.domain.extraction.fields.address import recipient_lines
from include.domain.extraction.fields.evidence import source_of
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage, document_of
from include.domain.extraction.lexicon.labels import SAYS_IT
from include.domain.fields import Candidate, Claim
from include.domain.fields.claims import heard
from include.domain.mapping.draft import Draft, FieldValue
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.domain.values import fold

_CALLED_SERVICE = re.compile(r"^(?:service|sce|svc)\b\.? ?:? ?(?:des? |du |de la |de l'|d')?")


def with_service_of_address(draft: Draft, reading: Reading | Reason, entry: DirectoryEntry | None) -> Draft:
    """The draft with the service that a line of the address names, if one is asked for and missing."""
    if entry is None or isinstance(reading, Reason) or {"service_code", "service_name"} & draft.fields.keys():
        return draft
    if not entry.service_required and (not entry.service_or_engagement or draft.text("engagement_number")):
        return draft
    written = tuple(page for page in reading.pages if page.lines)
    document = document_of(written)
    found = {code: cell for cell in recipient_lines(document) for code in _named_by(cell, entry)}
    if len(found) != 1 or _says_code_elsewhere(document):
        return draft
    [(code, cell)] = found.items()
    named = Candidate(
        value=code,
        source=source_of(cell),
        page=cell.page,
        box=cell.box,
        text=cell.text,
        confidence=heard(fmean(word.confidence for word in cell.words)),
    ).but(Claim.LINE_OF_ADDRESS, Claim.ON_THE_RECIPIENTS_LIST)
    return draft.with_field("service_code", FieldValue(chosen=named))


def _says_code_elsewhere(document: LabelledPage) -> bool:
    """Whether the page has a label for the code: what stands there, or could not be read, is what is meant."""
    labels = (label for at in document.announcements for label in at.labels)
    return any(label.field == "service_code" and label.weight >= SAYS_IT for label in labels)


def _named_by(cell: Cell, entry: DirectoryEntry) -> Iterator[str]:
    """Codes of the active services that a line names, whole or behind the word `service`; a body's own name is none."""
    line = fold(cell.text)
    wordings = {line, _CALLED_SERVICE.sub("", line)} - {fold(entry.name)}
    for service in entry.services:
        own = {fold(service.code), fold(service.name), _CALLED_SERVICE.sub("", fold(service.name))}
        if service.active and (own & wordings) - {""}:
            yield service.code
