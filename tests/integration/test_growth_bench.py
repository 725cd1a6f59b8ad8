"""`chorus bench growth` on a small store: every question is asked, and what an invoice takes on the disk is told."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks.growth_questions import EXPLAINED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_every_question_is_asked_and_the_disk_of_an_invoice_told() -> None:
    command = [sys.executable, "-m", "benchmarks.growth", "--counts=200,400", "--models=10", "--rounds=1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=590, check=False)
    assert done.returncode in (0, 1), done.stderr
    small, large = json.loads(done.stdout)["runs"]
    assert (small["invoices"], large["invoices"]) == (200, 400)
    names = {one["question"] for one in large["questions"]}
    assert len(names) > 50
    assert set(EXPLAINED) <= names
    assert large["bytes_per_invoice"] > 5_000
    assert large["bytes_per_invoice_by_table"]["readings"] < 16_000
