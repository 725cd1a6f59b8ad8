"""Tables as files, for spreadsheets and other programs: what a column holds, and who writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

LONGEST_TEXT = 32_000
"""Characters of a cell; Excel takes 32,767."""


class Kind(StrEnum):
    """What the cells of a column are, so that no program has to guess; a cell may always be empty (None)."""

    TEXT = "text"
    ID = "id"
    """A number that names something: never added up, never rounded."""
    COUNT = "count"
    AMOUNT = "amount"
    """Decimal, with two digits; a text where somebody typed what is no amount."""
    DATE = "date"
    TIME = "time"
    """Aware; UTC for programs, Paris for people."""


class Format(StrEnum):
    """How a table is written."""

    CSV = "csv"
    PARQUET = "parquet"
    EXCEL = "excel"

    @property
    def for_people(self) -> bool:
        """Whether people open it: headings and statuses in words; else names and codes."""
        return self is not Format.PARQUET


@dataclass(frozen=True, kw_only=True)
class Column:
    """`name` is the key in each row, `heading` what people read."""

    name: str
    heading: str
    kind: Kind = Kind.TEXT


Batches = Iterable[Sequence[Mapping[str, Any]]]
"""Rows, some hundreds at a time: no table has to fit into memory."""


class TableStream(Protocol):
    """Writes a table piece by piece, for whoever sends it on."""

    def csv(self, columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
        """The head, then a piece for each batch; `batches` is asked for no more than the reader takes."""


class TableWriter(Protocol):
    """Writes a table whole or not at all."""

    def write(self, target: Path, form: Format, columns: Sequence[Column], batches: Batches) -> int:
        """The number of rows. InputError for a place that cannot be written, DiskFullError where there is no room."""
