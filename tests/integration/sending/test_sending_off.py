"""CHORUS_SENDING=off: whatever way it is asked, nothing is submitted or corrected; searches go on."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from include.application.resend.send_again import Selection, SendAgain
from include.application.submission.sending import SENDING_OFF
from include.bootstrap import Services, services
from include.cli import app
from include.domain.correction import CorrectionKind
from include.domain.errors import SendingOffError
from include.domain.lifecycle import State
from include.domain.rights import OWNER
from include.settings import settings
from include.simulator.server import RunningSimulator
from tests.e2e.exactly_once.control import Control
from tests.factories import PROVIDER_KEY
from tests.sending_bench import SendingBench

ROOT = Path(__file__).resolve().parents[3]
CHANGING = ("factures/soumettre", "factures/recycler", "factures/completer", "factures/traiterRejet")


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


class Switched(SendingBench):
    """Every situation in which something could go out: ready, refused, unknown, and returned in three ways."""

    platform: Control
    services: Services
    ids: dict[str, int]

    def changing_calls(self) -> int:
        """Calls that change something on the platform, uploads too."""
        return sum(self.platform.calls(name) for name in (*CHANGING, "transverses/ajouter/fichier"))

    def document(self, number: str) -> str:
        """Its id."""
        return str(self.row(self.ids[number]).document_id)


@pytest.fixture
def switched(
    simulator: RunningSimulator, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Switched]:
    extra = {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret}
    login = {"conn_type": "http", "host": simulator.url, "login": simulator.login, "password": simulator.password}
    monkeypatch.setenv("AIRFLOW_CONN_CHORUS_TEST", json.dumps({**login, "extra": extra}))
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal/letter.pdf").write_bytes(b"%PDF-1.7")  # a portal without anything would be a fault
    made = services()
    made.store.database.migrate()
    bench = Switched(made.store, made.files, made.chorus, made.clock)
    bench.services, bench.platform = made, Control(simulator.url)
    bench.platform.reset()
    bench.configure(portal={"kind": "folder", "url": (tmp_path / "portal").as_uri()}, submission={"parallel": 1})
    bench.ids = {number: bench.add(number) for number in ("RECYCLE", "COMPLETE", "REJECTED")}
    assert bench.send().submitted == 3
    for number, status in (("RECYCLE", "A_RECYCLER"), ("COMPLETE", "SUSPENDUE"), ("REJECTED", "REJETEE")):
        bench.platform.call("POST", "status", {"number": number, "status": status})
    assert (
        CliRunner().invoke(app, ["run", "retrieval", "--no-notify", "--provider", "Imprimerie Durand"]).exit_code == 0
    )
    bench.ids["REFUSED"] = bench.add("REFUSED")
    bench.platform.fail("factures/soumettre", "business_refusal", code=20013, label="Non")
    assert bench.send().refused == 1
    bench.ids["UNKNOWN"] = bench.add("UNKNOWN")
    bench.platform.fail("factures/soumettre", "drop_after_accept")
    assert bench.send().unknown == 1
    bench.ids["READY"] = bench.add("READY")
    bench.pipeline().map()
    made.close()
    monkeypatch.setenv("CHORUS_SENDING", "off")
    bench.services = services()
    yield bench
    bench.services.close()
    bench.store.database.close()


def chorus(*arguments: str, code: int) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (arguments, done.output, done.exception)
    return done


def test_no_use_case_and_no_command_sends_anything(switched: Switched) -> None:
    before = switched.changing_calls()
    tries = {number: switched.attempt_states(invoice_id) for number, invoice_id in switched.ids.items()}
    ready, refused = switched.document("READY"), switched.document("REFUSED")
    run = chorus("run", "submission", "--no-notify", code=0)
    assert "Sending is switched off" in run.stderr, "shown, and the run is not failed"
    assert "Sending is switched off" in chorus("documents", "submit", ready, code=1).stderr
    assert "Sending is switched off" in chorus("invoices", "retry", str(switched.ids["REFUSED"]), code=1).stderr
    for command, number in (("recycle", "RECYCLE"), ("complete", "COMPLETE"), ("reject-handled", "REJECTED")):
        how = {"recycle": ("--service", "ST01"), "complete": ("--comment", "Le voici")}.get(command, ())
        done = chorus("invoices", command, str(switched.ids[number]), *how, "--json", code=1)
        assert [reason["code"] for reason in json.loads(done.stdout)["reasons"]] == ["sending_off"]
    again: SendAgain = switched.services.send_again(viewer=OWNER, actor="anna")
    report = again.as_shown(again.freeze(Selection(states=("ready", "refused"))).id)
    assert {one.outcome for one in report.outcomes} == {"ready", "refused"} and not report.complete
    assert report.notes and report.failures == []
    again.open_refused([int(refused)], refused_before=switched.clock.now())
    for may_send in (None, True):
        passed = switched.services.pipeline().submit(PROVIDER_KEY, may_send=may_send)
        assert passed.failure is None and any("switched off" in str(note) for note in passed.notes)
    assert (
        switched.services.send_again(viewer=OWNER, actor="anna")
        .of_provider(PROVIDER_KEY, [int(ready), int(refused)])
        .failure
        is None
    )
    assert switched.changing_calls() == before
    after = {number: switched.attempt_states(invoice_id) for number, invoice_id in switched.ids.items()}
    assert after == {**tries, "UNKNOWN": ["taken"]}
    states = {number: switched.state(invoice_id) for number, invoice_id in switched.ids.items()}
    assert states == {
        "READY": State.READY,
        "REFUSED": State.REFUSED,
        "UNKNOWN": State.SUBMITTED,  # searched, which sends nothing
        **dict.fromkeys(("RECYCLE", "COMPLETE", "REJECTED"), State.TO_PROCESS),
    }


def test_the_gateway_itself_refuses_whoever_comes_by_another_way(switched: Switched) -> None:
    """A hook in somebody's own DAG gets the same gateway."""
    before = switched.changing_calls()
    _, configuration = switched.store.configuration.current()
    gateway = switched.services.chorus.gateway(configuration.providers[0])
    with pytest.raises(SendingOffError, match="CHORUS_SENDING"):
        gateway.submit("{}", deadline_seconds=5)
    for kind in CorrectionKind:
        with pytest.raises(SendingOffError):
            gateway.correct(kind, "{}", deadline_seconds=5)
    assert switched.changing_calls() == before
    assert gateway.search("READY") == []


