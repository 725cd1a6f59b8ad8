"""A pack of evidence as one ZIP that shows whether anybody changed it since.

`manifest.json` lists every entry with its SHA-256 and a digest chained over all entries before it, so that none can be
changed, added, left out or moved without breaking the chain. Nothing is compressed, so that the check can build the
same file again and see every byte that differs. Whoever rewrites the whole pack gets another head: keep the head apart
(it is printed when the pack is made) and hand it to the check. The same facts give the same head.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from include.texts import Text, foreign_failure

MANIFEST = "manifest.json"
_FORMAT = "chorus evidence 1"
_SAME_TIME = (2020, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20
_LARGEST_MANIFEST = 10_000_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    TypeError,
)
"""What reading a ZIP and its manifest raises when bytes of it were changed."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of the pack."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The ZIP and the head of its chain."""

    content: bytes
    head: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found; `invoice` is what the manifest says it is about."""

    faults: tuple[Text, ...]
    head: str | None = None
    entries: int = 0
    invoice: Mapping[str, Any] | None = None


def build(about: Mapping[str, Any], entries: Sequence[Entry]) -> Pack:
    """The pack of these entries, whose names all differ."""
    digests = [(entry.name, hashlib.sha256(entry.content).hexdigest(), len(entry.content)) for entry in entries]
    chain = list(_chained(about, [(name, sha256) for name, sha256, _ in digests]))
    manifest = {
        "format": _FORMAT,
        "invoice": dict(about),
        "entries": [
            {"name": name, "size": size, "sha256": sha256, "chain": link}
            for (name, sha256, size), link in zip(digests, chain[1:], strict=True)
        ],
        "head": chain[-1],
    }
    written = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry in (*entries, Entry(name=MANIFEST, content=written)):
            archive.writestr(_info(entry.name), entry.content)
    return Pack(content=target.getvalue(), head=chain[-1])


def check(content: bytes, *, head: str | None = None) -> Checked:
    """Whether the pack is as it was made; with `head`: whether it is the pack that had this head."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = _check(archive, head)
            if not found.faults and _again(archive) != content:
                return replace(found, faults=(Text("pack.other_bytes"),))
            return found
    except _BROKEN as error:
        return Checked(faults=(Text("pack.unreadable", {"cause": foreign_failure(error)}),))


def _again(archive: zipfile.ZipFile) -> bytes:
    """The pack that its own manifest and contents give."""
    manifest = json.loads(archive.read(MANIFEST))
    entries = [Entry(name=entry["name"], content=archive.read(entry["name"])) for entry in manifest["entries"]]
    return build(manifest["invoice"], entries).content


def _check(archive: zipfile.ZipFile, head: str | None) -> Checked:
    if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        return Checked(faults=(Text("pack.manifest_too_large"),))
    if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
        return Checked(faults=(Text("pack.compressed"),))
    manifest = json.loads(archive.read(MANIFEST))
    listed = manifest["entries"]
    faults = [] if manifest["format"] == _FORMAT else [_other_format(manifest["format"])]
    names = [info.filename for info in archive.infolist()]
    wanted = [*(entry["name"] for entry in listed), MANIFEST]
    faults += [Text("pack.missing", {"name": name}) for name in wanted if name not in names]
    faults += [Text("pack.added", {"name": name}) for name in names if name not in wanted]
    faults += [Text("pack.twice", {"name": name}) for name in sorted(set(names)) if names.count(name) > 1]
    faults += [
        Text("pack.changed", {"name": entry["name"]})
        for entry in listed
        if entry["name"] in names and _differs(archive, entry)
    ]
    chain = list(_chained(manifest["invoice"], [(entry["name"], entry["sha256"]) for entry in listed]))
    if [entry["chain"] for entry in listed] != chain[1:] or manifest["head"] != chain[-1]:
        faults.append(Text("pack.broken_chain"))
    if head is not None and head.strip().lower() != chain[-1]:
        faults.append(Text("pack.other_head"))
    return Checked(faults=tuple(faults), head=chain[-1], entries=len(listed), invoice=manifest["invoice"])


def _other_format(found: object) -> Text:
    return Text("pack.other_format", {"found": found, "wanted": _FORMAT})


def _differs(archive: zipfile.ZipFile, entry: Mapping[str, Any]) -> bool:
    if archive.getinfo(entry["name"]).file_size != entry["size"]:
        return True
    digest = hashlib.sha256()
    try:
        with archive.open(entry["name"]) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except _BROKEN:
        return True
    return bool(digest.hexdigest() != entry["sha256"])


def _chained(about: Mapping[str, Any], digests: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The digest of what the pack is about, then for each entry one over the digest before it, its name and content."""
    subject = json.dumps(about, ensure_ascii=False, sort_keys=True)
    link = hashlib.sha256(f"{_FORMAT}\n{subject}".encode()).hexdigest()
    yield link
    for name, sha256 in digests:
        link = hashlib.sha256(f"{link}\n{name}\n{sha256}".encode()).hexdigest()
        yield link


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_SAME_TIME)
    info.create_system = 3  # whatever the machine: the same facts give the same file
    info.external_attr = 0o644 << 16
    return info
