"""Real processes over one real database and one real SMTP server, killed at the worst moments."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.outbox.outbox import SqlOutbox
from include.application.notification.send_notifications import LEASE
from tests.services.smtp import Mailbox
from tests.unit.notification.people import invoice_event

ROOT = Path(__file__).resolve().parents[3]
INVOICES = 5

PROCESS = """
import datetime as dt, os, signal, sys, time
from include.adapters.notification.render import MailRenderer
from include.adapters.notification.smtp import SmtpMailer
from include.adapters.storage.core.database import Database
from include.adapters.storage.outbox.outbox import SqlOutbox
from include.application.ports.secrets import ConnectionSecrets
from include.application.notification.send_notifications import Notify
from tests.unit.notification.people import configuration

url, port, minutes, death = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


class Later:
    def now(self): return dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
    def monotonic(self): return time.monotonic()


def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)


outbox = SqlOutbox(Database(url))
mailer = SmtpMailer(lambda: ConnectionSecrets(connection_id="c", host="127.0.0.1", port=port),
                    sender="chorus@imprimerie.example", clock=Later())
if death == "before_distribution": outbox.distribute = die
if death == "after_distribution": outbox.due = die
if death == "after_claim": mailer.send = die
if death == "after_acceptance": outbox.mailed = die
Notify(outbox=outbox, mailer=mailer, renderer=MailRenderer(configuration()), configuration=configuration(),
                  internal_errors=None, clock=Later(), owner=f"process-{os.getpid()}")()
"""

Death = Literal["", "before_distribution", "after_distribution", "after_claim", "after_acceptance"]


def start(url: str, mailbox: Mailbox, *, minutes: int = 0, death: Death = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROCESS, url, str(mailbox.port), str(minutes), death]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A migrated database with events for two people."""
    url = f"sqlite:///{tmp_path / 'chorus.db'}"
    database = Database(url)
    database.migrate()
    with database.write() as connection:
        for number in range(INVOICES):
            announce(connection, dataclasses.replace(invoice_event(number=f"2026-{number}"), invoice_id=None))
    database.close()
    return url


def arrived(mailbox: Mailbox) -> Counter[tuple[str, str]]:
    return Counter((str(mail["To"]), str(mail["Message-ID"])) for mail in mailbox.messages)


@pytest.mark.parametrize(
    ("death", "doubles"),
    [("before_distribution", 0), ("after_distribution", 0), ("after_claim", 0), ("after_acceptance", 1)],
)
def test_whenever_the_process_is_killed_nobody_misses_a_mail(
    death: Death, doubles: int, url: str, smtp_server: Mailbox
) -> None:
    assert start(url, smtp_server, death=death).wait(60) == -signal.SIGKILL
    assert start(url, smtp_server, minutes=int(LEASE / dt.timedelta(minutes=1)) + 1).wait(60) == 0
    counts = arrived(smtp_server)
    assert {to for to, _ in counts} == {"durand@imprimerie.example", "martin@imprimerie.example"}
    assert len(counts) == 2
    assert sum(counts.values()) == 2 + doubles
    database = Database(url)
    assert not SqlOutbox(database).due(now=dt.datetime.now(dt.UTC) + dt.timedelta(days=1), limit=10)
    database.close()


def test_processes_side_by_side_send_each_mail_once(url: str, smtp_server: Mailbox) -> None:
    processes = [start(url, smtp_server) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert start(url, smtp_server).wait(60) == 0
    assert sorted(arrived(smtp_server).values()) == [1, 1]
