"""Writing answers: numbers, the three date forms of the wire, and pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from include.simulator.wire import PARIS, Anything, Group, Shape, Text, Whole, group

Json = dict[str, Any]
PAGE_SIZE = 10
# Default cap of the invoice searches (2017 client): rows beyond it are silently not there.
RESULT_CAP = 200


def number(value: Decimal | str | float | None) -> int | float | None:
    """Write an amount as a JSON number, without a point where it is whole."""
    if value is None:
        return None
    exact = Decimal(str(value))
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _paris(at: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, tz=PARIS)


def day(at: float | None) -> str | None:
    """Write `YYYY-MM-DD`, in Paris."""
    return None if at is None else _paris(at).date().isoformat()


def minute(at: float | None) -> str | None:
    """Write `YYYY-MM-DD HH:MM`, in Paris."""
    return None if at is None else _paris(at).strftime("%Y-%m-%d %H:%M")


def instant(at: float | None) -> str | None:
    """Write ISO 8601 with milliseconds and offset."""
    return None if at is None else _paris(at).isoformat(timespec="milliseconds")


@dataclass(frozen=True, kw_only=True)
class Page:
    """What part of a list is asked for."""

    number: int = 1
    size: int = PAGE_SIZE
    column: str | None = None
    descending: bool | None = None
    cap: int | None = None

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    @property
    def room(self) -> int:
        """Rows this page may still show under the cap."""
        return self.size if self.cap is None else max(0, min(self.size, self.cap - self.offset))


def page_shape(columns: list[str] | None = None, *, suffix: str = "") -> Group:
    """Declare a pagination object; the four last keys are noise of the Swagger's generator."""
    keys: dict[str, Shape] = {
        f"nbResultatsParPage{suffix}": Whole(),
        f"pageResultatDemandee{suffix}": Whole(),
        f"triColonne{suffix}": Text(values=columns),
        f"triSens{suffix}": Text(values=["Ascendant", "Descendant"]),
        "nbResultatsMaximum": Whole(),
    }
    for noise in ("champsDeTri", "ordreTriGenerique", "taillePageGenerique", "indexPageGenerique"):
        keys[noise] = Anything()
    return group(**keys)


def read_page(asked: Json, *, cap: int | None = None, suffix: str = "") -> Page:
    """Read a pagination object, with the platform's defaults."""
    size = asked[f"nbResultatsParPage{suffix}"]
    wanted = asked[f"pageResultatDemandee{suffix}"]
    direction = asked[f"triSens{suffix}"]
    return Page(
        number=max(1, wanted or 1),
        size=max(1, size or PAGE_SIZE),
        column=asked[f"triColonne{suffix}"],
        descending=None if direction is None else direction == "Descendant",
        cap=(asked["nbResultatsMaximum"] or cap) if cap is not None else None,
    )


def page_answer(page: Page, total: int) -> Json:
    """Write `parametresRetour`; `pages` is 0 on an empty list (the real value is unknown)."""
    return {
        "pageCourante": page.number,
        "pages": -(-total // page.size),
        "nbResultatsParPage": page.size,
        "total": total,
    }
