"""What a benchmark prints: JSON for programs, tables for people at a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def show(found: Mapping[str, Any], *, as_json: bool) -> None:
    """JSON where it was asked for or standard output is no terminal."""
    if as_json or not sys.stdout.isatty():
        print(json.dumps(found, indent=2))
        return
    from rich.console import Console

    _facts(Console(highlight=False), found)


def _facts(console: Console, found: Mapping[str, Any], title: str = "") -> None:
    """Single values first, then a table for each list of things alike, then what is nested."""
    plain = {name: value for name, value in found.items() if not isinstance(value, (Mapping, list))}
    if title:
        console.print(f"\n{title}", style="bold")
    for name, value in plain.items():
        console.print(f"{_words(name)}: {value}", markup=False)
    for name, value in found.items():
        if isinstance(value, Mapping):
            _facts(console, value, _words(name))
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            _table(console, value, _words(name))
        elif isinstance(value, list):
            console.print(f"{_words(name)}: {', '.join(map(str, value)) or '-'}", markup=False)


def _table(console: Console, rows: Sequence[Mapping[str, Any]], title: str) -> None:
    """One column for each of the things, one line for each fact."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, show_header=False)
    for name, values in _flat(rows).items():
        table.add_row(_words(name), *map(str, values))
    console.print()
    console.print(table)


def _flat(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name in rows[0]:
        if isinstance(rows[0][name], Mapping):
            inner = _flat([row[name] for row in rows])
            found |= {f"{name}: {key}": values for key, values in inner.items()}
        else:
            found[name] = [row[name] for row in rows]
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")
