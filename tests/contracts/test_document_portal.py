"""Every document portal: folders on disk and in memory, web services, and the fake (port `DocumentPortal`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import fsspec
import pytest

from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.portal.http.portal import HttpPortal
from include.adapters.portal.http.settings import settings_of
from include.application.ports.portal import DocumentPortal, NewDocument
from include.demo.portal_server.app import Manner
from include.demo.portal_server.server import RunningPortal
from include.domain.document import PortalDocument, PortalListing
from include.domain.errors import DocumentError, InputError, NameTakenError, PortalUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.portal import FakePortal

OURS = ("etat_chorus", "numero_chorus")


class Bench(Protocol):
    """A portal, and the hand of the person who files documents in it."""

    portal: DocumentPortal
    links: bool

    def id_of(self, path: str) -> str: ...

    def shown(self, path: str) -> Mapping[str, Any]: ...

    def put(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> None: ...

    def remove(self, path: str) -> None: ...

    def take_away(self) -> None: ...


class OnDisk:
    links = True

    def __init__(self, root: Path) -> None:
        self.root = root / "portal"
        self.root.mkdir()
        clock = FakeClock()
        self.portal: DocumentPortal = FolderPortal(
            f"file://{self.root}", settle_seconds=2, clock=clock, own_metadata=OURS, sleep=clock.advance
        )

    def id_of(self, path: str) -> str:
        return path

    def shown(self, path: str) -> Mapping[str, Any]:
        side_car = self.root / f"{path}.json"
        return json.loads(side_car.read_text())["metadata"] if side_car.exists() else {}

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


class OverHttp(OnDisk):
    """The portal server over the same folder: its ids are numbers, and it tells no links."""

    links = False

    def __init__(self, root: Path, **manner: Any) -> None:
        super().__init__(root)
        self.server = RunningPortal(self.root, manner=Manner(**manner), metadata_names=OURS)
        clock = FakeClock()
        self.server.__enter__()
        settings = settings_of(self.server.secrets())
        self.portal = HttpPortal(settings, clock=clock, own_metadata=OURS, sleep=clock.advance)

    def id_of(self, path: str) -> str:
        found = [str(item.id) for item in self.server.shelf.everything() if item.path == path]
        return found[0] if found else "999"

    def take_away(self) -> None:
        self.server.__exit__(None, None, None)


class InMemory:
    links = True

    def __init__(self) -> None:
        self.root = f"/{uuid4().hex}"
        self.fs = fsspec.filesystem("memory")
        self.fs.mkdir(self.root)
        clock = FakeClock()
        self.portal = FolderPortal(
            f"memory:/{self.root}", settle_seconds=2, clock=clock, own_metadata=OURS, sleep=clock.advance
        )

    def id_of(self, path: str) -> str:
        return path

    def shown(self, path: str) -> Mapping[str, Any]:
        side_car = f"{self.root}/{path}.json"
        return json.loads(self.fs.cat_file(side_car))["metadata"] if self.fs.exists(side_car) else {}

    def put(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> None:
        if told is not None:
            self.fs.pipe_file(f"{self.root}/{path}.json", json.dumps(told).encode())
        self.fs.pipe_file(f"{self.root}/{path}", content)

    def remove(self, path: str) -> None:
        self.fs.rm_file(f"{self.root}/{path}")

    def take_away(self) -> None:
        self.fs.rm(self.root, recursive=True)


class Fake:
    links = True

    def __init__(self) -> None:
        self.portal: FakePortal = FakePortal()
        self.told: dict[str, Mapping[str, Any]] = {}

    def id_of(self, path: str) -> str:
        return path

    def shown(self, path: str) -> Mapping[str, Any]:
        return {**self.told.get(path, {}), **self.portal.written.get(path, {})}

    def put(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        folder = path.rpartition("/")[0]
        links = [f"{folder}/{name}" if folder else name for name in told.get("links", [])]
        metadata = {
            name: value if isinstance(value, list) else [value] for name, value in told.get("metadata", {}).items()
        }
        self.told[path] = told.get("metadata", {})
        self.portal.put(path, content, rule=told.get("classification_rule"), metadata=metadata, links=links)

    def remove(self, path: str) -> None:
        self.portal.remove(path)

    def take_away(self) -> None:
        self.portal.goes_away()


BENCHES: dict[str, Callable[[Path], Bench]] = {
    "disk": OnDisk,
    "memory": lambda _: InMemory(),
    "fake": lambda _: Fake(),
    "http": OverHttp,
    "http that tells neither dates nor checksums": lambda root: OverHttp(root, dates=False, checksums=False),
    "http that tells no dates": lambda root: OverHttp(root, dates=False),
}


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = BENCHES[request.param](tmp_path)
    yield made
    if isinstance(made, OverHttp) or (isinstance(made, InMemory) and made.fs.exists(made.root)):
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
        assert document.portal_id == bench.id_of("Comptabilité/Factures/f1.pdf")
        assert document.name == "f1.pdf"
        assert document.folder == "/Comptabilité/Factures"
        assert document.size == 12
        assert document.content_sha256 == hashlib.sha256(b"%PDF-1.7 one").hexdigest()
        assert document.classification_rule == "Facture client"
        assert document.metadata == {"montant": ("1 800,00",), "commercial": ("Durand", "Petit")}
        assert document.links == (("Comptabilité/Factures/bl-417.pdf",) if bench.links else ())
        assert document.arrived_at.utcoffset() is not None

    def test_a_document_in_the_root_lies_in_the_folder_slash(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        assert only(bench.portal.scan({})).folder == "/"

    def test_what_is_known_and_unchanged_is_seen_but_not_listed_again(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        first = bench.portal.scan({})
        second = bench.portal.scan(known(first))
        assert second.changed == ()
        assert second.seen == {bench.id_of("f1.pdf")}

    def test_a_look_may_read_a_few_and_sees_all(self, bench: Bench) -> None:
        names = [f"f{number}.pdf" for number in range(4)]
        for name in names:
            bench.put(name, b"one")
        bench.portal.scan({})  # what is new here keeps still from now on
        listing = bench.portal.scan({}, most=2)
        assert listing.seen == {bench.id_of(name) for name in names}
        assert len(listing.changed) + len(listing.postponed) == 2

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
        assert bench.portal.scan(known(first)).seen == {bench.id_of("f2.pdf")}

    def test_a_portal_that_is_gone_is_no_empty_portal(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        bench.take_away()
        with pytest.raises(PortalUnavailableError):
            bench.portal.scan({})

    def test_the_bytes_of_a_document_can_be_read(self, bench: Bench) -> None:
        bench.put("a/f1.pdf", b"one")
        assert bench.portal.read(bench.id_of("a/f1.pdf")) == b"one"

    def test_a_document_that_is_gone_cannot_be_read_now(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        gone = bench.id_of("f1.pdf")
        bench.remove("f1.pdf")
        with pytest.raises(PortalUnavailableError):
            bench.portal.read(gone)

    @pytest.mark.parametrize("portal_id", ["../f1.pdf", "a/../../f1.pdf", "/etc/hostname"])
    def test_an_id_that_leads_out_of_the_portal_is_refused(self, bench: Bench, portal_id: str) -> None:
        with pytest.raises(InputError):
            bench.portal.read(portal_id)


class TestWritingBack:
    def test_what_is_written_stands_in_the_portal(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        bench.portal.write_back(bench.id_of("f1.pdf"), {"etat_chorus": "Déposée", "numero_chorus": "25012"})
        assert dict(bench.shown("f1.pdf")) == {"etat_chorus": "Déposée", "numero_chorus": "25012"}

    def test_nothing_that_is_there_is_lost(self, bench: Bench) -> None:
        told = {"classification_rule": "Facture client", "metadata": {"montant": "1 800,00", "commercial": ["A", "B"]}}
        bench.put("a/f1.pdf", b"one", told)
        bench.portal.write_back(bench.id_of("a/f1.pdf"), {"etat_chorus": "Déposée"})
        assert bench.shown("a/f1.pdf") == {**told["metadata"], "etat_chorus": "Déposée"}
        document = only(bench.portal.scan({}))
        assert document.classification_rule == "Facture client"
        assert document.metadata == {"montant": ("1 800,00",), "commercial": ("A", "B")}

    def test_it_makes_no_other_document_of_it(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one", {"metadata": {"montant": "10,00"}})
        first = bench.portal.scan({})
        bench.portal.write_back(bench.id_of("f1.pdf"), {"etat_chorus": "Déposée"})
        second = bench.portal.scan(known(first))
        assert second.seen == first.seen
        before = only(first)
        for document in second.changed:
            assert document.metadata_sha256 == before.metadata_sha256
            assert document.content_sha256 == before.content_sha256
            assert document.arrived_at == before.arrived_at
        assert bench.portal.scan(known(first) | known(second)).changed == ()

    def test_a_change_beside_it_is_still_a_change(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one", {"metadata": {"montant": "10,00"}})
        first = bench.portal.scan({})
        bench.portal.write_back(bench.id_of("f1.pdf"), {"etat_chorus": "Déposée"})
        bench.put("f1.pdf", b"one", {"metadata": {"montant": "20,00", "etat_chorus": "Déposée"}})
        assert only(bench.portal.scan(known(first))).metadata["montant"] == ("20,00",)

    def test_a_newer_value_takes_the_place_of_the_older_one(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        for state in ("Prête à déposer", "Déposée", "Déposée"):
            bench.portal.write_back(bench.id_of("f1.pdf"), {"etat_chorus": state})
        assert bench.shown("f1.pdf") == {"etat_chorus": "Déposée"}

    def test_an_empty_text_means_no_value(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        bench.portal.write_back(bench.id_of("f1.pdf"), {"etat_chorus": "Déposée", "numero_chorus": "25012"})
        bench.portal.write_back(bench.id_of("f1.pdf"), {"etat_chorus": "À compléter", "numero_chorus": ""})
        assert bench.shown("f1.pdf") == {"etat_chorus": "À compléter"}

    def test_a_document_that_is_gone_takes_nothing_and_leaves_nothing_behind(self, bench: Bench) -> None:
        bench.put("f1.pdf", b"one")
        gone = bench.id_of("f1.pdf")
        bench.remove("f1.pdf")
        with pytest.raises(DocumentError):
            bench.portal.write_back(gone, {"etat_chorus": "Déposée"})
        assert bench.shown("f1.pdf") == {}

    @pytest.mark.parametrize("portal_id", ["../f1.pdf", "a/../../f1.pdf", "/etc/hostname"])
    def test_nothing_is_written_outside_the_portal(self, bench: Bench, portal_id: str) -> None:
        with pytest.raises(DocumentError):
            bench.portal.write_back(portal_id, {"etat_chorus": "Déposée"})


def new(path: str, content: bytes = b"%PDF-1.7 new", **told: Any) -> NewDocument:
    folder, _, name = path.rpartition("/")
    return NewDocument(name=name, folder=f"/{folder}", content=content, **told)


class TestAdding:
    """What a person files through us is what the portal would list if that person had filed it there."""

    def test_a_new_document_is_listed_with_all_that_was_said_of_it(self, bench: Bench) -> None:
        bench.put("old.pdf", b"old", {"metadata": {"montant": "1,00", "commercial": ["A", "B"]}})
        metadata = {"montant": ("1 800,00",), "commercial": ("Durand", "Petit")}
        told = {"classification_rule": "Facture client", "metadata": metadata}
        added = bench.portal.add(new("Comptabilité/Factures/f 1.pdf", **told))
        [document] = [one for one in bench.portal.scan({}).changed if one.name != "old.pdf"]
        assert (document.portal_id, document.name) == (added.portal_id, "f 1.pdf")
        assert (document.folder, document.classification_rule) == ("/Comptabilité/Factures", "Facture client")
        assert (document.metadata, document.links) == (metadata, ())
        assert bench.portal.read(added.portal_id) == b"%PDF-1.7 new"

    def test_one_without_a_word_lies_in_the_root(self, bench: Bench) -> None:
        bench.portal.add(NewDocument(name="f1.pdf", folder="/", content=b"new"))
        document = only(bench.portal.scan({}))
        assert (document.folder, document.classification_rule, document.metadata) == ("/", None, {})

    @pytest.mark.parametrize("name", ["f1.pdf", "F1.PDF"])
    def test_a_name_that_is_taken_is_refused_and_nothing_is_overwritten(self, bench: Bench, name: str) -> None:
        bench.put("a/f1.pdf", b"one")
        before = known(bench.portal.scan({}))
        with pytest.raises(NameTakenError):
            bench.portal.add(new(f"a/{name}", classification_rule="Facture client"))
        assert bench.portal.read(bench.id_of("a/f1.pdf")) == b"one"
        after = bench.portal.scan(before)
        assert (after.seen, after.changed) == (frozenset(before), ())

    def test_what_goes_along_is_filed_with_it_or_nothing_is(self, bench: Bench) -> None:
        attachments = [new("a/bl.pdf", b"bl"), new("other/plan.png", b"plan")]
        added = bench.portal.add(new("a/f1.pdf"), attachments)
        found = {one.portal_id: one for one in bench.portal.scan({}).changed}
        assert bench.portal.links == bench.links
        assert found[added.portal_id].links == (added.attachments if bench.links else ())
        assert [bench.portal.read(one) for one in added.attachments] == [b"bl", b"plan"]
        with pytest.raises(NameTakenError):
            bench.portal.add(new("a/f2.pdf"), [new("a/new.pdf"), new("a/bl.pdf", b"another")])
        assert bench.portal.scan({}).seen == frozenset(found), "nothing of it is left behind"
        assert bench.portal.read(added.attachments[0]) == b"bl"

    @pytest.mark.parametrize("path", ["a/.f1.pdf", ".a/f1.pdf", "a/", "../f1.pdf", "a/../../f1.pdf"])
    def test_a_name_or_folder_that_no_look_would_find_is_refused(self, bench: Bench, path: str) -> None:
        with pytest.raises(InputError):
            bench.portal.add(new(path))
        assert bench.portal.scan({}).seen == frozenset()

    def test_a_portal_that_is_gone_takes_nothing(self, bench: Bench) -> None:
        bench.take_away()
        with pytest.raises(PortalUnavailableError):
            bench.portal.add(new("a/f1.pdf"))
