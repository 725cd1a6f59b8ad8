"""`chorus config`: exit codes, what goes to stdout and what to stderr."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from include import cli
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationFileError
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import FakeClock
from tests.fakes.configuration_store import FakeConfigurationStore, FakeHistoryViews
from tests.integration.configuration.situations import DURAND, write
from tests.unit.configuration.test_logins import Circuits

SOUND = f"providers: [{{{DURAND}}}]\n"
IDLE = """
providers: [{name: A, siret: "33254021516357", environment: simulator, connection: chorus}]
people: {users: [{name: anna}]}
label_rights: [{user: anna, label: North}]
"""
FAULTY = "recipients:\n  - siret: 12345678200051\n    wordngs: []\n"


class Bench:
    """The command on fakes: a store in memory, a platform in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = FakeClock()
        self.platform = FakePlatform(clock)
        self.configuration = FakeConfigurationStore()
        self.circuits = Circuits()
        self.closed = 0
        services = SimpleNamespace(
            store=SimpleNamespace(
                configuration=self.configuration,
                providers=self.circuits,
                history_views=FakeHistoryViews(self.configuration),
            ),
            clock=clock,
            settings=SimpleNamespace(actor="cli:anna", allow_production=False),
            chorus=FakeChorus(self.platform),
            secrets=SimpleNamespace(get=lambda name: ConnectionSecrets(connection_id=name, host="http://127.0.0.1:9")),
            close=self._close,
        )
        monkeypatch.setattr("include.bootstrap.services", lambda: services)

    def _close(self) -> None:
        self.closed += 1

    def run(self, *arguments: object) -> Result:
        return CliRunner().invoke(cli.app, ["config", *(str(argument) for argument in arguments)])


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def test_validate_of_a_sound_file_is_0_and_needs_no_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("validate asks for no services")

    monkeypatch.setattr("include.bootstrap.services", refuse)
    result = CliRunner().invoke(cli.app, ["config", "validate", str(write(tmp_path, SOUND))])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "No fault found.\n", "")


def test_validate_of_a_faulty_file_is_1_with_each_fault_on_stderr(tmp_path: Path, bench: Bench) -> None:
    path = write(tmp_path, FAULTY)
    result = bench.run("validate", path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [f"{path}:2", f"{path}:3"]


def test_validate_as_json_is_one_object(tmp_path: Path, bench: Bench) -> None:
    result = bench.run("validate", write(tmp_path, FAULTY), "--json")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["faults"]) == 2


def test_apply_stores_says_what_changed_and_is_0(tmp_path: Path, bench: Bench) -> None:
    path = write(tmp_path, SOUND)
    result = bench.run("apply", path)
    assert result.exit_code == 0
    assert result.stdout.startswith("providers\n  + Durand (33254021516357, simulator)\n")
    assert result.stdout.endswith("Applied as revision 1.\n")
    assert bench.configuration.log()[0].actor == "cli:anna"
    assert bench.configuration.log()[0].source == str(path)
    assert bench.circuits.closed == ["simulator:33254021516357"]
    assert bench.closed == 1


def test_apply_twice_changes_nothing(tmp_path: Path, bench: Bench) -> None:
    path = write(tmp_path, SOUND)
    bench.run("apply", path)
    result = bench.run("apply", path)
    assert (result.exit_code, result.stdout) == (0, "Nothing changed (revision 1).\n")


def test_apply_names_base_and_overlays_as_the_source(tmp_path: Path, bench: Bench) -> None:
    base, overlay = write(tmp_path, SOUND), write(tmp_path, "submission: {parallel: 2}\n", "prod.yaml")
    assert bench.run("apply", base, overlay).exit_code == 0
    assert bench.configuration.current()[1].submission.parallel == 2
    assert bench.configuration.log()[0].source == f"{base} + {overlay}"


def test_apply_of_a_faulty_file_stores_nothing(tmp_path: Path, bench: Bench) -> None:
    result = bench.run("apply", write(tmp_path, FAULTY))
    assert isinstance(result.exception, ConfigurationFileError)
    assert len(result.exception.faults) == 2
    assert bench.configuration.current()[0] == 0
    assert bench.closed == 1


def test_the_exit_code_of_a_faulty_file_is_2(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["chorus", "config", "apply", str(write(tmp_path, FAULTY))])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    assert exited.value.code == 2
    assert "chorus.yaml:2: recipients[12345678200051].siret" in capsys.readouterr().err


