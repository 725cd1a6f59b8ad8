"""What a person did to the files that go along with one invoice: added some, left some out, gave them types.

Files are added from outside, so their bytes decide what they are: a name alone proves nothing.

Source: docs/reference/chorus-pro-api.md 1.4.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from include.domain.document import PortalDocument

LONGEST_NAME = 120
"""Signs of a file's name that are kept; it is cut to what the platform takes when it is sent."""

_ADDED = "added:"

_BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "gif": (b"GIF8",),
    "bmp": (b"BM",),
    "tif": (b"II*\x00", b"MM\x00*"),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "gz": (b"\x1f\x8b",),
    "bz2": (b"BZh",),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "rtf": (b"{\\rtf",),
}
"""How files of a kind begin."""

_KINDS: Mapping[str, str] = {
    "jpeg": "jpg",
    "tiff": "tif",
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "odp"), "zip"),
    **dict.fromkeys(("gzip", "tgz"), "gz"),
    **dict.fromkeys(("xls", "ppt", "pps", "xlm", "xlc"), "doc"),
}
"""Extensions whose files begin like those of another one."""

_PDF = b"%PDF-"
_PDF_WITHIN = 1024
"""Bytes in which a PDF must begin: some programs write a few before it."""

_TEXTS = frozenset({"txt", "csv", "xml", "htm", "html", "xhtml", "svg"})


@dataclass(frozen=True, kw_only=True)
class AddedFile:
    """A file that a person added; its bytes lie in the content store under their digest.

    `type`: the platform's code, None: decided when it is sent.
    """

    name: str
    sha256: str
    size: int
    type: str | None
    actor: str
    at: dt.datetime

    @property
    def key(self) -> str:
        """What stands for it among the portal ids of what goes along."""
        return f"{_ADDED}{self.sha256}/{self.name}"

    @property
    def document(self) -> PortalDocument:
        """As what goes along is looked at, wherever it came from."""
        return PortalDocument(
            portal_id=self.key,
            name=self.name,
            folder="/",
            signature=self.sha256,
            size=self.size,
            arrived_at=self.at,
            content_sha256=self.sha256,
        )


@dataclass(frozen=True, kw_only=True)
class AttachmentEdits:
    """All of it for one invoice. `left_out` and the keys of `types` are those of what the portal or a rule links."""

    added: tuple[AddedFile, ...] = ()
    left_out: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def with_added(self, *files: AddedFile) -> AttachmentEdits:
        """These too."""
        return replace(self, added=(*self.added, *files))

    def without(self, key: str) -> AttachmentEdits:
        """What was added is taken away, what is linked is left out."""
        if self.file(key) is not None:
            return replace(self, added=tuple(one for one in self.added if one.key != key))
        return replace(self, left_out=(*self.left_out, key))

    def with_type(self, key: str, code: str | None) -> AttachmentEdits:
        """Another type; None: the one that is decided when it is sent, or that of the rule."""
        if self.file(key) is not None:
            return replace(self, added=tuple(replace(one, type=code) if one.key == key else one for one in self.added))
        types = {name: kept for name, kept in self.types.items() if name != key}
        return replace(self, types={**types, key: code} if code else types)

    def file(self, key: str) -> AddedFile | None:
        """The added file with this key."""
        return next((one for one in self.added if one.key == key), None)

    def chosen_types(self) -> dict[str, str]:
        """Types that a person chose, by key."""
        return {**self.types, **{one.key: one.type for one in self.added if one.type}}


NOTHING_EDITED = AttachmentEdits()


def safe_name(name: str) -> str:
    """The last part of a path from outside, in one line and without signs that hide or turn something; "" for none."""
    shown = "".join(sign for sign in unicodedata.normalize("NFC", name) if unicodedata.category(sign)[0] != "C")
    last = " ".join(shown.replace("\\", "/").rsplit("/", 1)[-1].split()).lstrip(". ")
    path = PurePosixPath(last)
    suffix = path.suffix if len(path.suffix) < 10 else ""
    return f"{last.removesuffix(suffix)[: LONGEST_NAME - len(suffix)].rstrip()}{suffix}"


def extension_of(name: str) -> str:
    """In lower case, without the dot."""
    return PurePosixPath(name).suffix.removeprefix(".").lower()


def is_what_it_says(name: str, content: bytes) -> bool:
    """Whether the bytes begin as those of such a file do; of a kind without a beginning of its own nothing is asked."""
    extension = extension_of(name)
    if extension == "pdf":
        return _PDF in content[:_PDF_WITHIN]
    if extension in _TEXTS:
        return b"\0" not in content[:4096] or content[:2] in (b"\xff\xfe", b"\xfe\xff")
    beginnings = _BEGINNINGS.get(_KINDS.get(extension, extension))
    return beginnings is None or content.startswith(beginnings)
