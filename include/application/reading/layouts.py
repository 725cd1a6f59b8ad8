"""The layout memory for people: which layouts are known, what each teaches, and forgetting."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.ports.clock import Clock
from include.application.ports.layouts import LayoutExamples, Scope, StoredExample
from include.domain.configuration import Configuration
from include.domain.errors import InputError, NotThereError
from include.domain.extraction.layout_memory.example import LEARNED_FIELDS, LearnedField
from include.domain.extraction.layout_memory.fingerprint import same_layout
from include.domain.rights import Viewer
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What a layout teaches of one field: how many invoices somebody vouches for, shapes, words of labels.

    A word that is not one of those that invoices are made of is a digest with a `#`: it may be a name.
    """

    invoices: int
    vouched: int
    shapes: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LayoutRow:
    """Examples of one layout; the id stays as long as the oldest of them does."""

    id: str
    provider: str
    classification_rule: str
    examples: tuple[StoredExample, ...] = field(repr=False)
    fields: dict[str, Taught]
    first_taught_at: dt.datetime
    last_taught_at: dt.datetime


def list_layouts(stored: LayoutExamples, configuration: Configuration, *, viewer: Viewer) -> list[LayoutRow]:
    """Every layout that this person may see: administrators all, others those of the providers that they use."""
    return [
        _row(configuration, scope, examples)
        for scope, examples in _layouts(stored.examples())
        if viewer.administers or scope.provider_key in viewer.provider_keys
    ]


def _layouts(stored: Iterable[StoredExample]) -> list[tuple[Scope, list[StoredExample]]]:
    """Examples of one scope and one layout together, in the order of providers, rules and age."""
    found: list[tuple[Scope, list[StoredExample]]] = []
    for one in sorted(stored, key=lambda one: (one.scope.provider_key, one.scope.classification_rule, one.taught_at)):
        alike = (
            examples
            for scope, examples in found
            if scope == one.scope and same_layout(examples[0].example.fingerprint, one.example.fingerprint)
        )
        home = next(alike, None)
        if home is None:
            found.append((one.scope, [one]))
        else:
            home.append(one)
    return found


def _row(configuration: Configuration, scope: Scope, examples: Sequence[StoredExample]) -> LayoutRow:
    provider = configuration.provider_by_key(scope.provider_key)
    names = [name for name in LEARNED_FIELDS if any(name in one.example.learned for one in examples)]
    return LayoutRow(
        id=examples[0].content_sha256[:8],
        provider=provider.name if provider else scope.provider_key,
        classification_rule=scope.classification_rule,
        examples=tuple(examples),
        fields={name: _taught(name, examples) for name in names},
        first_taught_at=examples[0].taught_at,
        last_taught_at=examples[-1].taught_at,
    )


def _taught(name: str, examples: Sequence[StoredExample]) -> Taught:
    learned = [one.example.learned[name] for one in examples if name in one.example.learned]
    labels = [" ".join(a.words) for field in learned for region in field.regions for a in region.anchors if a.near]
    return Taught(
        invoices=len(learned),
        vouched=sum(field.standing.vouched for field in learned),
        shapes=tuple(dict.fromkeys(field.shape for field in learned if field.shape)),
        labels=tuple(dict.fromkeys(labels)),
    )


def exported(rows: Iterable[LayoutRow]) -> list[dict[str, Any]]:
    """Everything that is kept, one entry for each invoice that was learned from; values are not among it."""
    return [
        {
            "layout": row.id,
            "provider": row.provider,
            "classification_rule": row.classification_rule,
            "invoice": one.invoice_id,
            "accepted": one.accepted,
            "taught_at": one.taught_at,
            "look": [{"word": word, "left": left} for word, left in one.example.fingerprint.words],
            "lessons": {name: _exported(field) for name, field in one.example.learned.items()},
        }
        for row in rows
        for one in row.examples
    ]


def _exported(learned: LearnedField) -> dict[str, Any]:
    """What was learned of one field; the key `spots` is older than the word region, and people script it."""
    data = dataclasses.asdict(learned)
    return {"spots" if name == "regions" else name: value for name, value in data.items()}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be forgotten: layouts by id, of a provider, of a rule, or all; of them perhaps only some fields."""

    ids: Sequence[str] = ()
    provider: str | None = None
    rule: str | None = None
    everything: bool = False
    fields: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What was forgotten; the revision is the audit's entry."""

    revision: int
    layouts: tuple[str, ...]


def forget_layouts(
    stored: LayoutExamples, configuration: Configuration, clock: Clock, wanted: Wanted, *, actor: str, viewer: Viewer
) -> Forgotten:
    """Forgets layouts; invoices that wait with remembered values are read again, as if they had never been known.

    InputError when it is not said which, or a field is unknown; NotThereError when there is no such
    layout, or this person does not see it.
    """
    rows = _chosen(list_layouts(stored, configuration, viewer=viewer), configuration, wanted)
    examples = [one for row in rows for one in row.examples]
    revision = stored.forget(examples, fields=wanted.fields, actor=actor, now=clock.now())
    return Forgotten(revision=revision, layouts=tuple(row.id for row in rows))


def _chosen(rows: Sequence[LayoutRow], configuration: Configuration, wanted: Wanted) -> list[LayoutRow]:
    if not (wanted.ids or wanted.provider or wanted.rule is not None or wanted.everything):
        raise InputError("nothing_to_forget")
    unknown = [name for name in wanted.fields if name not in LEARNED_FIELDS]
    if unknown:
        raise InputError("no_such_field", name=unknown[0], learned=", ".join(LEARNED_FIELDS))
    provider = configuration.provider(wanted.provider) if wanted.provider else None
    name = provider.name if provider else wanted.provider
    chosen = [
        row
        for row in rows
        if (not wanted.ids or row.id in wanted.ids)
        and (name is None or row.provider == name)
        and (wanted.rule is None or row.classification_rule == fold(wanted.rule))
        and (not wanted.fields or any(asked in row.fields for asked in wanted.fields))
    ]
    missing = set(wanted.ids) - {row.id for row in chosen}
    if missing or not chosen:
        raise NotThereError("no_such_layout", layouts=", ".join(sorted(missing)) or "like that")
    return chosen
