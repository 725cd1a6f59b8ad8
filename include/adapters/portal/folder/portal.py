"""A folder tree as a document portal (docs/reference/interfaces.md 4): sub-folder = portal folder, file = document.

`invoice.pdf` may have a side-car `invoice.pdf.json` or `invoice.json`, written before it; `_folder.json` gives defaults
for what lies in its folder and below. Files that are no PDF are documents too, so that their reason can be shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import posixpath
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.adapters.portal.folder.adding import add_document
from include.adapters.portal.folder.names import FOLDER_DEFAULTS, is_side_car, leads_out, path_of, portal_id
from include.adapters.portal.folder.remote_tree import RemoteTree
from include.adapters.portal.folder.side_car import MAX_BYTES, SideCar, SideCarError, parse_side_car
from include.adapters.portal.folder.side_car_writing import with_metadata
from include.adapters.portal.folder.tree import UNREADABLE, FileFacts, LocalTree, Look, Tree, root_missing
from include.application.ports.clock import Clock
from include.application.ports.portal import AddedDocument, NewDocument, OnProgress, untold
from include.domain.document import PortalDocument, PortalListing
from include.domain.errors import ConfigurationError, DocumentError, InputError, PortalUnavailableError
from include.domain.internal_errors import setting_aside
from include.texts import Text, foreign_failure, os_failure

logger = logging.getLogger(__name__)

STILL_CHANGING = "portal_still_changing"
FOLDER_CLOSED = "portal_folder_closed"

_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A document of one look: its file, and the side-cars that speak about it, nearest first, each (path, facts)."""

    path: str
    facts: FileFacts
    side_cars: tuple[tuple[str, FileFacts], ...]
    signature: str

    @property
    def failure(self) -> str | None:
        """Why it cannot be taken, as far as the look alone can tell."""
        return next((facts.failure for facts in self._all() if facts.failure), None)

    def age(self, now: float) -> float:
        """Seconds since the file or a side-car last changed; zero where a time is missing or lies in the future."""
        times = [facts.time for facts in self._all()]
        return max(0.0, min(now - told if told is not None else 0.0 for told in times))

    def _all(self) -> Iterator[FileFacts]:
        yield self.facts
        for _, facts in self.side_cars:
            yield facts


