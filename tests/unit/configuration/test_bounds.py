"""No limit of the configuration is without a limit of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from include.application.administration.configuration_text import json_schema


def numbers(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every number that the schema lets in."""
    if isinstance(node, list):
        for place, item in enumerate(node):
            yield from numbers(item, f"{path}/{place}")
    elif isinstance(node, dict):
        if node.get("type") in ("integer", "number") and "const" not in node:
            yield path, node
        for name, item in node.items():
            yield from numbers(item, f"{path}/{name}")


FOUND = dict(numbers(json_schema()))


@pytest.mark.parametrize("path", sorted(FOUND))
def test_every_number_has_a_lower_and_an_upper_bound(path: str) -> None:
    bounds = FOUND[path]
    assert {"minimum", "exclusiveMinimum"} & bounds.keys()
    assert {"maximum", "exclusiveMaximum"} & bounds.keys()
