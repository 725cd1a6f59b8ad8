"""One item of a list of the configuration, as a form edits it: a criterion, a provider, a recipient.

A form carries the digest of the item that it was opened with. Changes of other items do not disturb it: it is laid over
the configuration as it is now. Where somebody else changed this very item, nothing is stored and both are shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from include.application.administration.configuration_changes import changes_between
from include.application.administration.configure import Applied
from include.application.administration.settings_editing import SettingsEditing
from include.application.ports.configuration import ConfigurationChange
from include.domain.configuration import Configuration
from include.domain.configuration.base import Item, RuleError
from include.domain.configuration.schema import Path, expected_at
from include.domain.configuration_rules import Fault
from include.domain.errors import ConfigurationError, NotThereError, StaleError
from include.texts import Text

AnyItem = TypeVar("AnyItem", bound=Item)


class FaultyItemError(ConfigurationError):
    """Values of a form that cannot be taken: `fields` by the name of the control, `others` are about the whole."""

    def __init__(self, fields: Mapping[str, Fault], others: Sequence[Fault] = ()) -> None:
        self.fields = dict(fields)
        self.others = tuple(others)
        super().__init__("faulty_item")


class ItemChangedError(StaleError):
    """Somebody else changed the item first; `stored` is what it is now, None where it was removed."""

    def __init__(self, stored: Item | None) -> None:
        self.stored = stored
        super().__init__("item_changed")


@dataclass(frozen=True, kw_only=True)
class Theirs(Generic[AnyItem]):
    """What somebody else made of an item, None where it is gone; what keeping one's own would change of it."""

    item: AnyItem | None
    digest: str
    differences: Sequence[ConfigurationChange]


@dataclass(frozen=True, kw_only=True)
class ItemList(Generic[AnyItem]):
    """A list of the configuration, such as `criteria` or `people.users`; `screen` is where it is edited.

    `followed`: what else names an item by its identity, as it does once that is another one: sections by their names.
    """

    section: str
    kind: type[AnyItem]
    screen: str
    followed: Callable[[Configuration, str, str], Mapping[str, Any]] | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """The section's name, cut at its dots: the names to go through from the configuration."""
        return tuple(self.section.split("."))

    def of(self, configuration: Configuration) -> tuple[AnyItem, ...]:
        """What stands in this section."""
        found: Any = configuration
        for step in self.path:
            found = getattr(found, step)
        items: tuple[AnyItem, ...] = found
        return items

    def find(self, configuration: Configuration, identity: str | None) -> AnyItem | None:
        """The item with this identity, where there is one."""
        return next((item for item in self.of(configuration) if item.identity == identity), None)

    def one(self, configuration: Configuration, identity: str) -> AnyItem:
        """The item with this identity; NotThereError when there is none."""
        found = self.find(configuration, identity)
        if found is None:
            raise NotThereError("no_such_item", name=identity)
        return found

    def made(self, values: Mapping[str, Any]) -> AnyItem:
        """The item of these values; FaultyItemError with the fault of each that cannot be taken."""
        try:
            return self.kind.model_validate(dict(values))
        except ValidationError as error:
            faults = [fault_in(each, values, (*self.path, 0)) for each in error.errors(include_url=False)]
            raise FaultyItemError(self._by_field(faults)) from None

    def put(self, editing: SettingsEditing, item: AnyItem, *, identity: str | None, digest: str | None) -> Applied:
        """Stores it in the place of the one that the form was opened with, or at the end: `identity` None.

        ItemChangedError when that one is another one by now; FaultyItemError when the result would be faulty.
        """

        def put(current: Configuration) -> Sequence[AnyItem]:
            items = self.of(current)
            if identity is None:
                return (*items, item)
            self._check(current, identity, digest)
            return [item if one.identity == identity else one for one in items]

        return self._change(editing, put, item, identity)

    def remove(self, editing: SettingsEditing, identity: str, digest: str | None) -> Applied:
        """Takes it out of the list; ItemChangedError when it is another one by now."""

        def removed(current: Configuration) -> Sequence[AnyItem]:
            self._check(current, identity, digest)
            return [one for one in self.of(current) if one.identity != identity]

        return self._change(editing, removed)

    def move_up(self, editing: SettingsEditing, identity: str) -> Applied:
        """Puts it before the one that stands before it; the first one stays."""

        def moved(current: Configuration) -> Sequence[AnyItem]:
            items = list(self.of(current))
            place = items.index(self.one(current, identity))
            items.insert(max(place - 1, 0), items.pop(place))
            return items

        return self._change(editing, moved)

    def laid(self, current: Configuration, item: AnyItem, identity: str | None) -> Configuration:
        """The configuration as it would be with this item in the place of that one, or at the end."""
        items = self.of(current)
        known = any(one.identity == identity for one in items)
        put = [item if one.identity == identity else one for one in items] if known else [*items, item]
        following = self._following(current, identity, item) if known else {}
        return current.model_copy(update={**self._sections(current, put), **following})

    def wanted(self, current: Configuration, items: Sequence[AnyItem]) -> Configuration:
        """A configuration that holds the section of this list alone, which is otherwise as it is in force."""
        return Configuration(**self._sections(current, items))

    def theirs(self, current: Configuration, mine: AnyItem, identity: str | None) -> Theirs[AnyItem]:
        """What the item with this identity is by now, beside one's own."""
        item = self.find(current, identity)
        return Theirs(
            item=item,
            digest="" if item is None else digest_of(item),
            differences=changes_between(current, self.laid(current, mine, identity)),
        )

    def _sections(self, current: Configuration, items: Sequence[AnyItem]) -> dict[str, Any]:
        section, *below = self.path
        value: Any = tuple(items)
        return {section: getattr(current, section).model_copy(update={below[0]: value}) if below else value}

    def _following(self, current: Configuration, before: str | None, item: AnyItem | None) -> Mapping[str, Any]:
        if self.followed is None or before is None or item is None or before == item.identity:
            return {}
        return self.followed(current, before, item.identity)

    def _check(self, current: Configuration, identity: str, digest: str | None) -> None:
        stored = self.find(current, identity)
        if stored is None or digest_of(stored) != digest:
            raise ItemChangedError(stored)

    def _by_field(self, faults: Sequence[Fault]) -> dict[str, Fault]:
        """The first fault of each value, in their order."""
        found: dict[str, Fault] = {}
        for fault in faults:
            found.setdefault(str(fault.path[len(self.path) + 1]), fault)
        return found

    def _change(
        self,
        editing: SettingsEditing,
        edit: Callable[[Configuration], Sequence[AnyItem]],
        item: AnyItem | None = None,
        before: str | None = None,
    ) -> Applied:
        places: list[int] = []

        def edited(current: Configuration) -> Configuration:
            items = edit(current)
            places[:] = [place for place, one in enumerate(items) if one is item]
            return Configuration(**{**self._sections(current, items), **self._following(current, before, item)})

        def refuse(found: Sequence[Fault]) -> ConfigurationError:
            at = (*self.path, *places)
            mine = [
                fault for fault in found if fault.path[: len(at)] == at and len(fault.path) > len(at) > len(self.path)
            ]
            return FaultyItemError(self._by_field(mine), [fault for fault in found if fault not in mine])

        return editing.change(edited, self.screen, refuse)


