"""A portal whose listing never ends, or is too slow, ends the look and marks nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from include.adapters.portal.http import listing
from include.adapters.portal.http.calls import Calls
from include.adapters.portal.http.listing import Lister
from include.adapters.portal.http.settings import settings_of
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import PortalUnavailableError

SETTINGS = settings_of(
    ConnectionSecrets(
        connection_id="portal", host="http://127.0.0.1:1", login="a", password="b", extra={"root_folder": "root"}
    )
)


class EndlessCalls:
    """Each page has one more document, and the total is always further away."""

    def __init__(self) -> None:
        self.asked = 0

    def get_json(self, _path: str, _parameters: Mapping[str, str]) -> dict[str, Any]:
        self.asked += 1
        return {"total": str(self.asked + 10), "documents": [{"document": {"idDocument": f"d{self.asked}"}}]}


def test_the_number_of_pages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 7)
    calls = EndlessCalls()
    with pytest.raises(PortalUnavailableError, match="no end"):
        Lister(cast(Calls, calls), SETTINGS).list()
    assert calls.asked == 7


def test_the_time_of_the_look_holds_for_its_listing_too() -> None:
    calls = EndlessCalls()
    with pytest.raises(PortalUnavailableError, match="in the time"):
        Lister(cast(Calls, calls), SETTINGS, in_time=lambda: calls.asked < 3).list()
    assert calls.asked == 3


class OneAnswer:
    """The listing of every folder and search is this."""

    def __init__(self, **told: Any) -> None:
        self.told = told

    def get_json(self, _path: str, _parameters: Mapping[str, str]) -> dict[str, Any]:
        return self.told


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 16, "\N{ARABIC-INDIC DIGIT ONE}", "-1", "1e9"])
@pytest.mark.parametrize("name", ["total", "page"])
def test_a_number_that_counts_nothing_counts_as_not_told(name: str, number: str) -> None:
    told = OneAnswer(documents=[{"document": {"idDocument": "7", "size": number}}], folders=[], **{name: number})
    [listed] = Lister(cast(Calls, told), SETTINGS).list().documents.values()
    assert (listed.portal_id, listed.facts.size) == ("7", None)


def test_a_document_of_a_search_that_cannot_tell_its_folder_costs_none_of_the_others() -> None:
    settings = SETTINGS.model_copy(update={"root_folder": None, "search": {"name": ".pdf"}})
    found = [{"idDocument": "7", "path": "/A\0"}, {"idDocument": "8", "path": "/A"}]
    told = OneAnswer(documents=[{"document": one} for one in found])
    listed = Lister(cast(Calls, told), settings).list()
    assert (set(listed.documents), listed.unclear) == ({"8"}, {"7"})


def test_who_waits_hears_after_each_page_how_many_were_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 3)
    heard: list[tuple[int, int | None]] = []
    with pytest.raises(PortalUnavailableError):
        Lister(cast(Calls, EndlessCalls()), SETTINGS, on_progress=lambda *told: heard.append(told)).list()
    assert heard == [(0, None), (1, None), (2, None)]
