"""Learned lines on the real store: written with the proof of sending, in effect from the next pass on."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import events, invoices
from include.adapters.storage.store import Store
from include.adapters.storage.submission import sent_invoices
from include.application.ports.ledger import AttemptRecord, SendWork
from include.application.ports.paging import PageRequest
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.errors import StaleError
from include.domain.lifecycle import State
from include.domain.mapping import Draft, LearnedLine
from include.domain.reasons import Reason
from include.domain.rights import OWNER, Viewer
from include.domain.submission import Taken
from include.domain.transitions.mapping import Assessment
from tests.factories import (
    BODY,
    LOST,
    NEVER_LEFT,
    PROVIDER_KEY,
    a_submission,
    complete_draft,
    configuration,
    found_as_sent,
    listing,
    portal_document,
    reading,
)
from tests.fakes.clock import START

OTHER = "12345678200036"
NAME = "Mairie d'Annecy"
MakeReady = Callable[..., SendWork]


class Town:
    """Invoices that carry one wording, assessed and sent as the test says."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._count = 0

    def assessed(
        self,
        number: str,
        *,
        siret: str | None = BODY,
        learned: tuple[LearnedLine, ...] = (),
        reasons: tuple[Reason, ...] = (),
        warnings: tuple[Reason, ...] = (),
        service: str | None = None,
    ) -> int:
        store = self.store
        known = tuple(store.documents.known_signatures())
        document = portal_document(f"Factures/{number}.pdf", number.encode())
        store.documents.record_scan(listing(document, unchanged=known), now=START)
        revision, _ = store.configuration.current()
        [matching] = [w for w in store.documents.to_match(revision, limit=99) if w.document.name == f"{number}.pdf"]
        store.documents.record_match(
            matching,
            matched=True,
            stored_sha256=document.content_sha256,
            criteria=["customer invoices"],
            provider_scope=[],
            reasons=[],
            revision=revision,
            now=START,
        )
        [to_read] = store.documents.to_read(limit=99)
        store.documents.record_reading(to_read, reading(), now=START)
        work = next(w for w in store.assessments.to_assess(revision, limit=99) if w.document.name == f"{number}.pdf")
        draft = _draft(number, siret, service)
        assessment = Assessment(
            draft=dataclasses.replace(draft, learned_lines=learned, reasons=reasons, warnings=warnings),
            reasons=reasons,
            warnings=warnings,
            provider_key=PROVIDER_KEY,
            environment="simulator",
        )
        store.assessments.record_assessment(work, assessment, revision=revision, now=START)
        return work.row_version.invoice_id

    def claimed(self, number: str, siret: str = BODY, *, service: str | None = None) -> AttemptRecord:
        revision, _ = self.store.configuration.current()
        works = self.store.ledger.ready(PROVIDER_KEY, revision, limit=99)
        work = next(work for work in works if work.name == f"{number}.pdf")
        sent = a_submission(number, recipient_siret=siret, service_code=service)
        return self.store.ledger.claim(work, sent, "{}", owner="a", lease_seconds=900, revision=revision, now=START)

    def sent(self, number: str, siret: str = BODY, *learned: LearnedLine, service: str | None = None) -> int:
        invoice_id = self.assessed(number, siret=siret, learned=learned or (line(siret),), service=service)
        attempt = self.claimed(number, siret, service=service)
        self._count += 1
        assert self.store.ledger.taken(attempt, taken(self._count), now=START + dt.timedelta(hours=self._count))
        return invoice_id

    def row(self, invoice_id: int) -> sa.Row[tuple[object, ...]]:
        with self.store.database.read() as connection:
            return connection.execute(sa.select(invoices).where(invoices.c.id == invoice_id)).one()


def _draft(number: str, siret: str | None, service: str | None) -> Draft:
    draft = complete_draft(
        number, **({"recipient_siret": siret} if siret else {}), **({"service_code": service} if service else {})
    )
    fields = {name: value for name, value in draft.fields.items() if siret or name != "recipient_siret"}
    return dataclasses.replace(draft, fields=fields)


