"""`documents reread` where our copy is lost or damaged: the next pass takes it from the portal, and reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.application.mapping.edit_document import DocumentEditing, reread
from include.application.ports.document_views import DocumentFilter
from include.domain.errors import ContentMissingError
from include.domain.rights import OWNER
from tests.fakes.chorus import FakeChorus
from tests.properties.test_hostile_metadata import World

NO_AMOUNT = {"total_incl_tax": ("no amount",)}
"""So that it waits for a person."""


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    made = World(sqlite_url, tmp_path / "files")
    yield made
    made.store.database.close()


@pytest.mark.parametrize("harm", ["lost", "damaged"])
def test_a_copy_that_is_lost_or_damaged_is_taken_from_the_portal_again(world: World, harm: str, tmp_path: Path) -> None:
    number = world.file(NO_AMOUNT)
    world.run()
    [row] = world.store.document_views.rows(OWNER, DocumentFilter())
    assert row.state == "to_complete"
    content = f"%PDF-1.7 {number}".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    [copy] = (tmp_path / "files").rglob(sha256)
    if harm == "lost":
        copy.unlink()
    else:
        copy.write_bytes(b"%PDF-1.7 other bytes")
    with pytest.raises(ContentMissingError):
        world.files.get(sha256)
    revision, configuration = world.store.configuration.current()
    editing = DocumentEditing(
        assessments=world.store.assessments,
        documents=world.store.document_views,
        files=world.files,
        viewer=OWNER,
        chorus=FakeChorus(world.platform),
        configuration=configuration,
        revision=revision,
        clock=world.clock,
        actor="anna",
    )
    reread(editing, row.id, reason="the disk was bad")
    assert world.run().failures == []
    assert world.files.get(sha256) == content
    [again] = world.store.document_views.rows(OWNER, DocumentFilter())
    assert (again.state, again.reasons) == (row.state, row.reasons)
