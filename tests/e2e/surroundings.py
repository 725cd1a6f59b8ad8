"""What the tests on a real scheduler set up and look at."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import Any

from typer.testing import CliRunner

from include.application.ports.invoice_views import InvoiceFilter
from include.cli import app
from include.domain.rights import OWNER
from tests.conftest import ROOT
from tests.e2e.deployment import Deployment
from tests.orchestration.world import FIRST, SECOND, World, provider, seed
from tests.services.control_door import control


def sending(deployment: Deployment) -> World:
    """Two providers, the second with a wrong password; leases short enough for a test."""
    deployment.world.configure(
        providers=[provider(FIRST, "chorus_first"), provider(SECOND, "chorus_second")],
        submission={"lease_seconds": 20, "send_deadline_seconds": 10, "search_again_after_seconds": 0},
    )
    return deployment.world


def tracked(deployment: Deployment, *, first: str = "chorus_first", second: str = "chorus_third", **more: Any) -> World:
    """One provider in each mode, two people who are told on a real mail server."""
    told = {"notify": {"users": ["anna", "bob"]}, "automatic_submission": False}
    deployment.world.configure(
        people={
            "users": [
                {"name": "anna", "mail": ANNA, "language": "fr"},
                {"name": "bob", "mail": BOB, "language": "en"},
                {"name": "carl", "mail": "carl@imprimerie.example"},
            ]
        },
        mail={"connection": "chorus_smtp", "sender": "chorus@imprimerie.example"},
        providers=[
            provider(FIRST, first, loading="local", **told),
            provider(SECOND, second, loading="remote", **told),
        ],
        **more,
    )
    return deployment.world


ANNA, BOB = "anna@imprimerie.example", "bob@imprimerie.example"


def on_platform(deployment: Deployment, count: int, prefix: str = "P-", **shares: float) -> None:
    invoices = {"supplier_siret": FIRST.siret, "count": count, "statuses": shares, "prefix": prefix}
    seed(deployment.simulator, {"invoices": invoices})


def arrange(deployment: Deployment, name: str, **body: Any) -> None:
    """A change at the platform."""
    control(deployment.simulator.url, "POST", name, body)


def heal(deployment: Deployment) -> None:
    control(deployment.simulator.url, "DELETE", "faults")


def chorus(*arguments: str) -> None:
    """A command in this process, on the state that CHORUS_HOME names."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, (result.output, result.exception)


def read_and_assessed() -> None:
    """A pass that sends nothing, because nobody sends automatically; its reader's processes end with it."""
    command = [sys.executable, "-c", "from include.cli import main; main()", "run", "submission", "--no-notify"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def statuses(world: World) -> dict[str, str]:
    rows = world.services.store.invoice_views.rows(OWNER, InvoiceFilter())
    return {row.invoice_number or "": row.status or "" for row in rows}


def mailed(deployment: Deployment) -> Counter[str]:
    return Counter(str(message["To"]) for message in deployment.mails.messages)


def news(deployment: Deployment, person: str) -> Counter[str]:
    """How often each invoice of the platform was named in this person's mails."""
    found: Counter[str] = Counter()
    for message in deployment.mails.messages:
        body = message.get_body(("plain",))
        if message["To"] == person and body is not None:
            found.update(set(re.findall(r"\b[PN]\d?-\d{6}\b", body.get_content())))
    return found
