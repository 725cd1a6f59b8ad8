"""From the stored configuration to the wanted one: what stays, what becomes of each part, and how that reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from include.application.ports.configuration import Action, ConfigurationChange
from include.domain.configuration import NOT_IN_THE_FILE, Configuration, Criterion, LinkRule
from include.domain.configuration.base import Item
from include.domain.configuration.renaming import renamed_providers, with_new_names
from include.texts import Language, translate

_PARTS = {"people": ("users", "groups"), "attachments": ("links",)}
"""Lists that may be left out of a section that is present; like a section, they are then left alone."""

_Dated = TypeVar("_Dated", Criterion, LinkRule)


def completed(current: Configuration, wanted: Configuration, at: dt.datetime) -> Configuration:
    """The wanted sections, and the current ones where a section is left out.

    A criterion or link rule without `since` keeps the one stored under its identity, else it starts `at`. Criteria that
    are left out follow a provider that gets another name. What becomes of providers that the list no longer names,
    `with_retired` decides.
    """
    values = {name: getattr(wanted, name) for name in wanted.model_fields_set - NOT_IN_THE_FILE}
    for section, lists in _PARTS.items():
        if section in values:
            left_out = [name for name in lists if name not in values[section].model_fields_set]
            kept = {name: getattr(getattr(current, section), name) for name in left_out}
            values[section] = values[section].model_copy(update=kept)
    if "criteria" in values:
        values["criteria"] = _dated(current.criteria, values["criteria"], at)
    elif "providers" in values:
        renamed = renamed_providers(current, current.model_copy(update=values))
        values["criteria"] = with_new_names(current.criteria, renamed)
    if "attachments" in values:
        attachments = values["attachments"]
        links = _dated(current.attachments.links, attachments.links, at)
        values["attachments"] = attachments.model_copy(update={"links": links})
    return current.model_copy(update=values)


def with_retired(
    current: Configuration, completed: Configuration, has_submissions: Callable[[str], bool]
) -> Configuration:
    """Providers that are gone from the list: retired if anything was ever sent for them, else forgotten.

    One that comes back to the list is no longer retired.
    """
    active = {provider.key for provider in completed.providers}
    gone = [provider for provider in current.providers if provider.key not in active]
    retired = [provider for provider in current.retired_providers if provider.key not in active]
    retired += [provider for provider in gone if has_submissions(provider.key)]
    return completed.model_copy(update={"retired_providers": tuple(retired)})


def would_stop(current: Configuration, wanted: Configuration) -> tuple[str, ...]:
    """Names of providers that would stop sending: no longer in the list, or no longer by themselves."""
    left = {provider.key: provider for provider in wanted.providers}
    return tuple(
        provider.name
        for provider in current.providers
        if provider.key not in left or (provider.automatic_submission and not left[provider.key].automatic_submission)
    )


def _dated(stored: Sequence[_Dated], wanted: Sequence[_Dated], at: dt.datetime) -> tuple[_Dated, ...]:
    known = {rule.identity: rule.since for rule in stored}
    return tuple(
        rule if rule.since is not None else rule.model_copy(update={"since": known.get(rule.identity) or at})
        for rule in wanted
    )


def changes_between(current: Configuration, wanted: Configuration) -> list[ConfigurationChange]:
    """Every effective difference; the same configuration written in another way has none."""
    found: list[ConfigurationChange] = []
    for section in Configuration.model_fields:
        if section not in NOT_IN_THE_FILE:
            before, after = getattr(current, section), getattr(wanted, section)
            found += _section_changes(section, before, after)
    retired = {provider.title for provider in wanted.retired_providers}
    return [_as_retired(change) if _leaves(change, retired) else change for change in found]


def _leaves(change: ConfigurationChange, retired: set[str]) -> bool:
    return change.section == "providers" and change.action == Action.REMOVED and change.item in retired


def _as_retired(change: ConfigurationChange) -> ConfigurationChange:
    return ConfigurationChange(section=change.section, action=Action.RETIRED, item=change.item, before=change.before)


def _section_changes(section: str, before: Any, after: Any) -> Iterator[ConfigurationChange]:
    if isinstance(before, tuple) and isinstance(after, tuple):
        yield from _list_changes(section, before, after)
    elif isinstance(before, BaseModel) and isinstance(after, BaseModel):
        for name in type(after).model_fields:
            old, new = getattr(before, name), getattr(after, name)
            if _is_item_list(old) or _is_item_list(new):
                yield from _list_changes(f"{section}.{name}", old, new)
            else:
                yield from _value_changes(section, None, name, old, new)
    elif before != after:
        action = Action.ADDED if before is None else Action.REMOVED if after is None else Action.CHANGED
        yield ConfigurationChange(section=section, action=action, before=_json(before), after=_json(after))


def _list_changes(section: str, before: Sequence[Item], after: Sequence[Item]) -> Iterator[ConfigurationChange]:
    old, new = {item.identity: item for item in before}, {item.identity: item for item in after}
    for identity, item in old.items():
        if identity not in new:
            yield ConfigurationChange(section=section, action=Action.REMOVED, item=item.title, before=_json(item))
    for identity, item in new.items():
        if identity not in old:
            yield ConfigurationChange(section=section, action=Action.ADDED, item=item.title, after=_json(item))
            continue
        for name in type(item).model_fields:
            yield from _value_changes(section, item.title, name, getattr(old[identity], name), getattr(item, name))
    kept_before, kept_after = [i for i in old if i in new], [i for i in new if i in old]
    if section == "criteria" and kept_before != kept_after:
        yield ConfigurationChange(section=section, action=Action.REORDERED, before=list(old), after=list(new))


def _value_changes(
    section: str, item: str | None, field: str, before: Any, after: Any
) -> Iterator[ConfigurationChange]:
    """One change per value, also inside the mappings of an item."""
    if isinstance(before, BaseModel) and isinstance(after, BaseModel) and type(before) is type(after):
        for name in type(after).model_fields:
            yield from _value_changes(section, item, f"{field}.{name}", getattr(before, name), getattr(after, name))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield from _value_changes(section, item, f"{field}.{name}", before.get(name), after.get(name))
    elif _is_item_list(before) or _is_item_list(after):
        old, new = {part.identity: part for part in before}, {part.identity: part for part in after}
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _value_changes(section, item, f"{field}[{name}]", old.get(name), new.get(name))
    elif before != after:
        action = Action.CHANGED
        yield ConfigurationChange(
            section=section, action=action, item=item, field=field, before=_json(before), after=_json(after)
        )


def _is_item_list(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Item)


def _json(value: Any) -> Any:
    """The value as JSON holds it; of a section only what differs from its defaults."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, tuple):
        return [_json(part) for part in value]
    if isinstance(value, dt.date):
        return value.isoformat().replace("+00:00", "Z")
    return value


