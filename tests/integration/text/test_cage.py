"""Code that runs in a worker of the reader reaches nothing that is not its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading
from tests.conftest import ROOT
from tests.integration.text.misbehaving import STEAL

OUTSIDE = """
import json, sys
from tests.integration.text.misbehaving import steal
print(json.dumps(steal(**json.loads(sys.argv[1]))))
"""


@pytest.fixture
def loot(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What there is to find: a file with a secret, a listener on loopback, this process."""
    secret = tmp_path / "secret"
    secret.write_text("the technical account's password")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield {"secret_file": str(secret), "port": listener.getsockname()[1], "parent": os.getpid()}


def test_a_parser_that_is_taken_over_finds_nothing(loot: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_CHORUS", "a secret of the environment")
    with PdfReader(workers=1, module="tests.integration.text.misbehaving") as reader:
        content = b"%PDF" + STEAL + json.dumps(loot).encode()
        ((_, result),) = reader.read([(0, content)], ReadingLimits(), ReadingHints())
    assert isinstance(result, Reading)
    assert result.warnings == ()


def test_outside_the_cage_the_same_code_finds_the_ways_open(loot: dict[str, object]) -> None:
    """So that the test above cannot pass because the ways are tried wrongly.

    In a process of its own, against a bystander: whoever is traced stands still for as long as the thief lives, and
    the parent of this process is the one that hands out the tests.
    """
    with subprocess.Popen(["sleep", "120"]) as bystander:
        aims = json.dumps({**loot, "parent": bystander.pid})
        command = [sys.executable, "-c", OUTSIDE, aims]
        found = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
        bystander.kill()
    open_to_all = {"environment", "a secret file", "users", "writing", "a program", "network", "a signal"}
    assert open_to_all | {"new rights", "many files"} <= set(found)
