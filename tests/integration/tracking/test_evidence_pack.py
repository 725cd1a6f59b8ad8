"""A pack of evidence shows every change of it, whatever was changed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from include.application.evidence.pack import MANIFEST, Entry, build, check

ABOUT = {"id": 7, "invoice_number": "F-é-7"}
ENTRIES = [Entry(name="facture/01-f.pdf", content=b"%PDF-1.7 one"), Entry(name="envois/01/payload.json", content=b"{}")]


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def forged(entries: dict[str, bytes], change: Callable[[dict[str, object]], object]) -> bytes:
    manifest = json.loads(entries[MANIFEST])
    change(manifest)
    return packed({**entries, MANIFEST: json.dumps(manifest).encode()})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pack.zip"


def test_a_pack_as_it_was_made_is_whole_and_the_same_facts_give_the_same_head(file: Path) -> None:
    made = build(ABOUT, ENTRIES)
    file.write_bytes(made.content)
    found = check(file.read_bytes(), head=made.head.upper())
    assert (found.faults, found.head, found.entries, found.invoice) == ((), made.head, 2, ABOUT)
    assert build(ABOUT, ENTRIES) == made
    assert build({**ABOUT, "id": 8}, ENTRIES).head != made.head
    assert build(ABOUT, ENTRIES[::-1]).head != made.head


def test_every_kind_of_change_is_named(file: Path) -> None:
    whole = unpacked(build(ABOUT, ENTRIES).content)
    pdf = ENTRIES[0].name
    changes = {
        "was changed": packed({**whole, pdf: b"%PDF-1.7 two"}),
        "is missing": packed({name: content for name, content in whole.items() if name != pdf}),
        "was added": packed({**whole, "more.txt": b""}),
        "chain of digests": forged(whole, lambda manifest: manifest["invoice"].update(id=8)),  # type: ignore[attr-defined]
        "cannot be read": b"PK no zip",
    }
    for words, content in changes.items():
        file.write_bytes(content)
        assert any(words in str(fault) for fault in check(file.read_bytes()).faults), words


def test_a_pack_that_was_made_anew_has_another_head(file: Path) -> None:
    first = build(ABOUT, ENTRIES)
    other = build(ABOUT, [ENTRIES[1]])
    file.write_bytes(other.content)
    assert check(file.read_bytes()).faults == ()
    assert "head" in str(check(file.read_bytes(), head=first.head).faults[0])


def test_every_changed_missing_or_added_byte_is_noticed_and_none_breaks_the_check(file: Path) -> None:
    """Of contents, names, times, flags, and of what stands between or around them."""
    made = build(ABOUT, ENTRIES).content
    for place in range(len(made) + 1):
        damages = [made[:place] + b"A" + made[place:]]
        if place < len(made):
            damages += [
                made[:place] + bytes([made[place] ^ 0x41]) + made[place + 1 :],
                made[:place] + made[place + 1 :],
            ]
        for damaged in damages:
            file.write_bytes(damaged)
            assert check(file.read_bytes()).faults or damaged == made, place


def test_a_pack_that_was_packed_anew_from_the_same_files_is_not_the_same_file(file: Path) -> None:
    file.write_bytes(packed(unpacked(build(ABOUT, ENTRIES).content)))
    found = [str(fault) for fault in check(file.read_bytes()).faults]
    assert found == ["bytes beside the files were changed, added or left out"]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in unpacked(build(ABOUT, ENTRIES).content).items():
            archive.writestr(name, content)
    file.write_bytes(target.getvalue())
    assert "compressed" in str(check(file.read_bytes()).faults[0])
