"""What the use cases of recipients and of the directory ask of our own store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from include.domain.directory import DirectoryEntry
from include.domain.mapping import Learned
from include.domain.reasons import Reason
from include.domain.rights import Viewer


@dataclass(frozen=True, kw_only=True)
class StoredLine:
    """A learned line as stored. Without `service_code` the wording means the body.

    `doubtful`: the last invoice sent by it came back because its recipient, service or engagement is wrong.
    """

    id: int
    environment: str
    wording: str
    siret: str
    service_code: str | None
    first_invoice_id: int
    last_invoice_id: int
    first_at: dt.datetime
    last_at: dt.datetime
    times_used: int
    kept: bool
    doubtful: bool


@dataclass(frozen=True, kw_only=True)
class OpenWording:
    """A recipient's wording that nobody understands, with the reason that says so and the invoices that wait for it."""

    wording: str
    reason: Reason
    invoice_ids: tuple[int, ...]
    document_ids: tuple[int, ...]


class LearnedRecipients(Protocol):
    """Lines learned from submissions, and the wordings that wait for one."""

    def learned(self, environment: str) -> Learned:
        """What mapping may use in this environment; doubtful lines are left out."""

    def lines(self) -> list[StoredLine]:
        """Every line, by environment and wording."""

    def open_wordings(self, viewer: Viewer) -> list[OpenWording]:
        """Wordings of recipients that unsent invoices wait for, as far as this person sees them."""

    def take_effect(self, *, now: dt.datetime) -> int | None:
        """Raises one revision for all new lines that an unsent invoice waits for; None when there is none."""

    def mark_kept(self, ids: Sequence[int]) -> None:
        """These lines stand in the configuration now."""

    def forget(self, ids: Sequence[int], *, actor: str, now: dt.datetime) -> int:
        """Deletes these lines; the new revision, because invoices that they decided are assessed again."""


@dataclass(frozen=True, kw_only=True)
class StoredEntry:
    """An entry of the directory in one environment."""

    environment: str
    entry: DirectoryEntry


@dataclass(frozen=True, kw_only=True)
class DirectoryUse:
    """An invoice that is not sent yet and uses an entry of the directory."""

    environment: str
    siret: str
    service_code: str | None
    invoice_id: int
    document_id: int


class DirectoryBook(Protocol):
    """All that we hold of the directory, and who needs it."""

    def entries(self) -> list[StoredEntry]:
        """Every entry, by environment and SIRET."""

    def uses(self, viewer: Viewer) -> list[DirectoryUse]:
        """Every unsent invoice that this person sees and whose recipient is known."""