_SIGNS = {Action.ADDED: "+", Action.REMOVED: "-", Action.RETIRED: "-", Action.CHANGED: "~", Action.REORDERED: "~"}


def as_diff(changes: Sequence[ConfigurationChange], language: Language) -> list[str]:
    """The changes as a person reads them: sections, items below, values as `old -> new`."""
    lines: list[str] = []
    section = item = None
    for change in changes:
        if change.section != section:
            section, item = change.section, None
            lines.append(section)
        lines += _lines(change, language, heading=change.item != item)
        item = change.item
    return lines


def _lines(change: ConfigurationChange, language: Language, *, heading: bool) -> Iterator[str]:
    sign = _SIGNS[change.action]
    if change.action == Action.REORDERED:
        order = translate("plan.order", language)
        yield f"  {sign} {order}: {_shown(change.before, language)} -> {_shown(change.after, language)}"
    elif change.field is None:
        whole = "plan.taken_out" if change.action == Action.REMOVED else "plan.set"
        name = change.item or translate(whole, language)
        retired = change.action == Action.RETIRED
        yield f"  {sign} {translate('plan.retired', language, name=name) if retired else name}"
        content = change.after if change.action == Action.ADDED else change.before
        if isinstance(content, Mapping):
            yield from (f"      {name}: {_shown(value, language)}" for name, value in content.items())
    else:
        if heading and change.item is not None:
            yield f"  {sign} {change.item}"
        indent = "      " if change.item is not None else f"  {sign} "
        yield f"{indent}{change.field}: {_shown(change.before, language)} -> {_shown(change.after, language)}"


def _shown(value: Any, language: Language) -> str:
    if value is None:
        return translate("plan.none", language)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_shown(part, language)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(part, language) for part in value) + "]"
    return str(value)
