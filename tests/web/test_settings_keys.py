"""Each key of the configuration leads to the page on which it is set, and each page to what its keys mean."""

from __future__ import annotations

import pytest
from markupsafe import escape

from include.application.administration.configuration_docs import FILE, DocumentedKey, documented_keys, markdown
from include.domain.fields.registry import FIELD_NAMES
from include.web.settings.menu import MENU
from tests.factories import SUPPLIER
from tests.web.conftest import Site, json_of
from tests.web.test_promised_names import Page
from tests.web.test_settings_file import save

KEYS = list(documented_keys())
FORMS = ("", "?new=1", "?new=user", "?new=group", f"/{SUPPLIER}")
"""Below the address of a page, one of these shows every control that it has."""


def section_page(key: DocumentedKey) -> str:
    """Where the section of a key is edited: its other keys tell."""
    top = key.path.partition(".")[0]
    return next((one.page for one in KEYS if one.path.startswith(f"{top}.") and one.page != FILE), FILE)


def controls(site: Site, page: str) -> set[str]:
    """Names of all controls of a page of the settings."""
    answers = [site.client("boss").get(f"/settings/{page}{form}") for form in FORMS]
    return {name for answer in answers if answer.status_code == 200 for name in Page(answer.text).names}


def has_control(key: DocumentedKey, names: set[str]) -> bool:
    """Whether one of these controls sets the key: its own name, or with the name of what it belongs to."""
    *above, last = key.path.replace("[]", "").split(".")
    parent = above[-1] if above else ""
    owner = parent.removesuffix("s")
    if key.path == "metadata_association[].fields":
        return names >= set(FIELD_NAMES)
    return bool({last, f"{owner}_{last}", f"{parent}.{last}"} & names) or any(
        one.startswith(f"{last}.") for one in names
    )


def test_every_key_has_a_control_on_its_page_and_none_where_it_stands_in_the_file_alone(site: Site) -> None:
    stored = site.services.store.configuration.current()[1]
    groups = [{"name": "billing", "users": ["anna"]}]
    save(site, people={**stored.people.model_dump(mode="json"), "groups": groups})
    save(
        site, metadata_association=[{"classification_rule": "Facture client", "fields": {"total_incl_tax": "montant"}}]
    )
    shown = {page: controls(site, page) for page in {one.page for one in KEYS}}
    assert [one.path for one in KEYS if one.page != FILE and not has_control(one, shown[one.page])] == []
    mistaken = [
        one.path
        for one in KEYS
        if one.page == FILE and section_page(one) != FILE and has_control(one, shown[section_page(one)])
    ]
    assert mistaken == [], "they have a control by now"


@pytest.mark.parametrize("page", sorted({one.page for one in KEYS}))
def test_each_page_leads_to_what_its_keys_mean_and_back(site: Site, page: str) -> None:
    here = site.client("boss").get(f"/settings/{page}").text
    assert f'href="/chorus/settings/keys?page={page}"' in here
    text = site.client("boss").get("/settings/keys", params={"page": page}).text
    assert f'href="/chorus/settings/{page}"' in text.split('<div class="stack">')[1]
    for key in KEYS:
        assert (f'<tr id="{key.path}">' in text) == (key.page == page), key.path
        assert key.page != page or str(escape(key.meaning_in("fr"))) in text, key.path


def test_without_a_page_or_with_one_that_there_is_not_all_keys_are_shown(site: Site) -> None:
    for address in ("/settings/keys", "/settings/keys?page=", "/settings/keys?page=nowhere"):
        text = site.client("boss").get(address).text
        assert [key.path for key in KEYS if f'<tr id="{key.path}">' not in text] == [], address


def test_a_key_is_called_as_its_form_calls_it(site: Site) -> None:
    page = site.client("boss").get("/settings/keys?page=providers").text
    form = site.client("boss").get(f"/settings/providers/{SUPPLIER}").text
    for text in (page, form):
        assert "Dépôt automatique" in text
    assert (
        "Automatic submission"
        in site.client("boss").get("/settings/keys?page=providers", headers={"accept-language": "en"}).text
    )


def test_every_page_that_keys_name_is_in_the_menu() -> None:
    assert {one.page for one in KEYS} <= {entry.name for entries in MENU.values() for entry in entries}


def test_programs_get_the_same_in_their_language(site: Site) -> None:
    told = json_of(site.client("boss", **{"accept-language": "en"}).get("/api/v1/config/keys"))["items"]
    assert [(one["path"], one["page"]) for one in told] == [(one.path, one.page) for one in KEYS]
    siret = next(one for one in told if one["path"] == "providers[].siret")
    assert siret["name"] == "SIRET" and siret["mandatory"] and siret["example"] and "14" in siret["allowed"]
    assert site.client("anna").get("/api/v1/config/keys").status_code == 403


def test_the_documentation_names_the_page_of_each_key() -> None:
    text = markdown()
    for key in KEYS:
        table = text.split(f"# `{key.section}`\n" if key.section else "## Sections\n")[1].split("\n#")[0]
        [row] = [line for line in table.splitlines() if line.startswith(f"| `{key.name}` |")]
        assert row.endswith(f"| [{key.page}](screens.md#the-settings) |"), key.path
