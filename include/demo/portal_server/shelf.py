"""The folder tree as a portal sees it: folders and documents with ids that stay, and the filing queue."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.adapters.portal.folder.names import FOLDER_DEFAULTS, is_noise, is_side_car

ROOT_ID = 1
QUEUE = ".queue"
IDS = ".portal-ids.json"


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """One document: where it lies, and what its side-cars say."""

    id: int
    path: str
    file: Path
    rule: str | None
    metadata: Mapping[str, tuple[str, ...]]
    changed_at: dt.datetime

    @property
    def folder(self) -> str:
        """Path of its folder; empty for the root."""
        return self.path.rpartition("/")[0]

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.file.read_bytes()

    @property
    def checksum(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


class Shelf:
    """A folder and the ids of what lies in it, which survive a restart in a hidden file of that folder."""

    def __init__(self, root: Path, metadata_names: Sequence[str] = ()) -> None:
        self.root = root
        self.metadata_names = metadata_names
        self.lock = threading.RLock()
        record = root / IDS
        self._ids: dict[str, int] = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
        (root / QUEUE).mkdir(parents=True, exist_ok=True)

    def folder_path(self, folder_id: int) -> str | None:
        """Path of a folder (empty for the root), None where there is none."""
        if folder_id == ROOT_ID:
            return ""
        path = self._path_of(folder_id)
        return path if path is not None and (self.root / path).is_dir() else None

    def folders(self, folder: str) -> list[tuple[int, str]]:
        """Ids and paths of the folders in a folder."""
        return [(self._id(path), path) for path in self._entries(folder) if (self.root / path).is_dir()]

    def new_folder(self, path: str) -> int:
        """Makes a folder."""
        (self.root / path).mkdir(parents=True, exist_ok=True)
        return self._id(path)

    def documents(self, folder: str) -> list[Shelved]:
        """The documents in a folder."""
        paths = [path for path in self._entries(folder) if (self.root / path).is_file() and not is_side_car(path)]
        return [self._document(path) for path in paths]

    def everything(self) -> Iterator[Shelved]:
        """The documents of all folders."""
        pending = [""]
        while pending:
            folder = pending.pop()
            yield from self.documents(folder)
            pending.extend(path for _, path in self.folders(folder))

    def document(self, document_id: int) -> Shelved | None:
        """A document by its id."""
        path = self._path_of(document_id)
        return self._document(path) if path is not None and (self.root / path).is_file() else None

    def metadata_id(self, name: str) -> int:
        """The id of a metadata, by which forms name it."""
        return self._id(f"metadata {name}")

    def metadata_name(self, key: str) -> str | None:
        """The name of a metadata by its id, or by its name."""
        names = {str(self.metadata_id(name)): name for name in self.metadata_names}
        return names.get(key) or (key if key in self.metadata_names else None)

    def file_document(self, path: str, content: bytes, told: Mapping[str, Any] | None = None) -> int:
        """Files a document, the side-car first; an existing one is replaced."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if told is not None:
            self._write_side_car(target, told)
        target.write_bytes(content)
        return self._id(path)

    def set_metadata(self, document: Shelved, metadata: Mapping[str, Sequence[str]]) -> None:
        """All metadata of a document at once: what is left out has no value any more."""
        told = _side_car(document.file)
        values = {name: list(texts) if len(texts) > 1 else texts[0] for name, texts in metadata.items() if texts}
        self._write_side_car(document.file, {**told, "metadata": values})

    def delete(self, document: Shelved) -> None:
        """Takes a document and its side-car away."""
        document.file.unlink()
        _side_car_path(document.file).unlink(missing_ok=True)

    def queue(self, name: str, content: bytes) -> int:
        """Puts a file into the filing queue, where no folder and no search shows it."""
        path = f"{QUEUE}/{name}"
        (self.root / path).write_bytes(content)
        return self._id(path)

    def queued(self, queue_id: int) -> Path | None:
        """The file that waits for filing under this id."""
        path = self._path_of(queue_id) or ""
        return self.root / path if path.startswith(f"{QUEUE}/") and (self.root / path).is_file() else None

    def classify(self, waiting: Path, folder: str, told: Mapping[str, Any]) -> int:
        """Files what waited in the queue."""
        path = f"{folder}/{waiting.name}" if folder else waiting.name
        filed = self.file_document(path, waiting.read_bytes(), told)
        waiting.unlink()
        return filed

    def _document(self, path: str) -> Shelved:
        file = self.root / path
        told = _side_car(file)
        defaults = [_read(above / FOLDER_DEFAULTS) for above in reversed(file.parents) if _within(above, self.root)]
        metadata: dict[str, Any] = {}
        for source in (*defaults, told):
            metadata |= source.get("metadata") or {}
        rules = [source.get("classification_rule") for source in (told, *reversed(defaults))]
        times = [item.stat().st_mtime for item in (file, _side_car_path(file)) if item.exists()]
        return Shelved(
            id=self._id(path),
            path=path,
            file=file,
            rule=next((rule for rule in rules if rule), None),
            metadata={name: _texts(value) for name, value in metadata.items()},
            changed_at=dt.datetime.fromtimestamp(max(times), tz=dt.UTC),
        )

    def _entries(self, folder: str) -> list[str]:
        names = sorted(entry.name for entry in (self.root / folder).iterdir() if not is_noise(entry.name))
        return [f"{folder}/{name}" if folder else name for name in names]

    def _id(self, key: str) -> int:
        with self.lock:
            if key not in self._ids:
                self._ids[key] = max(self._ids.values(), default=ROOT_ID) + 1
                (self.root / IDS).write_text(json.dumps(self._ids), encoding="utf-8")
            return self._ids[key]

    def _path_of(self, wanted: int) -> str | None:
        return next((path for path, known in self._ids.items() if known == wanted), None)

    def _write_side_car(self, file: Path, told: Mapping[str, Any]) -> None:
        _side_car_path(file).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _within(folder: Path, root: Path) -> bool:
    return folder == root or root in folder.parents


def _side_car_path(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def _side_car(file: Path) -> dict[str, Any]:
    return _read(_side_car_path(file)) or _read(file.with_suffix(".json"))


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=str, parse_int=str)
    return told


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(str(item) for item in items if item is not None)
