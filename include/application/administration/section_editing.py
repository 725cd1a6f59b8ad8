"""Sections of the configuration, or a few values of one, as a form edits them; long lists are edited item by item.

The same promises as for one item: changes of other things disturb nobody, and nothing is overwritten in silence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from include.application.administration.configuration_changes import changes_between
from include.application.administration.configure import Applied, faults_against
from include.application.administration.item_editing import FaultyItemError, fault_in
from include.application.administration.settings_editing import SettingsEditing
from include.application.ports.configuration import ConfigurationChange
from include.domain.configuration import Configuration
from include.domain.configuration_rules import Fault
from include.domain.errors import StaleError


class SectionChangedError(StaleError):
    """Somebody else changed these values first."""

    def __init__(self) -> None:
        super().__init__("item_changed")


@dataclass(frozen=True, kw_only=True)
class SectionValues:
    """What one form holds: whole sections (`portal`) or single values (`attachments.default_type`).

    `screen` is where they are edited. Values are told and taken by section, as a file holds them.
    """

    keys: tuple[str, ...]
    screen: str

    def of(self, configuration: Configuration) -> dict[str, Any]:
        """What they are; None for a section that is left out."""
        found: dict[str, Any] = {}
        for section, names in self._sections().items():
            stored = getattr(configuration, section)
            found[section] = None if stored is None else stored.model_dump(mode="json", include=names)
        return found

    def digest(self, configuration: Configuration) -> str:
        """Changes with any of them."""
        return hashlib.sha256(json.dumps(self.of(configuration), sort_keys=True).encode()).hexdigest()[:16]

    def laid(self, current: Configuration, values: Mapping[str, Any]) -> Configuration:
        """The configuration with these values; FaultyItemError for what cannot be taken."""
        try:
            made = Configuration.model_validate(dict(values))
        except ValidationError as error:
            raise _refused([fault_in(each, values, ()) for each in error.errors(include_url=False)]) from None
        update: dict[str, Any] = {}
        for section, names in self._sections().items():
            new = getattr(made, section)
            if names is not None:
                new = getattr(current, section).model_copy(update={name: getattr(new, name) for name in names})
            update[section] = new
        return current.model_copy(update=update)

    def tried(self, editing: SettingsEditing, values: Mapping[str, Any]) -> Configuration:
        """The configuration as it would be if they were stored now; FaultyItemError where they would be refused."""
        laid = self.laid(editing.store.current()[1], values)
        found = faults_against(editing.store, self._alone(laid), editing.clock, editing.look_around)
        if found:
            raise self._refused_as_whole(found)
        return laid

    def put(self, editing: SettingsEditing, values: Mapping[str, Any], digest: str) -> Applied:
        """Stores them; SectionChangedError where they are others by now than the form was opened with."""

        def put(current: Configuration) -> Configuration:
            if self.digest(current) != digest:
                raise SectionChangedError
            return self._alone(self.laid(current, values))

        return editing.change(put, self.screen, self._refused_as_whole)

    def differences(self, current: Configuration, values: Mapping[str, Any]) -> Sequence[ConfigurationChange]:
        """What keeping these values would change of those in force."""
        return changes_between(current, self.laid(current, values))

    def _alone(self, laid: Configuration) -> Configuration:
        """These sections and no others, which are left alone then."""
        return Configuration(**{section: getattr(laid, section) for section in self._sections()})

    def _refused_as_whole(self, found: Sequence[Fault]) -> FaultyItemError:
        mine = [fault for fault in found if fault.path[0] in self._sections()]
        return _refused(mine, [fault for fault in found if fault not in mine])

    def _sections(self) -> Mapping[str, set[str] | None]:
        """By section, the values of it that are meant; None: all."""
        found: dict[str, set[str] | None] = {}
        for section, _, name in (key.partition(".") for key in self.keys):
            found[section] = {*(found.get(section) or ()), name} if name else None
        return found


def _refused(faults: Sequence[Fault], others: Sequence[Fault] = ()) -> FaultyItemError:
    """Each at its value, by the way to it below its section, such as `write_back.state`; the first of each."""
    fields: dict[str, Fault] = {}
    for fault in faults:
        fields.setdefault(".".join(map(str, fault.path[1:])), fault)
    return FaultyItemError(fields, others)
