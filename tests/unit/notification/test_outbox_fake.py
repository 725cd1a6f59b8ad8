"""The outbox in memory keeps the rules that the database keeps."""

from __future__ import annotations

from typing import Any

import pytest

from include.domain.notification import NewEvent
from tests.fakes.outbox import FakeOutbox
from tests.unit.notification.outbox_contract import OutboxContract


class TestFakeOutbox(OutboxContract):
    @pytest.fixture
    def outbox(self) -> FakeOutbox:
        return FakeOutbox()

    def add(self, outbox: Any, event: NewEvent) -> int | None:
        added: int | None = outbox.add(event)
        return added
