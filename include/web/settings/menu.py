"""The pages of the settings: the list at the side of each, and the frame around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from include.domain.configuration import Configuration
from include.web.rendering.pages import page


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One page: the end of its address, its picture, and how many things of its kind are configured."""

    name: str
    picture: str
    count: Callable[[Configuration], int] | None = None

    @property
    def code(self) -> str:
        """Its name as the code of its words."""
        return self.name.replace("-", "_")


MENU: Mapping[str, tuple[Entry, ...]] = {
    "establishments": (Entry(name="providers", picture="house", count=lambda stored: len(stored.providers)),),
    "choose": (
        Entry(name="portal", picture="dl"),
        Entry(name="criteria", picture="filter", count=lambda stored: len(stored.criteria)),
        Entry(name="association", picture="swap", count=lambda stored: len(stored.metadata_association)),
        Entry(name="recipients", picture="book", count=lambda stored: len(stored.recipients)),
    ),
    "complete": (
        Entry(name="bank-details", picture="bank"),
        Entry(name="attachments", picture="clip", count=lambda stored: len(stored.attachments.links)),
    ),
    "persons": (
        Entry(name="people", picture="user", count=lambda stored: len(stored.people.users)),
        Entry(name="label-rights", picture="tag", count=lambda stored: len(stored.label_rights)),
        Entry(name="mail", picture="send"),
        Entry(name="templates", picture="mail"),
    ),
    "whole": (
        Entry(name="first-steps", picture="bolt"),
        Entry(name="operation", picture="clock"),
        Entry(name="history", picture="log"),
        Entry(name="file", picture="split"),
    ),
}
"""By what the pages are about."""


def settings_page(request: Request, section: str, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the settings, with the list beside it."""
    return page(request, template, status=status, section=section, menu=MENU, **values)
