"""`chorus templates`, and templates in a configuration file: what cannot be rendered is never stored."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from include import cli
from include.adapters.notification.render import MailRenderer
from include.application.ports.secrets import ConnectionSecrets
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.fakes.configuration_store import FakeConfigurationStore
from tests.fakes.mailer import FakeMailer
from tests.unit.notification.reaching import REACHING


class Bench:
    """The command on a store in memory."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = FakeClock()
        self.home = home
        self.store = FakeConfigurationStore()
        self.mailer = FakeMailer()
        services = SimpleNamespace(
            store=SimpleNamespace(configuration=self.store),
            clock=clock,
            settings=SimpleNamespace(actor="cli:anna", allow_production=False, mail_folder=home / "mails"),
            chorus=FakeChorus(FakePlatform(clock)),
            secrets=SimpleNamespace(get=lambda name: ConnectionSecrets(connection_id=name)),
            renderer=MailRenderer,
            mailer=lambda _configuration: self.mailer,
            close=lambda: None,
        )
        monkeypatch.setattr("include.bootstrap.services", lambda: services)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli.app, list(arguments))

    def set(self, body: str, *, event: str = "submitted", language: str = "fr", subject: str = "{{ count }}") -> Result:
        file = self.home / "body.txt"
        file.write_text(body, encoding="utf-8")
        return self.run("templates", "set", event, language, "--subject", subject, "--body", str(file))

    def listed(self) -> dict[tuple[str, str], dict[str, Any]]:
        rows = [json.loads(line) for line in self.run("templates", "list", "--json").stdout.splitlines()]
        return {(row["event"], row["language"]): row for row in rows}

    @property
    def configuration(self) -> Configuration:
        return self.store.current()[1]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


class TestSet:
    def test_it_is_stored_audited_and_used(self, bench: Bench) -> None:
        assert bench.set("Bonjour,\n{{ table }}").exit_code == 0
        [template] = bench.configuration.templates
        assert (template.event, template.language, template.subject) == ("submitted", "fr", "{{ count }}")
        [revision] = bench.store.log()
        assert (revision.actor, revision.source) == ("cli:anna", "chorus templates set")
        assert [change.section for change in revision.changes] == ["templates"]
        assert bench.listed()["submitted", "fr"]["own"] is True

    def test_the_same_again_changes_nothing(self, bench: Bench) -> None:
        bench.set("{{ table }}")
        assert "Nothing changed (revision 1)" in bench.set("{{ table }}").stdout
        assert bench.store.current()[0] == 1

    def test_it_takes_the_place_of_its_own_event_and_language_only(self, bench: Bench) -> None:
        bench.set("one")
        bench.set("english", language="en")
        bench.set("two")
        assert {(t.language, t.body) for t in bench.configuration.templates} == {("fr", "two"), ("en", "english")}

    @pytest.mark.parametrize("body", REACHING)
    def test_one_that_reaches_too_far_is_refused_and_nothing_is_stored(self, bench: Bench, body: str) -> None:
        result = bench.set(body)
        assert isinstance(result.exception, InputError)
        assert bench.store.current()[0] == 0

    @pytest.mark.parametrize("subject", ["{{ ''.__class__ }}", "{{ unheard_of }}", " "])
    def test_a_faulty_subject_too(self, bench: Bench, subject: str) -> None:
        assert isinstance(bench.set("text", subject=subject).exception, InputError)
        assert bench.store.current()[0] == 0

    def test_an_event_that_does_not_exist_is_told_with_those_that_do(self, bench: Bench) -> None:
        result = bench.set("text", event="sent")
        assert isinstance(result.exception, InputError)
        assert "awaiting_submission, submitted, status_changed, alert" in str(result.exception)

    def test_a_file_that_is_no_text_is_refused(self, bench: Bench) -> None:
        file = bench.home / "body.bin"
        file.write_bytes(b"\xff\xfe\x00")
        result = bench.run("templates", "set", "submitted", "fr", "--subject", "s", "--body", str(file))
        assert isinstance(result.exception, InputError)


class TestTry:
    def test_without_a_target_it_is_shown(self, bench: Bench) -> None:
        bench.set("Voici {{ count }} :\n{{ table }}", subject="{{ count }} parties")
        shown = bench.run("templates", "test", "submitted", "fr").stdout
        assert shown.startswith("2 parties")
        assert "Voici 2" in shown and "TEST-1" in shown and "TEST-2" in shown

    @pytest.mark.parametrize("event", ["awaiting_submission", "submitted", "status_changed", "alert"])
    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_every_mail_can_be_tried_also_in_our_own_wording(self, bench: Bench, event: str, language: str) -> None:
        result = bench.run("templates", "test", event, language, "--json")
        assert result.exit_code == 0, result.exception
        assert "TEST-1" in json.loads(result.stdout)["text"]

    def test_the_sink_gets_a_file(self, bench: Bench) -> None:
        assert bench.run("templates", "test", "submitted", "en", "--to", "sink").exit_code == 0
        [file] = (bench.home / "mails").glob("*.eml")
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert "TEST-1" in message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
        assert bench.mailer.sent == []

    def test_an_address_gets_a_mail(self, bench: Bench) -> None:
        assert bench.run("templates", "test", "submitted", "en", "--to", "anna@imprimerie.example").exit_code == 0
        assert [message.recipient for message in bench.mailer.sent] == ["anna@imprimerie.example"]


class TestFile:
    def test_a_template_that_cannot_be_rendered_is_a_fault_with_its_line(self, bench: Bench) -> None:
        file = bench.home / "c.yaml"
        file.write_text(
            "version: 1\ntemplates:\n  - event: submitted\n    language: fr\n"
            "    subject: s\n    body: '{{ nothing }}'\n"
        )
        result = bench.run("config", "validate", str(file))
        assert result.exit_code == 1
        assert "c.yaml:6" in result.stderr and "nothing" in result.stderr
        assert bench.run("config", "apply", str(file)).exception is not None
        assert bench.store.current()[0] == 0


def test_every_mail_is_listed(bench: Bench) -> None:
    assert len(bench.listed()) == 8
    assert not any(row["own"] for row in bench.listed().values())