class FolderPortal:
    """The port `DocumentPortal` on a folder tree behind an fsspec URL.

    A look compares what the file system tells (size, times, version) with the known signatures; only what differs is
    opened. What changed less than `settle_seconds` ago may be half written: the scan waits once, looks again, and takes
    what kept still; the rest is postponed to the next scan. The age is told by the file system's times, so its clock
    should be right; a file that seems to come from the future is only taken after it kept still under our eyes.
    """

    links = True

    def __init__(
        self,
        url: str,
        *,
        settle_seconds: float,
        clock: Clock,
        own_metadata: Collection[str] = (),
        sleep: Callable[[float], None] = time.sleep,  # tests wait on a clock of their own
    ) -> None:
        self._url = url
        self._own = frozenset(own_metadata)
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._sleep = sleep
        self._opened: Tree | None = None

    def scan(
        self, known: Mapping[str, str], *, on_progress: OnProgress = untold, most: int | None = None
    ) -> PortalListing:
        """One look at everything; documents whose signature differs from the known one are read and digested."""
        found, closed = self._look()
        wait = self._wait(found, known) if most is None else 0.0
        before = found
        if wait > 0:
            self._sleep(wait)
            found, closed = self._look()
        taking = _Taking(self._tree(), found, self._clock.now(), self._own)
        seen, changed = set(found), []
        postponed: dict[str, str] = {}
        errors: dict[str, Exception] = {}
        now = self._clock.now().timestamp()
        wanted = sorted(key for key, item in found.items() if item.signature != known.get(key))[:most]
        for place, key in enumerate(wanted):
            on_progress(place, len(wanted))
            item = found[key]
            kept = key in before and wait > 0 and before[key].signature == item.signature
            settled = kept or item.age(now) >= self._settle_seconds
            outcome: PortalDocument | str | None = STILL_CHANGING
            with setting_aside(errors, key):
                outcome = item.failure or (taking.take(key, item) if settled else STILL_CHANGING)
            if isinstance(outcome, PortalDocument):
                changed.append(outcome)
            elif outcome is None:
                seen.discard(key)
            else:
                postponed[key] = outcome
        hidden = {key: FOLDER_CLOSED for key in known if _lies_in(key, closed)}
        for key, code in postponed.items():
            logger.info("Document %s is postponed: %s", key, code)
        return PortalListing(
            seen=frozenset(seen | hidden.keys()), changed=tuple(changed), postponed=postponed | hidden, errors=errors
        )

    def read(self, portal_id: str) -> bytes:
        """The bytes of a document; InputError for an id that leads out of the portal."""
        path = path_of(portal_id)
        if leads_out(path):
            raise InputError("no_document_of_the_folder", portal_id=portal_id)
        try:
            with self._tree().open(path) as stream:
                return stream.read()
        except OSError as error:
            raise PortalUnavailableError(
                "document_unreadable_now", portal_id=portal_id, cause=os_failure(error)
            ) from error

    def write_back(self, portal_id: str, values: Mapping[str, str]) -> None:
        """Sets metadata in the document's own side-car, which is made where there is none.

        The side-car is a newer file then, so the next look reads the document again; it finds it as it was, because
        `own_metadata` are left out of what is listed.
        """
        path = path_of(portal_id)
        if leads_out(path):
            raise DocumentError("not_in_the_folder", portal_id=portal_id)
        folder, _, name = path.rpartition("/")
        try:
            self._write(folder, name, values)
        except SideCarError as error:
            raise DocumentError("side_car_unclear", portal_id=portal_id, cause=Text(f"reason.{error.code}")) from error
        except OSError as error:
            raise _not_written(portal_id, os_failure(error)) from error

    def add(self, document: NewDocument, attachments: Sequence[NewDocument] = ()) -> AddedDocument:
        """Files it with its side-car; see `add_document`."""
        try:
            return add_document(self._tree(), document, attachments)
        except OSError as error:
            raise PortalUnavailableError("portal_takes_no_file", url=self._url, cause=os_failure(error)) from error

    def _write(self, folder: str, name: str, values: Mapping[str, str]) -> None:
        tree = self._tree()
        files = tree.files_in(folder)
        if name not in files:
            raise _not_written(name, Text("portal.gone"))
        own = _side_car_of(name, {other.casefold(): other for other in sorted(files, reverse=True)})
        path = posixpath.join(folder, own or f"{name}.json")
        content = None
        if own:
            with tree.open(path) as stream:
                content = stream.read(MAX_BYTES + 1)
        told = with_metadata(content, folder, values)
        if told != content and not tree.replace(path, told, files[own] if own else None):
            raise _not_written(name, Text("portal.side_car_changed"))

    def _tree(self) -> Tree:
        if self._opened is None:
            self._opened = _open_tree(self._url)
        return self._opened

    def _look(self) -> tuple[dict[str, _Found], tuple[str, ...]]:
        look = self._tree().look()
        for folder in look.closed:
            logger.warning("Folder %r of the portal cannot be listed; what is known in it is kept", folder)
        return {portal_id(item.path): item for item in _documents(look)}, look.closed

    def _wait(self, found: Mapping[str, _Found], known: Mapping[str, str]) -> float:
        """How long to wait until all that is new has kept still for `settle_seconds`; 0 when nothing is that young."""
        now = self._clock.now().timestamp()
        fresh = [item for key, item in found.items() if item.signature != known.get(key) and not item.failure]
        return max((self._settle_seconds - item.age(now) for item in fresh), default=0.0)


def _not_written(document: str, why: Text) -> DocumentError:
    return DocumentError("side_car_not_written", document=document, cause=why)


def _open_tree(url: str) -> Tree:
    """The tree behind a URL; the local disk is walked without fsspec, which tells neither ctime nor nanoseconds."""
    import fsspec

    try:
        file_system, root = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise ConfigurationError("portal_address_unusable", url=url, cause=foreign_failure(error)) from error
    except Exception as error:  # some connect already now, with the errors of their own client libraries
        raise root_missing(url, foreign_failure(error)) from error
    if "file" in file_system.protocol:
        return LocalTree(Path(root))
    return RemoteTree(file_system, root)


def _documents(look: Look) -> Iterator[_Found]:
    """Every document of a look with the side-cars that speak about it."""
    folders: dict[str, dict[str, FileFacts]] = {}
    for path, facts in look.files.items():
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, {})[name] = facts
    defaults: dict[str, tuple[tuple[str, FileFacts], ...]] = {}
    for folder, files in folders.items():
        side_cars = {name.casefold(): name for name in sorted(files, reverse=True) if is_side_car(name)}
        inherited = _defaults(folder, folders, defaults)
        for name, facts in files.items():
            if is_side_car(name):
                continue
            own = _side_car_of(name, side_cars)
            path = posixpath.join(folder, name)
            speaking = ((posixpath.join(folder, own), files[own]), *inherited) if own else inherited
            token = hashlib.sha256(repr((facts, speaking)).encode()).hexdigest()
            yield _Found(path=path, facts=facts, side_cars=speaking, signature=token[:40])


