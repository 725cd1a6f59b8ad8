"""Numbers for monitoring on both databases: counts, the age of the oldest, and what went through untouched."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import invoices, moves
from include.application.operations.figures import figures
from include.domain.causes import free_text
from tests.factories import PROVIDER_KEY
from tests.integration.tracking.bench import TrackingBench


def told(bench: TrackingBench) -> dict[tuple[str, ...], float]:
    found = figures(bench.store.figures, bench.configuration, bench.clock)
    return {(figure.name, *figure.tags.values()): figure.value for figure in found}


def change(bench: TrackingBench, number: str, **values: Any) -> int:
    with bench.store.database.write() as connection:
        mine = invoices.c.invoice_number == number
        connection.execute(invoices.update().where(mine).values(invoice_number=number, **values))
        found = connection.scalar(sa.select(invoices.c.id).where(mine))
    assert found is not None
    return found


def test_an_empty_store_is_told_as_zeros_and_has_no_rate(bench: TrackingBench) -> None:
    found = told(bench)
    assert found["invoices", PROVIDER_KEY, "submitted"] == 0
    assert found["oldest_waiting_seconds", PROVIDER_KEY] == 0
    assert found["sent_30_days", PROVIDER_KEY] == 0
    assert ("straight_through_rate", PROVIDER_KEY) not in found


def test_counts_are_by_provider_and_state_and_the_oldest_that_waits_has_an_age(bench: TrackingBench) -> None:
    bench.submitted("F-1")
    bench.claimed("F-2")
    bench.clock.advance(hours=5)
    bench.claimed("F-3")
    found = told(bench)
    assert found["invoices", PROVIDER_KEY, "submitted"] == 1
    assert found["invoices", PROVIDER_KEY, "submitting"] == 2
    assert found["oldest_waiting_seconds", PROVIDER_KEY] == 5 * 3600, "what is submitted does not wait"


def test_an_invoice_that_a_person_touched_did_not_go_straight_through(bench: TrackingBench) -> None:
    for number in ("F-1", "F-2", "F-3", "F-4"):
        bench.submitted(number)
    assert told(bench)["straight_through_rate", PROVIDER_KEY] == 1
    change(
        bench, "F-1", edits={"total_incl_tax": {"value": "1.00", "actor": "anna", "at": bench.clock.now().isoformat()}}
    )
    change(bench, "F-2", edits={})
    held = {
        "invoice_id": change(bench, "F-3"),
        "before": "ready",
        "after": "held",
        "cause": free_text("wait"),
        "actor": "anna",
    }
    late = {
        "invoice_id": change(bench, "F-4"),
        "before": "to_process",
        "after": "correcting",
        "cause": free_text("x"),
        "actor": "anna",
    }
    now = bench.clock.now()
    with bench.store.database.write() as connection:
        connection.execute(moves.insert().values(**held, at=now - dt.timedelta(hours=1)))
        connection.execute(moves.insert().values(**late, at=now + dt.timedelta(hours=1)))
    found = told(bench)
    assert found["sent_30_days", PROVIDER_KEY] == 4
    assert found["straight_through_rate", PROVIDER_KEY] == pytest.approx(0.5), "F-2 and F-4"


def test_the_rate_forgets_what_is_older_than_its_window(bench: TrackingBench) -> None:
    bench.submitted("F-1")
    bench.clock.advance(days=31)
    found = told(bench)
    assert found["sent_30_days", PROVIDER_KEY] == 0
    assert ("straight_through_rate", PROVIDER_KEY) not in found
