"""Calls of the simulator's control door, for every test that arranges the platform or looks at it."""

from __future__ import annotations

from typing import Any

import httpx


def control(url: str, method: str, name: str, body: object = None) -> dict[str, Any]:
    """One call, `name` with its query; an answer other than success fails the test.

    The door speaks plain HTTP: without `verify=False` every call would load the certificates of the whole world.
    """
    answer = httpx.request(method, f"{url}/_control/{name}", json=body, timeout=60, verify=False)
    assert answer.is_success, answer.text
    payload: dict[str, Any] = answer.json()
    return payload