def fault_in(error: Any, values: Mapping[str, Any], place: Path) -> Fault:
    """What pydantic found wrong with one of the values that stand at this place of the configuration, for a form."""
    path: Path = (*place, *error["loc"])
    expected = expected_at(path)
    refused = error.get("ctx", {}).get("error")
    value = _value_at(values, error["loc"])
    if isinstance(refused, RuleError):
        what = refused.text
    elif not value:
        what = Text("fault.missing")
    else:
        what = Text("fault.other_form", {"value": f'"{value}"'})
    return Fault(path=path, what=what, allowed=typed_expectation(expected.expectation) if expected else "")


def _value_at(values: Any, way: Sequence[str | int]) -> Any:
    """The value that was refused; what holds it where the way goes on into a kind of value."""
    for step in way:
        if isinstance(values, Mapping):
            values = values.get(str(step))
        elif isinstance(values, Sequence) and not isinstance(values, str) and isinstance(step, int):
            values = values[step]
        else:
            break
    return values


_TYPED = {
    "expected.siret": Text("expected.siret_typed"),
    "expected.code": Text("expected.code_typed"),
    "expected.since": Text("expected.since_typed"),
}
"""What the file wants in quotes or calls by a word of its own, as somebody types it."""


def typed_expectation(expectation: Text | str) -> Text | str:
    """Which values a control takes: in a form nothing is written as nothing, never as `null`, and without quotes."""
    if not isinstance(expectation, Text):
        return expectation
    if expectation.params.get("second") == "null":
        first = expectation.params["first"]
        return typed_expectation(first if isinstance(first, Text) else str(first))
    return _TYPED.get(expectation.code, expectation)


def digest_of(item: Item) -> str:
    """Changes with any of its values."""
    return hashlib.sha256(json.dumps(item.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:16]
