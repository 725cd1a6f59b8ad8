"""Every operation the simulator serves, one file per group of the API."""

from __future__ import annotations

from include.simulator.operations import Operation
from include.simulator.routes import (
    corrections,
    deposits,
    downloads,
    flows,
    lists,
    reading,
    structures,
    transverses,
    users,
)

OPERATIONS: tuple[Operation, ...] = (
    *deposits.OPERATIONS,
    *flows.OPERATIONS,
    *reading.OPERATIONS,
    *corrections.OPERATIONS,
    *downloads.OPERATIONS,
    *structures.OPERATIONS,
    *transverses.OPERATIONS,
    *lists.OPERATIONS,
    *users.OPERATIONS,
)
