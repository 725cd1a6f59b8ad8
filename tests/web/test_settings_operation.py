"""How the machine runs, on a page: every key of seven sections in one form, and what would be removed said first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from httpx import Response

from include.application.administration import configuration_docs
from include.domain.configuration import Configuration
from include.domain.configuration.schema import children
from include.web.settings.sections import SECTION_PAGES
from tests.web.conftest import Site
from tests.web.test_promised_names import Page
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/operation"
DEFAULTS = {
    "lease_seconds": "900", "send_deadline_seconds": "180", "search_again_after_seconds": "1800", "parallel": "4",
    "calls_per_second": "", "max_pages": "50", "max_megabytes": "20", "seconds": "120", "engine": "auto",
    "searchable_copy": "scans", "refresh_hours": "24", "no_run_minutes": "60", "stuck_hours": "24",
    "silence_days": "30", "password_days": "30", "agents_days": "730", "texts_days": "730", "events_days": "365",
}  # fmt: skip


def current(site: Site) -> Configuration:
    return site.services.store.configuration.current()[1]


def opened(site: Site) -> str:
    text: str = site.client("boss").get(PAGE).text
    return text


def send(site: Site, digest: str | None = None, **changes: Any) -> Response:
    given = {**DEFAULTS, **changes, "digest": digest or hidden(opened(site).split("data-kept")[1], "digest")}
    data = {name: value for name, value in given.items() if value is not None}
    answer: Response = site.client("boss").post(PAGE, headers=site.form_headers("boss"), data=data)
    return answer


def test_the_form_as_it_is_opened_changes_nothing(site: Site) -> None:
    shown = set(Page(opened(site)).names)
    assert shown >= DEFAULTS.keys() | {"rate_since", "rate_percent", "alerts.in_use", "users", "automatic"}
    assert send(site).status_code == 303
    assert revision(site) == 1


def test_values_are_taken_as_people_write_them_and_the_rest_of_the_configuration_stays(site: Site) -> None:
    before = current(site)
    answer = send(site, max_megabytes="12,5", lease_seconds="1 200", calls_per_second="0,5", engine="tesseract")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PAGE}?done=2")
    after = current(site)
    assert (after.reading.max_megabytes, after.reading.engine, after.submission.lease_seconds) == (
        12.5, "tesseract", 1200,
    )  # fmt: skip
    assert after.submission.calls_per_second == 0.5
    untouched = {"reading": before.reading, "submission": before.submission}
    assert after.model_copy(update=untouched) == before
    assert 'value="12,5"' in opened(site)
    assert send(site, max_megabytes="20", calls_per_second="").status_code == 303
    assert current(site).submission.calls_per_second is None


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"max_pages": "many"}, "max_pages"),
        ({"max_pages": "0"}, "max_pages"),
        ({"max_pages": ""}, "max_pages"),
        ({"engine": "magic"}, "engine"),
        ({"lease_seconds": "200"}, "lease_seconds"),
        ({"rate_since": "02/07/2025", "rate_percent": "2,15"}, "rates.0.since"),
        ({"rate_since": "01/07/2025", "rate_percent": "much"}, "rates.0.percent"),
    ],
)
def test_what_cannot_be_taken_is_worded_at_its_control_and_what_was_typed_stays(
    site: Site, wrong: dict[str, str], name: str
) -> None:
    answer = send(site, **{"stuck_hours": "77", **wrong})
    assert (answer.status_code, revision(site)) == (422, 1)
    assert f'href="#{name}"' in answer.text
    [control] = [part for part in answer.text.split("<") if f'id="{name}"' in part]
    assert 'aria-invalid="true"' in control
    assert 'value="77"' in answer.text


def test_rates_are_a_table_that_grows_and_shrinks(site: Site) -> None:
    assert send(site, rate_since=["01/07/2025", ""], rate_percent=["2,15", ""]).status_code == 303
    rates = current(site).late_payment.rates
    assert [(one.since, one.percent) for one in rates] == [(dt.date(2025, 7, 1), 2.15)]
    assert 'value="01/07/2025"' in opened(site) and 'value="2,15"' in opened(site)
    assert send(site, rate_since=["", ""], rate_percent=["", ""]).status_code == 303
    assert current(site).late_payment.rates == ()


def test_alerts_go_to_whom_is_chosen_or_to_who_administers(site: Site) -> None:
    assert send(site, **{"alerts.in_use": "1", "users": ["anna"]}).status_code == 303
    alerts = current(site).alerts
    assert alerts is not None and alerts.users == ("anna",)
    assert send(site, users=["anna"]).status_code == 303
    assert current(site).alerts is None, "without the tick, whatever is chosen below it"


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    digest = hidden(opened(site).split("data-kept")[1], "digest")
    save(site, reading={"max_pages": 77})
    answer = send(site, digest, max_pages="88")
    assert (answer.status_code, current(site).reading.max_pages) == (409, 77)
    assert "77" in answer.text and 'value="88"' in answer.text and "Garder les miennes" in answer.text
    kept = hidden(answer.text.split("data-kept")[1], "digest")
    assert send(site, kept, max_pages="88").status_code == 303
    assert current(site).reading.max_pages == 88


def test_changes_of_other_sections_disturb_nobody(site: Site) -> None:
    digest = hidden(opened(site).split("data-kept")[1], "digest")
    save(site, administer={"users": ["boss", "anna"]})
    assert send(site, digest, max_pages="88").status_code == 303
    assert "anna" in current(site).administer.users


def test_what_would_be_removed_by_itself_is_said_before_it_is_stored(site: Site) -> None:
    assert send(site, automatic="1").status_code == 303, "there is nothing so old"
    stored = revision(site)
    counts = {"agents": 0, "texts": 3, "events": 0}
    site.services.store.retention = _Counting(counts)
    answer = send(site, automatic="1", texts_days="30")
    assert (answer.status_code, revision(site)) == (200, stored)
    assert hidden(answer.text, "effect") == "0 3 0" and "Confirmer" in answer.text
    counts["texts"] = 4
    assert hidden(send(site, automatic="1", texts_days="30", effect="0 3 0").text, "effect") == "0 4 0"
    assert send(site, automatic="1", texts_days="30", effect="0 4 0").status_code == 303
    assert current(site).retention.texts_days == 30
    assert send(site, automatic="1", texts_days="60").status_code == 303, "a longer period removes nothing more"


class _Counting:
    """Says so many, and removes none."""

    def __init__(self, counts: dict[str, int]) -> None:
        self._counts = counts

    def __getattr__(self, kind: str) -> Any:
        def counted(*, before: dt.datetime, apply: bool) -> int:
            assert not apply
            return self._counts[kind]

        return counted


def test_the_english_words_are_those_of_the_models() -> None:
    keys = {one.path: one for one in configuration_docs.documented_keys()}
    sections = {one for page in SECTION_PAGES for one in page.sections}
    for path, key in keys.items():
        assert key.meaning_in("en") == key.meaning, path
        if path.replace("[]", "").partition(".")[0] in sections:
            assert key.meaning_in("fr") != key.meaning, path
    for section in sections:
        field = Configuration.model_fields[section]
        told = configuration_docs.section_meaning(section, "en").rstrip(".")
        model = children(field)
        assert told in f"{field.description} {' '.join((model.__doc__ or '').split()) if model else ''}", section
        assert configuration_docs.section_meaning(section, "fr").rstrip(".") != told
