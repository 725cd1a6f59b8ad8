"""What the demonstration came to: the closing table, and whether it is what was expected."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from include.application.listing import list_documents
from include.bootstrap import Services
from include.demo.generator import DemoDocument


def documents(services: Services) -> list[dict[str, Any]]:
    """Every document of the portal as the connector's own listing shows it."""
    _, configuration = services.store.configuration.current()
    return list_documents(services.store.listings, configuration, language=services.settings.language)


def print_documents(rows: Sequence[Mapping[str, Any]]) -> None:
    """The closing table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(show_edge=False, pad_edge=False)
    for name in ("document", "read from", "number", "recipient"):
        table.add_column(name, no_wrap=name != "document", overflow="ellipsis")
    table.add_column("total", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("Chorus Pro id, or the reason", ratio=1)
    for row in rows:
        table.add_row(
            row["name"],
            _READ_FROM.get(row["kind"] or "", "-"),
            row["invoice_number"] or "-",
            row["recipient_siret"] or "-",
            row["total_incl_tax"] or "-",
            row["state"],
            str(row["chorus_id"] or _first_reason(row)),
        )
    Console(width=None if sys.stdout.isatty() else 170).print(table)


def differences(
    expected: Sequence[DemoDocument], rows: Sequence[Mapping[str, Any]], on_platform: Sequence[Mapping[str, Any]]
) -> list[str]:
    """What is not as expected: a state, a value that was sent, an invoice there twice, or one that we do not know."""
    by_id = {row["portal_id"]: row for row in rows}
    found = []
    for document in expected:
        row = by_id.get(document.portal_id)
        if row is None or row["state"] != document.expected_state:
            state = row["state"] if row else "missing"
            found.append(f"{document.name}: expected {document.expected_state}, is {state}")
            continue
        found += [
            f"{document.name}: {name} expected {value}, is {row[name]}"
            for name, value in document.expected.items()
            if name in row and row[name] != value
        ]
    ours = {row["chorus_id"] for row in rows if row["chorus_id"]}
    theirs = {item["chorus_id"] for item in on_platform}
    found += [f"Chorus Pro holds {chorus_id}, which we do not know" for chorus_id in sorted(theirs - ours)]
    found += [f"Chorus Pro does not hold {chorus_id}" for chorus_id in sorted(ours - theirs)]
    numbers = Counter(item["number"] for item in on_platform)
    found += [f"{number} is there {count} times" for number, count in numbers.items() if count > 1]
    return found


_READ_FROM = {"facturx": "Factur-X", "digital": "text", "scan": "OCR"}


def _first_reason(row: Mapping[str, Any]) -> str:
    reasons = row["reasons"]
    if not reasons:
        return row["shelved_reason"] or ""
    more = f" (+{len(reasons) - 1})" if len(reasons) > 1 else ""
    return f"{reasons[0]['message']}{more}"