def _side_car_of(name: str, side_cars: Mapping[str, str]) -> str | None:
    """`invoice.pdf.json` before `invoice.json`, whatever the case."""
    full = name.casefold()
    stem = posixpath.splitext(full)[0]
    wanted = (f"{full}.json", f"{stem}.json")
    return next((side_cars[key] for key in wanted if key in side_cars and key != FOLDER_DEFAULTS), None)


def _defaults(
    folder: str,
    folders: Mapping[str, Mapping[str, FileFacts]],
    memory: dict[str, tuple[tuple[str, FileFacts], ...]],
) -> tuple[tuple[str, FileFacts], ...]:
    """The folder defaults that hold in a folder, its own before those of the folders above."""
    if folder in memory:
        return memory[folder]
    chain: list[tuple[str, FileFacts]] = []
    parts = folder.split("/") if folder else []
    for depth in range(len(parts), -1, -1):
        above = "/".join(parts[:depth])
        facts = folders.get(above, {}).get(FOLDER_DEFAULTS)
        if facts is not None:
            chain.append((posixpath.join(above, FOLDER_DEFAULTS), facts))
    memory[folder] = tuple(chain)
    return memory[folder]


def _lies_in(key: str, folders: tuple[str, ...]) -> bool:
    path = path_of(key) if folders else ""
    return any(path.startswith(f"{folder}/") for folder in folders)


class _Taking:
    """Reads the documents of one scan; a side-car that speaks about several is read once."""

    def __init__(self, tree: Tree, found: Mapping[str, _Found], now: dt.datetime, own: Collection[str]) -> None:
        self._own = own
        self._tree = tree
        self._now = now
        self._side_cars: dict[str, SideCar | SideCarError] = {}
        self._composed = {unicodedata.normalize("NFC", key): key for key in found if not key.isascii()}

    def take(self, key: str, item: _Found) -> PortalDocument | str | None:
        """The document, the code of the reason why not now, or None where it went away."""
        try:
            digest = self._digest(item)
            told = SideCar()
            for path, _ in reversed(item.side_cars):
                told = self._side_car(path).over(told)
        except SideCarError as error:
            logger.warning("Document %s: its side-car cannot be used: %s", key, error)
            return error.code
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("Document %s cannot be read: %s", key, error.strerror or type(error).__name__)
            return UNREADABLE
        if digest is None:
            return STILL_CHANGING
        folder, _, name = key.rpartition("/")
        links = [self._composed.get(unicodedata.normalize("NFC", link), link) for link in told.links or ()]
        return PortalDocument(
            portal_id=key,
            name=name,
            folder=f"/{folder}",
            signature=item.signature,
            size=item.facts.size,
            arrived_at=self._arrival(item.facts.time),
            content_sha256=digest,
            classification_rule=told.classification_rule,
            metadata={name: values for name, values in told.metadata.items() if values and name not in self._own},
            links=tuple(link for link in links if link != key),
        )

    def _digest(self, item: _Found) -> str | None:
        """SHA-256 of the file, or None when it changed while it was read."""
        digest, size = hashlib.sha256(), 0
        with self._tree.open(item.path) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        if size != item.facts.size or not self._tree.unchanged(item.path, item.facts):
            return None
        return digest.hexdigest()

    def _side_car(self, path: str) -> SideCar:
        if path not in self._side_cars:
            try:
                with self._tree.open(path) as stream:
                    content = stream.read(MAX_BYTES + 1)
                self._side_cars[path] = parse_side_car(content, posixpath.dirname(path))
            except SideCarError as error:
                self._side_cars[path] = error
            except FileNotFoundError:
                self._side_cars[path] = SideCarError(STILL_CHANGING)
        told = self._side_cars[path]
        if isinstance(told, SideCarError):
            raise told
        return told

    def _arrival(self, told: float | None) -> dt.datetime:
        """The later of the times; now, where the file system tells none or one that no calendar has."""
        try:
            return self._now if told is None else dt.datetime.fromtimestamp(told, tz=dt.UTC)
        except (OverflowError, ValueError, OSError):
            return self._now
