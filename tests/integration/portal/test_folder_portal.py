"""The folder portal on a real disk: half-written files, odd names, links, and what must never be opened."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.portal.folder.tree import LocalTree
from include.domain.document import PortalListing
from include.domain.errors import ConfigurationError, InputError, PortalUnavailableError
from include.domain.reasons import Reason
from tests.fakes.clock import FakeClock

LONG_AGO = 1_700_000_000


class Sleeper:
    """Sleeps without time passing; `during` happens meanwhile."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self.during: Callable[[], object] = lambda: None

    def __call__(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.during()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "portal"
    folder.mkdir()
    return folder


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


def clock_after_files(seconds: float) -> FakeClock:
    """A clock that stands so long after the files that a test writes now."""
    return FakeClock(dt.datetime.fromtimestamp(time.time() + seconds, tz=dt.UTC))


@pytest.fixture
def portal(root: Path, sleeper: Sleeper) -> FolderPortal:
    """Looks one hour after the test wrote its files, so nothing is young."""
    return FolderPortal(f"file://{root}", settle_seconds=2, clock=clock_after_files(3600), sleep=sleeper)


@pytest.fixture
def early(root: Path, sleeper: Sleeper) -> FolderPortal:
    """Looks while the files are half a second old at most."""
    return FolderPortal(f"file://{root}", settle_seconds=2, clock=clock_after_files(0), sleep=sleeper)


def ids(listing: PortalListing) -> list[str]:
    return [document.portal_id for document in listing.changed]


def known(listing: PortalListing) -> dict[str, str]:
    return {document.portal_id: document.signature for document in listing.changed}


class TestHalfWritten:
    def test_a_settled_file_is_taken_without_waiting(self, root: Path, portal: FolderPortal, sleeper: Sleeper) -> None:
        (root / "f.pdf").write_bytes(b"one")
        assert ids(portal.scan({})) == ["f.pdf"]
        assert sleeper.naps == []

    def test_a_young_file_that_keeps_still_is_taken_after_one_wait(
        self, root: Path, early: FolderPortal, sleeper: Sleeper
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        (root / "g.pdf").write_bytes(b"two")
        assert ids(early.scan({})) == ["f.pdf", "g.pdf"]
        (nap,) = sleeper.naps
        assert 0 < nap <= 2

    def test_a_file_that_grows_meanwhile_is_postponed_and_seen(
        self, root: Path, early: FolderPortal, sleeper: Sleeper
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        sleeper.during = lambda: (root / "f.pdf").write_bytes(b"one and more")
        listing = early.scan({})
        assert listing.changed == ()
        assert listing.seen == {"f.pdf"}
        assert listing.postponed == {"f.pdf": "portal_still_changing"}
        assert len(sleeper.naps) == 1

    def test_a_file_rewritten_at_the_same_size_and_mtime_is_postponed(
        self, root: Path, early: FolderPortal, sleeper: Sleeper
    ) -> None:
        target = root / "f.pdf"
        target.write_bytes(b"one")
        status = target.stat()

        def rewrite() -> None:
            target.write_bytes(b"two")
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))

        sleeper.during = rewrite
        assert early.scan({}).postponed == {"f.pdf": "portal_still_changing"}

    def test_a_side_car_that_is_being_written_postpones_its_document(
        self, root: Path, early: FolderPortal, sleeper: Sleeper
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        (root / "f.pdf.json").write_text('{"metadata": {"montant": "1')
        sleeper.during = lambda: (root / "f.pdf.json").write_text('{"metadata": {"montant": "1800"}}')
        assert early.scan({}).postponed == {"f.pdf": "portal_still_changing"}

    def test_a_file_that_arrives_while_we_wait_is_left_for_the_next_scan(
        self, root: Path, early: FolderPortal, sleeper: Sleeper
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        sleeper.during = lambda: (root / "g.pdf").write_bytes(b"two")
        listing = early.scan({})
        assert ids(listing) == ["f.pdf"]
        assert listing.postponed == {"g.pdf": "portal_still_changing"}

    def test_a_file_that_vanishes_while_we_wait_is_not_seen(
        self, root: Path, early: FolderPortal, sleeper: Sleeper
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        sleeper.during = (root / "f.pdf").unlink
        assert early.scan({}) == PortalListing(seen=frozenset(), changed=(), postponed={})

    def test_known_files_are_never_waited_for(self, root: Path, early: FolderPortal, sleeper: Sleeper) -> None:
        (root / "f.pdf").write_bytes(b"one")
        first = early.scan({})
        sleeper.naps.clear()
        early.scan(known(first))
        assert sleeper.naps == []

    def test_a_file_from_the_future_is_taken_once_it_kept_still(
        self, root: Path, portal: FolderPortal, sleeper: Sleeper
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        os.utime(root / "f.pdf", (2_000_000_000, 2_000_000_000))
        assert ids(portal.scan({})) == ["f.pdf"]
        assert sleeper.naps == [2]

    def test_a_file_that_changes_while_it_is_read_is_postponed(
        self, root: Path, portal: FolderPortal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        opened = LocalTree.open

        def open_then_overwritten(self: LocalTree, path: str) -> object:
            stream = opened(self, path)
            (root / "f.pdf").write_bytes(b"two")
            return stream

        monkeypatch.setattr(LocalTree, "open", open_then_overwritten)
        assert portal.scan({}).postponed == {"f.pdf": "portal_still_changing"}


class TestIncremental:
    def test_unchanged_files_are_never_opened(
        self, root: Path, portal: FolderPortal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (root / "f.pdf").write_bytes(b"one")
        (root / "f.json").write_text("{}")
        (root / "_folder.json").write_text("{}")
        first = portal.scan({})

        def refuse(self: LocalTree, path: str) -> None:
            raise AssertionError(f"{path} was opened")

        monkeypatch.setattr(LocalTree, "open", refuse)
        assert portal.scan(known(first)) == PortalListing(seen=frozenset({"f.pdf"}), changed=(), postponed={})

    @pytest.mark.parametrize("written", ["a/f.pdf", "a/f.pdf.json", "a/f.json", "a/_folder.json", "_folder.json"])
    def test_every_file_that_speaks_about_a_document_is_in_its_signature(
        self, root: Path, portal: FolderPortal, written: str
    ) -> None:
        (root / "a").mkdir()
        (root / "a/f.pdf").write_bytes(b"one")
        first = portal.scan({})
        (root / written).write_text("{}")
        assert ids(portal.scan(known(first))) == ["a/f.pdf"]

    def test_the_defaults_of_a_sibling_folder_do_not_matter(self, root: Path, portal: FolderPortal) -> None:
        (root / "a").mkdir()
        (root / "ab").mkdir()
        (root / "a/f.pdf").write_bytes(b"one")
        first = portal.scan({})
        (root / "ab/_folder.json").write_text("{}")
        assert portal.scan(known(first)).changed == ()

    def test_a_touched_file_is_listed_with_the_same_digest(self, root: Path, portal: FolderPortal) -> None:
        (root / "f.pdf").write_bytes(b"one")
        (first,) = portal.scan({}).changed
        os.utime(root / "f.pdf", (LONG_AGO, LONG_AGO))
        (second,) = portal.scan({"f.pdf": first.signature}).changed
        assert second.content_sha256 == first.content_sha256


class TestArrival:
    def test_it_is_the_later_of_mtime_and_ctime(self, root: Path, portal: FolderPortal) -> None:
        """A file copied with its old date arrived when it was copied."""
        (root / "f.pdf").write_bytes(b"one")
        os.utime(root / "f.pdf", (LONG_AGO, LONG_AGO))
        (document,) = portal.scan({}).changed
        assert document.arrived_at.timestamp() == pytest.approx((root / "f.pdf").stat().st_ctime, abs=0.001)

    def test_a_side_car_that_comes_later_does_not_change_it(self, root: Path, portal: FolderPortal) -> None:
        (root / "f.pdf").write_bytes(b"one")
        arrived = (root / "f.pdf").stat().st_mtime
        (root / "f.pdf.json").write_text("{}")
        os.utime(root / "f.pdf.json", (arrived + 600, arrived + 600))
        (document,) = portal.scan({}).changed
        assert document.arrived_at.timestamp() == pytest.approx(arrived, abs=0.001)


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            ".hidden.pdf",
            ".~lock.f.pdf#",
            "~$f.docx",
            "f.pdf.part",
            "f.PDF.Tmp",
            "f.pdf.crdownload",
            "Thumbs.db",
            "f.json",
        ],
    )
    def test_hidden_unfinished_and_side_cars_are_no_documents(
        self, root: Path, portal: FolderPortal, name: str
    ) -> None:
        (root / name).write_bytes(b"{}")
        assert portal.scan({}).seen == frozenset()

    def test_hidden_folders_are_not_looked_into(self, root: Path, portal: FolderPortal) -> None:
        (root / ".snapshot").mkdir()
        (root / ".snapshot/f.pdf").write_bytes(b"one")
        assert portal.scan({}).seen == frozenset()

    def test_a_file_that_is_no_pdf_is_a_document_so_that_its_reason_shows(
        self, root: Path, portal: FolderPortal
    ) -> None:
        (root / "f.docx").write_bytes(b"PK")
        assert ids(portal.scan({})) == ["f.docx"]

    def test_a_name_that_is_no_utf8_becomes_text_and_leads_back_to_its_file(
        self, root: Path, portal: FolderPortal
    ) -> None:
        raw = os.fsencode(root) + b"/factur\xe9.pdf"
        with open(raw, "wb") as stream:  # noqa: PTH123 - a Path cannot hold these bytes readably
            stream.write(b"latin")
        (root / "factur\\xe9.pdf").write_bytes(b"backslash")
        listing = portal.scan({})
        assert ids(listing) == ["factur\\\\xe9.pdf", "factur\\xe9.pdf"]
        assert "".join(ids(listing)).encode()
        assert portal.read("factur\\xe9.pdf") == b"latin"
        assert portal.read("factur\\\\xe9.pdf") == b"backslash"

    def test_very_long_names_and_deep_folders_are_taken(self, root: Path, portal: FolderPortal) -> None:
        folder = root.joinpath(*["d" * 200] * 12)
        folder.mkdir(parents=True)
        (folder / ("é" * 125 + ".pdf")).write_bytes(b"one")
        (document,) = portal.scan({}).changed
        assert portal.read(document.portal_id) == b"one"

    def test_a_line_break_in_a_name_does_no_harm(self, root: Path, portal: FolderPortal) -> None:
        (root / "a\nb.pdf").write_bytes(b"one")
        assert ids(portal.scan({})) == ["a\nb.pdf"]


class TestLinksAndRights:
    def test_a_loop_of_links_ends(self, root: Path, portal: FolderPortal) -> None:
        (root / "a").mkdir()
        (root / "a/f.pdf").write_bytes(b"one")
        (root / "a/loop").symlink_to(root)
        (root / "a/again").symlink_to(root / "a")
        assert ids(portal.scan({})) == ["a/f.pdf"]

    def test_a_link_to_a_file_of_the_portal_is_a_document(self, root: Path, portal: FolderPortal) -> None:
        (root / "f.pdf").write_bytes(b"one")
        (root / "todo").mkdir()
        (root / "todo/f.pdf").symlink_to(root / "f.pdf")
        assert ids(portal.scan({})) == ["f.pdf", "todo/f.pdf"]
        assert portal.read("todo/f.pdf") == b"one"

    def test_a_link_out_of_the_portal_is_shown_and_never_followed(
        self, root: Path, portal: FolderPortal, tmp_path: Path
    ) -> None:
        (tmp_path / "secret.pdf").write_bytes(b"secret")
        (root / "f.pdf").symlink_to(tmp_path / "secret.pdf")
        assert portal.scan({}).postponed == {"f.pdf": "portal_link_outside"}
        with pytest.raises(PortalUnavailableError):
            portal.read("f.pdf")

    def test_a_folder_link_out_of_the_portal_is_not_followed(
        self, root: Path, portal: FolderPortal, tmp_path: Path
    ) -> None:
        (tmp_path / "other").mkdir()
        (tmp_path / "other/f.pdf").write_bytes(b"one")
        (root / "other").symlink_to(tmp_path / "other")
        assert portal.scan({}).seen == frozenset()
        with pytest.raises(PortalUnavailableError):
            portal.read("other/f.pdf")

    def test_a_portal_whose_root_is_a_link_works(self, root: Path, tmp_path: Path) -> None:
        (root / "f.pdf").write_bytes(b"one")
        (tmp_path / "link").symlink_to(root)
        portal = FolderPortal(f"file://{tmp_path}/link", settle_seconds=0, clock=FakeClock())
        assert ids(portal.scan({})) == ["f.pdf"]
        assert portal.read("f.pdf") == b"one"

    def test_a_broken_link_is_shown_as_unreadable(self, root: Path, portal: FolderPortal) -> None:
        (root / "f.pdf").symlink_to(root / "gone.pdf")
        (root / "g.pdf").symlink_to(root / "g.pdf")
        assert portal.scan({}).postponed == {"f.pdf": "portal_file_unreadable", "g.pdf": "portal_file_unreadable"}

    def test_a_document_with_an_unreadable_side_car_is_postponed(self, root: Path, portal: FolderPortal) -> None:
        (root / "f.pdf").write_bytes(b"one")
        (root / "f.pdf.json").symlink_to(root / "gone.json")
        assert portal.scan({}).postponed == {"f.pdf": "portal_file_unreadable"}

    def test_a_pipe_is_no_document_and_holds_nobody_up(self, root: Path, portal: FolderPortal) -> None:
        os.mkfifo(root / "f.pdf")
        assert portal.scan({}).seen == frozenset()
        with pytest.raises(PortalUnavailableError):
            portal.read("f.pdf")

    def test_a_file_that_may_not_be_read_is_seen_and_postponed(
        self, root: Path, portal: FolderPortal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By a fake: tests run as root, whom no permission stops."""
        (root / "f.pdf").write_bytes(b"one")
        (root / "g.pdf").write_bytes(b"two")
        opened = LocalTree.open

        def refuse_f(self: LocalTree, path: str) -> object:
            if path == "f.pdf":
                raise PermissionError(13, "Permission denied")
            return opened(self, path)

        monkeypatch.setattr(LocalTree, "open", refuse_f)
        listing = portal.scan({})
        assert listing.postponed == {"f.pdf": "portal_file_unreadable"}
        assert ids(listing) == ["g.pdf"]

    def test_what_is_known_in_a_folder_that_cannot_be_listed_has_not_vanished(
        self, root: Path, portal: FolderPortal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for path in ("a/f.pdf", "ab/g.pdf"):
            (root / path).parent.mkdir()
            (root / path).write_bytes(path.encode())
        first = portal.scan({})
        scandir = os.scandir

        def refuse_a(path: Path) -> object:
            if Path(path) == root / "a":
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse_a)
        listing = portal.scan(known(first))
        assert listing.seen == {"a/f.pdf", "ab/g.pdf"}
        assert listing.postponed == {"a/f.pdf": "portal_folder_closed"}


class TestRoot:
    def test_a_missing_root_names_the_folder_and_the_cure(self, root: Path, portal: FolderPortal) -> None:
        root.rmdir()
        with pytest.raises(PortalUnavailableError, match=r"portal cannot be listed.*Check that the folder exists"):
            portal.scan({})

    def test_a_root_that_is_a_file_is_no_portal(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(PortalUnavailableError):
            FolderPortal(f"file://{tmp_path}/file", settle_seconds=0, clock=FakeClock()).scan({})

    @pytest.mark.parametrize("url", ["nonsense://x", "gopher2://host/path"])
    def test_an_address_that_fsspec_does_not_know_is_a_fault_of_the_configuration(self, url: str) -> None:
        with pytest.raises(ConfigurationError, match=r"portal\.url"):
            FolderPortal(url, settle_seconds=0, clock=FakeClock()).scan({})

    def test_a_folder_is_no_document(self, root: Path, portal: FolderPortal) -> None:
        (root / "a.pdf").mkdir()
        with pytest.raises(PortalUnavailableError):
            portal.read("a.pdf")
        with pytest.raises(InputError):
            portal.read("")


class TestSideCars:
    def told(self, root: Path, portal: FolderPortal, **side_cars: object) -> PortalListing:
        for name, content in side_cars.items():
            path = root / f"{name}.json"
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(json.dumps(content))
        (root / "f.pdf").write_bytes(b"one")
        return portal.scan({})

    def test_the_side_car_with_the_full_name_comes_before_the_short_one(self, root: Path, portal: FolderPortal) -> None:
        (root / "f.pdf.json").write_text('{"classification_rule": "full"}')
        (document,) = self.told(root, portal, f={"classification_rule": "short"}).changed
        assert document.classification_rule == "full"

    def test_the_case_of_names_does_not_part_a_side_car_from_its_document(
        self, root: Path, portal: FolderPortal
    ) -> None:
        (root / "F1.PDF").write_bytes(b"one")
        (root / "f1.pdf.JSON").write_text('{"classification_rule": "Facture client"}')
        (document,) = portal.scan({}).changed
        assert document.classification_rule == "Facture client"

    def test_folder_defaults_hold_for_all_below_and_the_nearest_wins(self, root: Path, portal: FolderPortal) -> None:
        (root / "a/b").mkdir(parents=True)
        (root / "_folder.json").write_text('{"classification_rule": "top", "metadata": {"x": "1", "y": "1", "z": 1}}')
        (root / "a/_folder.json").write_text('{"metadata": {"y": "2", "z": "2"}, "links": ["cgv.pdf"]}')
        (root / "a/b/f.pdf").write_bytes(b"one")
        (root / "a/b/f.pdf.json").write_text('{"classification_rule": "own", "metadata": {"z": null, "n": 1800.50}}')
        (document,) = portal.scan({}).changed
        assert document.classification_rule == "own"
        assert document.metadata == {"x": ("1",), "y": ("2",), "n": ("1800.50",)}
        assert document.links == ("a/cgv.pdf",)

    def test_one_broken_default_postpones_all_in_its_folder_and_nothing_else(
        self, root: Path, portal: FolderPortal
    ) -> None:
        (root / "a").mkdir()
        (root / "a/_folder.json").write_text("{")
        for path in ("a/f.pdf", "a/g.pdf", "h.pdf"):
            (root / path).write_bytes(path.encode())
        listing = portal.scan({})
        assert ids(listing) == ["h.pdf"]
        assert listing.postponed == {"a/f.pdf": "side_car_not_json", "a/g.pdf": "side_car_not_json"}
        assert listing.seen == {"a/f.pdf", "a/g.pdf", "h.pdf"}

    def test_a_repaired_side_car_brings_its_document_in(self, root: Path, portal: FolderPortal) -> None:
        assert self.told(root, portal, f=b"{").changed == ()
        (root / "f.json").write_text("{}")
        assert ids(portal.scan({})) == ["f.pdf"]

    def test_a_link_finds_its_document_whatever_the_form_of_its_accents(self, root: Path, portal: FolderPortal) -> None:
        (root / "re\u0301ception.pdf").write_bytes(b"note")
        listing = self.told(root, portal, f={"links": ["r\u00e9ception.pdf"]})
        (document,) = [document for document in listing.changed if document.name == "f.pdf"]
        assert document.links == ("re\u0301ception.pdf",)

    def test_a_postponed_reason_can_be_told_in_both_languages(self, root: Path, portal: FolderPortal) -> None:
        (code,) = self.told(root, portal, f=b"{").postponed.values()
        assert "JSON" in Reason(code=code).message("fr")
        assert "JSON" in Reason(code=code).message("en")


def test_a_look_is_one_listing_per_folder_and_no_call_per_file(
    root: Path, portal: FolderPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What keeps 50,000 files a matter of a second, held without a timed assertion."""
    for number in range(20):
        (root / f"{number}").mkdir()
        for name in range(50):
            (root / f"{number}/{name}.pdf").write_bytes(b"x")
    first = portal.scan({})
    calls: list[object] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: calls.append(path) or scandir(path))
    monkeypatch.setattr(LocalTree, "open", lambda self, path: pytest.fail(f"{path} was opened"))
    monkeypatch.setattr(LocalTree, "unchanged", lambda self, path, facts: pytest.fail(f"{path} was asked for"))
    assert len(portal.scan(known(first)).seen) == 1000
    assert len(calls) == 21
