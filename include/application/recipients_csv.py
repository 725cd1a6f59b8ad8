"""The list of recipients as CSV, there and back, also through a French Excel.

Excel makes numbers of what looks like one: it turns a SIRET into 1,23457E+13 and cuts leading zeros, and it runs a cell
that begins with `=`. So such cells are written as texts (`="12345678200051"`), which Excel shows and saves unharmed.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from include.application.configure import Applied, Plan, plan
from include.application.recipients import Desk, Recipients, Row, rows_of, with_rows
from include.domain.configuration import Configuration, Recipient
from include.domain.errors import ConfigurationFileError
from include.domain.values import fold, normalise_siret

COLUMNS = tuple(field.name for field in dataclasses.fields(Row))

_LOOKS_LIKE_A_NUMBER = re.compile(r"[\s\d.,:/+%eE-]*\d[\s\d.,:/+%eE-]*")
_FORMULA = ("=", "+", "-", "@", "\t")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_CUT_NUMBER = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_SHOWN_FAULTS = 50


def write(recipients: Iterable[Recipient], *, plain: bool = False) -> bytes:
    """The list in UTF-8 with BOM; `plain` for programs, without the guard against Excel."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows_of(recipients):
        cells = dataclasses.asdict(row)
        writer.writerow(cell if plain else _guarded(name, cell) for name, cell in cells.items())
    return text.getvalue().encode("utf-8-sig")


def _guarded(column: str, cell: str) -> str:
    """A code may also look like a date (MAR1), so codes are always texts."""
    number = column in ("siret", "service_code") or _LOOKS_LIKE_A_NUMBER.fullmatch(cell)
    if not cell or not (number or cell.startswith(_FORMULA)):
        return cell
    quoted = cell.replace('"', '""')
    return f'="{quoted}"'


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a file, with its number."""

    number: int
    row: Row


def read(content: bytes, name: str = "line") -> list[Line]:
    """The lines of a file; ConfigurationFileError with every wrong one, each with its number."""
    faults: list[str] = []
    lines: list[Line] = []
    cells = _cells(_text(content))
    first, names = next(cells, (1, []))
    columns = [_unguarded(cell).lower() for cell in names]
    if "siret" not in columns or not set(columns) <= set(COLUMNS):
        wanted, given = ";".join(COLUMNS), ";".join(columns) or "nothing"
        _raise([f"{name}:{first}: the first line must name the columns {wanted}, or some of them; it has {given}"])
    for number, found in cells:
        values = dict(zip(columns, map(_unguarded, found), strict=False))
        fault = _fault(values, found[len(columns) :])
        if fault:
            faults.append(f"{name}:{number}: {fault}")
        else:
            values["siret"] = normalise_siret(values["siret"]) or ""
            lines.append(Line(number=number, row=Row(**values)))
    _raise(faults)
    return lines


def _text(content: bytes) -> str:
    """As UTF-8 with or without BOM, as Excel's `Unicode text`, or as its ordinary CSV (Windows-1252)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every line that is not blank; the first line tells the separator."""
    skipped = 0
    if text.lower().startswith("sep="):  # Excel's own hint
        text, skipped = text.partition("\n")[2], 1
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";\t,", key=first.count))
    before = 0
    for cells in reader:
        number, before = before + 1 + skipped, reader.line_num
        if any(cell.strip() for cell in cells):
            yield number, cells


def _unguarded(cell: str) -> str:
    text = cell.strip()
    found = _AS_TEXT.fullmatch(text)
    return found.group(1).replace('""', '"').strip() if found else text.removeprefix("'")


def _fault(values: dict[str, str], rest: Sequence[str]) -> str | None:
    siret = values.get("siret", "")
    if any(cell.strip() for cell in rest):
        return f"more cells than columns: {' '.join(rest).strip()!r}; put a text that holds the separator in quotes"
    if _CUT_NUMBER.fullmatch(siret):
        return (
            f"Excel has made a number of the SIRET ({siret}) and lost digits: format the column as text, type it again"
        )
    if siret.isdigit() and len(siret) < 14:
        return (
            f"the SIRET {siret!r} has {len(siret)} digits, not 14; Excel cuts leading zeros unless the column is text"
        )
    if normalise_siret(siret) is None:
        return f"{siret!r} is not a SIRET: it has 14 digits" if siret else "the SIRET is missing"
    if values.get("service_wording") and not values.get("service_code"):
        return f"the service wording {values['service_wording']!r} has no service_code that it means"
    return None


def _raise(faults: Sequence[str]) -> None:
    if not faults:
        return
    more = len(faults) - _SHOWN_FAULTS
    told = [*faults[:_SHOWN_FAULTS], *([f"... and {more} more wrong lines"] if more > 0 else [])]
    raise ConfigurationFileError([*told, "Nothing was changed."])


# -- into the configuration --------------------------------------------------------------------------------------


def plan_import(desk: Desk, lines: Sequence[Line], *, replace: bool, name: str) -> Plan:
    """What importing these lines would change."""
    made = _made(desk.configuration.current()[1].recipients, lines, replace=replace, name=name)
    return plan(desk.configuration, Configuration(recipients=made), desk.clock)


def import_lines(desk: Desk, lines: Sequence[Line], *, replace: bool, name: str) -> Applied:
    """Adds these lines to the list, or makes them the whole list; all or nothing."""
    return desk.edit(
        lambda stored: _made(stored, lines, replace=replace, name=name), source=f"recipients import {name}"
    )


def _made(stored: Recipients, lines: Sequence[Line], *, replace: bool, name: str) -> Recipients:
    kept = () if replace else stored
    _raise([f"{name}:{number}: {fault}" for number, fault in _contradictions(kept, lines)])
    return with_rows(kept, (line.row for line in lines))


def _contradictions(stored: Iterable[Recipient], lines: Iterable[Line]) -> Iterator[tuple[int, str]]:
    """A wording that would mean two bodies, or two services of one body."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    told = [(None, row) for row in rows_of(stored)] + [(line.number, line.row) for line in lines]
    for number, row in told:
        where = "in the configuration" if number is None else f"in line {number}"
        for key, wording, meaning in (
            (("", fold(row.wording)), row.wording, row.siret),
            ((row.siret, fold(row.service_wording)), row.service_wording, row.service_code),
        ):
            first, place = known.setdefault(key, (meaning, where)) if wording else (meaning, where)
            if number is not None and fold(first) != fold(meaning):
                yield number, f"the wording {wording!r} already means {first} ({place}), so it cannot mean {meaning}"
