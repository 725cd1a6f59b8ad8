"""What the content store promises: a folder, an object store, and the fake (port `Files`)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest

from include.adapters.storage.core.files import FsspecFiles
from include.application.ports.files import Files
from include.domain.errors import ContentMissingError
from tests.fakes.files import FakeFiles


@pytest.fixture(params=["fake", "folder", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "fake":
        return FakeFiles()
    return FsspecFiles((tmp_path / "files").as_uri() if request.param == "folder" else f"memory://{uuid4().hex}")


def test_bytes_are_found_again_by_their_digest(files: Files) -> None:
    first, second = files.put(b"one"), files.put(b"two")
    assert first == hashlib.sha256(b"one").hexdigest()
    assert (files.get(first), files.get(second)) == (b"one", b"two")


def test_the_same_bytes_are_kept_once(files: Files) -> None:
    assert files.put(b"one") == files.put(b"one")


def test_what_was_never_put_is_missing(files: Files) -> None:
    with pytest.raises(ContentMissingError):
        files.get(hashlib.sha256(b"never").hexdigest())


def test_bytes_that_changed_are_missing_and_never_given_out(files: Files, tmp_path: Path) -> None:
    digest = files.put(b"one")
    if isinstance(files, FakeFiles):
        files.contents[digest] = b"eno"
    else:
        assert isinstance(files, FsspecFiles)
        files.store(f"{digest[:2]}/{digest}", b"eno")
    with pytest.raises(ContentMissingError):
        files.get(digest)
