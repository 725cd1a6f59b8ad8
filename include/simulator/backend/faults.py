"""Injected faults: which call goes wrong, how, and how often. Each rolls its own dice in the order of posting."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from include.simulator.codes import words

TOKEN = "token"
EVERY_CALL = "*"

KINDS = words(
    "token_refused token_expired account_refused forbidden rate_limited server_error maintenance_page slow "
    "slow_after_accept drop_before drop_after_accept reset truncated_json too_large business_refusal"
)
# These let the call take effect; all others fire before it (`slow` too: the call happens after the wait).
AFTER_EFFECT = frozenset(["slow_after_accept", "drop_after_accept", "truncated_json"])
WITH_EFFECT = AFTER_EFFECT | {"slow"}


@dataclass(kw_only=True)
class Fault:
    """One posted fault; `times` counts down, None is for ever."""

    id: int
    kind: str
    operation: str = EVERY_CALL
    supplier_siret: str | None = None
    login: str | None = None
    times: int | None = None
    probability: float = 1.0
    status: int | None = None
    seconds: float | None = None
    code: int | None = None
    label: str | None = None
    fired: int = 0

    def concerns(self, operation: str) -> bool:
        """Whether this fault is about the operation; `*` is every API call, never the token."""
        if self.operation == EVERY_CALL:
            return operation != TOKEN
        return self.operation == operation

    def shown(self) -> dict[str, Any]:
        """What is left of it."""
        return {name: value for name, value in vars(self).items() if value is not None}


class Faults:
    """The posted faults, in order."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last = 0
        self._dice = random.Random()

    def seed(self, seed: int | None) -> None:
        """Make the dice repeatable."""
        self._dice = random.Random(seed)

    def post(self, **fields: Any) -> Fault:
        """Add a fault at the end of the queue."""
        self._last += 1
        fault = Fault(id=self._last, **fields)
        self._faults.append(fault)
        return fault

    def remove(self, fault_id: int | None = None) -> int:
        """Take back one fault, or all; gives how many."""
        kept = [fault for fault in self._faults if fault_id is not None and fault.id != fault_id]
        removed = len(self._faults) - len(kept)
        self._faults = kept
        return removed

    @property
    def waiting(self) -> list[Fault]:
        """Faults that may still fire."""
        return [fault for fault in self._faults if fault.times is None or fault.times > 0]

    @property
    def all(self) -> list[Fault]:
        """Every posted fault, spent ones too."""
        return list(self._faults)

    def draw(self, operation: str, login: str | None, speaks_for: Callable[[str], bool]) -> Fault | None:
        """Give the first fault whose dice say yes for this call."""
        for fault in self.waiting:
            if not fault.concerns(operation) or (fault.login is not None and fault.login != login):
                continue
            if fault.supplier_siret is not None and not speaks_for(fault.supplier_siret):
                continue
            if self._dice.random() < fault.probability:
                fault.fired += 1
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
