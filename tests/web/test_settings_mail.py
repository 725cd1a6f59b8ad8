"""How mails leave, on a page: a server or a folder of files, and one to oneself by what is written there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from include.adapters.notification.sink import SinkMailer
from include.domain.configuration import Configuration
from include.web.routes.settings import mail as settings_mail
from tests.fakes.mailer import FakeMailer
from tests.web.conftest import Site
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/mail"
SERVER = {"mail.in_use": "1", "connection": "chorus_smtp", "sender": "chorus@imprimerie.example"}


def current(site: Site) -> Configuration:
    return site.services.store.configuration.current()[1]


def send(site: Site, path: str = "", digest: str | None = None, **given: Any) -> Response:
    seen = digest or hidden(site.client("boss").get(PAGE).text.split("data-kept")[1], "digest")
    data = {**given, "digest": seen}
    answer: Response = site.client("boss").post(f"{PAGE}{path}", headers=site.form_headers("boss"), data=data)
    return answer


@pytest.fixture
def boss_has_a_mail(site: Site) -> None:
    people = current(site).people.model_dump(mode="json", exclude={"groups"})
    mails = {"boss": "boss@imprimerie.example"}
    users = [{**one, "mail": mails.get(one["name"])} for one in people["users"]]
    save(site, people={"users": users})


def test_a_server_is_stored_and_taken_out_again(site: Site) -> None:
    assert send(site, **SERVER, screens_url="").status_code == 303
    mail = current(site).mail
    assert mail is not None and (mail.connection, mail.sender, mail.screens_url) == (
        "chorus_smtp", "chorus@imprimerie.example", None,
    )  # fmt: skip
    assert send(site, connection="chorus_smtp", sender="chorus@imprimerie.example").status_code == 303
    assert current(site).mail is None, "without the tick, whatever is written below it"


@pytest.mark.parametrize(("name", "value"), [("connection", ""), ("sender", "nobody"), ("screens_url", "ftp://x")])
def test_what_cannot_be_taken_is_worded_at_its_control(site: Site, name: str, value: str) -> None:
    for path in ("", "/try"):
        answer = send(site, path, **{**SERVER, name: value})
        assert (answer.status_code, revision(site)) == (422, 1)
        [control] = [part for part in answer.text.split("<") if f'id="{name}"' in part]
        assert 'aria-invalid="true"' in control


@pytest.mark.usefixtures("boss_has_a_mail")
def test_a_mail_to_oneself_leaves_by_what_is_written_and_stores_nothing(site: Site) -> None:
    mailer = FakeMailer()
    by: list[Any] = []
    site.services.__dict__["mailer"] = lambda configuration: by.append(configuration.mail) or mailer
    stored = revision(site)
    answer = send(site, "/try", **SERVER)
    [message] = mailer.sent
    assert message.recipient == "boss@imprimerie.example" and by[0].connection == "chorus_smtp"
    assert "a accepté un courriel pour boss@imprimerie.example" in answer.text and revision(site) == stored


@pytest.mark.usefixtures("boss_has_a_mail")
def test_why_a_mail_to_oneself_did_not_leave_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken = tmp_path / "mails"
    taken.write_text("a file where the folder should be")
    site.services.__dict__["mailer"] = lambda _configuration: SinkMailer(taken, clock=site.services.clock)
    answer = send(site, "/try", **SERVER)
    assert answer.status_code == 200 and str(taken) in answer.text and 'value="chorus_smtp"' in answer.text
    monkeypatch.setattr(settings_mail, "MAILS_A_MINUTE", 1)
    assert send(site, "/try", **SERVER).status_code == 429


def test_who_has_no_address_is_told_so_and_offered_no_test(site: Site) -> None:
    page = site.client("boss").get(PAGE).text
    assert "Votre adresse manque" in page and "M'envoyer un essai" not in page
    answer = send(site, "/try", **SERVER)
    assert "pas d'adresse de courriel" in answer.text.replace("&#39;", "'")


def test_the_second_of_two_sees_what_the_first_stored(site: Site) -> None:
    digest = hidden(site.client("boss").get(PAGE).text.split("data-kept")[1], "digest")
    save(site, mail={"connection": "theirs", "sender": "a@b.example"})
    answer = send(site, digest=digest, **SERVER)
    assert answer.status_code == 409 and "theirs" in answer.text and "Garder les miennes" in answer.text
