"""People, groups, who administers, and users who see only invoices with a label."""

from __future__ import annotations

from typing import Any

from httpx import Response

from include.adapters.storage.core.codec import dump
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import invoices
from include.application.administration.item_editing import digest_of
from include.domain.fields import Candidate, Source
from include.domain.mapping import Draft, FieldValue
from include.web.settings.people import GROUPS, LABEL_RIGHTS, USERS
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PEOPLE, LABELS = "/settings/people", "/settings/label-rights"


def send(site: Site, path: str, **data: Any) -> Response:
    answer: Response = site.client("boss").post(path, headers=site.form_headers("boss"), data=data)
    return answer


def opened(site: Site, path: str) -> dict[str, str]:
    page = site.client("boss").get(path).text.split('id="form"')[1]
    return {name: hidden(page, name) for name in ("identity", "digest")}


def in_force(site: Site) -> Any:
    return site.services.store.configuration.current()[1]


def test_a_person_is_added_changed_and_taken_out(site: Site) -> None:
    answer = send(site, f"{PEOPLE}/user", name="zoe", mail="zoe@example.org", language="en")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PEOPLE}?done=2")
    form = opened(site, f"{PEOPLE}?user=zoe")
    assert send(site, f"{PEOPLE}/user", name="zoe", mail="", language="", **form).status_code == 303
    zoe = USERS.one(in_force(site), "zoe")
    assert (zoe.mail, zoe.language) == (None, None)
    assert send(site, f"{PEOPLE}/user/remove", name="zoe", **opened(site, f"{PEOPLE}?user=zoe")).status_code == 303
    assert USERS.find(in_force(site), "zoe") is None


def test_groups_name_their_members_and_leave_users_alone(site: Site) -> None:
    before = in_force(site).people.users
    assert send(site, f"{PEOPLE}/group", name="billing", users=["anna", "bob"]).status_code == 303
    assert GROUPS.one(in_force(site), "billing").users == ("anna", "bob")
    assert in_force(site).people.users == before
    page = site.client("boss").get(PEOPLE).text
    assert "billing" in page and "Durand" in page, "groups, and the providers that each uses"


def test_a_group_that_gets_another_name_stays_what_it_was_everywhere(site: Site) -> None:
    send(site, f"{PEOPLE}/group", name="billing", users=["anna"])
    [provider] = in_force(site).providers
    use = {"users": ["bob"], "groups": ["billing"]}
    save(
        site,
        providers=[{**provider.model_dump(mode="json"), "use": use, "notify": {"groups": ["billing"]}}],
        administer={"users": ["boss"], "groups": ["billing"]},
        alerts={"groups": ["billing"]},
    )
    before, form = in_force(site), opened(site, f"{PEOPLE}?group=billing")
    assert send(site, f"{PEOPLE}/group", name="accounts", users=["anna"], **form).status_code == 303
    after = in_force(site)
    assert after.providers[0].use.groups == after.providers[0].notify.groups == ("accounts",)
    assert after.administer.groups == after.alerts.groups == ("accounts",)
    assert after.providers[0].use.users == ("bob",) and after.administer.users == ("boss",)
    assert after.criteria == before.criteria and revision(site) == 4, "one revision"
    assert site.client("anna").get("/documents").status_code == 200
    send(site, f"{PEOPLE}/group", name="other", users=["bob"])
    taken = send(site, f"{PEOPLE}/group", name="other", users=["anna"], **opened(site, f"{PEOPLE}?group=accounts"))
    assert (taken.status_code, revision(site)) == (422, 5), "two groups of one name"


def test_what_is_wrong_stands_at_its_control(site: Site) -> None:
    for wrong, field in (({"name": ""}, "name"), ({"name": "anna"}, "name"), ({"name": "x", "mail": "none"}, "mail")):
        answer = send(site, f"{PEOPLE}/user", **wrong)
        assert (answer.status_code, revision(site)) == (422, 1), wrong
        assert f'href="#{field}"' in answer.text, wrong
    used = send(site, f"{PEOPLE}/user/remove", name="anna", **opened(site, f"{PEOPLE}?user=anna"))
    assert (used.status_code, revision(site)) == (422, 1), "a provider names her"


