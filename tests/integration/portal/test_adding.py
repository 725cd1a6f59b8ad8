"""New documents in a folder tree: in which order the files appear, and that nothing is left behind or overwritten."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from include.adapters.portal.folder.portal import FolderPortal
from include.adapters.portal.folder.tree import LocalTree
from include.application.ports.portal import NewDocument
from include.domain.errors import InputError, NameTakenError, PortalUnavailableError
from tests.fakes.clock import FakeClock


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "portal"
    folder.mkdir()
    return folder


def portal(root: Path) -> FolderPortal:
    return FolderPortal(f"file://{root}", settle_seconds=0, clock=FakeClock())


def new(name: str = "f1.pdf", folder: str = "/a", content: bytes = b"new", rule: str | None = "Facture") -> NewDocument:
    return NewDocument(name=name, folder=folder, content=content, classification_rule=rule)


def there(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_the_document_comes_last_so_that_no_look_takes_it_without_its_side_car(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = LocalTree.create

    def create(tree: LocalTree, path: str, content: bytes) -> bool:
        made.append(path)
        return real(tree, path, content)

    monkeypatch.setattr(LocalTree, "create", create)
    portal(root).add(new(), [new("bl.pdf", "/a", rule="BL"), new("plan.png", "/b/c")])
    assert made == ["a/bl.pdf.json", "a/bl.pdf", "b/c/plan.png.json", "b/c/plan.png", "a/f1.pdf.json", "a/f1.pdf"]
    assert json.loads((root / "a/f1.pdf.json").read_text())["links"] == ["bl.pdf", "../b/c/plan.png"]
    assert there(root) == set(made), "no temporary file stays"


def test_a_disk_that_is_full_in_the_middle_leaves_nothing_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = LocalTree.create

    def create(tree: LocalTree, path: str, content: bytes) -> bool:
        if path == "a/f1.pdf":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(tree, path, content)

    monkeypatch.setattr(LocalTree, "create", create)
    with pytest.raises(PortalUnavailableError):
        portal(root).add(new(), [new("bl.pdf")])
    assert there(root) == set()


def test_of_two_at_the_same_moment_one_gets_the_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at the folder showed nothing yet."""
    portal(root).add(new(content=b"first"))
    monkeypatch.setattr(LocalTree, "files_in", lambda *_: {})
    with pytest.raises(NameTakenError):
        portal(root).add(new(content=b"second"))
    assert (root / "a/f1.pdf").read_bytes() == b"first"
    assert there(root) == {"a/f1.pdf", "a/f1.pdf.json"}


def test_a_file_system_without_hard_links_takes_new_files_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_target: Path, _made: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(Path, "hardlink_to", refuses)
    portal(root).add(new())
    assert (root / "a/f1.pdf").read_bytes() == b"new"
    monkeypatch.setattr(LocalTree, "files_in", lambda *_: {})
    with pytest.raises(NameTakenError):
        portal(root).add(new(content=b"second"))
    assert (root / "a/f1.pdf").read_bytes() == b"new"


@pytest.mark.parametrize("side_car", ["f1.pdf.json", "f1.json", "F1.JSON"])
def test_a_side_car_that_waits_for_its_document_is_not_given_another_one(root: Path, side_car: str) -> None:
    (root / "a").mkdir()
    (root / "a" / side_car).write_text('{"metadata": {"montant": "1,00"}}')
    with pytest.raises(NameTakenError):
        portal(root).add(new())
    assert there(root) == {f"a/{side_car}"}


def test_a_folder_behind_a_link_is_none(root: Path, tmp_path: Path) -> None:
    """No look goes there: what is filed behind it would never be seen."""
    (tmp_path / "outside").mkdir()
    (root / "a").symlink_to(tmp_path / "outside")
    with pytest.raises(PortalUnavailableError):
        portal(root).add(new())
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("name", ["_folder.json", "f1.part", "~$f1.pdf", "Thumbs.db"])
def test_what_no_look_takes_is_not_added(root: Path, name: str) -> None:
    with pytest.raises(InputError):
        portal(root).add(new(name))
    assert there(root) == set()
