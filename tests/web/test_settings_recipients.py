"""Recipients on their page and for programs: bodies by hand, learned lines, unknown wordings, lists as files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Response

from include.adapters.storage.core.codec import Reasons, dump
from include.adapters.storage.core.tables import invoices, learned_recipients
from include.domain.directory import DirectoryEntry
from include.domain.reasons import Reason
from tests.factories import BODY
from tests.fakes.chorus import FakePlatform, Fault
from tests.fakes.clock import START
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/recipients"
OTHER = "33254021516357"
THONON = "21740010600019"
MAIRIE = {"siret": "123 456 782 00051", "wordings": "Mairie d'Annecy\r\n Ville d'Annecy "}


@pytest.fixture(autouse=True)
def waiting(site: Site) -> None:
    """An invoice waits for a wording that resembles a known one; another one taught a line."""
    known = json.dumps([[BODY, "Mairie d'Annecy", 88]])
    params = {"wording": "Ville d'Annecy le Vieux", "candidates": "x", "suggested": known}
    reason = Reason(code="recipient_wording_close", field="recipient_siret", params=params)
    line = {"environment": "simulator", "wording_key": "chu nantes", "wording": "CHU Nantes", "siret": OTHER,
            "service_code": "", "first_invoice_id": 4, "last_invoice_id": 4, "first_at": START, "last_at": START,
            "times_used": 3, "pending": False}  # fmt: skip
    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == 3).values(reasons=dump(Reasons, (reason,))))
        connection.execute(learned_recipients.insert().values(**line))


def send(site: Site, path: str = "", files: Any = None, **data: Any) -> Response:
    answer: Response = site.client("boss").post(
        f"{PAGE}{path}", headers=site.form_headers("boss"), data=data, files=files or {"file": ("", b"")}
    )
    return answer


def call(site: Site, name: str, **json_body: str) -> Response:
    answer: Response = site.client("boss").post(
        f"/api/v1/recipients/{name}", headers=site.form_headers("boss"), json=json_body
    )
    return answer


def opened(site: Site, siret: str = BODY) -> dict[str, str]:
    page = site.client("boss").get(PAGE, params={"siret": siret}).text.split('id="form"')[1]
    return {name: hidden(page, name) for name in ("identity", "digest")}


def typed(page: str, control: str) -> str:
    """What stands in a control of text."""
    return page.split(f'id="{control}"')[1].split('value="')[1].split('"')[0]


def known(site: Site) -> dict[str, tuple[str, ...]]:
    return {one.siret: one.wordings for one in site.services.store.configuration.current()[1].recipients}


def test_a_body_is_stored_with_its_wordings_and_services(site: Site) -> None:
    services = {"service_code": ["ST01", ""], "service_wordings": ["Service technique\nVoirie", ""]}
    assert send(site, **MAIRIE, **services).status_code == 303
    [made] = site.services.store.configuration.current()[1].recipients
    assert (made.siret, made.wordings) == (BODY, ("Mairie d'Annecy", "Ville d'Annecy"))
    assert [(one.code, one.wordings) for one in made.services] == [("ST01", ("Service technique", "Voirie"))]
    page = site.client("boss").get(PAGE, params={"siret": BODY}).text
    shown = page.split('id="siret"')[1].split('value="')[1].split('"')[0]
    number = revision(site)
    answer = send(site, siret=shown, wordings=MAIRIE["wordings"], **services, **opened(site))
    assert (answer.status_code, revision(site)) == (303, number), "as it was shown, nothing changes"


def test_how_long_a_body_has_to_pay_is_shown_and_changed(site: Site) -> None:
    save(site, recipients=[{"siret": BODY, "wordings": ["a"], "kind": "health_establishment", "payment_days": 20}])
    page = site.client("boss").get(PAGE, params={"siret": BODY}).text
    assert '<option value="health_establishment" selected>' in page and typed(page, "payment_days") == "20"
    term = {"kind": "public_undertaking", "payment_days": ""}
    refused = send(site, siret=BODY, wordings="b", **{**term, "payment_days": "61"}, **opened(site))
    assert refused.status_code == 422 and 'href="#payment_days"' in refused.text
    assert send(site, siret=BODY, wordings="b", **term, **opened(site)).status_code == 303
    [made] = site.services.store.configuration.current()[1].recipients
    assert (made.wordings, made.kind, made.payment_days) == (("b",), "public_undertaking", None)


def test_what_is_wrong_stands_at_its_control(site: Site) -> None:
    save(site, recipients=[{"siret": OTHER, "wordings": ["Mairie d'Annecy"]}])
    for wrong, field in (({"siret": "12"}, "siret"), ({"siret": OTHER}, "siret"), ({}, "wordings")):
        answer = send(site, **{**MAIRIE, **wrong})
        assert (answer.status_code, list(known(site))) == (422, [OTHER]), wrong
        assert f'href="#{field}"' in answer.text, wrong


def test_an_unknown_wording_is_confirmed_at_a_click_with_the_number_it_frees(site: Site) -> None:
    page = site.client("boss").get(PAGE).text
    assert "Ville d&#39;Annecy le Vieux" in page and "1 facture attend" in page
    assert "ressemble à 88" in page.replace("\N{NO-BREAK SPACE}", " ")
    [suggested] = json_of(site.client("boss").get("/api/v1/recipients?tab=unknown"))["items"]
    assert (suggested["siret"], suggested["invoices"]) == (BODY, [3])
    assert send(site, "/confirm", asked=suggested["id"]).status_code == 303
    assert known(site) == {BODY: ("Ville d'Annecy le Vieux",)}


def test_an_unknown_wording_may_mean_another_body(site: Site) -> None:
    assert send(site, "/confirm", asked="Ville d'Annecy le Vieux", siret="12").status_code == 422
    assert send(site, "/confirm", asked="Ville d'Annecy le Vieux", siret=OTHER).status_code == 303
    assert known(site) == {OTHER: ("Ville d'Annecy le Vieux",)}
    assert json_of(call(site, "confirm", wording="Lycée", siret=BODY)) == {"revision": 3}
    assert call(site, "confirm", wording="nothing like that").status_code == 422


def test_who_administers_and_uses_nothing_is_told_all_that_waits_for_a_wording(site: Site) -> None:
    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == 3).values(provider_key="simulator:" + OTHER))
    assert "1 facture attend" in site.client("boss").get(PAGE).text


def directory(site: Site, platform: FakePlatform) -> None:
    """A body that the platform alone knows, and a closed one that an invoice waits for."""
    platform.add_body(THONON, name="Ville de Thonon", town="Thonon-les-Bains")
    now = site.services.clock.now()
    closed = DirectoryEntry(siret=BODY, structure_id=7, name="Mairie d'Évry", active=False, fetched_at=now)
    site.services.store.directory.put("simulator", closed, now=now)
    with site.services.store.database.write() as connection:
        mine = {"environment": "simulator", "recipient_siret": BODY, "state": "to_complete"}
        connection.execute(invoices.update().where(invoices.c.id == 1).values(**mine))


@pytest.mark.parametrize("text", ["thonon", "les-bains", "217 400 106 00019"])
def test_a_body_is_found_by_name_town_or_siret_and_begun_with_what_the_directory_says(
    site: Site, platform: FakePlatform, text: str
) -> None:
    directory(site, platform)
    found = site.client("boss").get(PAGE, params={"directory": text}).text
    assert "Ville de Thonon" in found and "Thonon-les-Bains" in found
    link = found.split(f"?add={THONON}")[1].split("#")[0].replace("&amp;", "&")
    form = site.client("boss").get(f"{PAGE}?add={THONON}{link}").text.split('id="form"')[1]
    assert "".join(typed(form, "siret").split()) == THONON and "Ville de Thonon</textarea>" in form
    save(site, recipients=[{"siret": THONON, "wordings": ["Thonon"]}])
    again = site.client("boss").get(f"{PAGE}?add={THONON}{link}").text.split('id="form"')[1]
    assert "Thonon</textarea>" in again and hidden(again, "identity") == THONON, "what is there is not added twice"


def test_an_unknown_wording_is_looked_up_in_the_directory_and_confirmed_there(
    site: Site, platform: FakePlatform
) -> None:
    directory(site, platform)
    assert "wording=Ville%20d%27Annecy%20le%20Vieux" in site.client("boss").get(PAGE).text
    asked = {"directory": "thonon", "wording": "Ville d'Annecy le Vieux"}
    found = site.client("boss").get(PAGE, params=asked).text.split('id="directory-search"')[1]
    assert (hidden(found, "asked"), hidden(found, "siret")) == ("Ville d&#39;Annecy le Vieux", THONON)
    assert send(site, "/confirm", asked="Ville d'Annecy le Vieux", siret=THONON).status_code == 303


def test_a_directory_that_is_down_leaves_what_is_known_and_says_so(site: Site, platform: FakePlatform) -> None:
    directory(site, platform)
    platform.fail("*", Fault.UNAVAILABLE, times=-1)
    found = site.client("boss").get(PAGE, params={"directory": "évry"})
    assert found.status_code == 200 and "Seuls les organismes déjà connus ici" in found.text
    assert "Évry" in found.text.split('id="directory-search"')[1]
    assert site.client("boss").get(PAGE, params={"directory": "x"}).status_code == 422


def test_closed_bodies_are_told_with_the_invoices_that_they_block(site: Site, platform: FakePlatform) -> None:
    directory(site, platform)
    page = site.client("boss").get(PAGE).text.split('id="blocking"')[1]
    assert "Mairie d&#39;Évry" in page and "1 facture bloquée" in page and "organisme fermé" in page
    assert f"recipient={BODY}" not in page, "who administers and uses nothing sees no invoice of it"
    before = site.services.store.configuration.current()[1].model_dump(mode="json")["providers"][0]
    save(site, providers=[{**before, "use": {"users": ["boss"]}}])
    assert f"/chorus/documents?tab=all&amp;recipient={BODY}" in site.client("boss").get(PAGE).text
    [told] = json_of(site.client("boss").get("/api/v1/recipients/blocking"))["items"]
    assert (told["siret"], told["active"], told["invoices"]) == (BODY, False, 1)
    assert site.client("anna").get("/api/v1/recipients/blocking").status_code == 403


def test_learned_lines_are_kept_or_forgotten(site: Site) -> None:
    page = site.client("boss").get(f"{PAGE}?tab=learned").text
    assert "CHU Nantes" in page and "3 factures" in page
    assert send(site, "/keep", asked="CHU Nantes", siret=OTHER).status_code == 303
    assert known(site) == {OTHER: ("CHU Nantes",)}
    assert call(site, "forget", wording="CHU Nantes").status_code == 200
    assert json_of(site.client("boss").get("/api/v1/recipients?tab=learned"))["items"] == []
    assert call(site, "keep", wording="CHU Nantes").status_code == 422


def test_the_list_is_searched(site: Site) -> None:
    save(site, recipients=[{"siret": BODY, "wordings": ["Mairie d'Évry"]}, {"siret": OTHER, "wordings": ["Lycée"]}])
    ask = site.client("boss").get
    assert [one["siret"] for one in json_of(ask("/api/v1/recipients?q=evry"))["items"]] == [BODY]
    assert ask("/api/v1/recipients?tab=nothing").status_code == 422
    page = ask(f"{PAGE}?q=lycee").text
    assert f"siret={OTHER}#form" in page and f"siret={BODY}#form" not in page


def test_a_file_is_compared_and_then_imported(site: Site) -> None:
    content = f"siret;wording\n{BODY};Mairie\n".encode()
    shown = send(site, "/import", files={"file": ("list.csv", content)})
    assert (shown.status_code, known(site)) == (200, {})
    assert "+ Mairie" not in shown.text and "Libellés\N{NO-BREAK SPACE}: Mairie" in shown.text
    step = shown.text.split('id="import"')[1]
    given = {name: hidden(step, name) for name in ("content", "name", "revision")}
    save(site, recipients=[{"siret": OTHER}])
    assert send(site, "/import", **given).status_code == 409, "somebody was first"
    again = {**given, "revision": str(revision(site))}
    assert send(site, "/import", **again).status_code == 303
    assert known(site) == {OTHER: (), BODY: ("Mairie",)}
    wrong = send(site, "/import", files={"file": ("list.csv", b"siret;wording\n12;x\n")})
    assert wrong.status_code == 422 and "list.csv:2" in wrong.text


def test_the_exported_list_changes_nothing_when_it_is_imported(site: Site) -> None:
    send(site, **MAIRIE)
    file = site.client("boss").get(f"{PAGE}/recipients.csv")
    assert file.headers["content-disposition"] == 'attachment; filename="destinataires.csv"'
    shown = send(site, "/import", replace="1", files={"file": ("list.csv", file.content)})
    assert "Ce fichier ne change rien" in shown.text


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    send(site, **MAIRIE)
    form = opened(site)
    save(site, recipients=[{"siret": BODY, "wordings": ["Theirs"]}])
    answer = send(site, siret=BODY, wordings="Mine", **form)
    assert (answer.status_code, known(site)) == (409, {BODY: ("Theirs",)})
    assert "Libellés\N{NO-BREAK SPACE}: Theirs" in answer.text and "Garder les miennes" in answer.text
    assert send(site, "/remove", siret=BODY, **form).status_code == 409
    assert send(site, "/remove", siret=BODY, **opened(site)).status_code == 303
    assert known(site) == {}
