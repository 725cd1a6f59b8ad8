"""What the environment says of reading, and what becomes of a value that cannot be meant."""

from __future__ import annotations

import pytest

from include.domain.errors import ConfigurationError
from include.settings import ReadingBatches, settings


def test_the_environment_says_how_reading_is_spread() -> None:
    assert settings({}).reading_batches == ReadingBatches(slots=1, smallest=25, largest=1000)
    given = {"CHORUS_READING_SLOTS": "4", "CHORUS_READING_BATCH_MIN": "10", "CHORUS_READING_BATCH_MAX": "200"}
    assert settings(given).reading_batches == ReadingBatches(slots=4, smallest=10, largest=200)


@pytest.mark.parametrize("text", ["0", "-1", "four", "1.5", "100000", "9" * 5000, "\N{ARABIC-INDIC DIGIT TWO}"])
def test_what_is_no_number_is_told_where_it_is_used_and_stops_nothing_else(text: str) -> None:
    given = settings({"CHORUS_READING_SLOTS": text})
    with pytest.raises(ConfigurationError, match="CHORUS_READING_SLOTS is"):
        _ = given.reading_batches
