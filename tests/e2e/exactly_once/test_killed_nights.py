"""A night killed between what it stored and what it tells: each person hears of each change once."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter

import pytest
from typer.testing import CliRunner

from include.adapters.storage.core.tables import deliveries
from include.cli import app
from tests.e2e.exactly_once.conftest import Field
from tests.factories import configuration
from tests.services.smtp import Mailbox

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PEOPLE = {
    "users": [
        {"name": "anna", "mail": "anna@imprimerie.example"},
        {"name": "bob", "mail": "bob@imprimerie.example", "language": "en"},
    ]
}
NUMBERS = ["F-1", "F-2", "F-3"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def told(field: Field, smtp_server: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Field:
    """Three invoices that were sent, told and retrieved; then their recipient acts."""
    smtp = {"conn_type": "smtp", "host": smtp_server.host, "port": smtp_server.port, "extra": {"disable_ssl": True}}
    field.environment["AIRFLOW_CONN_CHORUS_SMTP"] = json.dumps(smtp)
    for name, value in field.environment.items():
        monkeypatch.setenv(name, value)
    [provider] = configuration().model_dump(mode="json", include={"providers"})["providers"]
    audience = {"users": ["anna", "bob"], "groups": []}
    mail = {"connection": "chorus_smtp", "sender": "chorus@imprimerie.example"}
    field.configure(people=PEOPLE, mail=mail, providers=[{**provider, "loading": "local", "notify": audience}])
    field.add_many(NUMBERS)
    field.one_pass()
    night()
    smtp_server.messages.clear()
    for number in NUMBERS:
        field.platform.call("POST", "status", {"number": number, "status": "SUSPENDUE"})
    return field


def night() -> None:
    """To the end, mails too."""
    assert CliRunner().invoke(app, ["run", "retrieval"], catch_exceptions=False).exit_code == 0


@pytest.mark.parametrize(
    ("step", "doubles"),
    [
        ("page-stored", 0),
        ("histories-stored", 0),
        ("night-complete", 0),
        ("before-distribution", 0),
        ("distributed", 0),
        ("mail-claimed", 0),
        ("mail-accepted", 1),
        ("mail-noted", 0),
    ],
)
def test_killed_anywhere_in_the_night_each_change_is_told_once(
    told: Field, smtp_server: Mailbox, step: str, doubles: int
) -> None:
    told.worker(step, "kill", "run", "retrieval").wait_until_killed()
    with told.store.database.write() as connection:  # the owner of a mail is gone for longer than its lease
        past = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
        connection.execute(deliveries.update().where(deliveries.c.lease_until.is_not(None)).values(lease_until=past))
    night()
    night()
    mails = Counter((str(mail["To"]), str(mail["Message-ID"])) for mail in smtp_server.messages)
    assert sorted(person for person, _ in mails) == ["anna@imprimerie.example", "bob@imprimerie.example"]
    assert mails.total() == 2 + doubles, "a mail that the server took just before comes again, under the same id"
    for mail in smtp_server.messages:
        body = mail.get_body(("plain",))
        assert body is not None and set(re.findall(r"F-\d", body.get_content())) == set(NUMBERS)
