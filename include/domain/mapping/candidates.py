"""All candidates of every field, in the order of trust, from the three places where values come from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.domain.configuration import Association
from include.domain.document import PortalDocument
from include.domain.fields import Candidate, Source, Value
from include.domain.fields.registry import FIELD_NAMES
from include.domain.mapping.conversion import Unconvertible, convert
from include.domain.mapping.draft import rank
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.domain.values import fold


@dataclass(kw_only=True)
class Gathered:
    """What the sources say. `cleared` are fields that a person emptied: no source may fill them.

    `recipient_wordings` are metadata associated with recipient_siret that hold a wording and not a number.
    """

    fields: dict[str, list[Candidate]] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    recipient_wordings: list[Candidate] = field(default_factory=list)
    problems: dict[str, Reason] = field(default_factory=dict)

    def add(self, name: str, candidate: Candidate) -> None:
        """One more value for a field."""
        self.fields.setdefault(name, []).append(candidate)

    def best(self, name: str) -> Candidate | None:
        """The most trusted value of a field."""
        found = self.fields.get(name)
        return found[0] if found else None


def association_for(document: PortalDocument, associations: Iterable[Association]) -> Association | None:
    """The association of the document's classification rule."""
    if document.classification_rule is None:
        return None
    rule = fold(document.classification_rule)
    return next((found for found in associations if fold(found.classification_rule) == rule), None)


def gather(
    reading: Reading | Reason,
    document: PortalDocument,
    association: Association | None,
    edits: Mapping[str, Any],
) -> Gathered:
    """Every value of every field, most trusted first. What a person typed silences what was wrong in the metadata."""
    gathered = Gathered()
    for name, value in edits.items():
        if name in FIELD_NAMES:
            _add_edit(gathered, name, value)
    if association is not None:
        for name, metadata in association.fields.items():
            _add_metadata(gathered, name, metadata, document.values(metadata))
    if isinstance(reading, Reading):
        for name, found in reading.fields.items():
            for candidate in found:
                gathered.add(name, candidate)
    for name in gathered.cleared:
        gathered.fields.pop(name, None)
    for candidates in gathered.fields.values():
        candidates.sort(key=lambda candidate: rank(candidate.source))
    return gathered


def _add_edit(gathered: Gathered, name: str, typed: Any) -> None:
    texts = [typed] if isinstance(typed, str) else [json.dumps(typed)]
    value = convert(name, texts)
    if value is None:
        gathered.cleared.add(name)
    elif isinstance(value, Unconvertible):
        gathered.problems[name] = not_converted(name, name, value)
    else:
        gathered.add(name, Candidate(value=value, source=Source.PERSON))


def _add_metadata(gathered: Gathered, name: str, metadata: str, texts: Sequence[str]) -> None:
    value = convert(name, texts)
    by_person = name in gathered.cleared or name in gathered.fields or name in gathered.problems
    if isinstance(value, Unconvertible):
        wording = name == "recipient_siret" and value.expected == "siret"
        if wording and not by_person:
            gathered.recipient_wordings.append(_candidate(value.text, metadata, texts))
        elif not by_person:
            gathered.problems[name] = not_converted(name, metadata, value)
    elif value is not None:
        gathered.add(name, _candidate(value, metadata, texts))


def _candidate(value: Value, metadata: str, texts: Sequence[str]) -> Candidate:
    return Candidate(value=value, source=Source.METADATA, text=f"{metadata}: {', '.join(texts)}")


def not_converted(name: str, place: str, problem: Unconvertible) -> Reason:
    """The reason for a value that cannot be taken; `place` is the metadata, or the field that was typed."""
    params = {"place": place, "value": problem.text}
    if problem.allowed:
        params["allowed"] = problem.allowed
    code = "several_values" if problem.expected == "one" else f"not_{problem.expected}"
    return Reason(code=code, field=name, params=params)
