"""Wordings of mails: one's own beside the mail it makes, a fault beside the part that has it, back to the product's."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from httpx import Response

from include.application.administration.mail_templates import ROW, VARIABLES
from include.domain.configuration import Template
from include.domain.notification import EventKind
from include.web.settings import templates as settings_templates
from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/templates"
SUBMITTED = {"event": "submitted", "language": "fr"}
MINE = {**SUBMITTED, "subject": "{{ count }} parties", "body": "Bonjour,\n\n{{ table }}"}


def send(site: Site, path: str = "", **data: Any) -> Response:
    answer: Response = site.client("boss").post(f"{PAGE}{path}", headers=site.form_headers("boss"), data=data)
    return answer


def try_it(site: Site, **wanted: Any) -> Response:
    answer: Response = site.client("boss").post(
        "/api/v1/templates/try", headers=site.form_headers("boss"), json={**MINE, **wanted}
    )
    return answer


def shown(site: Site, **asked: str) -> str:
    return site.client("boss").get(PAGE, params={**SUBMITTED, **asked}).text


def digest(site: Site) -> str:
    """What the form carries, as somebody opens it."""
    return hidden(shown(site).split("data-preview")[1], "digest")


def templates(site: Site) -> tuple[Template, ...]:
    return site.services.store.configuration.current()[1].templates


def test_a_preview_shows_the_mail_of_two_invented_invoices_and_stores_nothing(site: Site) -> None:
    told = json_of(try_it(site))
    assert told["subject"] == "2 parties" and told["text"].startswith("Bonjour,\n\n* Facture TEST-1")
    assert "TEST-2" in told["html"]
    page = send(site, "/try", **MINE).text
    assert "2 parties" in page and "TEST-2" in page
    faulty = send(site, "/try", **{**MINE, "body": "{{"})
    assert faulty.status_code == 422 and ">{{</textarea>" in faulty.text.replace("\n", ""), "what was typed is kept"
    assert (templates(site), revision(site)) == ((), 1)


@pytest.mark.parametrize("event", list(EventKind))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_one_begins_with_the_wording_of_the_product(site: Site, event: str, language: str) -> None:
    page = shown(site, event=event, language=language)
    form = page.split("data-preview")[1]
    subject = unescape(form.split('id="subject"')[1].split('value="')[1].split('"')[0])
    body = unescape(form.split('id="body"')[1].split(">\n", 1)[1].split("</textarea>")[0])
    mine = json_of(try_it(site, event=event, language=language, subject=subject, body=body))
    product = page.split("data-mail-subject>")[1]
    assert mine["subject"] == unescape(product.split("</strong>")[0])
    assert mine["text"].split() == unescape(product.split("data-mail-text>")[1].split("</div>")[0]).split()


def test_the_product_s_wording_counts_one_as_one(site: Site) -> None:
    template, own = settings_templates.own_or_standard(
        site.services.store.configuration.current()[1], EventKind.SUBMITTED, "fr"
    )
    assert not own and "{% if count == 1 %}1 facture déposée{% else %}{{ count }} factures" in template.subject


def test_every_variable_that_is_listed_may_be_used(site: Site) -> None:
    used = [name for name in VARIABLES if name != "rows"]
    body = "".join(f"{{{{ {name} }}}}" for name in used)
    body += "{% for row in rows %}" + "".join(f"{{{{ row.{name} }}}}" for name in ROW) + "{% endfor %}"
    assert try_it(site, body=body).status_code == 200
    page = shown(site)
    assert all(f"{{{{ {name} }}}}" in page for name in used)
    assert all(f"{{{{ row.{name} }}}}" in page for name in ROW)


@pytest.mark.parametrize(
    ("part", "text", "words"),
    [
        ("body", "{{ first_todo }}", "first_todo"),
        ("subject", "{{ nothing_like_it }}", "nothing_like_it"),
        ("body", "{% for row in rows %}", "endfor"),
        ("body", "{{ count.__class__ }}", "__class__"),
        ("body", "{{ 'x' * 1000000 }}", "*"),
        ("subject", "", "manque"),
    ],
)
def test_a_fault_is_worded_beside_the_part_that_has_it(site: Site, part: str, text: str, words: str) -> None:
    told = json_of(try_it(site, **{part: text}))
    assert list(told["fields"]) == [part] and words in told["fields"][part][0]["message"]
    answer = send(site, **{**MINE, part: text})
    assert (answer.status_code, revision(site)) == (422, 1)
    beside = answer.text.split(f'data-fault="{part}"')[1].split("</p>")[0]
    assert words in unescape(beside) and "hidden" not in beside.split(">")[0]
    assert "count, others" in unescape(beside) or not text, "what may be used is said"


def test_a_wording_is_stored_changed_and_taken_back(site: Site) -> None:
    answer = send(site, **MINE, digest=digest(site))
    assert answer.status_code == 303 and answer.headers["location"].endswith("event=submitted&language=fr&done=2")
    assert [one.model_dump(mode="json") for one in templates(site)] == [MINE]
    page = shown(site)
    assert "Votre texte" in page and "2 parties" in page and "Votre texte" not in shown(site, language="en")
    assert send(site, **{**MINE, "body": "a\r\nb"}, digest=digest(site)).status_code == 303
    assert [one.body for one in templates(site)] == ["a\nb"]
    rows = json_of(site.client("boss").get("/api/v1/templates"))["items"]
    assert [(one["event"], one["language"]) for one in rows if one["own"]] == [("submitted", "fr")]
    assert send(site, "/reset", **SUBMITTED, digest=digest(site)).status_code == 303
    assert templates(site) == ()


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    nothing_yet = digest(site)
    save(site, templates=[{**MINE, "subject": "theirs"}])
    for seen in (nothing_yet, "another"):
        answer = send(site, **MINE, digest=seen)
        assert (answer.status_code, templates(site)[0].subject) == (409, "theirs")
        assert "theirs" in answer.text and "Garder les miennes" in answer.text
    kept = hidden(answer.text.split("data-preview")[1], "digest")
    assert send(site, **MINE, digest=kept).status_code == 303
    assert templates(site)[0].subject == MINE["subject"]


def test_nobody_takes_back_a_wording_that_they_have_not_seen(site: Site) -> None:
    save(site, templates=[MINE])
    seen = digest(site)
    save(site, templates=[{**MINE, "subject": "theirs"}])
    answer = send(site, "/reset", **SUBMITTED, digest=seen)
    assert (answer.status_code, templates(site)[0].subject) == (409, "theirs")
    assert 'value="theirs"' in answer.text


def test_an_event_or_language_that_there_is_not_is_not_there(site: Site) -> None:
    for asked in ({"event": "other"}, {"language": "de"}):
        assert site.client("boss").get(PAGE, params={**SUBMITTED, **asked}).status_code == 404
        assert send(site, **{**MINE, **asked}).status_code == 404
        assert try_it(site, **asked).status_code == 404


def test_previews_are_counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_templates, "MOST_PREVIEWS", 1)
    assert [try_it(site).status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("user", ["anna", "nobody"])
def test_it_is_for_who_administers(site: Site, user: str) -> None:
    assert site.client(user).get(PAGE).status_code == 403
    headers = site.form_headers(user)
    assert site.client(user).post("/api/v1/templates/try", headers=headers, json=MINE).status_code == 403
    assert site.client(user).post(PAGE, headers=headers, data=MINE).status_code == 403
    assert revision(site) == 1
