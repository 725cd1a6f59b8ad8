"""Our metadata in a side-car that others write too: nothing of theirs changes, not even how it is printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.portal.folder.side_car import SideCarError, parse_side_car
from include.adapters.portal.folder.side_car_writing import with_metadata
from include.adapters.portal.folder.tree import FileFacts, LocalTree
from include.domain.errors import DocumentError
from tests.fakes.clock import FakeClock

STATE = {"etat": "Déposée"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "portal"
    folder.mkdir()
    (folder / "f1.pdf").write_bytes(b"%PDF")
    return folder


def portal(root: Path) -> FolderPortal:
    return FolderPortal(f"file://{root}", settle_seconds=0, clock=FakeClock(), own_metadata=("etat",))


@pytest.mark.parametrize("number", ["1800.50", "1800", "1e3", "-0.10", "0.1000000000000000055511151231257827"])
def test_numbers_stay_as_they_are_printed(number: str) -> None:
    written = with_metadata(f'{{"metadata": {{"montant": {number}, "liste": [{number}]}}}}'.encode(), "", STATE)
    assert parse_side_car(written, "").metadata == {"montant": (number,), "liste": (number,), "etat": ("Déposée",)}
    assert f'"montant": {number},' in written.decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_encoding_stays(encoding: str) -> None:
    written = with_metadata('{"metadata": {"nom": "Évry"}}'.encode(encoding), "", STATE)
    assert json.loads(written.decode(encoding)) == {"metadata": {"nom": "Évry", "etat": "Déposée"}}


def test_keys_that_we_do_not_know_stay() -> None:
    told = {"note": {"a": [1, 2, None, True]}, "links": ["bl.pdf"], "classification_rule": "Facture client"}
    assert json.loads(with_metadata(json.dumps(told).encode(), "", STATE)) == {**told, "metadata": STATE}


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)


@given(st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(), st.lists(TEXTS, max_size=3), st.none()), max_size=4))
def test_whatever_is_in_it_the_other_metadata_read_as_before(metadata: Mapping[str, object]) -> None:
    content = json.dumps({"metadata": metadata}).encode()
    before = dict(parse_side_car(content, "").metadata)
    try:
        after = dict(parse_side_car(with_metadata(content, "", STATE), "").metadata)
    except SideCarError:
        assert "\\ue000" in content.decode()  # the one character that is ours while we write
        return
    assert {**before, "etat": ("Déposée",)} == after


@pytest.mark.parametrize("content", [b'{"metadata": ', b"[]", b'{"metadata": {"a": 1, "a": 2}}', b'{"metadata": 3}'])
def test_a_side_car_that_cannot_be_understood_is_not_touched(root: Path, content: bytes) -> None:
    (root / "f1.pdf.json").write_bytes(content)
    with pytest.raises(DocumentError, match="JSON file beside the document"):
        portal(root).write_back("f1.pdf", STATE)
    assert (root / "f1.pdf.json").read_bytes() == content


def test_the_side_car_that_speaks_about_it_is_the_one_that_is_written(root: Path) -> None:
    (root / "F1.JSON").write_text('{"classification_rule": "Facture client"}')
    portal(root).write_back("f1.pdf", STATE)
    assert json.loads((root / "F1.JSON").read_text())["metadata"] == STATE
    assert sorted(path.name for path in root.iterdir()) == ["F1.JSON", "f1.pdf"]


def test_defaults_of_the_folder_are_never_written(root: Path) -> None:
    (root / "_folder.json").write_text('{"classification_rule": "Facture client"}')
    portal(root).write_back("f1.pdf", STATE)
    assert (root / "_folder.json").read_text() == '{"classification_rule": "Facture client"}'
    (document,) = portal(root).scan({}).changed
    assert document.classification_rule == "Facture client"
    assert document.metadata == {}


def test_rights_stay_and_a_new_side_car_has_usual_ones(root: Path) -> None:
    (root / "f2.pdf").write_bytes(b"%PDF")
    (root / "f2.pdf.json").write_text("{}")
    (root / "f2.pdf.json").chmod(0o640)
    (root / "usual").write_text("")
    for name in ("f1.pdf", "f2.pdf"):
        portal(root).write_back(name, STATE)
    assert (root / "f2.pdf.json").stat().st_mode & 0o777 == 0o640
    assert (root / "f1.pdf.json").stat().st_mode == (root / "usual").stat().st_mode


def test_a_folder_that_may_not_be_written_is_told_and_leaves_nothing_behind(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(LocalTree, "replace", denied)
    with pytest.raises(DocumentError, match="access is denied"):
        portal(root).write_back("f1.pdf", STATE)
    assert [path.name for path in root.iterdir()] == ["f1.pdf"]


def test_a_side_car_that_somebody_changes_at_the_same_time_is_theirs(root: Path) -> None:
    side_car = root / "f1.pdf.json"
    side_car.write_text('{"metadata": {"montant": "10,00"}}')
    tree = LocalTree(root)
    facts = tree.files_in("")["f1.pdf.json"]
    side_car.write_text('{"metadata": {"montant": "999,00"}}')
    assert not tree.replace("f1.pdf.json", b"{}", facts)
    assert not tree.replace("f1.pdf.json", b"{}", None)
    assert side_car.read_text() == '{"metadata": {"montant": "999,00"}}'
    assert sorted(path.name for path in root.iterdir()) == ["f1.pdf", "f1.pdf.json"]


def test_a_link_does_not_lead_our_writing_out_of_the_portal(root: Path) -> None:
    outside = root.parent / "outside.json"
    outside.write_text("{}")
    (root / "f1.pdf.json").symlink_to(outside)
    with pytest.raises(DocumentError):
        portal(root).write_back("f1.pdf", STATE)
    assert outside.read_text() == "{}"
    with pytest.raises(PermissionError):
        LocalTree(root).replace("f1.pdf.json", b"{}", FileFacts(2, "", None))
