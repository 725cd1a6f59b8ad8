"""Who changed what, when, before and after; back to an earlier revision, shown first."""

from __future__ import annotations

import re

import pytest

from include.application.administration.setting_names import ON_FORMS, setting_words
from include.application.ports.configuration import Action, ConfigurationChange
from include.domain.codes import Environment
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import revision, save


def changed(site: Site, *changes: ConfigurationChange, actor: str = "claire") -> None:
    """A revision with these changes in its log; the configuration itself stays."""
    store = site.services.store.configuration
    number, before = store.current()
    store.save(
        before,
        expected_revision=number,
        actor=actor,
        source="screens/file",
        at=site.services.clock.now(),
        changes=changes,
    )


def loading(before: str, after: str) -> ConfigurationChange:
    return ConfigurationChange(
        section="providers", action=Action.CHANGED, item="Durand", field="loading", before=before, after=after
    )


def words(site: Site, path: str) -> str:
    """What stands on a page, without its markup, its signs as a keyboard has them."""
    page = site.client("boss").get(path)
    assert page.status_code == 200, path
    text = page.text.replace("\N{MINUS SIGN}", "-").replace("\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}", ">")
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_history_tells_who_when_and_before_and_after(site: Site) -> None:
    changed(site, loading("local", "remote"))
    page = words(site, "/settings/history")
    assert "Révision 2" in page and "claire" in page and "écran Fichier YAML" in page
    assert "Fournisseurs > Durand - Chargement des factures : Relevé chaque nuit (Local)" in page
    assert "+ Chargement des factures : En direct (Remote)" in page


def test_of_a_list_only_what_came_and_what_went_is_told(site: Site) -> None:
    changed(
        site,
        ConfigurationChange(
            section="recipients",
            action=Action.CHANGED,
            item="123",
            field="wordings",
            before=["a", "b"],
            after=["b", "c"],
        ),
        ConfigurationChange(section="criteria", action=Action.REORDERED, before=["x", "y"], after=["y", "x"]),
    )
    page = words(site, "/settings/history")
    assert "- Libellés : a + Libellés : c" in page
    assert "- ordre : x, y + ordre : y, x" in page


def test_a_revision_tells_how_many_invoices_it_had_assessed_again(site: Site) -> None:
    unsent = site.services.store.configuration.unsent_invoices()
    changed(site, loading("local", "remote"))
    told = f"{unsent} factures pas encore envoyées examinées de nouveau"
    assert unsent == 3 and told in words(site, "/settings/history/2")
    assert words(site, "/settings/history").count(told) == 1, "the first one found an empty store"
    assert json_of(site.client("boss").get("/api/v1/config/history"))["items"][0]["invoices"] == unsent


def test_a_program_finds_the_file_of_an_earlier_revision(site: Site) -> None:
    before = json_of(site.client("boss").get("/api/v1/config"))["yaml"]
    save(site, recipients=[{"siret": "12345678200051", "wordings": ["Mairie"]}])
    found = json_of(site.client("boss").get("/api/v1/config/history/1"))
    assert (found["revision"], found["actor"], found["yaml"]) == (1, "test", before)
    assert site.client("anna").get("/api/v1/config/history/1").status_code == 403


def test_the_history_is_filtered_by_person_and_section_and_paged(site: Site) -> None:
    changed(site, loading("local", "remote"))
    changed(site, ConfigurationChange(section="people.users", action=Action.ADDED, item="zoe"), actor="boss")
    ask = site.client("boss").get

    def found(query: str) -> list[tuple[int, str]]:
        return [(one["revision"], one["item"]) for one in json_of(ask(f"/api/v1/config/history{query}"))["items"]]

    assert found("") == [(3, "zoe"), (2, "Durand")]
    assert (found("?actor=boss"), found("?section=providers")) == ([(3, "zoe")], [(2, "Durand")])
    assert "Aucun changement ici" in words(site, "/settings/history?actor=boss&section=providers")
    first = json_of(ask("/api/v1/config/history?limit=1"))
    assert found(f"?limit=1&after={first['after']}") == [(2, "Durand")]
    assert ask("/api/v1/config/history?after=torn").status_code == 422


