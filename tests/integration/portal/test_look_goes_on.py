"""A look at the folder portal goes on after a document that nobody can take, and tells how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.portal.folder.tree import LocalTree
from tests.fakes.clock import FakeClock

NAMES = ("a.pdf", "bad.pdf", "c.pdf")


@pytest.fixture
def portal(tmp_path: Path, clock: FakeClock) -> FolderPortal:
    for name in NAMES:
        (tmp_path / name).write_bytes(name.encode())
    return FolderPortal(f"file://{tmp_path}", settle_seconds=0, clock=clock)


def test_an_error_that_nobody_foresaw_costs_only_the_document_that_it_happened_at(
    portal: FolderPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = LocalTree.open

    def broken(tree: LocalTree, path: str) -> BinaryIO:
        if path == "bad.pdf":
            raise OverflowError
        return opened(tree, path)

    monkeypatch.setattr(LocalTree, "open", broken)
    found = portal.scan({})
    assert [document.name for document in found.changed] == ["a.pdf", "c.pdf"]
    assert set(found.errors) == {"bad.pdf"} < found.seen


def test_who_waits_hears_how_many_documents_were_looked_at(portal: FolderPortal) -> None:
    heard: list[tuple[int, int | None]] = []
    portal.scan({}, on_progress=lambda *told: heard.append(told))
    assert heard == [(0, 3), (1, 3), (2, 3)]