def taken(chorus_id: int) -> Taken:
    return Taken(chorus_id=chorus_id, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")


def line(siret: str = BODY, wording: str = NAME, service: str | None = None) -> LearnedLine:
    return LearnedLine(wording=wording, siret=siret, service_code=service)


def unknown(wording: str = NAME) -> Reason:
    return Reason(code="recipient_wording_unknown", field="recipient_siret", params={"wording": wording})


def understood(wording: str = NAME) -> Reason:
    return Reason(code="recipient_learned", field="recipient_siret", params={"wording": wording, "siret": BODY})


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


# ---------------------------------------------------------------- learning


def test_what_the_platform_took_is_learned_with_its_invoices(town: Town) -> None:
    first, second = town.sent("1"), town.sent("2", BODY, line(wording="MAIRIE D ANNECY"))
    [stored] = town.store.recipients.lines()
    assert (stored.wording, stored.siret, stored.service_code, stored.times_used) == (NAME, BODY, None, 2)
    assert (stored.first_invoice_id, stored.last_invoice_id) == (first, second)
    assert (stored.first_at, stored.last_at) == (START + dt.timedelta(hours=1), START + dt.timedelta(hours=2))
    assert town.store.recipients.learned("simulator").bodies(NAME) == (BODY,)
    assert town.store.recipients.learned("production").bodies(NAME) == ()


def test_what_was_refused_or_never_left_teaches_nothing(town: Town) -> None:
    for number in ("1", "2"):
        town.assessed(number, learned=(line(),))
    refused, turned_away = town.claimed("1"), town.claimed("2")
    town.store.ledger.refusal(refused, 20000, "No.", "{}", now=START)
    town.store.ledger.apply_refusal(refused, [], search_after_seconds=0, now=START)
    town.store.ledger.not_sent(turned_away, NEVER_LEFT, now=START)
    assert town.store.recipients.lines() == []


def test_what_a_search_finds_as_sent_is_learned_too(town: Town) -> None:
    town.assessed("1", learned=(line(),))
    town.store.ledger.unresolved(town.claimed("1"), LOST, search_after_seconds=0, now=START)
    [work] = town.store.ledger.unknown(PROVIDER_KEY, now=START, limit=9)
    after = town.store.ledger.apply_search(work, [found_as_sent("1")], search_after_seconds=0, now=START)
    assert after is State.SUBMITTED
    assert [stored.siret for stored in town.store.recipients.lines()] == [BODY]


def test_a_draft_that_changed_after_the_sending_teaches_nothing(town: Town) -> None:
    """A late answer proves what was sent, not what the invoice says meanwhile."""
    town.assessed("1", learned=(line(OTHER),))
    attempt = town.claimed("1", BODY)
    assert town.store.ledger.taken(attempt, taken(1), now=START)
    assert town.store.recipients.lines() == []


def test_a_service_is_learned_only_with_the_code_that_was_sent(town: Town) -> None:
    voirie = line(wording="Voirie", service="ST01")
    town.sent("1", BODY, voirie, service="ST01")
    town.sent("2", BODY, line(wording="Voirie", service="ST02"), service=None)
    assert [stored.service_code for stored in town.store.recipients.lines()] == ["ST01"]
    assert town.store.recipients.learned("simulator").services(BODY, "VOIRIE") == ("ST01",)


def test_two_senders_that_learn_the_same_line_at_once_write_it_once(town: Town) -> None:
    numbers = [f"{number}" for number in range(6)]
    attempts = []
    for number in numbers:
        town.assessed(number, learned=(line(),))
        attempts.append(town.claimed(number))
    failures: list[BaseException] = []

    def answer(attempt: AttemptRecord, chorus_id: int) -> None:
        try:
            assert town.store.ledger.taken(attempt, taken(chorus_id), now=START)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=answer, args=(attempt, number)) for number, attempt in enumerate(attempts, start=1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    [stored] = town.store.recipients.lines()
    assert stored.times_used == len(numbers)


def test_what_was_learned_that_cannot_be_stored_never_costs_the_proof(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: sa.Connection, row: object, *, now: dt.datetime) -> None:
        connection.execute(sa.text("SELECT no_such_column FROM invoices"))

    monkeypatch.setattr(sent_invoices, "learn", fail)
    invoice_id = town.sent("1")
    assert town.row(invoice_id).state == State.SUBMITTED
    assert town.store.recipients.lines() == []


# ---------------------------------------------------------------- taking effect


def test_a_line_that_no_unsent_invoice_waits_for_raises_no_revision(town: Town) -> None:
    town.assessed("other", siret=None, reasons=(unknown("Régie des eaux"),))
    town.sent("1")
    assert town.store.recipients.take_effect(now=START) is None
    assert town.store.configuration.current()[0] == 1


def test_lines_that_invoices_wait_for_raise_one_revision_together_once(town: Town) -> None:
    waiting = town.assessed("w", siret=None, reasons=(unknown("MAIRIE D'ANNECY"),))
    town.assessed("v", siret=None, reasons=(unknown("Régie des eaux"),))
    town.sent("1")
    town.sent("2", OTHER, line(OTHER, "Régie des eaux"))
    assert town.store.configuration.current()[0] == 1  # never while others are being sent
    assert town.store.recipients.take_effect(now=START) == 2
    assert town.store.recipients.take_effect(now=START) is None
    revision, current = town.store.configuration.current()
    assert (revision, current) == (2, configuration())
    newest = town.store.history_views.page(OWNER, PageRequest(sort="-revision")).items[0]
    assert sorted(str(change.item) for change in newest.changes) == [NAME, "Régie des eaux"]
    due = [work.row_version.invoice_id for work in town.store.assessments.to_assess(2, limit=9)]
    assert waiting in due


def test_a_service_wording_that_an_invoice_waits_for_counts_too(town: Town) -> None:
    params = {"wording": "Voirie", "recipient": "Annecy", "siret": BODY}
    town.assessed("w", reasons=(Reason(code="service_wording_unknown", field="service_name", params=params),))
    town.sent("1", BODY, line(wording="Voirie", service="ST01"), service="ST01")
    assert town.store.recipients.take_effect(now=START) == 2


def test_a_wording_that_turns_ambiguous_takes_back_what_is_ready_by_it(town: Town) -> None:
    town.sent("1")
    ready = town.assessed("r", warnings=(understood(),))
    untouched = town.assessed("u")
    town.sent("2", OTHER, line(OTHER))
    assert town.store.recipients.learned("simulator").bodies(NAME) == (BODY, OTHER)
    assert town.row(ready).judged_revision is None
    assert town.row(untouched).judged_revision == 1
    with pytest.raises(StopIteration):
        town.claimed("r")


def test_a_line_whose_last_invoice_came_back_for_its_recipient_is_not_used(town: Town) -> None:
    invoice_id = town.sent("1")
    back = invoices.update().where(invoices.c.id == invoice_id).values(status="A_RECYCLER")
    with town.store.database.write() as connection:
        connection.execute(back)
        list_again(connection, [invoice_id])
    assert town.store.recipients.learned("simulator").bodies(NAME) == ()
    [stored] = town.store.recipients.lines()
    assert stored.doubtful


def test_forgetting_deletes_and_raises_a_revision_with_who_and_what(town: Town) -> None:
    town.sent("1")
    town.sent("2", OTHER, line(OTHER, "Régie des eaux"))
    [town_line, _] = town.store.recipients.lines()
    assert town.store.recipients.forget([town_line.id], actor="anna", now=START) == 2
    assert [stored.siret for stored in town.store.recipients.lines()] == [OTHER]
    newest = town.store.history_views.page(OWNER, PageRequest(sort="-revision")).items[0]
    assert (newest.actor, newest.changes[0].item, newest.changes[0].action) == ("anna", NAME, "removed")
    with pytest.raises(StaleError):
        town.store.configuration.save(configuration(), expected_revision=1, actor="b", source="b", at=START, changes=())


def test_kept_lines_say_so(town: Town) -> None:
    town.sent("1")
    town.store.recipients.mark_kept([stored.id for stored in town.store.recipients.lines()])
    assert [stored.kept for stored in town.store.recipients.lines()] == [True]


def test_open_wordings_name_the_invoices_that_wait_for_each(town: Town) -> None:
    first = town.assessed("1", siret=None, reasons=(unknown(),))
    second = town.assessed("2", siret=None, reasons=(unknown("MAIRIE D ANNECY"), Reason(code="total_zero")))
    town.assessed("3")
    [found] = town.store.recipients.open_wordings(OWNER)
    assert (found.wording, found.invoice_ids) == (NAME, (first, second))
    assert town.store.recipients.open_wordings(Viewer()) == []


# ---------------------------------------------------------------- the directory


def entry(**changes: object) -> DirectoryEntry:
    values: dict[str, object] = {
        "siret": BODY,
        "structure_id": 7,
        "name": "Annecy",
        "active": True,
        "services": (DirectoryService(code="ST01", name="Voirie", active=True),),
        "fetched_at": START,
    }
    return DirectoryEntry(**{**values, **changes})  # type: ignore[arg-type]


def alerts(store: Store) -> list[dict[str, str]]:
    with store.database.read() as connection:
        rows = connection.execute(sa.select(events.c.facts).where(events.c.kind == "alert").order_by(events.c.id))
        return [row.facts for row in rows]


def test_a_body_that_closes_is_told_once_while_unsent_invoices_use_it(town: Town) -> None:
    directory = town.store.directory
    directory.put("simulator", entry(), now=START)
    directory.put("simulator", entry(siret=OTHER), now=START)
    town.assessed("1")
    later = START + dt.timedelta(days=1)
    for hours in range(2):
        again = later + dt.timedelta(hours=hours)
        directory.put("simulator", entry(active=False, fetched_at=again), now=again)
        directory.put("simulator", entry(siret=OTHER, active=False, fetched_at=again), now=again)
    renamed = later + dt.timedelta(days=1)
    directory.put("simulator", entry(active=False, name="Annecy, closed", fetched_at=renamed), now=renamed)
    told = [(alert["code"], alert["siret"], alert["count"]) for alert in alerts(town.store)]
    assert told == [("body_inactive", BODY, "1")]


def test_a_body_that_opened_and_closes_again_is_told_again(town: Town) -> None:
    town.assessed("1")
    for hours, active in enumerate((True, False, True, False)):
        now = START + dt.timedelta(hours=hours)
        town.store.directory.put("simulator", entry(active=active, fetched_at=now), now=now)
    assert len(alerts(town.store)) == 2


def test_uses_are_the_unsent_invoices_with_their_service(town: Town) -> None:
    invoice_id = town.assessed("1", service="ST01")
    town.assessed("2", siret=None, reasons=(unknown(),))
    town.sent("3")
    [use] = town.store.directory.uses(OWNER)
    assert (use.siret, use.service_code, use.invoice_id) == (BODY, "ST01", invoice_id)
    assert town.store.directory.uses(Viewer()) == []


def test_entries_are_stored_side_by_side_from_several_workers(store: Store) -> None:
    failures: list[BaseException] = []

    def put(number: int) -> None:
        try:
            for again in range(5):
                store.directory.put("simulator", entry(name=f"{number} {again}"), now=START)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [(held.environment, held.entry.siret) for held in store.directory.entries()] == [("simulator", BODY)]


def test_the_reader_is_told_active_bodies_with_their_active_services(town: Town) -> None:
    closed = DirectoryService(code="OLD", name="Closed", active=False)
    directory = town.store.directory
    directory.put("simulator", entry(services=(*entry().services, closed)), now=START)
    directory.put("simulator", entry(siret=OTHER, active=False), now=START)
    directory.put("simulator", entry(siret="12345678200044", structure_id=0, active=True), now=START)
    assert directory.services() == {BODY: {"ST01"}}
