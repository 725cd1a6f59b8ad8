"""What the portal tells of a document, whatever it calls it.

Only a few names were ever seen in answers (docs/portal.md); for the others the usual ones are tried in order, and the
connection's extra `fields` names another one. Nothing is guessed about an amount: metadata are taken as printed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from include.adapters.portal.http.answers import PortalError, as_sha256
from include.adapters.portal.http.settings import PortalSettings
from include.texts import Text

Json = Mapping[str, Any]

_NAMES: dict[str, tuple[str, ...]] = {
    "name": ("name", "title"),
    "extension": ("extension",),
    "path": ("path",),
    "rule": ("typeName", "documentType", "classificationRule", "type", "idType"),
    "created": ("creationDate", "dateCreated", "createdAt"),
    "modified": ("modificationDate", "dateModified", "lastModificationDate", "updateDate", "updatedAt", "modifiedAt"),
    "version": ("version", "versionNumber", "idVersion"),
    "size": ("size", "fileSize"),
    "checksum": ("checksum", "sha256", "fileChecksum"),
}
_NAMES_OF_A_NAME = ("name", "label", "title", "value")
_NAMES_OF_AN_ID = ("idMetadata", "id", "idType", "idFolder", "idDocument")
_CONTENT = ("modified", "version", "size", "checksum")
_CHANGE = ("modified", "version", "checksum")
"""Where one of these is told, a change of the document shows in it; two files may well have one size."""

_FRENCH_TIME = re.compile(r"(\d\d)/(\d\d)/(\d{4})(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?")


class UnclearError(PortalError):
    """The answer about this document cannot be understood for certain."""


class Facts:
    """The facts of one document, out of the object that the portal tells it with."""

    def __init__(self, told: Json, settings: PortalSettings) -> None:
        self._told = told
        self._settings = settings

    def text(self, fact: str) -> str | None:
        """One fact as text; None where the portal does not tell it."""
        own = self._settings.fields.get(fact)
        for name in (own,) if own else _NAMES[fact]:
            if (found := plain(self._told.get(name))) is not None:
                return found
        return None

    @property
    def file_name(self) -> str:
        """The document's name with its extension, without anything that would look like a folder."""
        name = (self.text("name") or "").strip()
        extension = (self.text("extension") or "").strip().lstrip(".")
        if extension and not name.casefold().endswith(f".{extension.casefold()}"):
            name = f"{name}.{extension}"
        return re.sub(r"[/\\\0]", "_", name)

    @property
    def rule(self) -> str | None:
        """The classification rule by name, where the portal tells it or the extra `rules` translates its id."""
        told = self.text("rule")
        return None if told is None else self._settings.rules.get(told, told)

    @property
    def folder(self) -> str:
        """The folder that the portal tells, where documents come from a search."""
        path = "/" + (self.text("path") or "").replace("\\", "/").strip("/")
        head, _, last = path.rpartition("/")
        named = last in (self.text("name"), self.file_name)
        return (head or "/") if named else path

    @property
    def size(self) -> int | None:
        """Bytes of the file."""
        return whole_number(self.text("size"))

    @property
    def checksum(self) -> str | None:
        """SHA-256 of the file."""
        return as_sha256(self.text("checksum"))

    @property
    def tells_changes(self) -> bool:
        """Whether a change of the document would show in these facts."""
        return any(self.text(fact) is not None for fact in _CHANGE)

    @property
    def arrived_at(self) -> dt.datetime | None:
        """When it was filed; a time without zone is one of the portal's own zone."""
        return moment(self.text("created"), ZoneInfo(self._settings.time_zone))

    def digest(self, *more: object) -> str:
        """A short token of the facts that matter to us, and of more."""
        facts = [self.file_name, self.rule, *(self.text(fact) for fact in _CONTENT), *more]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:24]


@dataclass(frozen=True, kw_only=True)
class Metadatum:
    """One metadata of a document as the portal holds it; `key` is how a form names it."""

    name: str
    key: str
    values: tuple[str, ...]
    multiple: bool


def metadata_of(body: Json) -> Iterator[Metadatum]:
    """What `document/{id}` tells under `metadatas`; UnclearError where it is no list of names with values."""
    entries = body.get("metadatas") or []
    if not isinstance(entries, list):
        raise UnclearError(Text("portal.no_list", {"key": "metadatas"}))
    for entry in entries:
        told = entry.get("metadata", entry) if isinstance(entry, dict) else None
        name = plain(told.get("name")) if isinstance(told, dict) else None
        if not isinstance(told, dict) or name is None:
            raise UnclearError(Text("portal.metadata_without_name"))
        flag = told.get("multiple")
        values = tuple(_values(told.get("value"), split=flag is not False))
        key = next((found for known in _NAMES_OF_AN_ID if (found := plain(told.get(known)))), name)
        yield Metadatum(name=name, key=key, values=values, multiple=bool(flag) or len(values) > 1)


def values_by_name(metadata: Collection[Metadatum], without: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Values of the metadata that have any; several entries of one name are its several values, each once."""
    found: dict[str, list[str]] = {}
    for one in metadata:
        if one.name not in without:
            found.setdefault(one.name, []).extend(one.values)
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items() if values}


def _values(value: object, *, split: bool) -> Iterator[str]:
    """Multiple values come as a list, or as one text with semicolons; blank is no value."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, split=False)
        return
    text = plain(value)
    if text is None and isinstance(value, dict) and value:
        raise UnclearError(Text("portal.metadata_value"))
    parts = [part.strip() for part in text.split(";")] if text and split else [text or ""]
    yield from dict.fromkeys(part for part in parts if part.strip())


def plain(value: object) -> str | None:
    """A scalar as text (an object by its name); None for nothing. What no database could store is refused."""
    if isinstance(value, dict):
        return next(
            (found for name in (*_NAMES_OF_A_NAME, *_NAMES_OF_AN_ID) if (found := plain(value.get(name)))), None
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or not value.strip():
        return None
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise UnclearError(Text("portal.characters"))
    return value


def whole_number(told: object) -> int | None:
    """A number as the portal prints it; None for what is none, or more than there can be of anything."""
    return int(told) if isinstance(told, str) and re.fullmatch("[0-9]{1,15}", told) else None


def moment(told: str | None, zone: ZoneInfo) -> dt.datetime | None:
    """A time in any of the usual forms, in UTC; None for what is no time."""
    try:
        if told is None:
            return None
        if re.fullmatch(r"\d{9,14}", told):
            seconds = int(told) / (1000 if len(told) > 10 else 1)
            return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
        if french := _FRENCH_TIME.fullmatch(told.strip()):
            day, month, year, hour, minute, second = (int(part or 0) for part in french.groups())
            found = dt.datetime(year, month, day, hour, minute, second, tzinfo=zone)
        else:
            found = dt.datetime.fromisoformat(told.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
