"""Bodies of the directory by name, town or SIRET: our own tables first, then the platform."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from include.domain.directory import DirectoryEntry
from include.web import remote_calls
from include.web.api import directory
from tests.factories import BODY
from tests.fakes.chorus import FakePlatform, Fault
from tests.web.conftest import Site, json_of

THONON = "21740010600019"


@pytest.fixture(autouse=True)
def bodies(site: Site, platform: FakePlatform) -> None:
    """One body on the platform alone, one in our cache, two hours old."""
    platform.add_body(THONON, name="Ville de Thonon", town="Thonon-les-Bains")
    known = DirectoryEntry(
        siret=BODY,
        structure_id=7,
        name="Mairie d'Évry",
        town="Évry",
        active=True,
        service_required=True,
        fetched_at=site.services.clock.now() - dt.timedelta(hours=2),
    )
    site.services.store.directory.put("simulator", known, now=site.services.clock.now())


def ask(site: Site, path: str, user: str = "anna") -> Any:
    return site.client(user).get(f"/api/v1/directory{path}")


@pytest.mark.parametrize("text", ["mairie d'evry", "EVRY", "123456782", "123 456 782 00051", "Évry"])
def test_what_we_know_is_found_by_name_town_and_siret(site: Site, text: str) -> None:
    [found] = json_of(ask(site, f"?q={text}"))["items"]
    assert found == {"siret": BODY, "name": "Mairie d'Évry", "town": "Évry", "active": True}


@pytest.mark.parametrize("text", ["thonon", "les-bains", "2174001060"])
def test_what_we_do_not_know_the_platform_does(site: Site, text: str) -> None:
    assert [one["siret"] for one in json_of(ask(site, f"?q={text}"))["items"]] == [THONON]


def test_twenty_at_most_the_ones_that_begin_so_first(site: Site, platform: FakePlatform) -> None:
    for number in range(30):
        platform.add_body(f"300000000000{number:02}", name=f"Le vieux Evryville {number}")
    found = json_of(ask(site, "?q=évry"))["items"]
    assert found[0]["siret"] == BODY
    assert len(found) <= 20


def test_without_the_platform_503_with_what_we_know_and_its_age(site: Site, platform: FakePlatform) -> None:
    platform.fail("*", Fault.UNAVAILABLE, times=-1)
    answer = ask(site, "?q=evry")
    body = json_of(answer)
    assert answer.status_code == 503
    assert (body["error"]["code"], [one["siret"] for one in body["items"]]) == ("directory_down", [BODY])
    assert 7190 <= body["age"] <= 7300
    unknown = json_of(ask(site, "?q=thonon"))
    assert (unknown["items"], unknown["age"]) == ([], None)


def test_one_body_with_its_services_and_demands(site: Site) -> None:
    found = json_of(ask(site, f"/{BODY}"))
    assert (found["siret"], found["name"], found["town"], found["active"]) == (BODY, "Mairie d'Évry", "Évry", True)
    assert found["services"] == []
    assert found["obligations"] == {"service_code": True, "engagement_number": False, "either": False}
    assert json_of(ask(site, f"/{THONON}"))["name"] == "Ville de Thonon"


def test_a_body_that_cannot_be_asked_for_now_is_told_with_its_age(
    site: Site, platform: FakePlatform, clock: Any
) -> None:
    platform.fail("*", Fault.UNAVAILABLE, times=-1)
    assert ask(site, f"/{BODY}").status_code == 200  # young enough
    answer = ask(site, f"/{THONON}")
    assert (answer.status_code, json_of(answer)["age"]) == (503, None)
    old = DirectoryEntry(
        siret=THONON,
        structure_id=8,
        name="Ville de Thonon",
        active=True,
        fetched_at=site.services.clock.now() - dt.timedelta(days=3),
    )
    site.services.store.directory.put("simulator", old, now=site.services.clock.now())
    answer = ask(site, f"/{THONON}")
    assert (answer.status_code, json_of(answer)["name"]) == (503, "Ville de Thonon")
    assert json_of(answer)["age"] >= 3 * 86400


@pytest.mark.parametrize(
    ("path", "status"), [("?q=a", 422), ("?q=", 422), (f"?q={'x' * 101}", 422), ("/123", 422), ("/99999999999999", 404)]
)
def test_what_cannot_be_asked_or_is_not_there(site: Site, path: str, status: int) -> None:
    assert ask(site, path).status_code == status


def test_who_uses_or_administers_may_ask_and_nobody_else(site: Site) -> None:
    assert ask(site, "?q=evry", "boss").status_code == 200
    assert ask(site, "?q=evry", "nobody").status_code == 403


def test_a_provider_of_others_is_not_there(site: Site) -> None:
    assert ask(site, "?q=evry&provider=Durand").status_code == 200
    assert ask(site, "?q=evry&provider=Dupont").status_code == 404


def test_one_person_asks_only_so_often(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MOST_SEARCHES", 2)
    assert [ask(site, "?q=evry").status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(site, f"/{BODY}")
    assert (refused.status_code, json_of(refused)["error"]["code"]) == (429, "too_fast")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert ask(site, "?q=evry", "bob").status_code == 200
    assert remote_calls.MOST_SEARCHES >= 30