def test_going_back_is_shown_first_and_then_a_revision_of_its_own(site: Site) -> None:
    save(site, recipients=[{"siret": "12345678200051", "wordings": ["Mairie"]}])
    page = words(site, "/settings/history/1")
    assert "Revenir à la révision 1" in page and "- 12345678200051" in page and "Appliquer comme révision 3" in page
    assert revision(site) == 2
    answer = site.client("boss").post("/settings/history/1", headers=site.form_headers("boss"), data={"revision": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/chorus/settings/history/3?done=1")
    assert site.services.store.configuration.current()[1].recipients == ()
    newest = json_of(site.client("boss").get("/api/v1/config/history"))["items"][0]
    assert (newest["revision"], newest["actor"], newest["source"]) == (3, "boss", "screens/history")


def test_going_back_over_somebody_elses_change_is_asked_again(site: Site) -> None:
    save(site, recipients=[{"siret": "12345678200051"}])
    save(site, recipients=[])
    answer = site.client("boss").post("/settings/history/2", headers=site.form_headers("boss"), data={"revision": "2"})
    assert (answer.status_code, revision(site)) == (409, 3)
    assert "Quelqu'un d'autre a changé la configuration" in answer.text.replace("&#39;", "'")


def test_going_back_to_where_a_provider_was_missing_has_to_be_confirmed(site: Site) -> None:
    before = site.services.store.configuration.current()[1].model_dump(mode="json")
    save(site, providers=[], label_rights=[])
    save(site, providers=before["providers"])
    client, headers = site.client("boss"), site.form_headers("boss")
    asked = client.post("/settings/history/2", headers=headers, data={"revision": "3"})
    assert (asked.status_code, revision(site)) == (422, 3)
    done = client.post("/settings/history/2", headers=headers, data={"revision": "3", "stops_read": "1"})
    assert (done.status_code, site.services.store.configuration.current()[1].providers) == (303, ())


def test_a_revision_that_can_no_longer_be_in_force_says_why_and_nothing_is_stored(site: Site) -> None:
    store = site.services.store.configuration
    before = store.current()[1]
    forbidden = before.providers[0].model_copy(update={"environment": Environment.PRODUCTION})
    for number, kept in ((1, forbidden), (2, before.providers[0])):
        wanted = before.model_copy(update={"providers": (kept,)})
        store.save(wanted, expected_revision=number, actor="a", source="s", at=site.services.clock.now(), changes=())
    headers = site.form_headers("boss")
    answer = site.client("boss").post("/settings/history/2", headers=headers, data={"revision": "3", "stops_read": "1"})
    assert (answer.status_code, revision(site)) == (422, 3)
    assert "CHORUS_ALLOW_PRODUCTION" in answer.text and "ne peut plus être en vigueur" in answer.text


def test_the_revision_in_force_offers_no_way_back_and_an_unknown_one_is_not_there(site: Site) -> None:
    assert "il n'y a rien à faire" in words(site, "/settings/history/1").replace("&#39;", "'")
    assert site.client("boss").get("/settings/history/9").status_code == 404


FORMS = {
    "providers": "/settings/providers/new",
    "criteria": "/settings/criteria?new=1",
    "people.users": "/settings/people?new=user",
    "people.groups": "/settings/people?new=group",
    "label_rights": "/settings/label-rights",
}


@pytest.mark.parametrize("section", FORMS)
def test_the_history_calls_settings_as_their_forms_do(site: Site, section: str) -> None:
    page = site.client("boss").get(FORMS[section]).text.replace("&#39;", "'")
    labels = dict(re.findall(r'<label for="([\w.]+)">([^<]+)</label>', page))
    mine = {key.removeprefix(f"{section}.") for key in ON_FORMS if key.startswith(f"{section}.")} & labels.keys()
    assert mine, "the form has controls that are named as the keys"
    for key in mine:
        assert setting_words(section, key, "fr").endswith(labels[key]), key
