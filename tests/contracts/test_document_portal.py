"""What every document portal promises: the folder portal on disk and in memory, and the fake of the other tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import fsspec
import pytest

from include.adapters.portal.folder import FolderPortal
from include.application.ports import DocumentPortal
from include.domain.document import PortalDocument, PortalListing
from include.domain.errors import InputError, PortalUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.portal import FakePortal


class Bench(Protocol):
    """A portal, and the hand of the person who files documents in it."""

    portal: DocumentPortal

    def put(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> None: ...

    def remove(self, path: str) -> None: ...

    def take_away(self) -> None: ...


class OnDisk:
    def __init__(self, root: Path) -> None:
        self.root = root / "portal"
        self.root.mkdir()
        clock = FakeClock()
        self.portal = FolderPortal(f"file://{self.root}", settle_seconds=2, clock=clock, sleep=clock.advance)

    def put(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if told is not None:
            target.with_name(f"{target.name}.json").write_text(json.dumps(told))
        target.write_bytes(content)

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    def take_away(self) -> None:
        self.root.rename(self.root.with_name("elsewhere"))


class InMemory:
    def __init__(self) -> None:
        self.root = f"/{uuid4().hex}"
        self.fs = fsspec.filesystem("memory")
        self.fs.mkdir(self.root)
        clock = FakeClock()
        self.portal = FolderPortal(f"memory:/{self.root}", settle_seconds=2, clock=clock, sleep=clock.advance)

    def put(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> None:
        if told is not None:
            self.fs.pipe_file(f"{self.root}/{path}.json", json.dumps(told).encode())
        self.fs.pipe_file(f"{self.root}/{path}", content)

    def remove(self, path: str) -> None:
        self.fs.rm_file(f"{self.root}/{path}")

    def take_away(self) -> None:
        self.fs.rm(self.root, recursive=True)


class Fake:
    def __init__(self) -> None:
        self.portal: FakePortal = FakePortal()

    def put(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        folder = path.rpartition("/")[0]
        links = [f"{folder}/{name}" if folder else name for name in told.get("links", [])]
        metadata = {
            name: value if isinstance(value, list) else [value] for name, value in told.get("metadata", {}).items()
        }
        self.portal.put(path, content, rule=told.get("classification_rule"), metadata=metadata, links=links)

    def remove(self, path: str) -> None:
        self.portal.remove(path)

    def take_away(self) -> None:
        self.portal.goes_away()


BENCHES: dict[str, Callable[[Path], Bench]] = {
    "disk": OnDisk,
    "memory": lambda _: InMemory(),
    "fake": lambda _: Fake(),
}


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = BENCHES[request.param](tmp_path)
    yield made
    if isinstance(made, InMemory) and made.fs.exists(made.root):
        made.take_away()


def known(listing: PortalListing) -> dict[str, str]:
    return {document.portal_id: document.signature for document in listing.changed}


def only(listing: PortalListing) -> PortalDocument:
    (document,) = listing.changed
    return document


class TestDocumentPortal:
    def test_a_new_document_is_listed_with_all_that_the_portal_tells(self, bench: Bench) -> None:
        told = {
            "classification_rule": "Facture client",
            "metadata": {"montant": "1 800,00", "commercial": ["Durand", "Petit"]},
            "links": ["bl-417.pdf"],
        }
        bench.put("Comptabilité/Factures/f1.pdf", b"%PDF-1.7 one", told)
        document = only(bench.portal.scan({}))
        assert document.portal_id == "Comptabilité/Factures/f1.pdf"
        assert document.name == "f1.pdf"
        assert document.folder == "/Comptabilité/Factures"
        assert document.size == 12
        assert document.content_sha256 == hashlib.sha256(b"%PDF-1.7 one").hexdigest()
        assert document.classification_rule == "Facture client"
        assert document.metadata == {"montant": ("1 800,00",), "commercial": ("Durand", "Petit")}
        assert document.links == ("Comptabilité/Factures/bl-417.pdf",)
        assert document.arrived_at.utcoffset() is not None

    def test_a_document_in_the_root_lies_in_the_folder_slash(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        assert only(bench.portal.scan({})).folder == "/"

    def test_what_is_known_and_unchanged_is_seen_but_not_listed_again(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        first = bench.portal.scan({})
        second = bench.portal.scan(known(first))
        assert second.changed == ()
        assert second.seen == {"f1.pdf"}

    def test_new_bytes_are_a_change(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        first = bench.portal.scan({})
        bench.put("f1.pdf", b"two")
        second = only(bench.portal.scan(known(first)))
        assert second.signature != only(first).signature
        assert second.content_sha256 == hashlib.sha256(b"two").hexdigest()

    def test_new_metadata_are_a_change(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one", {"metadata": {"montant": "10,00"}})
        first = bench.portal.scan({})
        bench.put("f1.pdf", b"one", {"metadata": {"montant": "20,00"}})
        second = only(bench.portal.scan(known(first)))
        assert second.metadata == {"montant": ("20,00",)}
        assert second.metadata_sha256 != only(first).metadata_sha256

    def test_a_removed_document_is_no_longer_seen(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        bench.put("f2.pdf", b"two")
        first = bench.portal.scan({})
        bench.remove("f1.pdf")
        assert bench.portal.scan(known(first)).seen == {"f2.pdf"}

    def test_a_portal_that_is_gone_is_no_empty_portal(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        bench.take_away()
        with pytest.raises(PortalUnavailableError):
            bench.portal.scan({})

    def test_the_bytes_of_a_document_can_be_read(self, bench: Bench) -> None:
        bench.put("a/f1.pdf", b"one")
        assert bench.portal.read("a/f1.pdf") == b"one"

    def test_a_document_that_is_gone_cannot_be_read_now(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        bench.remove("f1.pdf")
        with pytest.raises(PortalUnavailableError):
            bench.portal.read("f1.pdf")

    @pytest.mark.parametrize("portal_id", ["../f1.pdf", "a/../../f1.pdf", "/etc/hostname"])
    def test_an_id_that_leads_out_of_the_portal_is_refused(self, bench: Bench, portal_id: str) -> None:
        with pytest.raises(InputError):
            bench.portal.read(portal_id)
