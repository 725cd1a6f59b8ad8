"""New documents in a folder tree: what is linked first, then the side-car, then the document.

So no look takes it without what is said of it.
"""

from __future__ import annotations

import json
import posixpath
import unicodedata
from collections.abc import Iterator, Sequence

from include.adapters.portal.folder.names import is_noise, is_side_car, leads_out, portal_id
from include.adapters.portal.folder.tree import Tree
from include.application.ports.portal import AddedDocument, NewDocument
from include.domain.errors import InputError, NameTakenError


def add_document(tree: Tree, document: NewDocument, attachments: Sequence[NewDocument]) -> AddedDocument:
    """See `DocumentPortal.add`; OSError where the file system does not take it, and then nothing is left behind."""
    paths = [_path(one) for one in (document, *attachments)]
    if len({path.casefold() for path in paths}) < len(paths):
        raise NameTakenError("name_given_twice", name=document.name)
    for path in paths:
        _require_free(tree, path)
    main, *linked = paths
    made: list[str] = []
    try:
        for path, content in _files(document, main, attachments, linked):
            if not tree.create(path, content):
                raise _taken(path)
            made.append(path)
    except BaseException:  # Ctrl-C too: all of a document or nothing
        for path in reversed(made):
            tree.remove(path)
        raise
    return AddedDocument(portal_id=portal_id(main), attachments=tuple(portal_id(path) for path in linked))


def _files(
    document: NewDocument, main: str, attachments: Sequence[NewDocument], linked: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    for one, path in zip(attachments, linked, strict=True):
        yield f"{path}.json", _side_car(one, [])
        yield path, one.content
    folder = posixpath.dirname(main)
    yield f"{main}.json", _side_car(document, [posixpath.relpath(path, folder or ".") for path in linked])
    yield main, document.content


def _side_car(document: NewDocument, links: Sequence[str]) -> bytes:
    metadata = {name: list(some) if len(some) > 1 else some[0] for name, some in document.metadata.items() if some}
    told = {"classification_rule": document.classification_rule, "metadata": metadata, "links": list(links)}
    return json.dumps({key: value for key, value in told.items() if value}, ensure_ascii=False, indent=2).encode()


def _path(document: NewDocument) -> str:
    """The relative path; InputError for one that no look would find, or that would be taken for a side-car."""
    name = unicodedata.normalize("NFC", document.name)
    folder = unicodedata.normalize("NFC", document.folder).strip("/")
    path = posixpath.join(folder, name)
    if "/" in name or "\\" in path or is_side_car(name) or leads_out(path) or any(map(is_noise, path.split("/"))):
        raise InputError("name_not_for_the_folder", path=path)
    return path


def _require_free(tree: Tree, path: str) -> None:
    """NameTakenError where a file has the name, or a side-car would speak about a file of that name."""
    folder, _, name = path.rpartition("/")
    try:
        there = {other.casefold() for other in tree.files_in(folder)}
    except FileNotFoundError:
        return
    full = name.casefold()
    if there & {full, f"{full}.json", f"{posixpath.splitext(full)[0]}.json"}:
        raise _taken(path)


def _taken(path: str) -> NameTakenError:
    return NameTakenError("name_taken_in_portal", path=f"/{path}")
