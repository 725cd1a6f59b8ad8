"""The layout memory for people: which layouts are known, what each teaches, and forgetting."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.application.layouts_port import LayoutLessons, Scope, StoredExample
from include.application.listing import viewer_of
from include.application.ports import Clock
from include.domain.configuration import Configuration
from include.domain.errors import InputError, NotThereError
from include.domain.extraction.memory.example import LEARNED_FIELDS
from include.domain.extraction.memory.look import same_look
from include.domain.rights import members
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
    """Examples that look the same; the id stays as long as the oldest of them does."""

    id: str
    provider: str
    classification_rule: str
    examples: tuple[StoredExample, ...] = field(repr=False)
    fields: dict[str, Taught]
    first_taught_at: dt.datetime
    last_taught_at: dt.datetime


def list_layouts(lessons: LayoutLessons, configuration: Configuration, *, user: str | None = None) -> list[LayoutRow]:
    """Every layout that this user may see: administrators all, others those of the providers that they use."""
    viewer = viewer_of(configuration, user)
    if user is not None and user in members(configuration, configuration.administer):
        viewer = viewer_of(configuration, None)
    return [
        _row(configuration, scope, examples)
        for scope, examples in _layouts(lessons.examples())
        if viewer.everything or scope.provider_key in viewer.provider_keys
    ]


def _layouts(stored: Iterable[StoredExample]) -> list[tuple[Scope, list[StoredExample]]]:
    """Examples of one scope and one look together, in the order of providers, rules and age."""
    found: list[tuple[Scope, list[StoredExample]]] = []
    for one in sorted(stored, key=lambda one: (one.scope.provider_key, one.scope.classification_rule, one.taught_at)):
        alike = (
            examples
            for scope, examples in found
            if scope == one.scope and same_look(examples[0].example.look, one.example.look)
        )
        home = next(alike, None)
        if home is None:
            found.append((one.scope, [one]))
        else:
            home.append(one)
    return found


def _row(configuration: Configuration, scope: Scope, examples: Sequence[StoredExample]) -> LayoutRow:
    provider = configuration.provider_by_key(scope.provider_key)
    names = [name for name in LEARNED_FIELDS if any(name in one.example.lessons for one in examples)]
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
    lessons = [one.example.lessons[name] for one in examples if name in one.example.lessons]
    labels = [" ".join(a.words) for lesson in lessons for spot in lesson.spots for a in spot.anchors if a.near]
    return Taught(
        invoices=len(lessons),
        vouched=sum(lesson.standing.vouched for lesson in lessons),
        shapes=tuple(dict.fromkeys(lesson.shape for lesson in lessons if lesson.shape)),
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
            "look": [{"word": word, "left": left} for word, left in one.example.look.words],
            "lessons": {name: dataclasses.asdict(lesson) for name, lesson in one.example.lessons.items()},
        }
        for row in rows
        for one in row.examples
    ]


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
    lessons: LayoutLessons, configuration: Configuration, clock: Clock, wanted: Wanted, *, actor: str
) -> Forgotten:
    """Forgets layouts; invoices that wait with remembered values are read again, as if they had never been known.

    InputError when it is not said which, or a field is unknown; NotThereError when there is no such layout.
    """
    rows = _chosen(list_layouts(lessons, configuration), configuration, wanted)
    examples = [one for row in rows for one in row.examples]
    revision = lessons.forget(examples, fields=wanted.fields, actor=actor, now=clock.now())
    return Forgotten(revision=revision, layouts=tuple(row.id for row in rows))


def _chosen(rows: Sequence[LayoutRow], configuration: Configuration, wanted: Wanted) -> list[LayoutRow]:
    if not (wanted.ids or wanted.provider or wanted.rule is not None or wanted.everything):
        raise InputError(
            "It is not said what to forget.",
            why="Nothing was forgotten.",
            todo="Name layouts (`chorus layouts list` shows the ids), --provider, --rule, or --all.",
        )
    unknown = [name for name in wanted.fields if name not in LEARNED_FIELDS]
    if unknown:
        raise InputError(f"There is no field {unknown[0]!r}.", todo="Learned are " + ", ".join(LEARNED_FIELDS) + ".")
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
        raise NotThereError(
            f"There is no layout {', '.join(sorted(missing)) or 'like that'}.",
            why="Nothing was forgotten.",
            todo="`chorus layouts list` shows what is known.",
        )
    return chosen
