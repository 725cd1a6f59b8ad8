"""The bench in memory."""

from __future__ import annotations

import pytest

from tests.fakes.clock import FakeClock
from tests.unit.sending.memory import MemoryBench


@pytest.fixture
def bench(clock: FakeClock) -> MemoryBench:
    return MemoryBench(clock)
