"""What the platform's own reading asks of the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from include.domain.fields import Candidate
from include.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class RemoteReading:
    """What the platform read from one content, by field name; `refusal` says why it could not analyse it."""

    fields: Mapping[str, Candidate] = field(default_factory=dict)
    refusal: Reason | None = None


class RemoteReadings(Protocol):
    """The platform's own readings, per provider and content: the same bytes are analysed once."""

    def get(self, provider_key: str, sha256: str) -> RemoteReading | None:
        """What was read, or refused; None when it was never asked."""

    def put(
        self, provider_key: str, sha256: str, reading: RemoteReading, *, upload_id: int | None, now: dt.datetime
    ) -> None:
        """Stores it together with the upload id, which submission uses in place of an upload of its own."""
