"""Matching with the content store on S3: what it asks of the store; `chorus bench contents` times it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_document_costs_one_request() -> None:
    command = [sys.executable, "-m", "benchmarks.contents", "--count=60", "--rounds=1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=290, check=False)
    found = json.loads(done.stdout)
    assert (found["requests_per_document"], set(found["kinds_of_requests"])) == (1.0, {"PUT"})
    assert (done.returncode == 0) == (found["ratio"] <= found["limit_ratio"])
