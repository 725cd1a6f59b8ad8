"""What the configuration's use cases ask of the store, and the values they keep there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from include.domain.configuration import Configuration


class Action(StrEnum):
    """What happened to one part of the configuration."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    RETIRED = "retired"
    REORDERED = "reordered"


@dataclass(frozen=True, kw_only=True)
class ConfigurationChange:
    """One line of the audit trail: where, what, before and after (values as JSON holds them; None: nothing).

    `item` is the list item concerned, with its identity; `field` the way to the value inside it or inside the section.
    """

    section: str
    action: Action
    item: str | None = None
    field: str | None = None
    before: Any = None
    after: Any = None


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One change of the configuration: who, when, from where, what.

    `touched`: how many invoices were not sent yet then, and so assessed again; None where nobody counted.
    """

    number: int
    at: dt.datetime
    actor: str
    source: str
    changes: tuple[ConfigurationChange, ...]
    touched: int | None = None


class ConfigurationStore(Protocol):
    """The configuration in our database, with its revisions."""

    def current(self) -> tuple[int, Configuration]:
        """Revision and configuration; 0 and the empty one when nothing was applied yet."""

    def save(
        self,
        configuration: Configuration,
        *,
        expected_revision: int,
        actor: str,
        source: str,
        at: dt.datetime,
        changes: Sequence[ConfigurationChange],
    ) -> int:
        """Stores configuration and audit in one transaction; the new revision. StaleError if another one came first."""

    def provider_has_submissions(self, key: str) -> bool:
        """Whether anything was ever sent for this provider (`Provider.key`)."""

    def anything_assessed(self) -> bool:
        """Whether the connector ever read a document of a criterion and said what it makes of it, sent or not."""

    def unsent_invoices(self) -> int:
        """How many invoices a new revision touches: not sent yet, so that they are assessed again."""