def test_who_administers_is_chosen_and_nobody_shuts_themselves_out(site: Site) -> None:
    out = send(site, f"{PEOPLE}/administer", users=["anna"], revision="1")
    assert (out.status_code, revision(site)) == (422, 1)
    assert send(site, f"{PEOPLE}/administer", users=["anna", "boss"], revision="1").status_code == 303
    assert in_force(site).administer.users == ("anna", "boss")
    assert site.client("anna").get(PEOPLE).status_code == 200
    stale = send(site, f"{PEOPLE}/administer", users=["boss"], revision="1")
    assert (stale.status_code, revision(site)) == (409, 2)


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    form = opened(site, f"{PEOPLE}?user=anna")
    names = [{"name": one.name} for one in in_force(site).people.users if one.name != "anna"]
    save(site, people={"users": [*names, {"name": "anna", "mail": "theirs@example.org"}]})
    answer = send(site, f"{PEOPLE}/user", name="anna", mail="mine@example.org", **form)
    assert (answer.status_code, USERS.one(in_force(site), "anna").mail) == (409, "theirs@example.org")
    assert "theirs@example.org" in answer.text and "Garder les miennes" in answer.text
    kept = {name: hidden(answer.text.split('id="form"')[1], name) for name in ("identity", "digest")}
    assert send(site, f"{PEOPLE}/user", name="anna", mail="mine@example.org", **kept).status_code == 303


def test_users_of_airflow_that_nobody_added_are_offered_with_their_mail(site: Site) -> None:
    offered = site.client("boss").get(PEOPLE).text.split('id="airflow"')[1].split("</section>")[0]
    assert "zoe@example.org" in offered and "anna" not in offered
    form = site.client("boss").get(f"{PEOPLE}?new=user&name=zoe").text.split('id="form"')[1]
    assert 'value="zoe"' in form and 'value="zoe@example.org"' in form
    assert send(site, f"{PEOPLE}/user", name="zoe", mail="zoe@example.org").status_code == 303
    assert 'id="airflow"' not in site.client("boss").get(PEOPLE).text
    known = json_of(site.client("boss").get("/api/v1/people/known"))["items"]
    assert [(one["name"], one["added"]) for one in known] == [("anna", True), ("zoe", True)]
    assert site.client("anna").get("/api/v1/people/known").status_code == 403


def test_without_a_list_of_users_a_name_is_typed(site: Site) -> None:
    object.__setattr__(site.host, "known_users", list)
    page = site.client("boss").get(f"{PEOPLE}?new=user")
    assert page.status_code == 200 and "airflow-users" not in page.text


def test_labels_are_given_and_taken(site: Site) -> None:
    assert "Nord" in site.client("boss").get(LABELS).text
    assert send(site, LABELS, user="anna", label="Sud").status_code == 303
    assert [one.identity for one in in_force(site).label_rights] == ["bob Nord", "anna Sud"]
    assert send(site, LABELS, user="anna", label="sud").status_code == 422, "the same label, folded"
    assert send(site, LABELS, user="anna", label="").status_code == 422
    right = LABEL_RIGHTS.one(in_force(site), "bob Nord")
    gone = {"identity": "bob Nord", "user": "bob", "label": "Nord"}
    assert send(site, f"{LABELS}/remove", digest="other", **gone).status_code == 409
    assert send(site, f"{LABELS}/remove", digest=digest_of(right), **gone).status_code == 303
    assert [one.identity for one in in_force(site).label_rights] == ["anna Sud"]


def test_labels_that_invoices_carry_and_nobody_has_are_told_and_given_at_a_click(site: Site) -> None:
    with site.services.store.database.write() as connection:
        for number, label in ((3, "Ést"), (4, "est")):
            draft = dump(Draft, Draft(fields={"user_label": FieldValue(chosen=metadata(f"Sud; {label}"))}))
            mine = {"labels": "|sud|est|", "draft": draft}
            connection.execute(invoices.update().where(invoices.c.id == number).values(**mine))
            list_again(connection, [number])
    told = json_of(site.client("boss").get("/api/v1/label-rights/unmapped"))["items"]
    assert told == [{"label": "est", "invoices": 2}, {"label": "Sud", "invoices": 2}], "Nord is Bob's already"
    page = site.client("boss").get(LABELS).text.split('id="unmapped"')[1].split("</section>")[0]
    assert page.count("2 factures") == 2 and "<option>anna</option>" in page
    assert send(site, LABELS, user="anna", label="est").status_code == 303
    assert [one["label"] for one in json_of(site.client("boss").get("/api/v1/label-rights/unmapped"))["items"]] == [
        "Sud"
    ]
    assert site.client("anna").get("/api/v1/label-rights/unmapped").status_code == 403


def metadata(text: str) -> Candidate:
    return Candidate(value=text, source=Source.METADATA)


def test_labels_without_effect_are_told(site: Site) -> None:
    [provider] = [one.model_dump(mode="json") for one in in_force(site).providers]
    save(site, providers=[{**provider, "loading": "remote"}])
    page = site.client("boss").get(LABELS).text
    assert "Sans effet pour" in page and "Durand" in page
