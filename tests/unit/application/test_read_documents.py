"""How many batches of reading there are for what waits."""

from __future__ import annotations

import pytest

from include.application.reading.read_documents import batches_of
from include.settings import ReadingBatches


@pytest.mark.parametrize(
    ("waiting", "slots", "batches"),
    [
        (0, 4, 0),
        (1, 4, 1),
        (25, 4, 1),
        (60, 4, 3),
        (300, 4, 4),
        (4000, 4, 4),
        (4001, 4, 8),
        (300, 1, 1),
        (2500, 1, 3),
    ],
)
def test_every_slot_has_work_in_each_round_and_no_batch_is_too_small_or_too_large(
    waiting: int, slots: int, batches: int
) -> None:
    sizes = ReadingBatches(slots=slots, smallest=25, largest=1000)
    assert len(batches_of(waiting, sizes)) == batches
