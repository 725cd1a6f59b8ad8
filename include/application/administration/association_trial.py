"""What an association of metadata with fields, saved or not, makes of documents that are in the portal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from include.application.ports.portal_documents import PortalStock, StoredDocument
from include.domain.configuration import Association, Recipient
from include.domain.fields import Candidate, Source, Value
from include.domain.fields.registry import FIELD_NAMES
from include.domain.mapping.candidates import gather
from include.domain.mapping.map_invoice import map_invoice
from include.domain.mapping.value_equality import same_value
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.values import fold

NEWEST = 200
"""Documents over which the agreement is counted."""

NOTHING_READ = Reading(kind=DocumentKind.DIGITAL)

ReadingOf = Callable[[str], Reading | Reason | None]
"""What was read of a content; None: nothing yet."""


@dataclass(kw_only=True)
class RuleStock:
    """A classification rule in the portal, however it is spelt: how many documents, the newest, their metadata."""

    rule: str
    documents: int = 0
    spellings: list[str] = field(default_factory=list)
    metadata: dict[str, None] = field(default_factory=dict)
    newest: list[StoredDocument] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class TriedField:
    """One field on one document: what the metadata holds, what the page says, what becomes of both.

    `agree`: whether both say the same; None where one of them says nothing. `problem`: why there is no value.
    """

    name: str
    metadata: tuple[str, ...]
    page: Value | None
    result: Value | None
    source: Source | None
    problem: Reason | None
    agree: bool | None


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Over the newest documents: how many have a field on both sides, and those where the sides contradict."""

    compared: int
    differing: tuple[StoredDocument, ...]


def rules_in(stock: PortalStock) -> dict[str, RuleStock]:
    """Every rule of the portal, by its folded name; its documents are looked at by `look_into`."""
    found: dict[str, RuleStock] = {}
    for one in stock.rules():
        known = found.setdefault(fold(one.rule), RuleStock(rule=one.rule))
        known.documents += one.documents
        known.spellings.append(one.rule)
    return found


def look_into(stock: PortalStock, rule: RuleStock) -> None:
    """Adds the newest documents of a rule and the metadata that these have."""
    rule.newest = stock.newest_of(rule.spellings, most=NEWEST) if rule.spellings else []
    for stored in rule.newest:
        rule.metadata.update(dict.fromkeys(stored.document.metadata))


def try_association(
    stored: StoredDocument, association: Association, recipients: Sequence[Recipient], reading_of: ReadingOf
) -> list[TriedField]:
    """Every field that is associated, or that the page says something of, in the order of the form."""
    document = stored.document
    reading = reading_of(document.content_sha256) or NOTHING_READ
    both = gather(reading, document, association, {})
    draft = map_invoice(reading, document=document, association=association, recipients=recipients)
    problems = {reason.field: reason for reason in draft.reasons}
    tried: list[TriedField] = []
    for name in FIELD_NAMES:
        candidates = both.fields.get(name, [])
        page = next((one for one in candidates if one.source is not Source.METADATA), None)
        given = next((one for one in candidates if one.source is Source.METADATA), None)
        if name not in association.fields and page is None:
            continue
        settled = draft.fields.get(name)
        tried.append(
            TriedField(
                name=name,
                metadata=document.values(association.fields[name]) if name in association.fields else (),
                page=None if page is None else page.value,
                result=None if settled is None else settled.value,
                source=None if settled is None else settled.source,
                problem=problems.get(name) if name in association.fields else None,
                agree=_agree(name, given, page),
            )
        )
    return tried


def agreement(
    documents: Iterable[StoredDocument],
    association: Association,
    recipients: Sequence[Recipient],
    reading_of: ReadingOf,
) -> Agreement:
    """How often the metadata say what the page says."""
    compared, differing = 0, []
    for stored in documents:
        sides = [one.agree for one in try_association(stored, association, recipients, reading_of)]
        told = [one for one in sides if one is not None]
        compared += bool(told)
        if not all(told):
            differing.append(stored)
    return Agreement(compared=compared, differing=tuple(differing))


def _agree(name: str, given: Candidate | None, page: Candidate | None) -> bool | None:
    return None if given is None or page is None else same_value(name, given, page)
