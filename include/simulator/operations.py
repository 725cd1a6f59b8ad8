"""An operation of the API: its name, the body it declares, what it does. HTTP stays outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from include.simulator.answers import Json
from include.simulator.backend.accounts import Account
from include.simulator.backend.platform import Platform
from include.simulator.wire import Group

# Message keys of success; they depend on the service and mean nothing.
INVOICE_LABEL = "GCU_MSG_01_000"
STRUCTURE_LABEL = "TRA_MSG_00.000"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an operation works with: a complete body, and who calls."""

    platform: Platform
    account: Account
    body: dict[str, Any]
    payload: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation; `name` is its path without prefix and version, as faults and call counts name it."""

    name: str
    declared: Group
    perform: Callable[[Request], Json]
    label: str = INVOICE_LABEL
    method: str = "POST"
    # health-check has a shape of its own, without codeRetour.
    enveloped: bool = True

    @property
    def versioned_path(self) -> str:
        """`factures/soumettre` -> `/factures/v1/soumettre`."""
        api, rest = self.name.split("/", 1)
        return f"/{api}/v1/{rest}"
