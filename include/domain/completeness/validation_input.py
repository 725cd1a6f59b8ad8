"""What completeness looks at, and what it finds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from include.domain.configuration import Provider
from include.domain.directory import DirectoryEntry
from include.domain.document import PortalDocument
from include.domain.mapping import Draft
from include.domain.reading import Reading
from include.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class ValidationInput:
    """One invoice before it is validated.

    `provider` is a Reason where none could be chosen; then nobody can ask the directory and `entry` is None. `today` is
    the date in Paris. `lookup_refusal` is there where the platform refused to look. `attachments` are the documents
    that would be sent along, `missing_attachments` those that the portal links and does not have. `frozen_number` and
    `frozen_supplier` are those of an attempt whose outcome is still open (docs/reference/exactly-once.md 4).
    """

    draft: Draft
    provider: Provider | Reason
    document: PortalDocument
    reading: Reading | Reason
    today: dt.date
    entry: DirectoryEntry | None = None
    entry_is_old: bool = False
    lookup_refusal: Reason | None = None
    attachments: tuple[PortalDocument, ...] = ()
    missing_attachments: tuple[str, ...] = ()
    frozen_number: str | None = None
    frozen_supplier: str | None = None

    @property
    def known_provider(self) -> Provider | None:
        """The provider, if one was chosen."""
        return self.provider if isinstance(self.provider, Provider) else None


@dataclass(frozen=True, kw_only=True)
class ValidationResult:
    """Reasons keep the invoice from being sent; warnings are shown beside it."""

    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