def test_apply_refuses_production_with_its_line(tmp_path: Path, bench: Bench) -> None:
    result = bench.run("apply", write(tmp_path, SOUND.replace("simulator", "production")))
    assert "chorus.yaml:1: providers[Durand].environment: production is not allowed here" in str(result.exception)


def test_a_reference_that_a_stored_section_lacks_has_the_line_of_the_file(tmp_path: Path, bench: Bench) -> None:
    bench.run("apply", write(tmp_path, SOUND))
    text = "version: 1\ncriteria: [{name: c, folder: /x, providers: [Nobody]}]\n"
    assert "chorus.yaml:2: criteria[c].providers[#1]: there is no provider Nobody; allowed: Durand" in str(
        bench.run("apply", write(tmp_path, text)).exception
    )


def test_a_fault_in_a_stored_section_says_that_it_is_stored(tmp_path: Path, bench: Bench) -> None:
    bench.run("apply", write(tmp_path, SOUND + "criteria: [{name: c, folder: /x, providers: [Durand]}]\n"))
    said = str(bench.run("apply", write(tmp_path, "providers: []\n")).exception)
    assert "(stored, not in this file): there is no provider Durand" in said


@pytest.mark.parametrize(
    ("fault", "half"), [(Fault.PISTE_REFUSED, "PISTE"), (Fault.ACCOUNT_REFUSED, "technical account")]
)
def test_a_refused_login_is_stored_warned_and_0(tmp_path: Path, bench: Bench, fault: Fault, half: str) -> None:
    bench.platform.fail("*", fault, times=-1)
    result = bench.run("apply", write(tmp_path, SOUND))
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: Durand (33254021516357, simulator) is stored. It is stopped")
    assert half in result.stderr
    assert bench.configuration.current()[0] == 1
    assert list(bench.circuits.opened) == ["simulator:33254021516357"]


def test_apply_as_json(tmp_path: Path, bench: Bench) -> None:
    told: dict[str, Any] = json.loads(bench.run("apply", write(tmp_path, SOUND), "--json").stdout)
    assert told["revision"] == 1
    assert told["changes"][0]["action"] == "added"
    assert told["warnings"] == []


def test_plan_is_0_and_1_only_when_asked_for_and_something_would_change(tmp_path: Path, bench: Bench) -> None:
    path = write(tmp_path, SOUND)
    bench.configuration.unsent = 3
    shown = bench.run("plan", path)
    assert shown.exit_code == 0
    assert shown.stdout.endswith("1 changes; 3 invoices that are not sent yet will be assessed again.\n")
    assert bench.run("plan", path, "--exit-code").exit_code == 1
    assert json.loads(bench.run("plan", path, "--json").stdout)["invoices"] == 3
    assert bench.configuration.current()[0] == 0
    bench.run("apply", path)
    assert bench.run("plan", path, "--exit-code").exit_code == 0


def test_export_can_be_applied_again(tmp_path: Path, bench: Bench) -> None:
    bench.run("apply", write(tmp_path, SOUND))
    exported = bench.run("export").stdout
    assert bench.run("apply", write(tmp_path, exported, "again.yaml")).stdout == "Nothing changed (revision 1).\n"
    assert json.loads(bench.run("export", "--json").stdout)["providers"][0]["name"] == "Durand"


def test_the_example_is_valid(tmp_path: Path, bench: Bench) -> None:
    assert bench.run("validate", write(tmp_path, bench.run("example").stdout)).exit_code == 0


def test_schema_is_json(bench: Bench) -> None:
    assert json.loads(bench.run("schema").stdout)["title"] == "Chorus Pro connector"


def test_log_tells_who_when_from_where_and_what(tmp_path: Path, bench: Bench) -> None:
    bench.run("apply", write(tmp_path, SOUND))
    bench.run("apply", write(tmp_path, "submission: {parallel: 2}\n"))
    shown = bench.run("log").stdout
    assert shown.startswith("revision 2, 20 Nov 2026 09:00, cli:anna, ")
    assert "  submission\n    ~ parallel: 4 -> 2\n" in shown
    lines = [json.loads(line) for line in bench.run("log", "--json").stdout.splitlines()]
    assert [(line["revision"], line["at"]) for line in lines] == [
        (2, "2026-11-20T08:00:00Z"),
        (1, "2026-11-20T08:00:00Z"),
    ]


def test_what_has_no_effect_yet_is_warned_on_stderr(tmp_path: Path, bench: Bench) -> None:
    result = bench.run("validate", write(tmp_path, IDLE))
    assert result.exit_code == 0
    assert result.stderr.startswith(
        "warning: label_rights without a provider in local mode is stored and has no effect yet"
    )
