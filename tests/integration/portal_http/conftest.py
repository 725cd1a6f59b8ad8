"""A portal over a folder of this test, and the adapter on it."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from include.adapters.portal.http.portal import HttpPortal
from include.adapters.portal.http.settings import settings_of
from include.application.ports.secrets import ConnectionSecrets
from include.demo.portal_server.app import Manner
from include.demo.portal_server.server import RunningPortal
from tests.fakes.clock import FakeClock
from tests.integration.chorus.scripted_server import ScriptedServer

OURS = ("etat_chorus", "numero_chorus")


class Situation:
    """A portal server, the folder behind it, and adapters made for it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.manner = Manner()
        self.server = stack.enter_context(RunningPortal(folder, manner=self.manner, metadata_names=OURS))
        self.clock = FakeClock()
        self.masked: list[str] = []

    def portal(self, *, own: tuple[str, ...] = OURS, seconds: float = 600, **extra: Any) -> HttpPortal:
        return HttpPortal(
            settings_of(self.server.secrets(**extra)),
            clock=self.clock,
            own_metadata=own,
            sleep=self.clock.advance,
            mask_secret=self.masked.append,
            scan_seconds=seconds,
        )

    def put(self, path: str, content: bytes = b"%PDF-1", told: Mapping[str, Any] | None = None) -> str:
        """Files a document; its id."""
        return str(self.server.shelf.file_document(path, content, told))

    def side_car(self, path: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / f"{path}.json").read_text())
        return told

    def calls(self) -> Counter[str]:
        """Calls since the last time, by service."""
        counted = Counter(f"{method} {path.split('/')[3]}" for method, path in self.manner.calls)
        self.manner.calls.clear()
        return counted


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Situation]:
    (tmp_path / "portal").mkdir()
    with ExitStack() as stack:
        yield Situation(tmp_path / "portal", stack)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def make_portal(clock: FakeClock) -> Callable[..., HttpPortal]:
    """The adapter for an address that misbehaves; waiting moves the clock."""

    def make(url: str, *, seconds: float = 5.0, **extra: Any) -> HttpPortal:
        found = ConnectionSecrets(
            connection_id="chorus_portal",
            host=url,
            login="connecteur",
            password=secrets.token_urlsafe(16),
            extra={"root_folder": "1", **extra},
        )
        settings = settings_of(found)
        return HttpPortal(settings, clock=clock, sleep=clock.advance, call_seconds=seconds, file_seconds=seconds)

    return make
