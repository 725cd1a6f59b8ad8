"""One look at everything the product stands on, each with its cure; a failed check never hides the others."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from include.application.ports import Chorus, Clock, DocumentPortal, Files
from include.application.storage_ports import Providers
from include.application.submit_invoices import PROBE_AFTER
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConnectorError, LoginRefusedError

PISTE, ACCOUNT = "piste", "account"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at: `ok`, what was seen, and what to do if it is not."""

    name: str
    ok: bool
    seen: str
    todo: str = ""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the doctor looks at; each part is opened inside its own check."""

    current: Callable[[], tuple[int, Configuration]]
    known_signatures: Callable[[], Mapping[str, str]]
    programs: Callable[[], Iterator[Check]]
    files: Files
    open_portal: Callable[[Configuration], DocumentPortal]
    check_mail: Callable[[Configuration], str]
    chorus: Chorus
    providers: Providers
    clock: Clock


def doctor(around: Surroundings) -> Iterator[Check]:
    """Programs, database, content store, portal, mail, and of each provider PISTE and the technical account apart."""
    yield from around.programs()
    database = _tried("database", lambda: f"revision {around.current()[0]} of the configuration")
    yield database
    yield _tried("content store", lambda: _written_and_read(around.files))
    if not database.ok:
        return
    _, configuration = around.current()
    yield _tried("portal", lambda: _portal(around, configuration))
    yield _tried("mail", lambda: around.check_mail(configuration))
    if not configuration.providers:
        yield Check(name="providers", ok=False, seen="no provider is configured", todo="Apply a configuration.")
    for provider in configuration.providers:
        yield from _login(around, provider)


def _tried(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, seen=look())
    except ConnectorError as error:
        return Check(name=name, ok=False, seen=" ".join(filter(None, (error.what, error.why))), todo=error.todo)


def _portal(around: Surroundings, configuration: Configuration) -> str:
    # what is known is not read again: a large portal answers in seconds
    return f"{len(around.open_portal(configuration).scan(around.known_signatures()).seen)} documents"


def _written_and_read(files: Files) -> str:
    files.get(files.put(b"doctor"))
    return "written and read back"


def _login(around: Surroundings, provider: Provider) -> Iterator[Check]:
    """The two halves of the login apart; a login that works closes the provider's circuit (exactly-once 6)."""
    piste, account = f"{provider.name}: PISTE", f"{provider.name}: technical account"
    now = around.clock.now()
    try:
        gateway = around.chorus.gateway(provider)
        gateway.check()
        supplier = gateway.supplier()
    except LoginRefusedError as error:
        around.providers.open_circuit(
            provider.key, half=error.half, reason=error.what, probe_after=PROBE_AFTER, now=now
        )
        if error.half == ACCOUNT:
            yield Check(name=piste, ok=True, seen="token given")
        yield Check(name=piste if error.half == PISTE else account, ok=False, seen=error.what, todo=error.todo)
    except ConnectorError as error:
        yield Check(name=f"{provider.name}: connection", ok=False, seen=error.what, todo=error.todo)
    else:
        around.providers.close_circuit(provider.key, now=now)
        yield Check(name=piste, ok=True, seen="token given")
        accounts = ", ".join(bank.name for bank in supplier.bank_accounts) or "none"
        yield Check(name=account, ok=True, seen=f"{supplier.name}, bank details: {accounts}")


def room_on_disk(folder: Path) -> Check:
    """Whether our own state can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"x" * 1_000_000)
            file.flush()
    except OSError as error:
        return Check(name="disk", ok=False, seen=f"{folder}: {error}", todo="Make room, or set CHORUS_HOME elsewhere.")
    return Check(name="disk", ok=True, seen=f"{folder} can be written")
