"""Opening what a flow brings: a single file or a `.tar.gz` of files, XML or Factur-X PDF."""

from __future__ import annotations

import io
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from include.simulator import codes

if TYPE_CHECKING:
    from lxml import etree

GZIP = b"\x1f\x8b"
PDF = b"%PDF-"
MEMBER_LIMIT = 500
XML_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")


class Unreadable(Exception):
    """A file of a flow that cannot be opened at all: a technical error of the report."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of a flow: one invoice."""

    name: str
    content: bytes

    @property
    def is_pdf(self) -> bool:
        """Whether it is a PDF (Factur-X) rather than XML."""
        return self.content.lstrip()[:5] == PDF

    def shown(self) -> tuple[bytes, str]:
        """The file to keep with the invoice, and its extension."""
        return self.content, "PDF" if self.is_pdf else "XML"

    def tree(self) -> etree._Element:
        """The XML, from inside the PDF if need be; no entity is resolved, nothing is fetched."""
        from lxml import etree

        text = _embedded(self) if self.is_pdf else self.content
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(text, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise Unreadable(f"Le fichier {self.name} n'est pas un XML lisible.") from error


def _embedded(member: Member) -> bytes:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(member.content)) as pdf:
            found = {name.lower(): spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    except (pikepdf.PdfError, ValueError, KeyError) as error:
        raise Unreadable(f"Le fichier {member.name} n'est pas un PDF lisible.") from error
    for name in XML_NAMES:
        if name in found:
            return found[name]
    raise Unreadable(f"Le fichier {member.name} ne contient pas de factur-x.xml.")


def members(filename: str, content: bytes) -> list[Member]:
    """The files of a flow; a batch is a gzipped tar."""
    if content[:2] != GZIP:
        return [Member(name=filename, content=content)]
    found: list[Member] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for entry in archive:
                if entry.isfile():
                    found.append(_unpacked(archive, entry))
                if len(found) > MEMBER_LIMIT:
                    raise Unreadable(f"Le lot contient plus de {MEMBER_LIMIT} fichiers.")
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise Unreadable(f"Le lot {filename} n'est pas lisible.") from error
    if not found:
        raise Unreadable(f"Le lot {filename} est vide.")
    return found


def _unpacked(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Member:
    name = PurePosixPath(entry.name).name
    stream = archive.extractfile(entry)
    if entry.size > codes.FILE_LIMIT or stream is None:
        raise Unreadable(f"Le fichier {name} dépasse 10 Mo.")
    return Member(name=name, content=stream.read())
