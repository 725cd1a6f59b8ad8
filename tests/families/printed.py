"""Invoices that were printed or scanned by other programs, written without sight of the rules of reading.

Each folder of tests/resources/families has its PDFs, `truth.jsonl` as the corpus has it, and `bodies.json`: the
suppliers that are configured, and the public bodies with their services. README.md there says who made which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from include.domain.directory import DirectoryEntry, DirectoryService
from tests.families.verdict import NOW

PRINTED = Path(__file__).parents[1] / "resources" / "families"
SETS = tuple(sorted(folder.name for folder in PRINTED.iterdir() if folder.is_dir()))


def printed(name: str) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
    """The documents of a set, each with its truth."""
    folder = PRINTED / name
    for line in (folder / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        yield (folder / truth["file"]).read_bytes(), truth


def bodies(name: str) -> dict[str, DirectoryEntry]:
    """The public bodies as the directory would tell them, by their SIRET."""
    told = json.loads((PRINTED / name / "bodies.json").read_text("utf-8"))["bodies"]
    return {body["siret"]: _entry(number, body) for number, body in enumerate(told, 1)}


def _entry(number: int, body: Mapping[str, Any]) -> DirectoryEntry:
    return DirectoryEntry(
        siret=body["siret"],
        structure_id=number,
        name=body["name"],
        active=body["active"],
        service_required=body["service_required"],
        engagement_required=body["engagement_required"],
        service_or_engagement=body["either_required"],
        services=tuple(
            DirectoryService(code=service["code"], name=service["name"], active=service["active"])
            for service in body["services"]
        ),
        fetched_at=NOW,
    )
