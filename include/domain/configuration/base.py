"""What all sections share: their base class, and the kinds of values that several of them hold."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from include.texts import Text

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
    """Says which values a type takes, where its Python form does not say it to a person: `expected.<code>`."""

    code: str

    @property
    def text(self) -> Text:
        """The words, for the text in which they stand."""
        return Text(f"expected.{self.code}")


class RuleError(ValueError):
    """A value that a rule of the schema refuses, with the words for it."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def wrong(text: str) -> dict[str, Any]:
    """What happens when the value is well formed and yet wrong; docs/configuration.md prints it."""
    return {"x-when-wrong": text}


Siret = Annotated[str, Field(strict=True, pattern=r"^[0-9]{14}$"), Expects("siret")]
Name = Annotated[str, Field(min_length=1), Expects("name")]
Code = Annotated[str, Field(strict=True, min_length=1), Expects("code")]
MailAddress = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$"), Expects("mail_address")]
ConnectionId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_#!().:/\\-]{1,250}$"),
    Expects("connection_id"),
]
WebAddress = Annotated[str, Field(pattern=r"^https?://"), Expects("web_address")]
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
            raise RuleError(Text("fault.no_date", {"value": text})) from None
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise RuleError(Text("fault.time_without_zone"))
        return value.astimezone(dt.UTC)
    return value


Since = Annotated[
    dt.datetime | dt.date | Literal["always"] | None,
    BeforeValidator(_read_since),
    Expects("since"),
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
