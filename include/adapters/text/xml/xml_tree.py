"""XML from strangers: parsed without entities, network or size tricks, and walked by local names.

Local names, because ZUGFeRD 1, Factur-X, UBL and files with a slip in their namespace then need one way of looking.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from include.domain.values import LONGEST_NUMBER, parse_amount, within_reach

if TYPE_CHECKING:
    from lxml.etree import _Element

_DOCTYPE_MARKS = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))

LARGEST = 10_000_000
"""Bytes; the XML of an invoice with a thousand lines has about one million."""


def parse(content: bytes) -> _Element | None:
    """The root element; None when the XML is broken, too large, or declares a document type.

    No invoice standard uses a DOCTYPE: it only serves external entities (XXE) and entity bombs. Its marks are sought
    first, so that most are never parsed; in any other encoding the parser finds it, and has opened nothing.
    """
    from lxml import etree

    if len(content) > LARGEST or any(mark in content for mark in _DOCTYPE_MARKS):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(content.lstrip(b"\xef\xbb\xbf\r\n\t "), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    return None if root.getroottree().docinfo.internalDTD is not None else root


def local_name(element: _Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def every(element: _Element | None, path: str) -> Iterator[_Element]:
    """All elements under a path of local names, in document order."""
    if element is None:
        return
    head, _, rest = path.partition("/")
    for child in element:
        if local_name(child) == head:
            if rest:
                yield from every(child, rest)
            else:
                yield child


def first(element: _Element | None, *paths: str) -> _Element | None:
    """The first element under the first path that leads anywhere."""
    for path in paths:
        for found in every(element, path):
            return found
    return None


def text(element: _Element | None, *paths: str) -> str | None:
    """The first text under the first path that leads to one, with plain blanks; None where all are empty."""
    return next(iter(texts(element, *paths)), None)


def texts(element: _Element | None, *paths: str) -> list[str]:
    """All texts under the first path that leads to one, with plain blanks, empty ones left out."""
    for path in paths:
        found = [text for item in every(element, path) if (text := " ".join((item.text or "").split()))]
        if found:
            return found
    return []


def number(element: _Element | None) -> Decimal | None:
    """An element's number: XML's own spelling first (`130.272` is a fraction there), else as people write it."""
    value = "" if element is None else (element.text or "").strip()
    if len(value) > LONGEST_NUMBER:
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return parse_amount(value)
    return within_reach(found)


def amount(element: _Element | None, *paths: str) -> Decimal | None:
    """The number under the first path that leads anywhere."""
    return number(first(element, *paths))
