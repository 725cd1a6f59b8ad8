"""Tracking on the platform: what the fake and the real adapter promise alike (port `ChorusTracking`)."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from include.application.ports.chorus import ChorusGateway, RemoteQuery
from include.domain.configuration import Provider
from include.domain.errors import RemoteRefusedError, RemoteUnavailableError
from include.domain.submission import RemoteInvoice, SentAttachment, number_key
from include.domain.tracking import Agent, EntryKind
from include.simulator.server import RunningSimulator
from tests.contracts.test_chorus_gateway import Bench, FakeBench, SimulatorBench, make_submission, send
from tests.contracts.test_chorus_gateway import provider as provider
from tests.fakes.chorus import Fault

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
AGENT = Agent(first_name="Ada", last_name="Martin", mail="ada@mairie.example", phone="0100000000")


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(params=["fake", "simulator"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "fake":
        return FakeBench()
    return SimulatorBench(request.getfixturevalue("simulator"))


@pytest.fixture
def gateway(bench: Bench, provider: Provider) -> ChorusGateway:
    return bench.chorus().gateway(provider)


def deposit(bench: Bench, gateway: ChorusGateway, count: int) -> list[str]:
    """Numbers of new invoices, each a moment after the one before."""
    sent = [make_submission(gateway) for _ in range(count)]
    for submission in sent:
        send(gateway, submission)
        bench.let_pass(0.1)
    return [submission.number for submission in sent]


def read(gateway: ChorusGateway, since: dt.datetime | None = None, *, page_size: int = 10) -> list[RemoteInvoice]:
    return [row for page in gateway.search_since(since, page_size=page_size) for row in page.rows]


def numbers(rows: Sequence[RemoteInvoice]) -> list[str]:
    return [row.number for row in rows]


@dataclass(frozen=True)
class Move:
    """A change of status with all that goes along."""

    number: str
    status: str
    comment: str | None = None

    def on(self, bench: Bench) -> None:
        if isinstance(bench, FakeBench):
            bench.platform.set_status(self.number, self.status, self.comment, AGENT)
            return
        assert isinstance(bench, SimulatorBench)
        agent = {"first_name": "Ada", "last_name": "Martin", "mail": "ada@mairie.example", "phone": "0100000000"}
        body = {"number": self.number, "status": self.status, "comment": self.comment, "agent": agent}
        bench.control("POST", "status", body)


class TestSearchSince:
    def test_without_a_date_it_shows_everything_oldest_deposit_first(
        self, bench: Bench, gateway: ChorusGateway
    ) -> None:
        sent = deposit(bench, gateway, 5)
        assert numbers(read(gateway, page_size=2)) == sent

    def test_a_supplier_without_invoices_has_one_empty_page_with_its_date(self, gateway: ChorusGateway) -> None:
        [page] = gateway.search_since(None, page_size=10)
        assert page.rows == ()
        assert page.server_date is not None

    def test_the_lower_bound_is_that_of_the_present_status(self, bench: Bench, gateway: ChorusGateway) -> None:
        sent = deposit(bench, gateway, 4)
        bench.let_pass(3600)
        [first] = [page for page in gateway.search_since(None, page_size=10) if page.rows]
        assert first.server_date is not None
        bench.let_pass(60)
        Move(sent[1], "SUSPENDUE", "Bon de livraison absent").on(bench)
        assert numbers(read(gateway, first.server_date)) == [sent[1]]
        assert numbers(read(gateway, LONG_AGO)) == sent

    def test_a_row_says_status_its_date_comment_and_amounts(self, bench: Bench, gateway: ChorusGateway) -> None:
        [number] = deposit(bench, gateway, 1)
        bench.let_pass(3600)
        Move(number, "A_RECYCLER", "Mauvais service").on(bench)
        [row] = read(gateway)
        assert (row.status, row.status_comment) == ("A_RECYCLER", "Mauvais service")
        [page] = list(gateway.search_since(None, page_size=10))
        assert row.status_at is not None and page.server_date is not None
        assert abs(page.server_date - row.status_at) < dt.timedelta(seconds=30)
        assert (str(row.total_incl_tax), row.supplier_siret) == ("120.12", "33254021516357")

    def test_the_platforms_clock_is_told_with_every_page(self, bench: Bench, gateway: ChorusGateway) -> None:
        deposit(bench, gateway, 2)
        before = [page.server_date for page in gateway.search_since(None, page_size=1)]
        bench.let_pass(86_400)
        after = [page.server_date for page in gateway.search_since(None, page_size=1)]
        assert len(before) == len(after) == 2
        for earlier, later in zip(before, after, strict=True):
            assert earlier is not None and later is not None
            assert earlier.tzinfo is not None
            assert dt.timedelta(hours=23) < later - earlier < dt.timedelta(hours=25)

    def test_nothing_is_left_out_when_statuses_move_between_two_pages(
        self, bench: Bench, gateway: ChorusGateway
    ) -> None:
        sent = deposit(bench, gateway, 6)
        bench.let_pass(3600)
        [first] = list(gateway.search_since(None, page_size=10))
        bench.let_pass(60)
        for number in sent[2:]:
            Move(number, "MANDATEE").on(bench)
        found: list[str] = []
        for page in gateway.search_since(first.server_date, page_size=2):
            found += numbers(page.rows)
            if len(found) == 2:
                Move(sent[3], "COMPTABILISEE").on(bench)  # one that was seen leaves nothing behind
                Move(sent[0], "SUSPENDUE").on(bench)  # one that enters pushes the others
        assert set(found) >= set(sent[2:])

    def test_a_new_invoice_shows_when_the_platform_has_indexed_it(self, bench: Bench, gateway: ChorusGateway) -> None:
        bench.delay_searches(3600)
        sent = deposit(bench, gateway, 1)
        assert read(gateway) == []
        bench.let_pass(3601)
        assert numbers(read(gateway)) == sent

    def test_an_outage_in_the_middle_is_an_error_and_no_end(self, bench: Bench, gateway: ChorusGateway) -> None:
        deposit(bench, gateway, 4)
        pages = gateway.search_since(None, page_size=2)
        assert len(next(pages).rows) == 2
        if isinstance(bench, FakeBench):
            bench.platform.fail("search_since", Fault.UNAVAILABLE, times=-1)
        else:
            bench.fail("search", Fault.UNAVAILABLE)
        with pytest.raises(RemoteUnavailableError):
            next(pages)


class TestBrowse:
    def test_it_shows_the_newest_deposit_first_page_by_page(self, bench: Bench, gateway: ChorusGateway) -> None:
        sent = deposit(bench, gateway, 5)
        pages = [gateway.browse(RemoteQuery(), page=page, page_size=2) for page in (1, 2, 3, 4)]
        assert [numbers(page.rows) for page in pages] == [sent[:2:-1], sent[2:0:-1], sent[:1], []]
        assert pages[0].total == 5

    def test_it_looks_for_number_status_and_days(self, bench: Bench, gateway: ChorusGateway) -> None:
        sent = deposit(bench, gateway, 3)
        Move(sent[1], "SUSPENDUE").on(bench)
        today = read(gateway)[0].deposited_on
        assert today is not None
        tomorrow = today + dt.timedelta(days=1)

        def found(**asked: Any) -> list[str]:
            return sorted(numbers(gateway.browse(RemoteQuery(**asked), page=1, page_size=10).rows))

        assert found(number=sent[2]) == [sent[2]]
        assert found(status="SUSPENDUE") == [sent[1]]
        assert found(deposited_from=today, deposited_to=tomorrow) == sorted(sent)
        assert found(deposited_from=tomorrow + dt.timedelta(days=1)) == []


class TestHistory:
    def test_it_tells_every_status_oldest_first_with_comment_and_agent(
        self, bench: Bench, gateway: ChorusGateway
    ) -> None:
        [number] = deposit(bench, gateway, 1)
        bench.let_pass(59)
        Move(number, "SUSPENDUE", "Bon de livraison absent").on(bench)
        [row] = read(gateway)
        told = gateway.history(row.chorus_id)
        assert (told.chorus_id, told.status) == (row.chorus_id, "SUSPENDUE")
        first, last = told.statuses()
        assert (first.code, first.comment, first.agent) == ("DEPOSEE", None, Agent())
        assert (last.code, last.comment, last.agent) == ("SUSPENDUE", "Bon de livraison absent", AGENT)
        assert first.at is not None and last.at is not None and first.at <= last.at
        assert {entry.kind for entry in told.entries} == {EntryKind.STATUS}

    def test_a_long_history_is_told_to_its_end_and_under_the_same_names(
        self, bench: Bench, gateway: ChorusGateway
    ) -> None:
        [number] = deposit(bench, gateway, 1)
        for turn in range(105):
            Move(number, "SUSPENDUE" if turn % 2 else "COMPLETEE").on(bench)
        [row] = read(gateway)
        told = gateway.history(row.chorus_id)
        assert len(told.statuses()) == 106
        assert [entry.code for entry in told.statuses()[-2:]] == ["SUSPENDUE", "COMPLETEE"]
        assert gateway.history(row.chorus_id) == told

    def test_an_invoice_that_it_does_not_have_is_refused(self, gateway: ChorusGateway) -> None:
        with pytest.raises(RemoteRefusedError):
            gateway.history(1)


class TestConsult:
    def test_it_gives_status_routing_amounts_and_attachments(self, bench: Bench, gateway: ChorusGateway) -> None:
        upload_id = gateway.upload("bl.pdf", b"%PDF-1.4", "application/pdf")
        [code, *_] = [code for code, _ in gateway.attachment_types()]
        extra = SentAttachment(upload_id=upload_id, type_code=code, name="bl.pdf", sha256="0" * 64)
        sent = make_submission(gateway, attachments=(extra,), comment="Lot 3", number=f"C-{secrets.token_hex(5)}")
        taken = send(gateway, sent)
        Move(sent.number, "REJETEE", "Montant faux").on(bench)
        told = gateway.consult(taken.chorus_id)
        assert (told.invoice.status, told.invoice.rejection_handled) == ("REJETEE", False)
        assert number_key(told.invoice.number) == number_key(sent.number)
        assert told.invoice.recipient_siret == sent.recipient_siret
        assert told.invoice.total_incl_tax == sent.total_incl_tax
        assert told.invoice.status_at is None
        assert told.comment == "Lot 3"
        [attachment] = told.attachments
        assert (attachment.type_code, attachment.name) == (code, "bl.pdf")

    def test_it_knows_an_invoice_that_searches_do_not_show_yet(self, bench: Bench, gateway: ChorusGateway) -> None:
        bench.delay_searches(3600)
        taken = send(gateway, make_submission(gateway))
        assert gateway.consult(taken.chorus_id).invoice.chorus_id == taken.chorus_id

    def test_an_invoice_that_it_does_not_have_is_refused(self, gateway: ChorusGateway) -> None:
        with pytest.raises(RemoteRefusedError):
            gateway.consult(1)
