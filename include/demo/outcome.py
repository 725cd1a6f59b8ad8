"""What the demonstration came to: the closing table, and whether it is what was expected."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from include.application.ports.document_views import DocumentFilter
from include.application.views.json_rows import document, plain
from include.bootstrap import Services
from include.demo.generator import DemoDocument
from include.domain.rights import OWNER

_FILE_WIDTH = 170
"""Where stdout is no terminal."""

_TABLE_WIDTH = 140
"""On a narrower terminal a table would squeeze the reasons into a few letters a line."""


def documents(services: Services) -> list[dict[str, Any]]:
    """Every document of the portal as the connector's own listing shows it."""
    _, configuration = services.store.configuration.current()
    rows = services.store.document_views.rows(OWNER, DocumentFilter())
    return [plain(document(row, configuration, services.settings.language)) for row in rows]


def print_documents(rows: Sequence[Mapping[str, Any]], *, width: int | None = None) -> None:
    """What became of each document: a table, or on a narrow terminal a few lines for each."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    console = Console(width=width or (None if terminal else _FILE_WIDTH), no_color=not terminal, highlight=False)
    if console.width >= _TABLE_WIDTH:
        console.print(_table(rows))
    else:
        for row in rows:
            name, *facts, outcome = _cells(row)
            console.print(name, style="bold", markup=False)
            console.print("  " + " · ".join(fact for fact in facts if fact != "-"), markup=False)
            console.print(f"  {outcome}", markup=False)
    counts = Counter(row["state"] for row in rows)
    console.print("\n" + ", ".join(f"{count} {state}" for state, count in counts.most_common()), markup=False)


def _table(rows: Sequence[Mapping[str, Any]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    for name in ("document", "read from", "number", "recipient"):
        table.add_column(name, no_wrap=name != "document", overflow="ellipsis")
    table.add_column("total", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("Chorus Pro id, or the reason", ratio=1)
    for row in rows:
        table.add_row(*(Text(cell) for cell in _cells(row)))  # a name may look like markup
    return table


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["name"],
        _READ_FROM.get(row["kind"] or "", "-"),
        row["invoice_number"] or "-",
        row["recipient_siret"] or "-",
        row["total_incl_tax"] or "-",
        row["state"],
        f"{row['chorus_id']}" if row["chorus_id"] else _first_reason(row),
    )


def differences(
    expected: Sequence[DemoDocument], rows: Sequence[Mapping[str, Any]], on_platform: Sequence[Mapping[str, Any]]
) -> list[str]:
    """What is not as expected: a state, a value that was sent, an invoice there twice, or one that we do not know."""
    by_id = {row["portal_id"]: row for row in rows}
    found = [text for document in expected for text in _faults(document, by_id.get(document.portal_id))]
    ours = {row["chorus_id"]: row["invoice_number"] for row in rows if row["chorus_id"]}
    theirs = {item["chorus_id"]: item["number"] for item in on_platform}
    found += [f"Chorus Pro holds {chorus_id}, which we do not know" for chorus_id in sorted(theirs.keys() - ours)]
    found += [f"Chorus Pro does not hold {chorus_id}" for chorus_id in sorted(ours.keys() - theirs)]
    found += [
        f"Chorus Pro calls {chorus_id} {theirs[chorus_id]}, we call it {ours[chorus_id]}"
        for chorus_id in sorted(ours.keys() & theirs)
        if ours[chorus_id] != theirs[chorus_id]
    ]
    numbers = Counter(item["number"] for item in on_platform)
    found += [f"{number} is there {count} times" for number, count in numbers.items() if count > 1]
    return found


def _faults(document: DemoDocument, row: Mapping[str, Any] | None) -> list[str]:
    state = row["state"] if row else "missing"
    if row is None or state != document.expected_state:
        return [f"{document.name}: expected {document.expected_state}, is {state}"]
    if state != "submitted":
        return []
    # metadata may replace what the document says, as `expected` tells; number and total decide about money
    says = {name: document.truth["fields"].get(name) for name in ("invoice_number", "total_incl_tax")}
    return [
        f"{document.name}: {name} expected {value}, is {row[name]}"
        for name, value in {**says, **document.expected}.items()
        if name in row and row[name] != value
    ]


_READ_FROM = {"facturx": "Factur-X", "digital": "text", "scan": "OCR"}


def _first_reason(row: Mapping[str, Any]) -> str:
    reasons = row["reasons"]
    if not reasons:
        return row["shelved_reason"] or ""
    more = f" (+{len(reasons) - 1})" if len(reasons) > 1 else ""
    return f"{reasons[0]['message']}{more}"
