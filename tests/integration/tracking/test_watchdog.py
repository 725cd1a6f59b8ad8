"""The monitoring on the real store: what it finds, and that each finding is told once until it changes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from include.adapters.storage.core.tables import directory_entries, invoices
from include.adapters.storage.store import Store
from include.application.operations.retention import RETENTION
from include.application.operations.watchdog import SUBMISSION, Watchdog
from include.application.ports.ledger import SendWork
from include.application.providers.credential_health import CredentialHealth
from include.bootstrap import services
from include.cli import app
from include.domain.configuration import Configuration, Retention
from include.domain.lifecycle import State
from include.domain.notification import EventKind, NewEvent, describe
from tests.fakes.clock import FakeClock
from tests.integration.storage.seeded import list_all
from tests.integration.tracking.bench import TrackingBench

RECIPIENT = "12345678200051"
OTHER = "12345678200036"


class Watching:
    """The monitoring beside a bench, and what it told."""

    def __init__(self, bench: TrackingBench) -> None:
        self.bench = bench
        self.told = 0

    def look(self, **changes: Any) -> dict[str, int]:
        """Counts of what is found; codes that were told anew stand in `new`."""
        bench = self.bench
        given = {"portal": {"kind": "folder", "url": "file:///portal"}, **bench.configuration.model_dump(), **changes}
        if given["portal"] is None:
            given["portal"] = {"kind": "folder", "url": "file:///portal"}
        configuration = Configuration.model_validate(given)
        health = CredentialHealth(
            chorus=bench.chorus, providers=bench.store.providers, clock=bench.clock, first_warning_days=30
        )
        use = Watchdog(
            store=bench.store.watch,
            tracking=bench.store.tracking,
            credentials=health,
            configuration=configuration,
            clock=bench.clock,
        )
        return use.look().counts

    def news(self) -> list[str]:
        """Codes of the alarms since the last question."""
        codes = [facts["code"] for facts in self.bench.events(EventKind.ALERT)]
        found, self.told = codes[self.told :], len(codes)
        return [code for code in found if code != "password_expires"]


@pytest.fixture
def out(bench: TrackingBench) -> Watching:
    bench.store.watch.record_pass(SUBMISSION, now=bench.clock.now())
    return Watching(bench)


def passed(bench: TrackingBench) -> None:
    bench.store.watch.record_pass(SUBMISSION, now=bench.clock.now())


def test_no_good_run_is_told_once_in_each_outage(bench: TrackingBench, out: Watching) -> None:
    bench.clock.advance(minutes=59)
    assert out.look()["no_run"] == 0
    bench.clock.advance(minutes=2)
    assert out.look()["no_run"] == 1
    bench.clock.advance(hours=1)
    assert out.look()["told"] == 0
    assert out.news() == ["no_run"]
    passed(bench)
    assert out.look()["no_run"] == 0
    bench.clock.advance(minutes=61)
    out.look()
    assert out.news() == ["no_run"], "the next outage is another one"


def test_before_the_first_run_time_counts_from_the_first_look(bench: TrackingBench) -> None:
    out = Watching(bench)
    assert out.look()["no_run"] == 0
    bench.clock.advance(minutes=61)
    assert out.look()["no_run"] == 1
    assert out.look(providers=[])["no_run"] == 0, "nothing is configured: nothing is expected"


def test_ready_invoices_that_do_not_go_out_are_told(
    bench: TrackingBench, out: Watching, make_ready: Callable[..., SendWork]
) -> None:
    make_ready("F-1")
    bench.clock.advance(minutes=90)
    passed(bench)
    manual = bench.provider.model_copy(update={"automatic_submission": False}).model_dump()
    automatic = {**manual, "automatic_submission": True}
    assert out.look(providers=[manual])["not_submitted"] == 0, "there a person sends"
    assert out.look(providers=[automatic])["not_submitted"] == 1
    assert out.look(providers=[automatic])["told"] == 0
    bench.submitted("F-2")
    assert out.look(providers=[automatic])["not_submitted"] == 0, "one went out just now"
    assert out.news() == ["not_submitted"]


def test_documents_that_do_not_move_are_told_and_again_when_another_joins(
    bench: TrackingBench, out: Watching, make_ready: Callable[..., SendWork]
) -> None:
    first, second = make_ready("F-1").row_version.invoice_id, make_ready("F-2").row_version.invoice_id
    moved = invoices.update().values(state=State.UNKNOWN)
    with bench.store.database.write() as connection:
        connection.execute(moved.where(invoices.c.id == first))
        list_all(connection)
    bench.clock.advance(hours=23)
    assert out.look()["stuck"] == 0
    bench.clock.advance(hours=2)
    assert out.look()["stuck"] == 1
    assert out.look()["told"] == 0
    with bench.store.database.write() as connection:
        connection.execute(moved.where(invoices.c.id == second))
        list_all(connection)
    assert out.look()["told"] == 1
    assert [code for code in out.news() if code == "stuck"] == ["stuck", "stuck"]
    facts = [facts for facts in bench.events(EventKind.ALERT) if facts["code"] == "stuck"]
    assert [fact["count"] for fact in facts] == ["1", "2"] and facts[0]["state"] == "unknown"


def test_silence_is_told_only_while_the_recipient_has_to_act(bench: TrackingBench, out: Watching) -> None:
    for number, status in (("F-1", "MISE_A_DISPOSITION"), ("F-2", "MISE_EN_PAIEMENT"), ("F-3", "SUSPENDUE")):
        bench.put(number, status)
    bench.retrieve()
    bench.clock.advance(days=29)
    bench.retrieve()
    assert out.look()["silent"] == 0
    bench.clock.advance(days=2)
    bench.retrieve()
    assert out.look()["silent"] == 1
    assert out.look()["told"] == 0
    [facts] = [facts for facts in bench.events(EventKind.ALERT) if facts["code"] == "silent"]
    assert facts["count"] == "1"


def test_a_body_that_never_reports_payments_is_not_silent(bench: TrackingBench, out: Watching) -> None:
    bench.put("F-1", "MANDATEE")
    bench.retrieve()
    bench.clock.advance(days=31)
    assert out.look()["silent"] == 1
    entry = {"reports_payment": False}
    with bench.store.database.write() as connection:
        connection.execute(sa.delete(directory_entries))
        siret = connection.scalar(sa.select(invoices.c.recipient_siret))
        environment = connection.scalar(sa.select(invoices.c.environment))
        connection.execute(
            directory_entries.insert().values(
                environment=environment, siret=siret, entry=entry, fetched_at=bench.clock.now()
            )
        )
    assert out.look()["silent"] == 0


def moved_after(bench: TrackingBench, days: int, count: int, *, body: str = RECIPIENT) -> None:
    """So many invoices of this body that left `MISE_A_DISPOSITION` after so many days, and were paid."""
    start = bench.clock.now()
    held = [bench.put(f"OLD-{body[-3:]}-{days}-{number}", recipient_siret=body) for number in range(count)]
    for one in held:
        one.move("MISE_A_DISPOSITION", start)
        one.move("MISE_EN_PAIEMENT", start + dt.timedelta(days=days))
    bench.clock.advance(days=days)
    bench.retrieve()


def alarms(bench: TrackingBench, code: str) -> list[dict[str, str]]:
    return [facts for facts in bench.events(EventKind.ALERT) if facts["code"] == code]


@pytest.mark.parametrize(("usual", "silent_after"), [(2, 7), (12, 18), (40, 60)])
def test_a_body_is_silent_when_it_takes_longer_than_it_usually_does(
    bench: TrackingBench, out: Watching, usual: int, silent_after: int
) -> None:
    moved_after(bench, usual, 20)
    bench.put("F-1", "MISE_A_DISPOSITION")
    bench.put("F-2", "MISE_A_DISPOSITION", recipient_siret=OTHER)
    bench.retrieve()
    bench.clock.advance(days=silent_after, minutes=-1)
    out.look()
    assert alarms(bench, "silent_body") == [], "the body is as quick as ever"
    bench.clock.advance(minutes=2)
    out.look()
    assert out.look()["told"] == 0
    [facts] = alarms(bench, "silent_body")
    told = {name: facts[name] for name in ("siret", "status", "count", "usual", "days")}
    expected = {"count": "1", "usual": str(usual), "days": str(silent_after)}
    assert told == {"siret": RECIPIENT, "status": "MISE_A_DISPOSITION", **expected}
    bench.put("F-3", "MISE_A_DISPOSITION")
    bench.retrieve()
    bench.clock.advance(days=silent_after, minutes=1)
    out.look()
    assert [facts["count"] for facts in alarms(bench, "silent_body")] == ["1", "2"], "another one joined"


def test_too_few_moves_are_no_habit_and_another_body_is_not_assessed_by_it(bench: TrackingBench, out: Watching) -> None:
    moved_after(bench, 2, 19)
    bench.put("F-1", "MISE_A_DISPOSITION")
    bench.retrieve()
    bench.clock.advance(days=29)
    assert out.look()["silent"] == 0
    bench.clock.advance(days=2)
    assert out.look()["silent"] == 1
    assert alarms(bench, "silent_body") == []
    [facts] = alarms(bench, "silent")
    assert facts["days"] == "30"


def test_the_alarm_names_the_body_its_habit_and_the_present(bench: TrackingBench, out: Watching) -> None:
    moved_after(bench, 12, 20)
    bench.put("F-1", "MISE_A_DISPOSITION")
    bench.retrieve()
    bench.clock.advance(days=20)
    out.look()
    [facts] = alarms(bench, "silent_body")
    event = NewEvent(kind=EventKind.ALERT, at=bench.clock.now(), facts=facts)
    french, english = describe(event, "fr"), describe(event, "en")
    assert facts["body"] and facts["body"] in french
    assert "12 jours" in french and "20 jours" in french and "Mise à disposition" in french
    assert "within 12 days" in english and "for 20 days" in english and "?" not in french + english


def test_unknown_statuses_and_retrievals_that_fail_are_told_once(bench: TrackingBench, out: Watching) -> None:
    bench.put("F-1", "NEVER_HEARD_OF")
    bench.retrieve()
    assert out.look()["unknown_statuses"] == 1 and out.look()["told"] == 0
    bench.clock.advance(hours=37)
    assert out.look()["no_retrieval"] == 1
    bench.retrieve()
    assert out.look()["no_retrieval"] == 0


def test_the_ends_of_logins_are_looked_at(bench: TrackingBench, out: Watching) -> None:
    out.look()
    health = bench.store.providers.health(bench.provider.key)
    assert health.password_ask_at == bench.clock.now() + dt.timedelta(days=1)


def test_a_pass_is_recorded_only_when_it_was_whole(own_home: Path, clock: FakeClock) -> None:
    store: Store = services().store
    store.database.migrate()

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(app, ["run", *arguments])
        assert done.exit_code == 0, (done.output, done.exception)
        return done

    run("submission", "--dry-run")
    assert store.watch.last_pass(SUBMISSION) is None
    run("submission")
    first = store.watch.last_pass(SUBMISSION)
    assert first is not None and first.first_at == first.last_at
    told = json.loads(run("watchdog", "--json").stdout)
    assert told["counts"]["no_run"] == 0 and told["seconds"] >= 0
    run("submission")
    second = store.watch.last_pass(SUBMISSION)
    assert second is not None and second.first_at == first.first_at and second.last_at > first.last_at
    assert store.watch.last_pass(RETENTION) is None, "nobody asked for it"
    revision, configuration = store.configuration.current()
    wanted = configuration.model_copy(update={"retention": Retention(automatic=True)})
    store.configuration.save(
        wanted, expected_revision=revision, actor="test", source="test", at=clock.now(), changes=()
    )
    run("watchdog")
    assert store.watch.last_pass(RETENTION) is not None
    store.database.close()


def test_late_payments_are_told_with_their_total_and_again_when_another_is_late(
    bench: TrackingBench, out: Watching
) -> None:
    for number in ("F-1", "F-2"):
        bench.put(number, "MISE_A_DISPOSITION")
    bench.put("AV-1", "MISE_A_DISPOSITION", credit_note=True)
    bench.put("F-3", "MISE_EN_PAIEMENT")
    bench.retrieve()
    bench.clock.advance(days=30)
    assert out.look()["overdue"] == 0, "the last day is not past"
    bench.put("F-4", "MISE_A_DISPOSITION")
    bench.retrieve()
    bench.clock.advance(days=1)
    assert out.look()["overdue"] == 1
    [facts] = alarms(bench, "overdue")
    with bench.store.database.read() as connection:
        each = connection.scalar(sa.select(invoices.c.total_incl_tax).where(invoices.c.invoice_number == "F-1"))
    assert facts["count"] == "2"
    assert facts["total"] == f"{2 * Decimal(each or '0'):.2f}"
    assert facts["day"] == (bench.clock.now().date() - dt.timedelta(days=1)).isoformat()
    bench.clock.advance(days=29)
    out.look()
    assert len(alarms(bench, "overdue")) == 1
    bench.clock.advance(days=2)
    out.look()
    assert [facts["count"] for facts in alarms(bench, "overdue")] == ["2", "3"]


def test_a_body_that_never_tells_of_payments_is_not_late_once_it_told_its_last(
    bench: TrackingBench, out: Watching
) -> None:
    held = bench.put("F-1", "MISE_A_DISPOSITION")
    bench.retrieve()
    bench.clock.advance(days=5)
    held.move("MANDATEE", bench.clock.now())
    bench.retrieve()
    bench.clock.advance(days=40)
    assert out.look()["overdue"] == 1
    with bench.store.database.write() as connection:
        connection.execute(sa.delete(directory_entries))
        row = connection.execute(sa.select(invoices.c.recipient_siret, invoices.c.environment)).one()
        connection.execute(
            directory_entries.insert().values(
                environment=row.environment,
                siret=row.recipient_siret,
                entry={"reports_payment": False},
                fetched_at=bench.clock.now(),
            )
        )
    assert out.look()["overdue"] == 0
