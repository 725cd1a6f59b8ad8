"""Labels as documents carry them, for who maps them: to people, or to bank details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from include.domain.rights import Viewer

MOST_LABELS = 200
"""Labels of one kind that are told, the ones of most invoices first."""


@dataclass(frozen=True, kw_only=True)
class SeenLabel:
    """A user label in its newest spelling, and how many invoices carry it, whatever its case and accents."""

    label: str
    invoices: int


@dataclass(frozen=True, kw_only=True)
class UnknownBankLabel:
    """A value that chooses no bank details yet, and the unsent invoices of this provider that wait for it."""

    provider_key: str
    label: str
    invoices: int


class LabelViews(Protocol):
    """Both lists are for who administers; empty for anybody else."""

    def user_labels(self, viewer: Viewer) -> list[SeenLabel]:
        """Labels by which invoices are kept from people, MOST_LABELS at most."""

    def unknown_bank_labels(self, viewer: Viewer) -> list[UnknownBankLabel]:
        """Labels that stand in a reason of an unsent invoice, MOST_LABELS at most."""
