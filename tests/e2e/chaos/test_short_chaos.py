"""The short form of `make chaos`: everything goes wrong at least once while forty invoices go out."""

from __future__ import annotations

import pytest

from tests.e2e.chaos.place import place
from tests.e2e.chaos.run import chaos

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

INVOICES = 40
KINDS = 7
"""Of strikes; the full disk is the eighth, where this process may mount one."""


def test_nothing_is_lost_doubled_stuck_or_left_to_a_person() -> None:
    with place(INVOICES) as here:
        report = chaos(here, count=INVOICES, seconds=15, seed=7, pause=0.5, every=0.5)
    assert (report.lost, report.doubled, report.stuck, dict(report.by_hand)) == ([], [], {}, {})
    assert len(report.struck) >= KINDS, report.struck
    assert report.passes > 0
