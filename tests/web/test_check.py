"""What an invoice would be with the values that a person is typing; who else has it open."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories import BODY
from tests.fakes.chorus import FakePlatform, Fault
from tests.web.conftest import Site, json_of


def check(site: Site, document: int, user: str = "anna", **values: str | None) -> Any:
    return site.client(user).post(
        f"/api/v1/documents/{document}/check", json={"values": values}, headers=site.form_headers(user)
    )


def shown(site: Site, document: int) -> Any:
    return json_of(site.client("anna").get(f"/api/v1/documents/{document}"))


def test_what_is_typed_is_assessed_and_nothing_is_stored(site: Site, opened: int) -> None:
    before = shown(site, opened)
    assert [one["code"] for one in before["reasons"]] == ["service_required"]
    found = json_of(check(site, opened, service_code="st01"))
    assert (found["state"], found["reasons"]) == ("ready", [])
    assert found["shown"]["headline"] == "Rien ne manque\N{NO-BREAK SPACE}: la facture peut partir"
    assert shown(site, opened) == before


def test_without_a_value_it_says_what_is_missing_and_what_the_body_demands(site: Site, opened: int) -> None:
    found = json_of(check(site, opened))
    assert found["state"] == "to_complete"
    assert [(one["code"], one["field"]) for one in found["reasons"]] == [("service_required", "service_code")]
    demanded = found["obligations"]
    assert (demanded["service_code"], demanded["engagement_number"], demanded["either"]) == (True, False, False)
    assert found["recipient"]["siret"] == BODY
    assert found["recipient"]["town"] == "Évry"


def test_only_services_that_a_supplier_may_choose_are_offered_the_one_of_the_page_first(
    site: Site, opened: int
) -> None:
    services = json_of(check(site, opened))["obligations"]["services"]
    assert [(one["code"], one["on_page"]) for one in services] == [("ST01", True), ("FIN", False)]
    assert [one["engagement_required"] for one in services] == [False, True]


def test_the_chosen_service_may_demand_an_engagement(site: Site, opened: int) -> None:
    found = json_of(check(site, opened, service_code="FIN"))
    assert found["obligations"]["engagement_number"] is True
    assert [one["code"] for one in found["reasons"]] == ["engagement_required_by_service"]
    assert json_of(check(site, opened, service_code="FIN", engagement_number="EJ1"))["state"] == "ready"


def test_sums_agree_or_say_what_does_not(site: Site, opened: int) -> None:
    good = json_of(check(site, opened))["totals"]
    assert {name: good[name] for name in ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due", "agree")} == {
        "total_excl_tax": "1000.00",
        "total_tax": "200.00",
        "total_incl_tax": "1200.00",
        "amount_due": "1200.00",
        "agree": True,
    }
    assert good["message"].replace("\N{NARROW NO-BREAK SPACE}", " ") == "1 000,00 + 200,00 = 1 200,00"
    typed = {"total_excl_tax": "1 000,00", "total_tax": "200,00", "total_incl_tax": "1 300,00"}
    bad = json_of(check(site, opened, **typed))["totals"]
    assert (bad["agree"], bad["total_incl_tax"]) == (False, "1300.00")
    assert "300,00" in bad["message"]
    gone = json_of(check(site, opened, total_tax="", total_incl_tax="", total_excl_tax=""))["totals"]
    assert gone["agree"] is False
    assert gone["message"] == "Les montants ne sont pas tous là."


def test_an_unconvertible_value_is_a_reason_and_an_unknown_field_a_fault(site: Site, opened: int) -> None:
    found = json_of(check(site, opened, issue_date="hier", service_code="ST01"))
    assert [(one["code"], one["field"]) for one in found["reasons"]] == [("not_date", "issue_date")]
    answer = check(site, opened, montant="1")
    assert answer.status_code == 422
    assert json_of(answer)["fields"]["montant"][0]["code"] == "no_such_field"


def test_null_takes_an_edit_back(site: Site, opened: int) -> None:
    patch = {"version": shown(site, opened)["version"], "values": {"service_code": "ST01"}}
    site.client("anna", bearer=True).patch(f"/api/v1/documents/{opened}/fields", json=patch)
    assert json_of(check(site, opened))["state"] == "ready"
    assert json_of(check(site, opened, service_code=None))["state"] == "to_complete"


def test_a_change_for_programs_is_assessed_at_once(site: Site, opened: int) -> None:
    patch = {"version": shown(site, opened)["version"], "values": {"service_code": "ST01"}}
    answer = json_of(site.client("anna", bearer=True).patch(f"/api/v1/documents/{opened}/fields", json=patch))
    assert (answer["state"], answer["reasons"]) == ("ready", [])
    faulty = {"version": answer["version"], "values": {"issue_date": "hier", "nothing": "1"}}
    refused = site.client("anna", bearer=True).patch(f"/api/v1/documents/{opened}/fields", json=faulty)
    assert (refused.status_code, sorted(json_of(refused)["fields"])) == (422, ["issue_date", "nothing"])


def test_while_the_directory_cannot_be_asked_that_is_said(site: Site, opened: int, platform: FakePlatform) -> None:
    platform.fail("*", Fault.UNAVAILABLE, times=-1)
    found = json_of(check(site, opened, recipient_siret="21330063500017"))
    assert [one["code"] for one in found["reasons"]] == ["directory_not_reached"]
    assert found["recipient"] is None


@pytest.mark.parametrize("state", ["held", "submitted"])
def test_what_nobody_may_change_now_is_not_checked(site: Site, opened: int, state: str) -> None:
    from include.adapters.storage.core.tables import invoices

    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == opened).values(state=state))
    answer = check(site, opened, service_code="ST01")
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (409, "not_now")


def test_what_is_not_theirs_is_not_there(site: Site, opened: int) -> None:
    assert check(site, opened, "bob").status_code == 404
    bob = site.client("bob")
    assert bob.post(f"/api/v1/documents/{opened}/presence", headers=site.form_headers("bob")).status_code == 404


def test_the_page_offers_the_services_of_the_body_and_says_who_is_asked_for(site: Site, opened: int) -> None:
    text = site.client("anna").get(f"/documents/{opened}").text
    [offered] = re.findall(r'<ul class="options" role="listbox" id="service_code-options".*?</ul>', text, re.DOTALL)
    assert re.findall(r'data-value="([^"]+)"', offered) == ["ST01", "FIN"]
    assert re.search(r'<input id="directory" name="directory" type="search"', text)
    assert 'data-person="anna"' in text


class TestPresence:
    def there(self, site: Site, user: str, **body: bool) -> list[str]:
        answer = site.client(user).post("/api/v1/documents/2/presence", json=body, headers=site.form_headers(user))
        return [one["name"] for one in json_of(answer)["others"]]

    def test_two_people_hear_of_each_other_until_one_leaves(self, site: Site) -> None:
        assert self.there(site, "anna") == []
        assert self.there(site, "bob") == ["anna"]
        assert self.there(site, "anna") == ["bob"]
        assert self.there(site, "bob", leaving=True) == ["anna"]
        assert self.there(site, "anna") == []

    def test_whoever_is_not_heard_of_is_gone_within_a_minute(
        self, site: Site, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        object.__setattr__(site.services, "clock", clock)
        self.there(site, "bob")
        clock.advance(15)
        assert self.there(site, "anna") == ["bob"]
        clock.advance(45)
        assert self.there(site, "anna") == []

    def test_the_body_may_be_left_out(self, site: Site) -> None:
        answer = site.client("anna", bearer=True).post("/api/v1/documents/1/presence")
        assert json_of(answer) == {"others": []}
