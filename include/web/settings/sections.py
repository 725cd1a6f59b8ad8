"""Sections of the configuration as forms: what each key is called, means and may hold, and what it is by default.

All of it comes from the models and the words for them; a new key of one of these sections is on its page by itself.
"""

from __future__ import annotations

import datetime as dt
import functools
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from include.application.administration.configuration_docs import (
    DocumentedKey,
    documented_keys,
    meaning_code,
    section_meaning,
)
from include.application.administration.item_editing import typed_expectation
from include.application.administration.section_editing import SectionValues
from include.application.administration.setting_names import key_words, value_words
from include.application.administration.settings_editing import SettingsEditing
from include.domain.configuration import Configuration
from include.domain.configuration.base import Audience
from include.domain.configuration.schema import ExpectedValue, children, expected_at
from include.domain.values import parse_date
from include.texts import Language, label, said, show_date
from include.web.host import Services
from include.web.rendering.pages import address_of
from include.web.settings.items import ItemForm, stored_sections

Kind = Literal["check", "choice", "number", "text"]


@dataclass(frozen=True, kw_only=True)
class Control:
    """One key on its form. `name`: the way to it below its section; `default` None where there is none to be shown."""

    name: str
    kind: Kind
    words: str
    meaning: str
    allowed: str
    default: str | None
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class SectionCard:
    """One section on its form; `optional`: it may be left out as a whole."""

    name: str
    words: str
    meaning: str
    optional: bool
    controls: Sequence[Control]