def test_doctor_says_so_until_it_is_on_again(switched: Switched, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = {check["name"]: check for check in json.loads(chorus("doctor", "--json", code=1).stdout)["checks"]}
    assert (checks["sending"]["ok"], checks["sending"]["seen"]) == (False, SENDING_OFF.said("fr"))
    assert switched.services.sending_off
    monkeypatch.delenv("CHORUS_SENDING")
    checks = {check["name"]: check for check in json.loads(chorus("doctor", "--json", code=0).stdout)["checks"]}
    assert checks["sending"]["ok"]
    assert "switched off" not in chorus("run", "submission", "--no-notify", code=0).stderr
    assert switched.state(switched.ids["READY"]) is State.SUBMITTED


@pytest.mark.parametrize(("value", "sending"), [("", True), ("on", True), (" ON ", True), ("1", True), ("true", True)])
def test_only_a_clear_yes_leaves_it_on(value: str, sending: bool) -> None:
    assert settings({"CHORUS_SENDING": value}).sending is sending


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no", "false", "of", "stop", "aus"])
def test_whatever_else_it_says_stops_everything(value: str) -> None:
    assert not settings({"CHORUS_SENDING": value}).sending


def test_without_it_everything_goes() -> None:
    assert settings({}).sending


def test_only_two_places_call_what_changes_something() -> None:
    """Both are walked above; a third one would have to be walked too."""
    found = set()
    for folder in ("include/application", "include/cli", "plugins", "dags"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                call = node.func if isinstance(node, ast.Call) else None
                timed = isinstance(node, ast.Call) and any(one.arg == "deadline_seconds" for one in node.keywords)
                if timed and isinstance(call, ast.Attribute):
                    found.add((path.name, call.attr))
    assert found == {("send_one.py", "submit"), ("correct_invoice.py", "correct")}
