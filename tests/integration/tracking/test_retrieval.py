"""One provider, night after night: what is stored, what is told, what a fault costs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from include.adapters.storage.core.tables import invoices
from include.application.ports.invoice_views import InvoiceFilter
from include.application.progress import Reached, Step
from include.application.tracking import retrieve_invoices as module
from include.domain.errors import LoginRefusedError, RemoteUnavailableError
from include.domain.notification import EventKind
from include.domain.rights import OWNER
from include.domain.tracking import Agent
from include.texts import Text
from tests.factories import BODY, PROVIDER_KEY
from tests.fakes.chorus import FakeGateway, Fault, ProcessKilled
from tests.integration.tracking.bench import TrackingBench

AGENT = Agent(first_name="Ada", last_name="Martin", mail="ada@mairie.example", phone="0100000000")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE_SIZE", 3)


class TestWhatIsStored:
    def test_an_invoice_that_we_never_sent_appears_as_foreign(self, bench: TrackingBench) -> None:
        bench.put("P-1", "MISE_A_DISPOSITION")
        report = bench.retrieve()
        assert report.counts() == {
            "seen": 1, "new": 1, "foreign": 1, "changed": 0, "recovered": 0, "adopted": 0, "waiting": 0,
            "histories": 1,
        }  # fmt: skip
        [row] = bench.store.invoice_views.rows(OWNER, InvoiceFilter())
        assert (row.origin, row.document_id, row.state) == ("foreign", None, "submitted")
        assert (row.invoice_number, row.status) == ("P-1", "MISE_A_DISPOSITION")
        assert (row.recipient_siret, row.total_incl_tax) == (BODY, Decimal("1200.00"))
        assert bench.moves_made() == {("P-1", None, "submitted"): 1}

    def test_a_foreign_one_is_found_by_the_day_on_which_it_was_deposited(self, bench: TrackingBench) -> None:
        bench.put("P-1")
        day = bench.clock.now().date()
        bench.clock.advance(days=40)
        bench.retrieve()
        assert len(bench.store.invoice_views.rows(OWNER, InvoiceFilter(deposited_from=day, deposited_to=day))) == 1
        assert bench.store.invoice_views.rows(OWNER, InvoiceFilter(deposited_from=day + dt.timedelta(days=1))) == []

    def test_a_credit_note_is_listed_with_a_positive_amount(self, bench: TrackingBench) -> None:
        bench.put("C-1", credit_note=True, total_incl_tax=Decimal("-12.5"))
        bench.retrieve()
        assert bench.rows(invoices.c.total_incl_tax) == [("12.50",)]

    def test_our_own_stays_ours_and_follows_the_platform(self, bench: TrackingBench) -> None:
        bench.submitted("F-1")
        bench.clock.advance(hours=1)
        bench.platform.set_status("F-1", "MISE_A_DISPOSITION")
        report = bench.retrieve()
        assert (report.stored.new, report.stored.foreign, report.stored.changed) == (1, 0, 1)
        assert bench.standing() == {"F-1": ("submitted", "MISE_A_DISPOSITION")}
        [row] = bench.store.invoice_views.rows(OWNER, InvoiceFilter())
        assert (row.origin, row.status_at) == ("connector", bench.clock.now())

    def test_more_pages_than_one_are_read_to_the_end(self, bench: TrackingBench) -> None:
        numbers = [f"P-{n:02}" for n in range(20)]
        for number in numbers:
            bench.put(number)
            bench.clock.advance(1)
        assert bench.retrieve().seen == 20
        assert sorted(bench.standing()) == numbers

    def test_who_watches_hears_how_many_are_retrieved_page_by_page_and_then_the_histories(
        self, bench: TrackingBench
    ) -> None:
        for number in range(4):
            bench.put(f"P-{number}")
            bench.clock.advance(1)
        heard: list[Reached] = []
        bench.retrieve(watch=heard.append)
        assert [(one.step, one.done, one.total) for one in heard] == [
            (Step.RETRIEVE, 0, None),
            (Step.RETRIEVE, 3, 4),
            (Step.RETRIEVE, 4, 4),
            (Step.HISTORIES, 0, 4),
            (Step.HISTORIES, 4, 4),
        ]

    def test_a_supplier_without_invoices_is_loaded_too(self, bench: TrackingBench) -> None:
        assert bench.retrieve().complete
        record = bench.store.tracking.record(PROVIDER_KEY)
        assert record.full_at is not None and record.watermark == bench.platform.server_date()

    def test_history_comes_with_comments_and_agents(self, bench: TrackingBench) -> None:
        bench.put("P-1")
        bench.clock.advance(hours=1)
        bench.platform.set_status("P-1", "SUSPENDUE", "Bon de livraison absent", AGENT)
        bench.retrieve()
        assert bench.history("P-1") == [("DEPOSEE", None), ("SUSPENDUE", "Bon de livraison absent")]
        [row] = bench.store.invoice_views.rows(OWNER, InvoiceFilter())
        shown = bench.store.invoice_views.detail(OWNER, str(row.id))
        assert shown is not None
        assert vars(shown.history[-1].agent) == {
            "first_name": "Ada", "last_name": "Martin", "mail": "ada@mairie.example", "phone": "0100000000",
        }  # fmt: skip
        assert shown.remote.status_comment == "Bon de livraison absent"

    def test_history_is_asked_again_only_for_what_changed(self, bench: TrackingBench) -> None:
        for n in range(4):
            bench.put(f"P-{n}")
        bench.loaded()
        assert bench.platform.calls["history"] == 4
        bench.platform.set_status("P-2", "MANDATEE")
        assert bench.retrieve().histories == 1
        assert bench.platform.calls["history"] == 5
        assert bench.history("P-2") == [("DEPOSEE", None), ("MANDATEE", None)]

    def test_histories_are_bounded_and_go_on_in_the_next_run_the_urgent_ones_first(
        self, bench: TrackingBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "HISTORIES_PER_RUN", 2)
        for number, status in (("P-1", "MISE_EN_PAIEMENT"), ("P-2", "MANDATEE"), ("P-3", "SUSPENDUE")):
            bench.put(number, status)
        assert bench.retrieve().notes == [Text("note.histories_left", {"count": 1})]
        assert [bool(bench.history(f"P-{n}")) for n in (1, 2, 3)] == [False, True, True]
        bench.retrieve()
        assert bench.history("P-1")

    def test_a_history_that_the_platform_refuses_keeps_nothing_back(self, bench: TrackingBench) -> None:
        for n in range(3):
            bench.put(f"P-{n}")
        bench.platform.fail("history", Fault.BUSINESS_REFUSAL)
        report = bench.retrieve()
        assert (report.histories, report.failure) == (2, None)
        assert bench.retrieve().histories == 1, "it was only put off"

    def test_a_body_is_asked_once_whether_it_reports_payment(self, bench: TrackingBench) -> None:
        bench.platform.add_body(BODY, reports_payment=False)
        bench.put("P-1", "COMPTABILISEE")
        bench.put("P-2", "COMPTABILISEE", recipient_siret="11111111111111")
        bench.retrieve()
        bench.retrieve()
        assert bench.platform.calls["find"] == 2
        [row, _] = bench.store.invoice_views.rows(OWNER, InvoiceFilter())
        shown = bench.store.invoice_views.detail(OWNER, str(row.id))
        assert shown is not None and shown.reports_payment is False


class TestMoves:
    @pytest.mark.parametrize("status", ["SUSPENDUE", "A_RECYCLER", "REJETEE"])
    def test_a_returned_invoice_waits_for_people_until_it_moves_on(self, bench: TrackingBench, status: str) -> None:
        bench.submitted("F-1")
        bench.put("P-1")
        bench.loaded()
        for number in ("F-1", "P-1"):
            bench.platform.set_status(number, status)
        bench.retrieve()
        assert set(bench.standing().values()) == {("to_process", status)}
        bench.clock.advance(hours=1)
        for number in ("F-1", "P-1"):
            bench.platform.set_status(number, "COMPLETEE")
        bench.retrieve()
        assert set(bench.standing().values()) == {("submitted", "COMPLETEE")}

    def test_a_rejection_dealt_with_on_the_portal_is_closed_though_no_date_changed(self, bench: TrackingBench) -> None:
        bench.submitted("F-1")
        bench.put("P-1", "REJETEE")
        bench.loaded()
        bench.platform.set_status("F-1", "REJETEE")
        bench.retrieve()
        bench.clock.advance(days=30)
        assert bench.standing() == {"F-1": ("to_process", "REJETEE"), "P-1": ("to_process", "REJETEE")}
        bench.platform.handle_rejection("F-1")
        bench.retrieve()
        assert bench.standing() == {"F-1": ("closed", "REJETEE"), "P-1": ("to_process", "REJETEE")}
        bench.platform.set_status("F-1", "A_RECYCLER")
        bench.retrieve()
        assert bench.standing()["F-1"] == ("to_process", "A_RECYCLER")

    def test_statuses_out_of_order_are_kept_as_they_came(self, bench: TrackingBench) -> None:
        bench.put("P-1")
        for status in ("MISE_EN_PAIEMENT", "MANDATEE"):
            bench.clock.advance(hours=1)
            bench.platform.set_status("P-1", status)
        bench.retrieve()
        assert bench.standing()["P-1"] == ("submitted", "MANDATEE")
        assert [code for code, _ in bench.history("P-1")] == ["DEPOSEE", "MISE_EN_PAIEMENT", "MANDATEE"]

    def test_an_invented_status_becomes_unknown_with_one_alert_and_moves_nothing(self, bench: TrackingBench) -> None:
        for number in ("F-1", "F-2"):
            bench.submitted(number)
        bench.loaded()
        bench.platform.set_status("F-1", "SUSPENDUE")
        bench.retrieve()
        for number in ("F-1", "F-2"):
            bench.platform.set_status(number, "PAYEE_PAR_CHEQUE")
        for _ in range(2):
            bench.retrieve()
        assert bench.standing() == {"F-1": ("to_process", "UNKNOWN"), "F-2": ("submitted", "UNKNOWN")}
        [alert] = bench.events(EventKind.ALERT)
        assert (alert["code"], alert["status"]) == ("unknown_status", "PAYEE_PAR_CHEQUE")
        assert bench.history("F-2")[-1][0] == "PAYEE_PAR_CHEQUE", "the platform's own word is kept"

    def test_an_invented_status_of_the_past_raises_the_alert_too(self, bench: TrackingBench) -> None:
        bench.put("P-1", "STATUS_OF_YESTERDAY")
        bench.platform.set_status("P-1", "MANDATEE")
        bench.retrieve()
        assert [alert["status"] for alert in bench.events(EventKind.ALERT)] == ["STATUS_OF_YESTERDAY"]


class TestWhatIsTold:
    def test_the_first_load_of_foreign_invoices_mails_nobody(self, bench: TrackingBench) -> None:
        for n, status in enumerate(("DEPOSEE", "SUSPENDUE", "REJETEE", "MISE_EN_PAIEMENT")):
            bench.put(f"P-{n}", status)
        bench.retrieve()
        assert bench.mailed() == []
        assert [facts["number"] for facts in bench.events()] == ["P-1", "P-2"], "on the dashboard stands what came back"

    def test_the_first_load_tells_of_ours_only_what_is_news(self, bench: TrackingBench) -> None:
        bench.submitted("F-OLD")
        bench.platform.set_status("F-OLD", "MANDATEE")
        bench.clock.advance(days=3)
        bench.submitted("F-NEW")
        bench.platform.set_status("F-NEW", "SUSPENDUE")
        bench.clock.advance(hours=2)
        bench.retrieve()
        assert sorted(facts["number"] for facts in bench.events()) == ["F-NEW", "F-OLD"]
        assert bench.mailed() == ["F-NEW"]

    def test_the_same_night_twice_writes_and_tells_nothing(self, bench: TrackingBench) -> None:
        bench.submitted("F-1")
        bench.put("P-1")
        bench.loaded()
        for number in ("F-1", "P-1"):
            bench.platform.set_status(number, "SUSPENDUE", "Pièce absente")
        assert bench.retrieve().stored.changed == 2
        before, moved = bench.everything(), bench.moves_made()
        report = bench.retrieve()
        assert (report.seen, report.stored.changed, report.stored.new, report.histories) == (2, 0, 0, 0)
        assert (bench.everything(), bench.moves_made()) == (before, moved)
        assert sorted(bench.mailed()) == ["F-1", "P-1"]

    def test_an_event_says_what_was_and_what_is_with_the_comment(self, bench: TrackingBench) -> None:
        bench.submitted("F-1")
        bench.loaded()
        bench.platform.set_status("F-1", "SUSPENDUE", "Bon de livraison absent")
        bench.retrieve()
        [facts] = bench.events()
        assert facts["status_before"] == "DEPOSEE"
        assert (facts["status"], facts["state"]) == ("SUSPENDUE", "to_process")
        assert facts["comment"] == "Bon de livraison absent"
        assert (facts["document"], facts["recipient_name"]) == ("F-1.pdf", "COMMUNE DE TEST")

    def test_a_new_foreign_invoice_is_told_only_if_it_came_back(self, bench: TrackingBench) -> None:
        bench.loaded()
        bench.put("P-1", "MISE_A_DISPOSITION")
        bench.put("P-2", "A_RECYCLER")
        bench.retrieve()
        assert bench.mailed() == ["P-2"]


class TestFaults:
    @pytest.fixture
    def account(self, bench: TrackingBench) -> list[str]:
        """Ten invoices, loaded; then all of them move."""
        numbers = [f"P-{n}" for n in range(10)]
        for number in numbers:
            bench.put(number)
            bench.clock.advance(1)
        bench.loaded()
        for number in numbers:
            bench.platform.set_status(number, "SUSPENDUE")
        return numbers

    @pytest.mark.parametrize("page", [1, 2, 3, 4])
    @pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.DIES_BEFORE_CALL])
    def test_a_run_that_ends_in_the_middle_is_caught_up_by_the_next(
        self, bench: TrackingBench, account: list[str], page: int, fault: Fault
    ) -> None:
        watermark = bench.store.tracking.record(PROVIDER_KEY).watermark
        bench.platform.before_page = lambda n: bench.platform.fail("search_since", fault) if n == page - 1 else None
        if page == 1:
            bench.platform.fail("search_since", fault)
        if fault is Fault.DIES_BEFORE_CALL:
            with pytest.raises(ProcessKilled):
                bench.retrieve()
        else:
            report = bench.retrieve()
            assert isinstance(report.failure, RemoteUnavailableError) and not report.complete
            assert bench.store.tracking.record(PROVIDER_KEY).failure
        assert bench.store.tracking.record(PROVIDER_KEY).watermark == watermark
        bench.platform.heal()
        bench.platform.before_page = None
        bench.clock.advance(days=1)
        assert bench.retrieve().complete
        assert bench.standing() == {number: ("to_process", "SUSPENDUE") for number in account}
        assert sorted(bench.mailed()) == account, "each once"
        assert bench.store.tracking.record(PROVIDER_KEY).failure is None

    def test_a_death_among_the_histories_costs_nothing(self, bench: TrackingBench, account: list[str]) -> None:
        bench.platform.fail("history", Fault.DIES_BEFORE_CALL)
        with pytest.raises(ProcessKilled):
            bench.retrieve()
        assert bench.retrieve().histories == 10
        assert {len(bench.history(number)) for number in account} == {2}

    def test_an_outage_among_the_histories_is_told_and_does_not_undo_the_list(
        self, bench: TrackingBench, account: list[str]
    ) -> None:
        bench.platform.fail("history", Fault.UNAVAILABLE, times=-1)
        report = bench.retrieve()
        assert report.complete and isinstance(report.failure, RemoteUnavailableError)
        assert bench.store.tracking.histories_waiting(PROVIDER_KEY) == 10
        bench.platform.heal()
        assert bench.retrieve().histories == 10

    def test_a_refused_login_stops_this_provider_until_the_probe(self, bench: TrackingBench) -> None:
        bench.put("P-1")
        bench.platform.fail("*", Fault.ACCOUNT_REFUSED, times=-1)
        assert isinstance(bench.retrieve().failure, LoginRefusedError)
        calls = bench.platform.calls.total()
        assert bench.retrieve().notes == [Text("note.circuit_open")]
        assert bench.platform.calls.total() == calls
        bench.platform.heal()
        bench.clock.advance(hours=1)
        assert bench.retrieve().seen == 1

    def test_one_provider_that_fails_does_not_stop_the_others(self, bench: TrackingBench) -> None:
        other = bench.provider.model_copy(update={"name": "Other", "siret": "40483304800022"})
        bench.put("P-1")
        bench.platform.fail("*", Fault.UNAVAILABLE, times=-1, supplier_siret="40483304800022")
        done = module.for_each(
            [other, bench.provider],
            lambda p: module.retrieve_invoices(p, bench.retrieving),
            bench.clock,
            bench.retrieving.internal_errors,
        )
        assert done.counts["seen"] == 1
        assert len(done.failures) == 1

    def test_an_error_of_ours_in_one_provider_is_told_after_the_others(self, bench: TrackingBench) -> None:
        seen: list[str] = []

        def work(provider: object) -> module.RetrievalReport:
            seen.append(str(provider))
            if len(seen) == 1:
                raise ZeroDivisionError
            return module.RetrievalReport()

        done = module.for_each([bench.provider, bench.provider], work, bench.clock, bench.retrieving.internal_errors)
        assert len(seen) == 2
        assert [failure.code for failure in done.failures] == ["internal"]


class TestWatermark:
    def test_it_is_the_platforms_time_at_the_start(self, bench: TrackingBench) -> None:
        bench.platform.ahead = dt.timedelta(hours=5)
        for n in range(7):
            bench.put(f"P-{n}")
        started = bench.platform.server_date()
        bench.platform.before_page = lambda _page: bench.clock.advance(minutes=1) and None
        bench.retrieve()
        watermark = bench.store.tracking.record(PROVIDER_KEY).watermark
        assert watermark == started + dt.timedelta(minutes=1), "that of the first answer"

    def test_a_status_dated_in_the_future_does_not_move_it(self, bench: TrackingBench) -> None:
        held = bench.put("P-1")
        held.status_at = bench.clock.now() + dt.timedelta(days=365)
        bench.retrieve()
        assert bench.store.tracking.record(PROVIDER_KEY).watermark == bench.platform.server_date()

    def test_an_invoice_that_is_shown_late_is_not_lost(self, bench: TrackingBench) -> None:
        bench.loaded()
        bench.platform.search_delay = dt.timedelta(hours=6)
        bench.put("P-LATE")
        assert bench.retrieve().seen == 0
        bench.clock.advance(hours=7)
        assert bench.retrieve().stored.foreign == 1

    def test_without_a_date_of_the_platform_our_own_clock_will_do(
        self, bench: TrackingBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bench.platform, "server_date", lambda: None)
        bench.retrieve()
        assert bench.store.tracking.record(PROVIDER_KEY).watermark == bench.clock.now()

    def test_a_difference_asks_only_for_the_difference(self, bench: TrackingBench) -> None:
        for n in range(9):
            bench.put(f"P-{n}")
        bench.clock.advance(days=3)
        bench.loaded()
        bench.platform.set_status("P-4", "MANDATEE")
        assert bench.retrieve().seen == 1


class TestWindow:
    def test_a_window_is_asked_for_without_end_and_moves_no_watermark(self, bench: TrackingBench) -> None:
        bench.put("P-1")
        bench.loaded()
        before = bench.store.tracking.record(PROVIDER_KEY)
        bench.platform.set_status("P-1", "MANDATEE")
        report = bench.retrieve(since=bench.clock.now() - dt.timedelta(days=1))
        assert report.stored.changed == 1
        assert bench.store.tracking.record(PROVIDER_KEY) == before

    def test_a_window_before_the_first_load_leaves_the_first_load_to_come(self, bench: TrackingBench) -> None:
        bench.put("P-OLD")
        bench.clock.advance(days=10)
        bench.put("P-NEW")
        bench.retrieve(since=bench.clock.now() - dt.timedelta(days=1))
        assert sorted(bench.standing()) == ["P-NEW"]
        bench.retrieve()
        assert sorted(bench.standing()) == ["P-NEW", "P-OLD"]


class TestRepeatedReading:
    def test_fewer_than_the_platform_says_are_read_once_more(
        self, bench: TrackingBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An unstable sort of the platform showed one twice and another not at all."""
        for n in range(6):
            bench.put(f"P-{n}")
        shown = bench.platform.shown
        order = iter([[0, 1, 2, 3, 4, 5], [0, 1, 3, 2, 4, 5]])

        def unstable(siret: str) -> list[object]:
            held = shown(siret)
            return [held[i] for i in next(order, range(len(held)))]

        monkeypatch.setattr(bench.platform, "shown", unstable)
        report = bench.retrieve()
        assert report.seen == 6 and report.notes == []
        assert len(bench.standing()) == 6

    def test_a_total_that_never_comes_true_stops_nothing(
        self, bench: TrackingBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.put("P-1")
        real = FakeGateway.search_since

        def boasting(self: FakeGateway, since: dt.datetime | None, *, page_size: int) -> object:
            for page in real(self, since, page_size=page_size):
                yield dataclasses.replace(page, total=5)

        monkeypatch.setattr(FakeGateway, "search_since", boasting)
        report = bench.retrieve()
        assert report.complete
        assert report.notes == [Text("note.shows_fewer", {"total": 5, "shown": 1})]


def test_a_platform_that_was_emptied_and_counts_anew_mixes_nothing_up(bench: TrackingBench) -> None:
    bench.submitted("F-1")
    bench.put("P-1")
    bench.loaded()
    ids = [held.chorus_id for held in bench.platform.invoices]
    bench.platform.invoices.clear()
    for number, chorus_id in zip(("Q-1", "Q-2"), ids, strict=True):
        bench.put(number, "SUSPENDUE").chorus_id = chorus_id
    bench.retrieve()
    assert bench.standing() == {
        "F-1": ("submitted", "DEPOSEE"),
        "P-1": ("submitted", "DEPOSEE"),
        "Q-1": ("to_process", "SUSPENDUE"),
        "Q-2": ("to_process", "SUSPENDUE"),
    }


def test_another_suppliers_invoices_are_not_shown(bench: TrackingBench) -> None:
    bench.put("X-1", siret="40483304800022")
    assert bench.retrieve().seen == 0