@dataclass(frozen=True, kw_only=True)
class SectionPage:
    """A page of the settings that holds whole sections."""

    name: str
    sections: tuple[str, ...]

    @property
    def values(self) -> SectionValues:
        """What its form edits."""
        return SectionValues(keys=self.sections, screen=self.name)

    def cards(self, language: Language) -> list[SectionCard]:
        """What stands on it."""
        return [
            SectionCard(
                name=section,
                words=label("section", section, language),
                meaning=section_meaning(section, language),
                optional=is_optional(section),
                controls=[_control(key, section, language) for key in _simple_keys(section)],
            )
            for section in self.sections
        ]

    def opened(self, configuration: Configuration, language: Language) -> ItemForm:
        """Its form with what is stored."""
        return ItemForm(typed=self.typed_of(configuration, language), digest=self.values.digest(configuration))

    def sent(self, form: FormData) -> ItemForm:
        """Its form with what somebody wrote."""
        return ItemForm(typed=self.typed_in(form), digest=str(form.get("digest") or ""))

    def save(
        self,
        request: Request,
        form: ItemForm,
        editing: SettingsEditing,
        services: Services,
        shown: Callable[[ItemForm, int], Response],
    ) -> Response:
        """Stores what was written, and leads back to the page; where it cannot be stored, the form as `shown` shows."""
        place = f"{address_of(request).root}/settings/{self.name}"
        return stored_sections(
            form,
            self.values,
            self.values_in(form.typed),
            editing,
            services,
            done=lambda applied: RedirectResponse(f"{place}?done={applied.revision}", 303),
            shown=shown,
        )

    def typed_of(self, configuration: Configuration, language: Language) -> dict[str, Any]:
        """What stands in its form, by the names of its controls."""
        typed: dict[str, Any] = {}
        for section, stored in self.values.of(configuration).items():
            if is_optional(section):
                typed[in_use(section)] = stored is not None
            for key in _simple_keys(section):
                name = _below(key.path, section)
                value = _default(key.path) if stored is None else _value_at(stored, name)
                typed[name] = value if isinstance(value, bool) else _shown(value, language)
            typed.update(_lists_of(section, stored, language))
        return typed

    def typed_in(self, form: FormData) -> dict[str, Any]:
        """What somebody wrote."""
        typed: dict[str, Any] = {}
        for section in self.sections:
            if is_optional(section):
                typed[in_use(section)] = in_use(section) in form
            for key in _simple_keys(section):
                name = _below(key.path, section)
                typed[name] = name in form if _kind(key.path) == "check" else str(form.get(name) or "").strip()
            typed.update(_lists_in(section, form))
        return typed

    def values_in(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        """The values that are meant, by section, as a file holds them."""
        values: dict[str, Any] = {}
        for section in self.sections:
            if not typed.get(in_use(section), True):
                values[section] = None
                continue
            found = _lists_as_values(section, typed)
            for key in _simple_keys(section):
                name = _below(key.path, section)
                *above, last = name.split(".")
                place = found
                for step in above:
                    place = place.setdefault(step, {})
                place[last] = _as_value(key.path, typed[name])
            values[section] = found
        return values

    def labels(self, typed: Mapping[str, Any], language: Language) -> dict[str, str]:
        """What the controls are called, by their names."""
        found = {_below(key.path, one): key_words(key.path, language) for one in self.sections for key in _keys(one)}
        for place in range(len(typed.get("rates", ()))):
            for name in ("since", "percent"):
                found[f"rates.{place}.{name}"] = key_words(f"late_payment.rates[].{name}", language)
        return found


def in_use(section: str) -> str:
    """The control that says whether there is this section at all."""
    return f"{section}.in_use"


def is_optional(section: str) -> bool:
    """Whether the section may be left out as a whole."""
    return types.NoneType in ExpectedValue(annotation=Configuration.model_fields[section].annotation).types


PORTAL = SectionPage(name="portal", sections=("portal",))
MAIL = SectionPage(name="mail", sections=("mail",))
OPERATION = SectionPage(
    name="operation",
    sections=("submission", "reading", "directory", "watchdog", "alerts", "late_payment", "retention"),
)
SECTION_PAGES = (PORTAL, MAIL, OPERATION)
OPTIONAL = tuple(one for page in SECTION_PAGES for one in page.sections if is_optional(one))


def explained() -> Iterator[str]:
    """Codes below `meaning` of everything that these pages explain."""
    for page in SECTION_PAGES:
        for section in page.sections:
            yield section
            yield from (meaning_code(key.path) for key in _keys(section))


def choices() -> Iterator[str]:
    """Values of the closed lists on these pages."""
    for page in SECTION_PAGES:
        for section in page.sections:
            yield from (value for key in _keys(section) for value in _literals(key.path))


@functools.cache
def _keys(section: str) -> tuple[DocumentedKey, ...]:
    return tuple(key for key in documented_keys() if key.path.startswith((f"{section}.", f"{section}[")))


@functools.cache
def _simple_keys(section: str) -> tuple[DocumentedKey, ...]:
    """Those with one control each."""
    return tuple(key for key in _keys(section) if "[]" not in key.path and not _is_list(key.path))


def _is_list(path: str) -> bool:
    return any(get_origin(one) is tuple for one in _expected(path).types)


def _below(path: str, section: str) -> str:
    return path.removeprefix(f"{section}.")


def _expected(path: str) -> ExpectedValue:
    found = expected_at(path.split("."))
    if found is None:
        raise ValueError(path)
    return found


def _literals(path: str) -> list[str]:
    if "[]" in path:
        return []
    return [value for one in _expected(path).types if get_origin(one) is Literal for value in get_args(one)]


def _kind(path: str) -> Kind:
    found = _expected(path).types
    if bool in found:
        return "check"
    if _literals(path):
        return "choice"
    return "number" if int in found or float in found else "text"


def _control(key: DocumentedKey, section: str, language: Language) -> Control:
    field, default, name = key.path.partition(".")[2], _default(key.path), _below(key.path, section)
    kind = _kind(key.path)
    told = value_words(section, field, default, language) if kind == "choice" else _shown(default, language)
    expected = typed_expectation(key.allowed)
    is_told = kind == "number" or (kind == "text" and getattr(expected, "code", "") != "expected.text")
    return Control(
        name=name,
        kind=kind,
        words=key_words(key.path, language),
        meaning=key.meaning_in(language),
        allowed=said(expected, language) if is_told else "",
        default=told or None,
        choices=[(value, value_words(section, field, value, language)) for value in _literals(key.path)],
    )


def _default(path: str) -> Any:
    field = _expected(path).field
    return None if field is None or field.is_required() else field.get_default(call_default_factory=True)


def _value_at(stored: Mapping[str, Any], name: str) -> Any:
    found: Any = stored
    for step in name.split("."):
        found = found[step]
    return found


def _shown(value: Any, language: Language) -> str:
    """A number as people of this language write it; nothing for None."""
    if value is None or isinstance(value, bool):
        return ""
    text = str(value)
    if isinstance(value, float):
        text = text.removesuffix(".0")
        return text.replace(".", ",") if language == "fr" else text
    return text


def _as_value(path: str, typed: Any) -> Any:
    if isinstance(typed, bool):
        return typed
    value = _number(typed) if _kind(path) == "number" else typed
    return value if value or types.NoneType not in _expected(path).types else None


def _number(typed: str) -> str:
    """Without the blanks and with the point that a number has in the file."""
    return "".join(typed.split()).replace(",", ".")


def _lists_of(section: str, stored: Any, language: Language) -> dict[str, Any]:
    if section == "late_payment":
        days = ((dt.date.fromisoformat(one["since"]), one["percent"]) for one in stored["rates"])
        return {"rates": [(show_date(day, language), _shown(percent, language)) for day, percent in days]}
    if _is_audience(section):
        return {name: () if stored is None else tuple(stored[name]) for name in Audience.model_fields}
    return {}


def _lists_in(section: str, form: FormData) -> dict[str, Any]:
    if section == "late_payment":
        sides = ([str(one).strip() for one in form.getlist(name)] for name in ("rate_since", "rate_percent"))
        return {"rates": [row for row in zip(*sides, strict=False) if any(row)]}
    if _is_audience(section):
        return {name: tuple(str(one) for one in form.getlist(name)) for name in Audience.model_fields}
    return {}


def _lists_as_values(section: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    if section == "late_payment":
        rates = ((parse_date(since) or since, percent) for since, percent in typed["rates"])
        return {"rates": [{"since": since, "percent": _number(percent)} for since, percent in rates]}
    if _is_audience(section):
        return {name: list(typed[name]) for name in Audience.model_fields}
    return {}


def _is_audience(section: str) -> bool:
    return children(Configuration.model_fields[section]) is Audience
