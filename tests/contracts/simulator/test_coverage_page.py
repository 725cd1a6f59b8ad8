from __future__ import annotations

import re
from pathlib import Path

from include.simulator import failures
from include.simulator.failures import Reason
from include.simulator.routes import OPERATIONS

PAGE = (Path(failures.__file__).parent / "COVERAGE.md").read_text(encoding="utf-8")


def test_the_page_names_exactly_the_operations_that_are_served() -> None:
    listed = re.findall(r"^\| `([a-zA-Z]+/[^`]+)` \| yes", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(operation.name for operation in OPERATIONS)


def test_invented_numbers_are_apart_from_known_ones_and_each_is_used_once() -> None:
    reasons = [value for value in vars(failures).values() if isinstance(value, Reason)]
    assert all((reason.code >= 29900) != reason.known for reason in reasons)
    invented = [reason.code for reason in reasons if not reason.known]
    assert len(invented) == len(set(invented))
