"""File systems other than the local disk, by what they do differently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import fsspec
import pytest

from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.portal.folder.remote_tree import RemoteTree
from include.domain.errors import PortalUnavailableError
from tests.fakes.clock import START, FakeClock


class ObjectStore:
    """Lists like an object store: prefixes for folders, a marker for the folder itself, ETags, its own exceptions."""

    def __init__(self, objects: dict[str, dict[str, Any]]) -> None:
        self.objects = objects
        self.fails_for: str | None = None

    def invalidate_cache(self) -> None: ...

    def unstrip_protocol(self, path: str) -> str:
        return f"s3://{path}"

    def isdir(self, path: str) -> bool:
        return any(name.startswith(f"{path}/") for name in self.objects)

    def ls(self, path: str, detail: bool) -> list[dict[str, Any]]:
        if path == self.fails_for:
            raise RuntimeError("EndpointConnectionError")
        if not self.isdir(path):
            raise FileNotFoundError(path)
        found: dict[str, dict[str, Any]] = {}
        for name, info in self.objects.items():
            if name.startswith(f"{path}/"):
                head, _, rest = name.removeprefix(f"{path}/").partition("/")
                full = f"{path}/{head}" if head else f"{path}/"
                found[full] = {"name": full, "size": 0, "type": "directory"} if rest else {"name": full, **info}
        return list(found.values())


def an_object(etag: str, time: object = START) -> dict[str, Any]:
    return {"size": 3, "type": "file", "ETag": etag, "LastModified": time}


def test_markers_are_no_files_and_a_new_etag_is_a_new_version() -> None:
    store = ObjectStore({"b/p/": an_object("0"), "b/p/f.pdf": an_object("1"), "b/p/a/g.pdf": an_object("1")})
    first = RemoteTree(store, "b/p").look().files
    store.objects["b/p/f.pdf"] = an_object("2")
    second = RemoteTree(store, "b/p").look().files
    assert set(first) == {"f.pdf", "a/g.pdf"}
    assert first["f.pdf"] != second["f.pdf"]
    assert first["a/g.pdf"] == second["a/g.pdf"]


@pytest.mark.parametrize("time", [START, START.timestamp(), START.isoformat(), START.replace(tzinfo=None)])
def test_a_time_in_any_form_is_understood(time: object) -> None:
    (facts,) = RemoteTree(ObjectStore({"b/f.pdf": an_object("1", time)}), "b").look().files.values()
    assert facts.time == START.timestamp()


def test_a_folder_that_cannot_be_listed_is_closed_and_the_others_are_seen() -> None:
    store = ObjectStore({"b/a/f.pdf": an_object("1"), "b/c/g.pdf": an_object("1")})
    store.fails_for = "b/a"
    look = RemoteTree(store, "b").look()
    assert look.closed == ("a",)
    assert set(look.files) == {"c/g.pdf"}


def test_any_failure_to_list_the_root_is_a_portal_that_does_not_answer() -> None:
    store = ObjectStore({"b/f.pdf": an_object("1")})
    store.fails_for = "b"
    with pytest.raises(PortalUnavailableError, match="s3://b"):
        RemoteTree(store, "b").look()


@pytest.fixture
def memory() -> Iterator[str]:
    root = f"/{uuid4().hex}"
    fs = fsspec.filesystem("memory")
    fs.mkdir(root)
    yield root
    fs.rm(root, recursive=True)


def test_a_file_without_any_time_is_taken_after_one_look_more_and_arrives_now(
    memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fs = fsspec.filesystem("memory")
    fs.pipe_file(f"{memory}/f.pdf", b"one")
    listed = type(fs).ls
    bare = ("name", "size", "type")
    monkeypatch.setattr(
        type(fs), "ls", lambda *args, **rest: [{key: info[key] for key in bare} for info in listed(*args, **rest)]
    )
    clock, naps = FakeClock(), list[float]()
    portal = FolderPortal(f"memory:/{memory}", settle_seconds=2, clock=clock, sleep=naps.append)
    (document,) = portal.scan({}).changed
    assert naps == [2]
    assert document.arrived_at == clock.now()


def test_arrival_is_utc(memory: str) -> None:
    fsspec.filesystem("memory").pipe_file(f"{memory}/f.pdf", b"one")
    (document,) = FolderPortal(f"memory:/{memory}", settle_seconds=0, clock=FakeClock()).scan({}).changed
    assert document.arrived_at.utcoffset() == dt.timedelta()
