"""A password in the address of a database, wherever it stands there, is in nothing that the command line says."""

from __future__ import annotations

import logging
import secrets
import sys
import traceback
from pathlib import Path

import pytest

from include.cli import main
from include.domain.errors import ConnectorError

PASSWORD, KEY = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
NOBODY = "127.0.0.1:1"


ADDRESSES = {
    "in its place": f"postgresql+psycopg://chorus:{PASSWORD}@{NOBODY}/chorus",
    "in the query": f"postgresql+psycopg://chorus@{NOBODY}/chorus?password={PASSWORD}",
    "of the key": f"postgresql+psycopg://chorus:{PASSWORD}@{NOBODY}/chorus?sslmode=require&sslpassword={KEY}",
    "without a user": f"postgresql+psycopg://{NOBODY}/chorus?user=chorus&password={PASSWORD}&passfile=/etc/pgpass",
    "torn": f"postgresql+psycopg://chorus:{PASSWORD}@{NOBODY}:{KEY}/chorus",
    "unknown driver": f"postgresql+nothing://chorus:{PASSWORD}@{NOBODY}/chorus?password={KEY}",
}
LIST, MIGRATE, DOCTOR = ("documents", "list"), ("db", "migrate"), ("doctor", "--json")
CALLS = [
    *((which, call) for which in ADDRESSES for call in (LIST, MIGRATE, ("--debug", *LIST))),
    ("of the key", DOCTOR),  # it starts readers, which takes seconds
]


@pytest.mark.parametrize(("which", "call"), CALLS, ids=[f"{which}: {' '.join(call)}" for which, call in CALLS])
def test_no_message_log_or_trace_says_it(
    which: str,
    call: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("CHORUS_HOME", str(tmp_path))
    monkeypatch.setenv("CHORUS_DATABASE_URL", ADDRESSES[which])
    monkeypatch.setattr(sys, "argv", ["chorus", *call])
    with pytest.raises((SystemExit, ConnectorError)) as ended:
        main()
    logging.getLogger().handlers.clear()
    written = capsys.readouterr()
    said = written.out + written.err + caplog.text
    if "--debug" in call:
        said += "".join(traceback.format_exception(ended.value))
    else:
        assert isinstance(ended.value, SystemExit) and ended.value.code not in (0, None), "nobody listens there"
        assert said.strip() and "Traceback" not in said
    assert PASSWORD not in said and KEY not in said
