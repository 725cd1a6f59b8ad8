"""Attachments: link rules tried on what is in the portal before they are saved, the switch, the default type."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from httpx import Response

from include.application.administration import attachment_trial
from include.application.intake.link_documents import known_older_links
from include.domain.configuration import LinkRule
from include.web.routes.settings import attachments as settings_attachments
from tests.fakes.chorus import FakePlatform
from tests.fakes.clock import START
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/attachments"
RULE = {
    "invoice_rule": "Facture client",
    "attachment_rule": "Bon de livraison",
    "pairs": [{"invoice": "commande", "attachment": "numero"}],
}
FORM = {**RULE, "pairs": None, "pair_invoice": ["commande", ""], "pair_attachment": ["numero", ""]}
OLD, NEW = START - dt.timedelta(days=2), START


def put(site: Site, number: int, rule: str, at: dt.datetime, content: str | None = None, **metadata: str) -> None:
    """A document of the portal."""
    with site.services.store.database.write() as connection:
        assert seed(connection, number, arrived_at=at) == number
        values = (rule, json.dumps({name: [value] for name, value in metadata.items()}), content or f"c{number}")
        connection.exec_driver_sql(
            "UPDATE documents SET classification_rule = ?, metadata = ?, content_sha256 = ? WHERE id = ?",
            (*values, number),
        )


@pytest.fixture(autouse=True)
def documents(site: Site) -> None:
    """Invoices 5 and 6, of which the first has delivery notes: old, new, and the same file once more."""
    put(site, 5, "Facture client", OLD, commande="B-17", pj="PJ")
    put(site, 6, "FACTURE CLIENT", NEW, commande="B-99", pj="non")
    put(site, 7, "Bon de livraison", OLD, numero="b-17")
    put(site, 8, "Bon de livraison", NEW, content="same", numero="B-17")
    put(site, 9, "Bon de livraison", NEW, content="same", numero="B-17")
    put(site, 10, "Bon de livraison", NEW, numero="B-18")


def send(site: Site, path: str = "", **data: Any) -> Response:
    given = {name: value for name, value in data.items() if value is not None}
    answer: Response = site.client("boss").post(f"{PAGE}{path}", headers=site.form_headers("boss"), data=given)
    return answer


def try_it(site: Site, rule: dict[str, Any], document: int | None = None) -> Response:
    answer: Response = site.client("boss").post(
        "/api/v1/link-rules/try", headers=site.form_headers("boss"), json={"rule": rule, "document": document}
    )
    return answer


def links(site: Site) -> tuple[LinkRule, ...]:
    return site.services.store.configuration.current()[1].attachments.links


def carried(site: Site) -> dict[str, str]:
    """What the form of the rule carries, as somebody opens it."""
    page = site.client("boss").get(PAGE, params={"rule": links(site)[0].identity}).text
    return form_of(page)


def form_of(page: str) -> dict[str, str]:
    form = page.split('id="form"')[1]
    return {name: unescape(hidden(form, name)) for name in ("identity", "digest")}


def outcomes(told: Any) -> dict[int, str]:
    return {one["document"]: one["outcome"] for one in told["sample"]["attachments"]}


def test_a_trial_tells_which_documents_would_go_along_and_why_and_stores_nothing(site: Site) -> None:
    told = json_of(try_it(site, {**RULE, "since": "always"}, 5))
    assert (told["invoices"], told["attachments"], told["without"]) == (2, 4, [6])
    assert outcomes(told) == {7: "goes", 8: "goes", 9: "same_file"}
    assert told["sample"]["attachments"][0]["shared"] == {"commande = numero": ["B-17"]}
    page = send(site, "/try", **FORM, since="toujours", document="5").text
    assert "Jointe" in page and "commande = « B-17 »".replace(" ", "\xa0") in page.replace(" ", "\xa0")
    assert (links(site), revision(site)) == ((), 1)


def test_a_trial_keeps_out_what_came_before_the_rule_starts(site: Site) -> None:
    since = (START - dt.timedelta(days=1)).isoformat()
    assert outcomes(json_of(try_it(site, {**RULE, "since": since}, 5))) == {7: "too_old", 8: "goes", 9: "same_file"}
    new = json_of(try_it(site, RULE, 5))
    assert set(outcomes(new).values()) == {"too_old"} and new["without"] == [5, 6], "it starts when it is saved"


def test_an_invoice_without_a_partner_shows_what_it_offers_and_leads_to_another(site: Site) -> None:
    assert json_of(try_it(site, {**RULE, "since": "always"}))["sample"]["document"] == 5, "one that gets something"
    told = json_of(try_it(site, {**RULE, "since": "always"}, 6))
    assert (told["sample"]["document"], told["sample"]["offered"]) == (6, {"commande": ["B-99"]})
    page = send(site, "/try", **FORM, since="toujours", document="6").text
    assert "B-99" in page and 'name="document" value="5"' in page
    assert try_it(site, {**RULE, "since": "always"}, 7).status_code == 404
    other = send(site, "/try", **{**FORM, "invoice_rule": "Bon de livraison"}, document="5")
    assert other.status_code == 200, "the sample of the rule before is none of this one"


def test_a_trial_says_that_the_switch_of_the_invoice_or_its_provider_sends_nothing(site: Site) -> None:
    fields = {"attachment_switch": "pj"}
    save(site, metadata_association=[{"classification_rule": "Facture client", "fields": fields}])
    switches = [json_of(try_it(site, {**RULE, "since": "always"}, number))["sample"]["switch"] for number in (5, 6)]
    assert switches == [
        {"metadata": "pj", "values": ["PJ"], "on": True},
        {"metadata": "pj", "values": ["non"], "on": False},
    ]
    assert "Rien ne partirait avec cette facture" in send(site, "/try", **FORM, document="6").text
    [provider] = site.services.store.configuration.current()[1].providers
    silent = {**provider.model_dump(mode="json"), "send_attachments": False}
    save(site, providers=[silent])
    assert json_of(try_it(site, RULE))["providers_without"] == ["Durand"]
    assert "Durand" in site.client("boss").get(PAGE).text


def test_metadata_that_single_nothing_out_are_told_and_cost_little(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = {**RULE, "since": "always"}
    assert json_of(try_it(site, rule, 5))["sample"]["many"] is False
    monkeypatch.setattr(attachment_trial, "MOST_PARTNERS", 1)
    sample = json_of(try_it(site, rule, 5))["sample"]
    assert sample["many"] and [one["document"] for one in sample["attachments"]] == [8, 9], "the newest two of three"
    page = send(site, "/try", **FORM, since="toujours", document="5").text
    assert "Plus de 1 documents" in page and "ne désignent pas une commande" in page and "de plus" not in page


def test_types_have_words_with_their_code(site: Site, platform: FakePlatform) -> None:
    send(site, **FORM, type="DIVERS", since="12/10/2026")
    for language, words in (("fr", "Divers"), ("en", "Miscellaneous")):
        boss = site.client("boss", **{"accept-language": language})
        page = boss.get(PAGE).text
        assert f'<span data-type="DIVERS">{words} <span class="muted">(DIVERS)' in page
        assert f'<option value="DIVERS">{words}</option>' in page
        told = {one["code"]: one["label"] for one in json_of(boss.get("/api/v1/link-rules/types"))["items"]}
        assert told["DIVERS"] == words
    assert site.client("anna").get("/api/v1/link-rules/types").status_code == 403


def test_without_the_platform_the_types_are_ours(site: Site) -> None:
    assert json_of(site.client("boss").get("/api/v1/link-rules/types")) == {"items": []}


def test_only_the_newest_attachments_are_looked_at_and_that_is_said(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = {**RULE, "since": "always"}
    assert json_of(try_it(site, rule, 5))["attachments_tried"] == 4
    monkeypatch.setattr(attachment_trial, "MOST_ATTACHMENTS", 2)
    told = json_of(try_it(site, rule, 5))
    assert (told["attachments"], told["attachments_tried"], outcomes(told)) == (4, 2, {9: "goes"})
    page = send(site, "/try", **FORM, since="toujours", document="5").text
    assert "2 pièces jointes les plus récentes sur 4" in page


def test_a_file_that_the_platform_would_refuse_is_told(site: Site) -> None:
    with site.services.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE documents SET name = 'note.exe' WHERE id = 7")
    [old, *_] = json_of(try_it(site, {**RULE, "since": "always"}, 5))["sample"]["attachments"]
    assert "note.exe" in old["refused"][0]


def test_a_rule_is_stored_changed_and_removed(site: Site) -> None:
    answer = send(site, **FORM, type="BL", since="12/10/2026")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PAGE}?done=2")
    [rule] = links(site)
    assert (rule.type, rule.since) == ("BL", dt.date(2026, 10, 12))
    assert [(one.invoice, one.attachment) for one in rule.pairs] == [("commande", "numero")]
    assert "Bon de livraison avec Facture client" in site.client("boss").get(PAGE).text
    more = {**FORM, "pair_invoice": ["commande", "client"], "pair_attachment": ["numero", "client"]}
    assert send(site, **more, since="12/10/2026", **carried(site)).status_code == 303
    [rule] = links(site)
    assert (rule.type, len(rule.pairs), rule.since) == (None, 2, dt.date(2026, 10, 12))
    assert send(site, "/remove", **carried(site)).status_code == 303
    assert links(site) == ()
    assert json_of(site.client("boss").get("/api/v1/link-rules")) == {
        "items": [], "switch_value": "PJ", "default_type": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"pair_invoice": [""], "pair_attachment": [""]}, "Métadonnées égales"),
        ({"pair_attachment": ["", ""]}, "Métadonnées égales"),
        ({"attachment_rule": ""}, "Règle de classement de la pièce"),
        ({"since": "demain"}, "À partir du"),
    ],
)
def test_what_cannot_be_taken_is_worded_beside_its_control(site: Site, wrong: Any, words: str) -> None:
    for path in ("", "/try"):
        answer = send(site, path, **{**FORM, **wrong})
        assert (answer.status_code, revision(site)) == (422, 1)
        assert words in answer.text.split("data-focus>")[1].split("</ul>")[0].replace("\xa0", " ")
        assert "[{" not in answer.text and 'value="Facture client"' in answer.text, "what was typed is kept"
    assert try_it(site, {**RULE, "pairs": []}).status_code == 422


def test_a_rule_that_stands_twice_is_refused(site: Site) -> None:
    send(site, **FORM)
    assert (send(site, **FORM).status_code, revision(site)) == (422, 2)


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    send(site, **FORM)
    form = carried(site)
    theirs = {**links(site)[0].model_dump(mode="json"), "type": "THEIRS"}
    save(site, attachments={"links": [theirs]})
    answer = send(site, **FORM, type="MINE", **form)
    assert (answer.status_code, links(site)[0].type) == (409, "THEIRS")
    assert "THEIRS" in answer.text and "Garder les miennes" in answer.text
    kept = form_of(answer.text)
    assert send(site, **FORM, type="MINE", **kept).status_code == 303
    assert links(site)[0].type == "MINE"


@pytest.fixture
def digest(site: Site) -> Iterator[str]:
    """Of what holds for all attachments, as somebody opens the page."""
    yield hidden(site.client("boss").get(PAGE).text.split(f'{PAGE}/all"')[-1], "digest")


def test_the_switch_and_the_default_type_are_stored_and_the_rules_stay(site: Site, digest: str) -> None:
    send(site, **FORM)
    assert send(site, "/all", switch_value="oui", default_type="DIVERS", digest=digest).status_code == 303
    stored = site.services.store.configuration.current()[1].attachments
    assert (stored.switch_value, stored.default_type, len(stored.links)) == ("oui", "DIVERS", 1)
    newer = hidden(site.client("boss").get(PAGE).text.split(f'{PAGE}/all"')[-1], "digest")
    assert send(site, "/all", switch_value="oui", default_type="", digest=newer).status_code == 303
    assert site.services.store.configuration.current()[1].attachments.default_type is None


def test_no_switch_at_all_is_refused_beside_its_control(site: Site, digest: str) -> None:
    answer = send(site, "/all", switch_value="", default_type="DIVERS", digest=digest)
    assert (answer.status_code, revision(site)) == (422, 1)
    assert 'aria-invalid="true"' in answer.text and 'value="DIVERS"' in answer.text


def test_the_second_who_changes_the_switch_sees_what_the_first_stored(site: Site, digest: str) -> None:
    save(site, attachments={"switch_value": "theirs"})
    answer = send(site, "/all", switch_value="mine", default_type="", digest=digest)
    assert (answer.status_code, site.services.store.configuration.current()[1].attachments.switch_value) == (
        409, "theirs",
    )  # fmt: skip
    assert "theirs" in answer.text and "Garder les miennes" in answer.text
    kept = hidden(answer.text.split(f'{PAGE}/all"')[-1], "digest")
    assert send(site, "/all", switch_value="mine", default_type="", digest=kept).status_code == 303


def test_older_links_are_shown_first_and_then_made(site: Site) -> None:
    save(site, attachments={"links": [{**RULE, "since": (START + dt.timedelta(days=1)).isoformat()}]})
    assert "Aucun lien plus ancien" in site.client("boss").get(PAGE, params={"older": "1"}).text
    site.services.pipeline().match()
    page = site.client("boss").get(PAGE, params={"older": "1"}).text.split('id="older"')[1]
    assert hidden(page, "effect") == "3" and "Factures/8.pdf" in page
    stale = send(site, "/older", effect="2")
    assert (stale.status_code, hidden(stale.text, "effect")) == (409, "3")
    answer = send(site, "/older", effect="3")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PAGE}?linked=3")
    assert known_older_links(site.services.store.links, site.services.store.configuration.current()[1]) == ([], [])


def test_no_more_older_links_are_made_at_once_than_a_page_takes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    save(site, attachments={"links": [{**RULE, "since": (START + dt.timedelta(days=1)).isoformat()}]})
    site.services.pipeline().match()
    monkeypatch.setattr(settings_attachments, "MOST_OLDER", 2)
    page = site.client("boss").get(PAGE, params={"older": "1"}).text.split('id="older"')[1]
    assert hidden(page, "effect") == "2" and "Il y en a d'autres" in page.replace("&#39;", "'")
    assert send(site, "/older", effect="2").headers["location"] == f"/chorus{PAGE}?linked=2"
    rest = site.client("boss").get(PAGE, params={"older": "1"}).text.split('id="older"')[1]
    assert hidden(rest, "effect") == "1" and "Il y en a d'autres" not in rest.replace("&#39;", "'")


@pytest.mark.parametrize("user", ["anna", "nobody"])
def test_it_is_for_who_administers(site: Site, user: str) -> None:
    assert site.client(user).get(PAGE).status_code == 403
    assert site.client(user).get("/api/v1/link-rules").status_code == 403
    assert site.client(user).post(PAGE, headers=site.form_headers(user), data=FORM).status_code == 403
    assert revision(site) == 1
