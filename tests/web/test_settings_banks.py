"""Bank details: names as the platform lists them, one by default, others by the value of a metadata."""

from __future__ import annotations

from typing import Any

from httpx import Response

from include.adapters.storage.core.codec import Reasons, dump
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import invoices
from include.application.administration.item_editing import digest_of
from include.domain.reasons import Reason
from tests.factories import SUPPLIER
from tests.fakes.chorus import FakePlatform
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/bank-details"


def send(site: Site, path: str = f"/{SUPPLIER}", **data: Any) -> Response:
    answer: Response = site.client("boss").post(f"{PAGE}{path}", headers=site.form_headers("boss"), data=data)
    return answer


def provider(site: Site) -> Any:
    [found] = site.services.store.configuration.current()[1].providers
    return found


def test_the_list_of_the_platform_is_asked_for_and_offered(site: Site, platform: FakePlatform) -> None:
    assert "pas encore été lue" in site.client("boss").get(PAGE).text
    assert send(site, f"/{SUPPLIER}/refresh").status_code == 303
    known = site.services.store.providers.account(provider(site).key)
    assert known is not None and known.account.bank_accounts
    page = site.client("boss").get(PAGE).text
    assert all(f"<option>{one.name}</option>" in page for one in known.account.bank_accounts)


def test_a_choice_is_stored_and_everything_else_of_the_provider_stays(site: Site) -> None:
    before = provider(site)
    answer = send(site, default="Compte courant", label=["CIC", ""], name=["Compte CIC", ""], digest=digest_of(before))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PAGE}?done=2")
    details = provider(site).bank_details
    assert (details.default, [(one.label, one.name) for one in details.labels]) == (
        "Compte courant", [("CIC", "Compte CIC")],
    )  # fmt: skip
    assert provider(site).model_copy(update={"bank_details": before.bank_details}) == before
    shown = hidden(site.client("boss").get(PAGE).text.split("data-kept")[1], "digest")
    assert send(site, default="", label=["", ""], name=["Compte CIC", ""], digest=shown).status_code == 303
    assert provider(site).bank_details == before.bank_details


def test_a_value_that_chooses_nothing_is_told_with_what_waits_and_mapped_at_a_click(site: Site) -> None:
    for number, label in ((1, "LCL"), (2, "lcl"), (3, "BNP")):
        reason = Reason(code="bank_label_unknown", field="bank_details", params={"label": label})
        waiting = {"state": "to_complete", "reasons": dump(Reasons, (reason,)), "provider_key": provider(site).key}
        with site.services.store.database.write() as connection:
            connection.execute(invoices.update().where(invoices.c.id == number).values(**waiting))
            list_again(connection, [number])
    page = site.client("boss").get(PAGE).text
    assert "2 factures attendent" in page and "1 facture attend" in page
    told = json_of(site.client("boss").get("/api/v1/bank-details/unmapped"))["items"]
    assert told[0] == {"provider": "Durand", "label": "lcl", "invoices": 2} and told[1]["label"] == "BNP"
    save(site, providers=[{**provider(site).model_dump(mode="json"), "bank_details": {"default": "Compte courant"}}])
    sent = {"label": "lcl", "name": "Compte LCL"}
    assert send(site, f"/{SUPPLIER}/label", **sent, digest="other").status_code == 409
    assert send(site, f"/{SUPPLIER}/label", **sent, digest=digest_of(provider(site))).status_code == 303
    details = provider(site).bank_details
    assert (details.default, [(one.label, one.name) for one in details.labels]) == (
        "Compte courant", [("lcl", "Compte LCL")],
    )  # fmt: skip
    assert site.client("anna").get("/api/v1/bank-details/unmapped").status_code == 403


def test_a_value_without_an_account_and_one_that_stands_twice_are_refused(site: Site) -> None:
    for label, name in ((["CIC"], [""]), (["CIC", "cic"], ["A", "B"])):
        answer = send(site, default="", label=label, name=name, digest=digest_of(provider(site)))
        assert (answer.status_code, revision(site)) == (422, 1)
        assert 'value="CIC"' in answer.text, "what was typed is kept"


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    before = provider(site)
    save(site, providers=[{**before.model_dump(mode="json"), "bank_details": {"default": "Theirs"}}])
    answer = send(site, default="Mine", label=[""], name=[""], digest=digest_of(before))
    assert (answer.status_code, provider(site).bank_details.default) == (409, "Theirs")
    assert "Compte par défaut\N{NO-BREAK SPACE}: Theirs" in answer.text and "Garder les miennes" in answer.text
    kept = hidden(answer.text.split("data-kept")[1], "digest")
    assert send(site, default="Mine", label=[""], name=[""], digest=kept).status_code == 303
    assert provider(site).bank_details.default == "Mine"
