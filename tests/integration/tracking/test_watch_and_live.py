"""Remote mode: the hourly watch, and lists asked live."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import invoices
from include.application.ports.chorus import RemoteQuery
from include.application.ports.invoice_views import InvoiceFilter
from include.application.tracking.live_invoices import CACHE_SECONDS, LiveAnswer, LiveInvoices, LiveQuestion
from include.application.views import json_rows
from include.application.views.filters import viewer_of
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from include.domain.rights import OWNER
from tests.factories import PROVIDER_KEY
from tests.fakes.chorus import Fault
from tests.fakes.clock import START
from tests.integration.tracking.bench import TrackingBench


class TestWatch:
    def test_the_first_look_begins_with_what_we_sent_and_tells_what_is_news(self, bench: TrackingBench) -> None:
        bench.put("P-OLD")
        bench.clock.advance(days=5)
        bench.submitted("F-1")
        bench.clock.advance(minutes=30)
        bench.platform.set_status("F-1", "SUSPENDUE")
        bench.clock.advance(minutes=30)
        report = bench.watch()
        assert report.seen == 1, "no full load in Remote mode"
        assert bench.standing() == {"F-1": ("to_process", "SUSPENDUE")}
        assert bench.mailed() == ["F-1"]

    def test_it_is_one_search_without_histories(self, bench: TrackingBench) -> None:
        bench.submitted("F-1")
        bench.watch()
        calls = bench.platform.calls.copy()
        bench.clock.advance(hours=1)
        bench.platform.set_status("F-1", "MANDATEE")
        bench.watch()
        assert bench.platform.calls - calls == {"check": 1, "search_since": 2}
        assert bench.history("F-1") == []

    def test_the_same_hour_twice_tells_nothing_twice(self, bench: TrackingBench) -> None:
        bench.submitted("F-1")
        bench.watch()
        bench.platform.set_status("F-1", "REJETEE")
        for _ in range(3):
            bench.watch()
        assert bench.mailed() == ["F-1"]

    def test_hours_of_outage_are_caught_up(self, bench: TrackingBench) -> None:
        bench.submitted("F-1")
        bench.watch()
        bench.platform.set_status("F-1", "SUSPENDUE")
        bench.platform.fail("*", Fault.UNAVAILABLE, times=-1)
        for _ in range(30):
            bench.clock.advance(hours=1)
            assert bench.watch().failure is not None
        bench.platform.heal()
        assert bench.watch().stored.changed == 1

    def test_a_supplier_that_never_sent_anything_is_watched_from_now_on(self, bench: TrackingBench) -> None:
        bench.put("P-OLD")
        bench.clock.advance(days=5)
        assert bench.watch().seen == 0
        bench.put("P-1", "SUSPENDUE")
        assert bench.watch().seen == 1

    def test_a_provider_that_moves_to_local_mode_is_loaded_in_full(self, bench: TrackingBench) -> None:
        bench.put("P-OLD", "SUSPENDUE")
        bench.clock.advance(days=30)
        bench.watch()
        assert bench.standing() == {}
        report = bench.retrieve()
        assert (report.stored.foreign, bench.mailed()) == (1, [])


class TestLive:
    @pytest.fixture
    def live(self, bench: TrackingBench) -> LiveInvoices:
        use = bench.retrieving
        return LiveInvoices(
            tracking=use.tracking,
            views=bench.store.invoice_views,
            providers=use.providers,
            chorus=use.chorus,
            clock=use.clock,
        )

    def look(self, bench: TrackingBench, live: LiveInvoices, **options: Any) -> LiveAnswer:
        asked = {"provider": bench.provider, "language": "fr", "viewer": OWNER, **options}
        return live.look(LiveQuestion(**asked))

    def anna(self, configuration: Configuration) -> dict[str, Any]:
        return {
            "provider": configuration.providers[0],
            "language": "en",
            "viewer": viewer_of(configuration, "anna"),
        }

    def test_rows_have_the_shape_of_the_listings(self, bench: TrackingBench, live: LiveInvoices) -> None:
        bench.submitted("F-1")
        bench.clock.advance(1)
        bench.put("P-1", "MANDATEE")
        answer = self.look(bench, live)
        foreign, own = answer.rows
        bench.retrieve()
        listed = bench.store.invoice_views.rows(OWNER, InvoiceFilter())
        stored, *live_ones = [
            json_rows.invoice(row, bench.configuration, "fr", today=START.date()) for row in (listed[0], foreign, own)
        ]
        assert [set(row) for row in live_ones] == [set(stored)] * 2
        assert (foreign.id, foreign.origin, foreign.status) == (None, "foreign", "MANDATEE")
        assert (own.origin, own.invoice_number, own.total_incl_tax) == ("connector", "F-1", Decimal("1200.00"))
        assert own.document_id is not None and live_ones[1]["provider"] == bench.provider.name

    def test_a_change_is_seen_at_once_and_the_same_question_is_asked_once_in_seconds(
        self, bench: TrackingBench, live: LiveInvoices
    ) -> None:
        bench.put("P-1")
        for _ in range(3):
            self.look(bench, live)
        assert bench.platform.calls["browse"] == 1
        bench.platform.set_status("P-1", "SUSPENDUE")
        bench.clock.advance(CACHE_SECONDS)
        [row] = self.look(bench, live).rows
        assert (row.status, row.state) == ("SUSPENDUE", "to_process")
        self.look(bench, live, query=RemoteQuery(status="MANDATEE"))
        assert bench.platform.calls["browse"] == 3, "another question is another call"

    def test_when_it_is_down_it_says_so_and_shows_what_was_seen_last(
        self, bench: TrackingBench, live: LiveInvoices
    ) -> None:
        bench.submitted("F-1")
        bench.put("P-1", "MANDATEE")
        bench.watch()
        seen = bench.clock.now()
        bench.platform.set_status("P-1", "SUSPENDUE")
        bench.clock.advance(hours=2)
        bench.platform.fail("*", Fault.UNAVAILABLE, times=-1)
        answer = self.look(bench, live)
        assert not answer.available and answer.last_seen == seen
        assert "20/11/2026 09\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00" in answer.notes[0]
        assert "pas disponible" in answer.notes[0]
        assert {row.invoice_number: row.status for row in answer.rows} == {"F-1": "DEPOSEE", "P-1": "MANDATEE"}
        bench.platform.heal()
        assert self.look(bench, live).available, "a failure is not kept"

    def test_what_was_never_seen_is_said_to_be_never_seen(self, bench: TrackingBench, live: LiveInvoices) -> None:
        bench.platform.fail("*", Fault.NEVER_LEFT, times=-1)
        answer = self.look(bench, live)
        assert (answer.rows, answer.last_seen) == ((), None)
        assert "jamais" in answer.notes[0]

    def test_the_last_seen_rows_fit_the_question_too(self, bench: TrackingBench, live: LiveInvoices) -> None:
        bench.put("P-1", "MANDATEE")
        bench.put("P-2", "SUSPENDUE")
        bench.retrieve()
        bench.platform.fail("*", Fault.UNAVAILABLE, times=-1)
        today = bench.clock.now().date()

        def numbers(**asked: Any) -> list[str]:
            return [row.invoice_number or "" for row in self.look(bench, live, query=RemoteQuery(**asked)).rows]

        assert numbers(status="SUSPENDUE") == ["P-2"]
        assert numbers(number="P-1") == ["P-1"]
        assert numbers(deposited_from=today, deposited_to=today) == ["P-2", "P-1"]
        assert numbers(deposited_from=today + dt.timedelta(days=1)) == []

    def test_a_refused_login_is_not_tried_again_by_every_look(self, bench: TrackingBench, live: LiveInvoices) -> None:
        bench.platform.fail("*", Fault.ACCOUNT_REFUSED, times=-1)
        for _ in range(4):
            assert not self.look(bench, live).available
        assert bench.platform.calls.total() == 1
        assert bench.store.providers.health(PROVIDER_KEY).open_since is not None

    def labelled(self, bench: TrackingBench, loading: str) -> Configuration:
        """anna uses the provider and sees only what carries the label North."""
        own = bench.configuration.providers[0].model_dump()
        provider = {**own, "loading": loading, "use": {"users": ["anna"]}}
        rights = [{"user": "anna", "label": "North"}]
        changed = {**bench.configuration.model_dump(), "providers": [provider], "label_rights": rights}
        return Configuration.model_validate(changed)

    def test_in_remote_mode_label_rights_are_said_not_to_be_available(
        self, bench: TrackingBench, live: LiveInvoices
    ) -> None:
        bench.put("P-1")
        configuration = self.labelled(bench, "remote")
        answer = self.look(
            bench, live, provider=configuration.providers[0], language="en", viewer=viewer_of(configuration, "anna")
        )
        assert len(answer.rows) == 1 and "Label rights are not available" in answer.notes[0]

    def test_in_local_mode_label_rights_hold_for_a_live_look_too_also_while_nobody_answers(
        self, bench: TrackingBench, live: LiveInvoices
    ) -> None:
        for number in ("P-1", "P-2"):
            bench.put(number)
        bench.retrieve()
        bench.put("P-3")
        with bench.store.database.write() as connection:
            mine = invoices.c.invoice_number == "P-2"
            connection.execute(invoices.update().where(mine).values(labels="|north|"))
            list_again(connection, connection.scalars(sa.select(invoices.c.id)))
        configuration = self.labelled(bench, "local")

        def seen() -> list[str]:
            answer = self.look(
                bench, live, provider=configuration.providers[0], language="en", viewer=viewer_of(configuration, "anna")
            )
            assert not any("Label rights" in note for note in answer.notes)
            return [row.invoice_number or "" for row in answer.rows]

        assert seen() == ["P-2"]
        bench.clock.advance(minutes=1)
        bench.platform.fail("*", Fault.UNAVAILABLE, times=-1)
        assert seen() == ["P-2"]

    def test_who_may_not_use_a_provider_sees_nothing_of_it(self, bench: TrackingBench, live: LiveInvoices) -> None:
        bench.put("P-1")
        assert self.look(bench, live, viewer=viewer_of(bench.configuration, "somebody")).rows == ()
        assert bench.platform.calls["browse"] == 0

    def test_more_than_the_limit_is_said(self, bench: TrackingBench, live: LiveInvoices) -> None:
        for n in range(3):
            bench.put(f"P-{n}")
        answer = self.look(bench, live, limit=2)
        assert (len(answer.rows), answer.more) == (2, True)

    def test_a_status_outside_the_list_is_refused_before_any_call(
        self, bench: TrackingBench, live: LiveInvoices
    ) -> None:
        with pytest.raises(InputError):
            self.look(bench, live, query=RemoteQuery(status="PAYEE"))
        assert bench.platform.calls.total() == 0
