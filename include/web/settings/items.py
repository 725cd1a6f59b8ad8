"""Forms of the configuration: stored, refused with what is wrong, or shown beside what somebody else stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Response

from include.application.administration.configure import Applied
from include.application.administration.item_editing import AnyItem, FaultyItemError, ItemChangedError, ItemList
from include.application.administration.section_editing import SectionChangedError, SectionValues
from include.application.administration.settings_editing import SettingsEditing
from include.application.ports.configuration import ConfigurationChange
from include.web.host import Services


@dataclass(frozen=True, kw_only=True)
class ItemForm:
    """The form on the page: `identity` of the item it was opened with, None for a new one.

    `differences`: what keeping it would change of what somebody else stored meanwhile.
    """

    typed: Mapping[str, Any]
    identity: str | None = None
    digest: str = ""
    fault: FaultyItemError | None = None
    differences: Sequence[ConfigurationChange] | None = None


def stored(
    form: ItemForm,
    items: ItemList[AnyItem],
    services: Services,
    *,
    made: Callable[[], AnyItem],
    work: Callable[[], Applied],
    done: Callable[[int], Response],
    shown: Callable[[ItemForm, int], Response],
) -> Response:
    """What `done` answers to the new revision; where nothing could be stored, the form as `shown` shows it."""
    try:
        return done(work().revision)
    except FaultyItemError as error:
        return shown(replace(form, fault=error), 422)
    except ItemChangedError:
        theirs = items.theirs(services.store.configuration.current()[1], made(), form.identity)
        identity = None if theirs.item is None else theirs.item.identity
        return shown(replace(form, identity=identity, digest=theirs.digest, differences=theirs.differences), 409)


def stored_sections(
    form: ItemForm,
    values: SectionValues,
    given: Mapping[str, Any],
    editing: SettingsEditing,
    services: Services,
    *,
    done: Callable[[Applied], Response],
    shown: Callable[[ItemForm, int], Response],
) -> Response:
    """What `done` answers to the new revision; where nothing could be stored, the form as `shown` shows it."""
    try:
        return done(values.put(editing, given, form.digest))
    except FaultyItemError as error:
        return shown(replace(form, fault=error), 422)
    except SectionChangedError:
        current = services.store.configuration.current()[1]
        differences = values.differences(current, given)
        return shown(replace(form, digest=values.digest(current), differences=differences), 409)
