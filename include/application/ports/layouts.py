"""What learning layouts asks of our own store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from include.domain.extraction.layout_memory.example import Example
from include.domain.lifecycle import RowVersion
from include.domain.mapping import Draft
from include.domain.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose invoices share a memory: a provider's of one classification rule (folded; empty: without one)."""

    provider_key: str
    classification_rule: str = ""


@dataclass(frozen=True, kw_only=True)
class StoredExample:
    """An example as stored, under the content that it was learned from.

    `accepted`: the platform took the invoice. `by_person`: somebody typed values now, so that what waits may profit.
    """

    content_sha256: str
    invoice_id: int
    scope: Scope
    example: Example
    accepted: bool
    taught_at: dt.datetime
    by_person: bool = False


@dataclass(frozen=True, kw_only=True)
class Material:
    """What there is to learn from one invoice: its words as they were read, what people typed, what was sent."""

    content_sha256: str
    invoice_id: int
    provider_key: str | None
    classification_rule: str
    provider_scope: tuple[str, ...]
    reading: Reading
    edits: dict[str, Any] = field(default_factory=dict)
    draft: Draft = field(default_factory=Draft)
    accepted: bool = False


@dataclass(frozen=True, kw_only=True)
class ReadInvoice:
    """An invoice that was read already and waits for a person, with its words."""

    row_version: RowVersion
    content_sha256: str
    reading: Reading


class LayoutExamples(Protocol):
    """Examples, by the content that they were learned from."""

    def examples(self, scopes: Sequence[Scope] | None = None) -> list[StoredExample]:
        """Those of some scopes, or all; the newest first."""

    def material(self, invoice_id: int) -> Material | None:
        """What there is to learn from an invoice; None where it was never read."""

    def due(self, *, limit: int) -> list[Material]:
        """Invoices that the platform took and that were not learned from yet, oldest first."""

    def keep(
        self, content_sha256: str, taught: StoredExample | None, *, others: Sequence[StoredExample], gone: Sequence[str]
    ) -> None:
        """Stores what a content teaches (None: nothing), older examples as they are now, and drops the surplus."""

    def fresh(self) -> list[Scope]:
        """Scopes in which somebody taught something that no pass has used yet."""

    def waiting(self, scope: Scope, *, limit: int) -> list[ReadInvoice]:
        """Invoices of the scope that were read and wait for a person, the newest first."""

    def renew(self, waiting: ReadInvoice, reading: Reading, *, now: dt.datetime) -> bool:
        """Stores what its words say now and has it assessed again; False when it changed meanwhile."""

    def used(self, scope: Scope) -> None:
        """A pass has used what is fresh in the scope."""

    def forget(self, examples: Sequence[StoredExample], *, fields: Sequence[str], actor: str, now: dt.datetime) -> int:
        """Deletes these examples, or of them only what they teach of some fields; audited. The new revision.

        Invoices that wait with remembered values are read again.
        """
