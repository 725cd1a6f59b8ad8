"""The tracking in Remote mode: asked live for each provider side by side, and still there when the platform is not."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time

import pytest

from include.application.tracking.retrieve_invoices import watch_statuses
from include.domain.configuration import Configuration
from include.domain.lifecycle import State
from include.web.invoices import live_list
from tests.factories import SUPPLIER, a_submission, configuration
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.seeded import seed
from tests.web.conftest import PEOPLE, Site, json_of

OTHER = "44229377500031"


def _settings() -> Configuration:
    use = {"use": {"users": ["anna"]}}
    base = {"environment": "simulator", "connection": "c"}
    return configuration(
        people={"users": [{"name": name} for name in PEOPLE]},
        administer={"users": ["boss"]},
        providers=[
            {"name": "Durand", "siret": SUPPLIER, "loading": "remote", **base, **use},
            {"name": "Local", "siret": OTHER, "loading": "local", **base, **use},
        ],
    )


@pytest.fixture
def platform(site: Site, clock: FakeClock) -> FakePlatform:
    """The provider in Remote mode, whose invoice R-1 the hourly flow has stored; one more provider in Local mode."""
    held = FakePlatform(clock)
    site.services.__dict__["chorus"] = FakeChorus(held)
    site.services.__dict__.pop("live", None)
    site.services.store.configuration.save(
        _settings(), expected_revision=1, actor="test", source="test", at=START, changes=()
    )
    held.take(a_submission("R-1", supplier_siret=SUPPLIER))
    watch_statuses(_settings().providers[0], site.services.retrieving())
    return held


def _rows(site: Site, query: str = "") -> dict[str, str]:
    items = json_of(site.client("anna").get(f"/api/v1/invoices{query}"))["items"]
    return {row["invoice_number"]: row["status"] for row in items}


def _source(site: Site, name: str, query: str = "") -> dict[str, object]:
    sources = json_of(site.client("anna").get(f"/api/v1/invoices{query}"))["sources"]
    return next(one for one in sources if one["provider"] == name)


def test_a_status_is_shown_as_it_is_now(site: Site, platform: FakePlatform, clock: FakeClock) -> None:
    platform.visible(SUPPLIER, "R-1")[0].move("SUSPENDUE", clock.now(), "Il manque le bon")
    assert _rows(site)["R-1"] == "SUSPENDUE"
    text = site.client("anna").get("/invoices").text
    assert "Il manque le bon" in text and "en direct" in text
    source = _source(site, "Durand")
    assert (source["loading"], source["available"]) == ("remote", True)


def test_what_is_not_stored_yet_stands_beside_the_list(site: Site, platform: FakePlatform) -> None:
    platform.take(a_submission("R-2", supplier_siret=SUPPLIER))
    [new] = [row for row in _source(site, "Durand")["items"] if row["invoice_number"] == "R-2"]  # type: ignore[attr-defined]
    assert (new["id"], new["status"], new["origin"]) == (None, "DEPOSEE", "foreign")
    assert "R-2" in site.client("anna").get("/invoices?q=r-2").text
    assert "R-2" not in site.client("anna").get("/invoices?q=r-3").text
    assert "R-2" not in site.client("anna").get("/invoices?provider=Local").text


def test_what_fits_the_filter_only_now_stands_beside_the_list(
    site: Site, platform: FakePlatform, clock: FakeClock
) -> None:
    platform.visible(SUPPLIER, "R-1")[0].move("MANDATEE", clock.now())
    text = site.client("anna").get("/invoices?status=MANDATEE").text
    assert len(re.findall("data-invoice=", text)) == 1 and "R-1" in text


def test_when_the_platform_is_down_the_list_is_there_and_says_how_old_it_is(site: Site, platform: FakePlatform) -> None:
    platform.fail("*", Fault.UNAVAILABLE, times=9)
    assert _rows(site)["R-1"] == "DEPOSEE"
    source = _source(site, "Durand")
    assert source["available"] is False and source["seen_at"]
    text = site.client("anna").get("/invoices").text
    assert "Durand\N{NO-BREAK SPACE}: Chorus Pro ne répond pas en ce moment" in text
    assert "Réessayer" in text


def test_local_mode_says_when_it_was_retrieved_and_asks_nobody(site: Site, platform: FakePlatform) -> None:
    platform.fail("*", Fault.UNAVAILABLE, times=9)
    source = _source(site, "Local", "?provider=Local")
    assert source == {"provider": "Local", "loading": "local", "seen_at": None}
    assert "ne répond pas" not in site.client("anna").get("/invoices?provider=Local").text


def test_a_platform_that_does_not_answer_in_time_does_not_hold_the_page(
    site: Site, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_list, "DEADLINE_SECONDS", 0.05)
    answers = threading.Event()
    live = site.services.live
    monkeypatch.setattr(live, "_ask", lambda *_: answers.wait(20))
    begun = time.monotonic()
    try:
        text = site.client("anna").get("/invoices").text
        assert time.monotonic() - begun < 10
        assert "R-1" in text and "n'a pas répondu à temps" in text.replace("&#39;", "'")
    finally:
        answers.set()


def test_each_person_is_told_of_their_own_providers(site: Site, platform: FakePlatform) -> None:
    assert site.client("bob").get("/invoices").status_code == 403
    names = [one["provider"] for one in json_of(site.client("anna").get("/api/v1/invoices"))["sources"]]
    assert names == ["Durand", "Local"]


def test_the_second_page_says_nothing_of_new_ones(site: Site, platform: FakePlatform) -> None:
    with site.services.store.database.write() as connection:
        for number in range(20, 23):
            seed(connection, number, state=State.SUBMITTED, status="DEPOSEE", arrived_at=START - dt.timedelta(days=9))
    platform.take(a_submission("R-2", supplier_siret=SUPPLIER))
    first = json_of(site.client("anna").get("/api/v1/invoices?limit=2"))
    assert first["sources"][0]["items"]
    second = json_of(site.client("anna").get(f"/api/v1/invoices?limit=2&after={first['after']}"))
    assert second["sources"][0]["items"] == []
