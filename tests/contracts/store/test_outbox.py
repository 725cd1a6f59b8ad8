"""What the store promises about events and the digests that tell them (ports `Outbox`, `NotificationViews`)."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from include.application.ports.outbox import Outbox
from include.application.ports.paging import PageRequest
from include.domain.errors import StaleError
from include.domain.notification import Digest, Event, EventKind, NewEvent
from tests.contracts.store.worlds import World

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=5)


def an_event(once: str | None = None) -> NewEvent:
    return NewEvent(kind=EventKind.SUBMITTED, at=NOW, provider_key="simulator:x", facts={"number": "1"}, once=once)


def a_digest(*ids: int, user: str = "durand", mailed: bool = True) -> Digest:
    return Digest(
        user=user,
        mailed=mailed,
        kind=EventKind.SUBMITTED,
        message_id=f"<{user}-{'-'.join(map(str, ids))}@test>",
        event_ids=ids,
        count=len(ids),
    )


class TestOutbox:
    @pytest.fixture(autouse=True)
    def stores_events(self, new_world: World) -> None:
        self.world = new_world

    @pytest.fixture
    def outbox(self, new_world: World) -> Outbox:
        return new_world.outbox

    def told(self, user: str | None, limit: int) -> list[Event]:
        """What stands on this person's dashboard, newest first; None: on the general one."""
        page = self.world.notifications.page(user, PageRequest(sort="-at", limit=limit))
        return [row.event for row in page.items]

    def add(self, outbox: Outbox, event: NewEvent) -> int | None:
        """Stores an event as the transaction that caused it does; None when its `once` was known."""
        before = {known.id for known in self.told(None, 200)}
        self.world.announce(event)
        added = {known.id for known in self.told(None, 200)} - before
        return added.pop() if added else None

    def put(self, outbox: Any) -> int:
        """Stores an ordinary event and returns its id."""
        event_id = self.add(outbox, an_event())
        assert event_id is not None
        return event_id

    def _one_due(self, outbox: Any) -> Any:
        event_id = self.put(outbox)
        outbox.distribute([a_digest(event_id)], [event_id], now=NOW)
        (delivery,) = outbox.due(now=NOW, limit=10)
        return delivery

    def test_events_come_in_the_order_of_their_ids_page_by_page(self, outbox: Any) -> None:
        ids = [self.put(outbox) for _ in range(3)]
        assert [event.id for event in outbox.undistributed(after=0, limit=2)] == ids[:2]
        assert [event.id for event in outbox.undistributed(after=ids[1], limit=2)] == ids[2:]

    def test_an_event_with_the_same_once_is_stored_once(self, outbox: Any) -> None:
        assert self.add(outbox, an_event(once="x")) is not None
        assert self.add(outbox, an_event(once="x")) is None
        assert len(outbox.undistributed(after=0, limit=10)) == 1

    def test_alerts_that_were_told_are_known_with_their_time(self, outbox: Any) -> None:
        told, waiting, ordinary = (
            self.add(outbox, NewEvent(kind=kind, at=NOW, facts={"code": "run_failed", "dag": dag}))
            for kind, dag in ((EventKind.ALERT, "a"), (EventKind.ALERT, "b"), (EventKind.SUBMITTED, "c"))
        )
        outbox.distribute([], [told, ordinary], now=LATER)
        assert [event.id for event in outbox.told(EventKind.ALERT, since=NOW - dt.timedelta(seconds=1))] == [told]
        assert outbox.told(EventKind.ALERT, since=NOW) == []
        assert [event.id for event in outbox.undistributed(after=0, limit=10)] == [waiting]

    def test_a_distributed_event_is_never_distributed_again(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        assert not outbox.undistributed(after=0, limit=10)
        event = outbox.events_of(delivery.id, limit=10)[0]
        second = self.put(outbox)
        with pytest.raises(StaleError):
            outbox.distribute([a_digest(event.id, second, user="martin")], [event.id, second], now=NOW)
        assert [event.id for event in outbox.undistributed(after=0, limit=10)] == [second]
        assert not self.told("martin", 10)

    def test_an_event_without_audience_is_done_with_and_stands_on_the_general_dashboard(self, outbox: Any) -> None:
        event_id = self.put(outbox)
        outbox.distribute([], [event_id], now=NOW)
        assert not outbox.undistributed(after=0, limit=10)
        assert [event.id for event in self.told(None, 10)] == [event_id]

    def test_what_is_for_the_dashboard_only_is_never_due(self, outbox: Any) -> None:
        event_id = self.put(outbox)
        outbox.distribute([a_digest(event_id, mailed=False)], [event_id], now=NOW)
        assert not outbox.due(now=LATER, limit=10)
        assert [event.id for event in self.told("durand", 10)] == [event_id]
        assert not self.told("martin", 10)

    def test_a_delivery_carries_what_the_digest_said(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        assert (delivery.user, delivery.kind, delivery.count, delivery.tries) == ("durand", EventKind.SUBMITTED, 1, 0)
        assert delivery.message_id.startswith("<durand-")
        assert dict(outbox.events_of(delivery.id, limit=1)[0].facts) == {"number": "1"}

    def test_a_claimed_mail_is_nobody_elses_until_the_lease_ends(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        assert outbox.claim(delivery.id, owner="a", until=LATER, now=NOW)
        assert not outbox.claim(delivery.id, owner="b", until=LATER, now=NOW)
        assert not outbox.due(now=NOW, limit=10)
        assert outbox.due(now=LATER, limit=10)
        assert outbox.claim(delivery.id, owner="b", until=LATER + dt.timedelta(minutes=5), now=LATER)

    def test_of_many_claims_at_once_one_wins(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        with ThreadPoolExecutor(8) as pool:
            claims = pool.map(lambda n: outbox.claim(delivery.id, owner=f"o{n}", until=LATER, now=NOW), range(8))
        assert sorted(claims) == [False] * 7 + [True]

    def test_a_mailed_one_is_never_due_again(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        outbox.claim(delivery.id, owner="a", until=LATER, now=NOW)
        outbox.mailed(delivery.id, now=NOW)
        assert not outbox.due(now=LATER, limit=10)
        assert not outbox.claim(delivery.id, owner="b", until=LATER, now=LATER)

    def test_an_acceptance_counts_even_after_the_lease_was_lost(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        outbox.claim(delivery.id, owner="a", until=LATER, now=NOW)
        outbox.claim(delivery.id, owner="b", until=LATER + dt.timedelta(minutes=5), now=LATER)
        outbox.mailed(delivery.id, now=LATER)
        outbox.postponed(delivery.id, owner="b", next_try=LATER, reason="late")
        assert not outbox.due(now=LATER + dt.timedelta(hours=1), limit=10)

    def test_a_postponed_mail_is_due_again_at_its_time_with_one_try_more(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        outbox.claim(delivery.id, owner="a", until=LATER, now=NOW)
        outbox.postponed(delivery.id, owner="a", next_try=LATER, reason="451", alert=an_event(once="down"))
        assert not outbox.due(now=LATER - dt.timedelta(seconds=1), limit=10)
        (again,) = outbox.due(now=LATER, limit=10)
        assert (again.tries, again.message_id) == (1, delivery.message_id)
        assert len(outbox.undistributed(after=0, limit=10)) == 1

    def test_who_lost_the_lease_changes_nothing(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        outbox.claim(delivery.id, owner="a", until=LATER, now=NOW)
        outbox.claim(delivery.id, owner="b", until=LATER + dt.timedelta(minutes=5), now=LATER)
        outbox.failed(delivery.id, owner="a", reason="550", now=LATER, alert=an_event())
        outbox.postponed(delivery.id, owner="a", next_try=NOW, reason="451", alert=an_event())
        assert not outbox.undistributed(after=0, limit=10)
        assert not outbox.due(now=LATER, limit=10)
        assert outbox.due(now=LATER + dt.timedelta(minutes=5), limit=10)

    def test_a_failed_mail_ends_with_its_alert_and_stays_on_the_dashboard(self, outbox: Any) -> None:
        delivery = self._one_due(outbox)
        outbox.claim(delivery.id, owner="a", until=LATER, now=NOW)
        outbox.failed(delivery.id, owner="a", reason="550", now=NOW, alert=an_event(once="bad address"))
        assert not outbox.due(now=LATER + dt.timedelta(days=1), limit=10)
        assert len(outbox.undistributed(after=0, limit=10)) == 1
        assert len(self.told("durand", 10)) == 1

    def test_the_longest_waiting_mail_comes_first(self, outbox: Any) -> None:
        first, second = self.put(outbox), self.put(outbox)
        outbox.distribute([a_digest(first)], [first], now=LATER)
        outbox.distribute([a_digest(second, user="martin")], [second], now=NOW)
        assert [delivery.user for delivery in outbox.due(now=LATER, limit=10)] == ["martin", "durand"]
        assert [delivery.user for delivery in outbox.due(now=LATER, limit=1)] == ["martin"]

    def test_the_dashboard_is_newest_first_and_has_each_event_once(self, outbox: Any) -> None:
        ids = [self.put(outbox) for _ in range(3)]
        outbox.distribute([a_digest(*ids[:2]), a_digest(ids[2], mailed=False)], ids, now=NOW)
        assert [event.id for event in self.told("durand", 10)] == ids[::-1]
        assert [event.id for event in self.told("durand", 2)] == ids[:0:-1]

    def test_what_a_person_has_read_is_that_persons_affair(self, outbox: Any) -> None:
        ids = [self.put(outbox) for _ in range(3)]
        outbox.distribute([a_digest(*ids), a_digest(*ids[:2], user="martin")], ids, now=NOW)
        views = self.world.notifications
        assert (views.unread("durand"), views.unread("martin"), views.unread("nobody")) == (3, 2, 0)
        outbox.mark_read("martin", [ids[0], ids[2], 999], now=NOW)
        assert (views.unread("durand"), views.unread("martin")) == (3, 1)
        outbox.mark_read("martin", None, now=LATER)
        marks = [row.read_at for row in views.page("martin", PageRequest(sort="at")).items]
        assert marks == [NOW, LATER], "what was read before keeps its time, and foreign ones are passed over"
        outbox.mark_read("durand", [], now=NOW)
        assert views.unread("durand") == 3
        assert [row.read_at for row in views.page(None, PageRequest(sort="at")).items] == [None] * 3

    def test_unread_ones_are_paged_both_ways(self, outbox: Any) -> None:
        ids = [self.put(outbox) for _ in range(5)]
        outbox.distribute([a_digest(*ids)], ids, now=NOW)
        outbox.mark_read("durand", [ids[3]], now=NOW)
        views = self.world.notifications
        first = views.page("durand", PageRequest(sort="-at", limit=2), unread=True)
        second = views.page("durand", PageRequest(sort="-at", limit=2, after=first.after), unread=True)
        shown = [row.event.id for row in (*first.items, *second.items)]
        assert shown == [ids[4], ids[2], ids[1], ids[0]]
        assert (first.before, second.after) == (None, None)
        assert views.page("durand", PageRequest(sort="-at", limit=2, before=second.before), unread=True) == first
