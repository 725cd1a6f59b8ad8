"""What all sections share: their base class, and the kinds of values that several of them hold."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

PARIS = ZoneInfo("Europe/Paris")


class Section(BaseModel):
    """Base of all sections: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Item(Section):
    """A section that stands in a list, where it is told apart by its identity."""

    identified_by: ClassVar[tuple[str, ...]] = ("name",)

    @property
    def identity(self) -> str:
        """What stays the same when the item changes; unique in its list."""
        return " ".join(str(getattr(self, name)) for name in self.identified_by)

    @property
    def title(self) -> str:
        """What a person calls it, with its identity in it."""
        return self.identity


@dataclass(frozen=True)
class Expects:
    """Says in words which values a type takes, where its Python form does not say it to a person."""

    text: str


def wrong(text: str) -> dict[str, Any]:
    """What happens when the value is well formed and yet wrong; docs/configuration.md prints it."""
    return {"x-when-wrong": text}


Siret = Annotated[
    str, Field(strict=True, pattern=r"^[0-9]{14}$"), Expects('14 digits in quotes, such as "33254021516357"')
]
Name = Annotated[str, Field(min_length=1), Expects("a text that is not empty")]
Code = Annotated[str, Field(strict=True, min_length=1), Expects('a code in quotes, such as "ST01"')]
MailAddress = Annotated[
    str, Field(pattern=r"^[^@\s]+@[^@\s]+$"), Expects("a mail address, such as name@domain.example")
]
ConnectionId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_#!().:/\\-]{1,250}$"),
    Expects(
        "the id of an Airflow connection: letters, digits, _ - . and no blanks; the secrets stay in the connection"
    ),
]
WebAddress = Annotated[str, Field(pattern=r"^https?://"), Expects("a web address, beginning with https:// or http://")]
Fraction = Annotated[float, Field(ge=0, le=1)]


def _read_since(value: object) -> object:
    """A date, a time with its zone (kept in UTC), or `always`; a text in another form is told so."""
    if isinstance(value, str) and value != "always":
        text = value.strip()
        try:
            value = (
                dt.date.fromisoformat(text)
                if re.fullmatch(r"\d{4}-\d\d-\d\d", text)
                else dt.datetime.fromisoformat(text)
            )
        except ValueError:
            raise ValueError(f'"{text}" is not a date or time') from None
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("a time needs its zone, as in 2026-10-01T08:00:00Z")
        return value.astimezone(dt.UTC)
    return value


Since = Annotated[
    dt.datetime | dt.date | Literal["always"] | None,
    BeforeValidator(_read_since),
    Expects('a date such as "2026-10-01", a time with its zone such as "2026-10-01T08:00:00Z", or always'),
]


def starts_at(since: dt.datetime | dt.date | str | None) -> dt.datetime | None:
    """The moment from which arrivals count: None for `always`, and midnight in Paris for a date.

    A rule that was never applied has no `since` yet (None): it starts at the end of time, so that it takes nothing.
    """
    if since == "always":
        return None
    if isinstance(since, dt.datetime):
        return since
    if isinstance(since, dt.date):
        return dt.datetime.combine(since, dt.time(), PARIS).astimezone(dt.UTC)
    return dt.datetime.max.replace(tzinfo=dt.UTC)


class Audience(Section):
    """Some users and groups, by name."""

    users: tuple[str, ...] = Field(
        default=(),
        description="Users by their name in people.users.",
        examples=[["mdurand"]],
        json_schema_extra=wrong("A name that people.users lacks refuses the file."),
    )
    groups: tuple[str, ...] = Field(
        default=(),
        description="Groups by their name in people.groups.",
        examples=[["billing"]],
        json_schema_extra=wrong("A name that people.groups lacks refuses the file."),
    )
