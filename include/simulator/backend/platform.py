"""The whole imitated platform: its nouns put together, and the one door to them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from include.simulator.backend.accounts import Accounts, Credentials
from include.simulator.backend.calls import Calls
from include.simulator.backend.clock import Clock
from include.simulator.backend.directory import Directory
from include.simulator.backend.faults import Faults
from include.simulator.backend.files import Files
from include.simulator.backend.flows import Flows
from include.simulator.backend.invoices import Invoices
from include.simulator.backend.search import Search
from include.simulator.backend.seeds import plant_first_state
from include.simulator.backend.settings import SettingsBox
from include.simulator.backend.store import Store


class Pace:
    """Counts the calls of each account in the last second, to refuse those that come too fast."""

    def __init__(self) -> None:
        self._recent: dict[str, deque[float]] = {}

    def too_fast(self, login: str, now: float, per_second: float | None) -> bool:
        """Whether this call is one too many; a refused call does not count."""
        if per_second is None:
            return False
        window = max(1.0, 1.0 / per_second)
        recent = self._recent.setdefault(login, deque())
        while recent and not now - window < recent[0] <= now:
            recent.popleft()
        if len(recent) >= max(1, int(per_second * window)):
            return True
        recent.append(now)
        return False


class Platform:
    """State and rules of the imitated Chorus Pro."""

    def __init__(self, *, state_file: Path | None = None, credentials: Mapping[str, str] | None = None) -> None:
        self.store = Store(state_file)
        self.faults = Faults()
        self.calls = Calls()
        self.pace = Pace()
        with self.store.transaction():
            self.credentials = self._settle_credentials(credentials or {})
            self.settings = SettingsBox(self.store)
            self.clock = Clock(self.store)
            self.accounts = Accounts(self.store, self.clock, self.settings, self.credentials)
            self.directory = Directory(self.store, self.clock)
            self.files = Files(self.store, self.clock)
            self.invoices = Invoices(self.store, self.clock, self.settings, self.directory, self.files)
            self.search = Search(self.store, self.clock, self.settings)
            self.flows = Flows(self.store, self.clock, self.settings, self.directory, self.files, self.invoices)
            self.faults.seed(self.settings.current.random_seed)
            if self.store.recall("planted") is None:
                self._plant()
            else:
                self._take_over_password()

    def _settle_credentials(self, given: Mapping[str, str]) -> Credentials:
        """Given ones win; else those of the state file, so that a restart does not lock clients out; else new ones."""
        kept = self.store.recall("credentials")
        credentials = replace(Credentials(**kept) if kept else Credentials.generate(), **given)
        self.store.remember("credentials", asdict(credentials))
        return credentials

    def _plant(self) -> None:
        plant_first_state(self.accounts, self.directory)
        self.store.remember("planted", True)
        self.store.remember("first login", self.credentials.login)

    def _take_over_password(self) -> None:
        """After a restart with other credentials, the first account is the one of these."""
        former = self.store.recall("first login")
        self.store.run(
            "UPDATE accounts SET login = ?, password = ? WHERE login = ?",
            self.credentials.login,
            self.credentials.password,
            former,
        )
        self.store.remember("first login", self.credentials.login)

    @contextmanager
    def work(self) -> Iterator[None]:
        """One operation: what time did comes first, then the operation, then one commit."""
        with self.store.transaction():
            self.flows.settle()
            self.invoices.settle()
            yield

    def reset(self) -> None:
        """Back to the first state: counters, clock, settings, tokens and faults too; the credentials stay."""
        with self.store.transaction():
            self.store.wipe()
            self._settle_credentials(asdict(self.credentials))
            self.settings.reset()
            self.clock.reset()
            self._plant()
        self.faults.remove()
        self.faults.seed(None)
        self.calls.reset()
        self.pace = Pace()

    def close(self) -> None:
        """Let go of the state file."""
        self.store.close()
