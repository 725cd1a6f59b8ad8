"""The list of recipients as CSV, written and read, also through a French Excel."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from include.application.administration.configure import Applied, Plan, plan
from include.application.administration.recipients import RecipientEditing, Recipients, Row, rows_of, with_rows
from include.domain.configuration import Configuration, Recipient
from include.domain.errors import ConfigurationFileError
from include.domain.spreadsheet_cells import guarded, marked_as_text, unguarded
from include.domain.values import fold, normalise_siret
from include.texts import Text

COLUMNS = tuple(field.name for field in dataclasses.fields(Row))

_CUT_NUMBER = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_SHOWN_FAULTS = 50


def write(recipients: Iterable[Recipient], *, plain: bool = False) -> bytes:
    """The list in UTF-8 with BOM; `plain` for programs, without the guard against Excel."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in rows_of(recipients):
        cells = dataclasses.asdict(row)
        writer.writerow(cell if plain else _cell(name, cell) for name, cell in cells.items())
    return text.getvalue().encode("utf-8-sig")


def _cell(column: str, text: str) -> str:
    """A code may also look like what no rule foresees, so codes are always texts."""
    return marked_as_text(text) if text and column in ("siret", "service_code") else guarded(text)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a file, with its number."""

    number: int
    row: Row


def read(content: bytes, name: str = "line") -> list[Line]:
    """The lines of a file; ConfigurationFileError with every wrong one, each with its number."""
    faults: list[Text] = []
    lines: list[Line] = []
    cells = _cells(_text(content))
    first, names = next(cells, (1, []))
    columns = [unguarded(cell).lower() for cell in names]
    if "siret" not in columns or not set(columns) <= set(COLUMNS):
        told = {"wanted": ";".join(COLUMNS), "given": ";".join(columns)}
        _raise([_at(name, first, Text("table.first_line", told))])
    for number, found in cells:
        values = dict(zip(columns, map(unguarded, found), strict=False))
        fault = _fault(values, found[len(columns) :])
        if fault:
            faults.append(_at(name, number, fault))
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


def _at(name: str, number: int, fault: Text) -> Text:
    return Text("fault.at", {"place": f"{name}:{number}", "fault": fault})


def _fault(values: dict[str, str], rest: Sequence[str]) -> Text | None:
    siret = values.get("siret", "")
    if any(cell.strip() for cell in rest):
        return Text("table.more_cells", {"rest": " ".join(rest).strip()})
    if _CUT_NUMBER.fullmatch(siret):
        return Text("table.cut_number", {"siret": siret})
    if siret.isdigit() and len(siret) < 14:
        return Text("table.too_short", {"siret": siret, "digits": len(siret)})
    if normalise_siret(siret) is None:
        return Text("table.no_siret", {"text": siret}) if siret else Text("table.siret_missing")
    if values.get("service_wording") and not values.get("service_code"):
        return Text("table.wording_without_code", {"wording": values["service_wording"]})
    return None


def _raise(faults: Sequence[Text]) -> None:
    if not faults:
        return
    more = len(faults) - _SHOWN_FAULTS
    listed = [*faults[:_SHOWN_FAULTS], *([Text("table.more_lines", {"count": more})] if more > 0 else [])]
    raise ConfigurationFileError([*listed, Text("table.nothing_changed")])


# -- into the configuration --------------------------------------------------------------------------------------


def plan_import(editing: RecipientEditing, lines: Sequence[Line], *, replace: bool, name: str) -> Plan:
    """What importing these lines would change."""
    made = _made(editing.configuration.current()[1].recipients, lines, replace=replace, name=name)
    return plan(editing.configuration, Configuration(recipients=made), editing.clock)


def import_lines(editing: RecipientEditing, lines: Sequence[Line], *, replace: bool, name: str) -> Applied:
    """Adds these lines to the list, or makes them the whole list; all or nothing."""
    return editing.edit(
        lambda stored: _made(stored, lines, replace=replace, name=name), source=f"recipients import {name}"
    )


def _made(stored: Recipients, lines: Sequence[Line], *, replace: bool, name: str) -> Recipients:
    kept = () if replace else stored
    _raise([_at(name, number, fault) for number, fault in _contradictions(kept, lines)])
    return with_rows(kept, (line.row for line in lines), known=stored)


def _contradictions(stored: Iterable[Recipient], lines: Iterable[Line]) -> Iterator[tuple[int, Text]]:
    """A wording that would mean two bodies, or two services of one body."""
    known: dict[tuple[str, str], tuple[str, Text]] = {}
    listed = [(None, row) for row in rows_of(stored)] + [(line.number, line.row) for line in lines]
    for number, row in listed:
        where = Text("table.in_the_configuration") if number is None else Text("table.in_line", {"number": number})
        for key, wording, meaning in (
            (("", fold(row.wording)), row.wording, row.siret),
            ((row.siret, fold(row.service_wording)), row.service_wording, row.service_code),
        ):
            first, place = known.setdefault(key, (meaning, where)) if wording else (meaning, where)
            if number is not None and fold(first) != fold(meaning):
                told = {"wording": wording, "first": first, "place": place, "meaning": meaning}
                yield number, Text("table.two_meanings", told)
