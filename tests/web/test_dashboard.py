"""The dashboard shows each person their own counts."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from include.application.views.dashboard import Day
from include.web.rendering import charts
from include.web.routes.dashboard import next_pass
from tests.factories import PROVIDER_KEY, SUPPLIER
from tests.fakes.clock import FakeClock
from tests.web.conftest import Site, json_of

NOW = dt.datetime(2026, 11, 20, 8, 5, tzinfo=dt.UTC)


def _counts(text: str) -> list[int]:
    """The large numbers, in the order of the page."""
    return [int(number) for number in re.findall(r'<span class="big">(\d+)</span>', text)]


@pytest.mark.parametrize(("user", "counts"), [("anna", [2, 1, 0, 1, 0]), ("bob", [0, 1, 0, 0, 0]), ("boss", [1, 0, 0])])
def test_each_person_sees_what_is_theirs(site: Site, user: str, counts: list[int]) -> None:
    answer = site.client(user).get("/")
    assert answer.status_code == 200
    assert _counts(answer.text) == counts


def test_each_missing_thing_leads_to_its_list(site: Site) -> None:
    anna = site.client("anna")
    address = re.search(r'href="/chorus(/documents\?reason=[^"]+)"', anna.get("/").text)
    assert address
    assert 'data-document="1"' in anna.get(address[1]).text


def test_the_menu_counts_what_waits(site: Site) -> None:
    text = site.client("anna").get("/documents").text
    assert re.findall(r'<span class="badge hot">(\d+)</span></a>', text) == ["2", "1"]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("*/10 * * * *", (9, 10)), ("0 2 * * *", (2, 0)), ("nonsense", None), ("@hourly", (10, 0))],
)
def test_the_next_pass_follows_the_schedule_in_paris(schedule: str, expected: tuple[int, int] | None) -> None:
    found = next_pass(schedule, NOW)
    assert (None if found is None else (found.hour, found.minute)) == expected


def test_programs_get_the_figures_of_the_page(site: Site) -> None:
    anna = site.client("anna")
    figures = json_of(anna.get("/api/v1/dashboard"))
    names = ("to_complete", "ready", "sent_today", "returned", "unknown")
    assert [figures[name] for name in names] == _counts(anna.get("/").text) == [2, 1, 0, 1, 0]
    [missing] = figures["reasons"]
    assert (missing["code"], missing["count"]) == ("two_invoices", 1)
    assert 'data-document="1"' in anna.get(missing["href"].removeprefix("/chorus")).text
    [provider] = figures["providers"]
    assert (provider["provider"], provider["loading"], provider["returned"]) == ("Durand", "local", 1)
    assert provider["login"] == {"ok": None, "half": None, "ends_in_days": None}
    assert len(figures["days"]) == 14 and len(figures["ages"]) == 5
    assert sum(age["count"] for age in figures["ages"]) == 2
    assert site.client("nobody").get("/api/v1/dashboard").status_code == 403


def test_what_must_be_acknowledged_soon_is_pointed_out(site: Site, clock: FakeClock) -> None:
    site.services.__dict__["clock"] = clock
    assert json_of(site.client("anna").get("/api/v1/dashboard"))["returned_soon"] == 0
    clock.advance(days=5)
    assert json_of(site.client("anna").get("/api/v1/dashboard"))["returned_soon"] == 1
    assert "dont 1 à acquitter sous 2 jours" in site.client("anna").get("/").text
    assert json_of(site.client("bob").get("/api/v1/dashboard"))["returned_soon"] == 0


def test_a_login_that_ends_soon_is_told_of_with_its_days(site: Site, clock: FakeClock) -> None:
    site.services.__dict__["clock"] = clock
    providers = site.services.store.providers
    health = providers.health(PROVIDER_KEY)
    ends = clock.now() + dt.timedelta(days=12)
    providers.keep_credentials(dataclasses.replace(health, password_expires_at=ends), [])
    text = site.client("anna").get("/").text
    assert "La connexion de Durand expire dans 12 jours" in text
    assert json_of(site.client("anna").get("/api/v1/dashboard"))["providers"][0]["login"]["ends_in_days"] == 12
    later = dataclasses.replace(health, password_expires_at=ends + dt.timedelta(days=60))
    providers.keep_credentials(later, [])
    assert "expire dans" not in site.client("anna").get("/").text


class TestAskingNow:
    def test_a_program_of_an_administrator_begins_the_run(self, site: Site) -> None:
        answer = site.client("boss", bearer=True).post("/api/v1/retrieval", json={"provider": SUPPLIER})
        assert answer.status_code == 202
        begun = json_of(answer)
        assert site.dag_runs.begun == {begun["run_id"]: "boss"}
        assert (begun["dag_id"], begun["paused"]) == ("retrieval_local", False)

    def test_a_flow_that_is_paused_or_gone_is_said(self, site: Site) -> None:
        call = site.client("boss", bearer=True).post
        site.dag_runs.paused = True
        assert json_of(call("/api/v1/retrieval", json={"provider": "Durand"}))["paused"] is True
        site.dag_runs.missing = True
        assert call("/api/v1/retrieval", json={"provider": "Durand"}).status_code == 503

    @pytest.mark.parametrize("body", [{"provider": "x"}, {}, {"provider": "Durand", "from": "2026"}])
    def test_an_unknown_provider_or_key_begins_nothing(self, site: Site, body: dict[str, str]) -> None:
        assert site.client("boss", bearer=True).post("/api/v1/retrieval", json=body).status_code == 422
        assert site.dag_runs.begun == {}

    @pytest.mark.parametrize("user", ["anna", "nobody"])
    def test_who_does_not_administer_asks_nothing(self, site: Site, user: str) -> None:
        assert site.client(user, bearer=True).post("/api/v1/retrieval", json={"provider": "Durand"}).status_code == 403
        assert "Relever maintenant" not in site.client("anna").get("/").text
        assert site.dag_runs.begun == {}

    def test_the_button_of_the_page_asks_and_says_so(self, site: Site) -> None:
        answer = site.client("boss").post("/retrieval", data={"provider": "Durand"}, headers=site.form_headers("boss"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/chorus/?asked=Durand")
        assert list(site.dag_runs.begun.values()) == ["boss"]
        text = site.client("boss").get("/?asked=Durand").text
        assert "Durand\N{NO-BREAK SPACE}: Chorus Pro est interrogé" in text
        assert "<b>" not in site.client("boss").get("/?asked=<b>x").text


class TestCharts:
    days = (Day(day=NOW.date(), count=10, untouched=5), Day(day=NOW.date() + dt.timedelta(days=1)))

    def test_columns_stand_on_the_line_and_on_each_other(self) -> None:
        first, second = charts.columns(self.days)
        assert charts.scale_of(self.days) == 10
        assert (first.touched_y, first.untouched_y, first.untouched_y + first.untouched_height) == (12, 66, 120)
        assert first.touched_y + first.touched_height == first.untouched_y
        assert (second.touched_height, second.untouched_height) == (0, 0)
        assert first.x + first.width < second.x

    def test_a_large_day_has_a_round_scale(self) -> None:
        assert charts.scale_of([Day(day=NOW.date(), count=41)]) == 60
        assert charts.scale_of([]) == 2

    def test_bars_are_as_long_as_their_counts(self) -> None:
        longest, none, least = charts.bars([100, 0, 1])
        assert (longest.width, none.width, least.width) == (252, 0, 2)

    def test_days_without_sending_have_no_share(self) -> None:
        assert [(point.share, point.y) for point in charts.shares(self.days)] == [(0.5, 66)]


class TestWhatFailed:
    def test_a_retrieval_that_failed_is_told_until_one_succeeds(self, site: Site, clock: FakeClock) -> None:
        site.services.__dict__["clock"] = clock
        tracking = site.services.store.tracking
        tracking.complete(PROVIDER_KEY, watermark=NOW, full=True, counts={}, seconds=1.0, now=NOW)
        assert "a échoué" not in site.client("anna").get("/").text
        tracking.failed(PROVIDER_KEY, failure="down", now=NOW)
        assert "Le relevé du 20/11 09" in site.client("anna").get("/").text
        [provider] = json_of(site.client("anna").get("/api/v1/dashboard"))["providers"]
        assert provider["retrieval_failed_at"] == "2026-11-20T08:05:00Z"

    def test_a_pass_that_failed_for_another_provider_is_no_alarm_of_this_one(self, site: Site) -> None:
        store = site.services.store
        revision, before = store.configuration.current()
        [first] = before.model_dump(exclude_unset=True)["providers"]
        second = {**first, "name": "Martin", "siret": "40483304800022"}
        given = {**before.model_dump(exclude_unset=True), "providers": [first, second]}
        made = type(before).model_validate(given)
        store.configuration.save(made, expected_revision=revision, actor="t", source="t", at=NOW, changes=())
        store.watch.record_failure("submission", now=NOW, dag_id="d", run_id="r")
        assert "un autre fournisseur est arrêté" not in site.client("anna").get("/").text
        day = dt.timedelta(days=1)
        store.providers.open_circuit("simulator:40483304800022", half="client", reason="x", probe_after=day, now=NOW)
        assert site.client("anna").get("/").text.count("un autre fournisseur est arrêté") == 1
