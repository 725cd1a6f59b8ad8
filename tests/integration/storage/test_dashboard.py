"""Counts of the dashboard, on both databases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import attempts, invoices, retrievals
from include.adapters.storage.store import Store
from include.application.ports.dashboard_views import ReasonCount
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START
from tests.integration.storage.seeded import seed

FOR_A_PERSON = (State.TO_COMPLETE, State.REFUSED, State.UNREADABLE)
LABELLED = Viewer(provider_keys=frozenset({PROVIDER_KEY}), labels=frozenset({"nord"}))
TODAY = START.date()


@pytest.fixture
def seeded(store: Store) -> Store:
    """Three to complete, one of them unseen by most; two sent, one of them with a typed value."""
    with store.database.write() as connection:
        seed(connection, 1, recipient_name="Annecy", reasons=("service_required", "two_invoices"))
        seed(connection, 2, recipient_name="Annecy", reasons=("service_required",), labels=("Nord",))
        seed(connection, 3, provider_key="other", reasons=("two_invoices",), arrived_at=START - dt.timedelta(days=9))
        seed(connection, 4, state=State.SUBMITTED, total_incl_tax="100.00")
        seed(connection, 5, state=State.SUBMITTED, total_incl_tax="30.00", type="credit_note", labels=("Nord",))
        seed(connection, 6, state=State.SUBMITTED, total_incl_tax="7.00")
        connection.execute(sa.update(attempts).values(closed_at=START))
        last = sa.select(sa.func.max(attempts.c.id)).scalar_subquery()
        connection.execute(sa.update(attempts).where(attempts.c.id == last).values(closed_at=START - dt.timedelta(1)))
        connection.execute(sa.update(invoices).where(invoices.c.id == 4).values(edits={"comment": {"value": "x"}}))
    return store


def test_what_waits_by_provider_state_and_age(seeded: Store) -> None:
    bounds = [START - dt.timedelta(days=1), START - dt.timedelta(days=7)]
    waiting = seeded.dashboard_views.waiting(OWNER, FOR_A_PERSON, bounds)
    assert {(one.provider_key, one.state, one.age, one.count, one.oldest_at) for one in waiting} == {
        (PROVIDER_KEY, State.TO_COMPLETE, 0, 2, START),
        ("other", State.TO_COMPLETE, 2, 1, START - dt.timedelta(days=9)),
    }
    assert [one.count for one in seeded.dashboard_views.waiting(LABELLED, FOR_A_PERSON, bounds)] == [1]
    assert {one.age for one in seeded.dashboard_views.waiting(OWNER, FOR_A_PERSON, [])} == {0}


def test_how_each_provider_stands_with_the_platform(seeded: Store) -> None:
    seeded.providers.close_circuit(PROVIDER_KEY, now=START)
    with seeded.database.write() as connection:
        connection.execute(retrievals.insert().values(provider_key="other", last_good_at=START))
    found = seeded.dashboard_views.contacts([PROVIDER_KEY, "other"])
    assert {key: (one.health.last_success_at, one.retrieved_at) for key, one in found.items()} == {
        PROVIDER_KEY: (START, None),
        "other": (None, START),
    }


def test_why_it_waits(seeded: Store) -> None:
    assert list(seeded.dashboard_views.reasons(OWNER, FOR_A_PERSON)) == [
        ReasonCount(code="service_required", count=2, recipients=("Annecy",)),
        ReasonCount(code="two_invoices", count=2, recipients=("Annecy",)),
    ]
    assert [(one.code, one.count) for one in seeded.dashboard_views.reasons(LABELLED, FOR_A_PERSON)] == [
        ("service_required", 1)
    ]


def test_what_was_sent_by_day(seeded: Store) -> None:
    sent = seeded.dashboard_views.sent(OWNER, TODAY - dt.timedelta(days=5), TODAY)
    assert [(one.day, one.count, one.untouched, one.amount) for one in sent] == [
        (TODAY - dt.timedelta(days=1), 1, 1, Decimal("7.00")),
        (TODAY, 2, 1, Decimal("70.00")),
    ]
    labelled = seeded.dashboard_views.sent(LABELLED, TODAY, TODAY)
    assert [(one.count, one.amount) for one in labelled] == [(1, Decimal("-30.00"))]
