"""One look at everything the product stands on, each with its cure; a failed check never hides the others."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from include.application.circuit import open_circuit
from include.application.credential_health import ASK_EVERY, PARIS, days_left
from include.application.ports import Chorus, Clock, DocumentPortal, Files
from include.application.storage_ports import Providers
from include.application.unconfigured import NO_PROVIDER
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConnectorError, LoginRefusedError

PISTE, ACCOUNT = "piste", "account"
_TITLES = {PISTE: "PISTE", "certificate": "certificate", ACCOUNT: "technical account"}

TOO_SOON_DAYS = 15
"""A login that ends within so many days is something found (API page 6.8)."""


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
    """Programs, database, content store, portal, mail, and of each provider both halves of its login apart."""
    yield from around.programs()
    database = _tried("database", lambda: f"revision {around.current()[0]} of the configuration")
    yield database
    yield _tried("content store", lambda: _written_and_read(around.files))
    if not database.ok:
        return
    _, configuration = around.current()
    if not configuration.providers:
        yield Check(name="providers", ok=False, seen="none", todo=NO_PROVIDER)
    yield _tried("portal", lambda: _portal(around, configuration))
    yield _tried("mail", lambda: around.check_mail(configuration))
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
    """The halves of the login apart; a login that works closes the provider's circuit (exactly-once 6)."""
    now = around.clock.now()
    first = PISTE if provider.authentication == "oauth_piste" else "certificate"
    try:
        gateway = around.chorus.gateway(provider)
        gateway.check()
        supplier = gateway.supplier()
        password_expires_at = gateway.password_expires_at()
    except LoginRefusedError as error:
        open_circuit(provider, around.providers, around.clock, error)
        if error.half == ACCOUNT:
            yield Check(name=_name(provider, first), ok=True, seen=_LET_IN[first])
        seen = " ".join(filter(None, (error.what, error.why)))
        yield Check(name=_name(provider, error.half), ok=False, seen=seen, todo=error.todo)
    except ConnectorError as error:
        seen = " ".join(filter(None, (error.what, error.why)))
        yield Check(name=f"{provider.name}: connection", ok=False, seen=seen, todo=error.todo)
    else:
        around.providers.close_circuit(provider.key, now=now)
        certificate_expires_at = around.chorus.certificate_expires_at(provider)
        health = dataclasses.replace(
            around.providers.health(provider.key),
            password_expires_at=password_expires_at,
            password_ask_at=now + ASK_EVERY,
            certificate_expires_at=certificate_expires_at,
        )
        around.providers.keep_credentials(health, ())
        yield _ending(_name(provider, first), _LET_IN[first], certificate_expires_at, now, "Renew the certificate.")
        accounts = ", ".join(bank.name for bank in supplier.bank_accounts) or "none"
        yield Check(name=_name(provider, ACCOUNT), ok=True, seen=f"{supplier.name}, bank details: {accounts}")
        told = "valid" if password_expires_at else "its end is not told by the platform"
        todo = "Have the main manager renew it on the Chorus Pro portal, then write it into the connection."
        yield _ending(f"{provider.name}: technical password", told, password_expires_at, now, todo)


_LET_IN = {PISTE: "token given", "certificate": "let in"}


def _name(provider: Provider, half: str) -> str:
    return f"{provider.name}: {_TITLES.get(half, half)}"


def _ending(name: str, seen: str, expires_at: dt.datetime | None, now: dt.datetime, todo: str) -> Check:
    """A half that works, and until when."""
    days = days_left(expires_at, now)
    if expires_at is None or days is None:
        return Check(name=name, ok=True, seen=seen)
    day = expires_at.astimezone(PARIS).date().isoformat()
    soon = days <= TOO_SOON_DAYS
    return Check(name=name, ok=not soon, seen=f"{seen}, until {day} ({days} days)", todo=todo if soon else "")


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
