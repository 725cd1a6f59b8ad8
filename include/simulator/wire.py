"""Reading request bodies: what an operation declares, and what is done with what it does not.

The real platform is a Java service that binds JSON to beans: scalars are coerced, absent, null and "" mean the same,
an unknown key or an over-long text is HTTP 400.

Bodies come out complete: each declared key is there, None if not given.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from include.simulator import failures
from include.simulator.failures import Misunderstood, Refusal

PARIS = ZoneInfo("Europe/Paris")
# int64; a number of more digits is not even expanded.
WHOLE_LIMIT = 2**63
WHOLE_DIGITS = 30
WRONG_TYPE = "type inattendu"


class Shape(Protocol):
    """One declared value: takes what came and gives the value to work with, or raises."""

    def take(self, value: Any, where: str, strict: bool) -> Any:
        """Check and convert `value`, found at `where`."""


def refuse(where: str, why: str) -> Misunderstood:
    """Build the refusal of one value."""
    return Misunderstood(failures.BAD_VALUE, key=where, why=why)


@dataclass(frozen=True)
class Text:
    """A string; numbers are coerced, as the real platform's JSON library does."""

    limit: int | None = None
    values: Collection[str] | None = None

    def take(self, value: Any, where: str, strict: bool) -> str | None:
        """Give the text, or None for null and ""."""
        if value is None or value == "":
            return None
        if isinstance(value, (dict, list, bool)):
            raise refuse(where, WRONG_TYPE)
        text = str(value)
        if not text.isascii() and any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
            raise refuse(where, "caractère invalide")
        if self.limit is not None and len(text) > self.limit:
            raise refuse(where, f"plus de {self.limit} caractères")
        if self.values is not None and text not in self.values:
            raise refuse(where, "valeur inconnue")
        return text


@dataclass(frozen=True)
class Whole:
    """An integer (int32 or int64), possibly sent as text."""

    def take(self, value: Any, where: str, strict: bool) -> int | None:
        """Give the integer, or None."""
        if value is None or value == "":
            return None
        if isinstance(value, (dict, list, bool)):
            raise refuse(where, WRONG_TYPE)
        try:
            exact = Decimal(str(value))
            number = int(exact) if exact.adjusted() < WHOLE_DIGITS else WHOLE_LIMIT
        except (InvalidOperation, ValueError, OverflowError):
            raise refuse(where, "nombre entier attendu") from None
        if abs(number) >= WHOLE_LIMIT:
            raise refuse(where, "nombre trop grand")
        return number


@dataclass(frozen=True)
class Amount:
    """A decimal(19,6): at most 19 digits, at most 6 of them after the point."""

    def take(self, value: Any, where: str, strict: bool) -> Decimal | None:
        """Give the exact decimal, or None."""
        if value is None or value == "":
            return None
        if isinstance(value, (dict, list, bool)):
            raise refuse(where, WRONG_TYPE)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise refuse(where, "montant attendu") from None
        if not number.is_finite() or abs(number) >= Decimal(10) ** 13:
            raise refuse(where, "montant hors limites")
        if number != number.quantize(Decimal("0.000001")):
            raise refuse(where, "plus de 6 décimales")
        return number


@dataclass(frozen=True)
class Flag:
    """A boolean, possibly sent as text."""

    def take(self, value: Any, where: str, strict: bool) -> bool | None:
        """Give the boolean, or None."""
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise refuse(where, "booléen attendu")


@dataclass(frozen=True)
class Moment:
    """A date or a date-time, in any of the platform's three forms; comes out as an aware datetime (Paris if unsaid)."""

    def take(self, value: Any, where: str, strict: bool) -> dt.datetime | None:
        """Give the moment, or None."""
        if value is None or value == "":
            return None
        try:
            moment = dt.datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise refuse(where, "date attendue") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


@dataclass(frozen=True)
class Day:
    """A calendar date; comes out as `YYYY-MM-DD`."""

    def take(self, value: Any, where: str, strict: bool) -> str | None:
        """Give the day, or None."""
        moment = Moment().take(value, where, strict)
        return moment.date().isoformat() if moment else None


@dataclass(frozen=True)
class Anything:
    """Generator noise and objects the simulator does not look into."""

    def take(self, value: Any, where: str, strict: bool) -> Any:
        """Give the value as it came."""
        return value


@dataclass(frozen=True)
class Several:
    """A list; with `lone`, one object in its place is taken too (pieceJointePrincipale, typed so in the Swagger)."""

    item: Shape
    lone: bool = False

    def take(self, value: Any, where: str, strict: bool) -> list[Any]:
        """Give the list; empty when absent."""
        if value is None or value == "":
            return []
        if self.lone and isinstance(value, dict):
            value = [value]
        if not isinstance(value, list):
            raise refuse(where, "liste attendue")
        return [self.item.take(item, f"{where}[{index}]", strict) for index, item in enumerate(value)]


@dataclass(frozen=True)
class Group:
    """An object with declared keys."""

    keys: Mapping[str, Shape] = field(default_factory=dict)

    def take(self, value: Any, where: str, strict: bool) -> dict[str, Any]:
        """Give an object that has every declared key."""
        if value is None or value == "":
            value = {}
        if not isinstance(value, dict):
            raise refuse(where or "corps", "objet attendu")
        prefix = f"{where}." if where else ""
        if strict:
            for key in value:
                if key not in self.keys:
                    raise Misunderstood(failures.UNKNOWN_KEY, key=prefix + key)
        return {key: shape.take(value.get(key), prefix + key, strict) for key, shape in self.keys.items()}


def body(**keys: Shape) -> Group:
    """Declare the body of an operation; the acting user's id is allowed everywhere and means nothing."""
    return Group({"idUtilisateurCourant": Anything(), **keys})


def group(**keys: Shape) -> Group:
    """Declare an object inside a body."""
    return Group(keys)


def parse(raw: bytes) -> dict[str, Any]:
    """Read JSON without losing a cent: numbers with a point become Decimal."""
    try:
        value = json.loads(raw, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Misunderstood(failures.NOT_JSON) from None
    if not isinstance(value, dict):
        raise Misunderstood(failures.NOT_JSON)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def required(value: Any, key: str) -> Any:
    """Give the value, or refuse because the operation cannot do without."""
    if value is None or value == []:
        raise Refusal(failures.MISSING, key=key)
    return value
