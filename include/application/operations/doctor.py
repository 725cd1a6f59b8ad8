"""One look at everything the product stands on, each with its cure; a failed check never hides the others."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.application.operations.first_steps import Step, StepName, first_steps
from include.application.ports.checks import Check
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.configuration import ConfigurationStore
from include.application.ports.files import Files
from include.application.ports.portal import DocumentPortal
from include.application.ports.providers import Providers
from include.application.providers.check_login import login_checks, look_at_login
from include.application.providers.circuit_breaker import open_circuit
from include.application.providers.credential_health import ASK_EVERY
from include.application.submission.sending import SENDING_OFF
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConnectorError, LoginRefusedError
from include.texts import Spoken, Text, os_failure


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the doctor looks at; each part is opened inside its own check."""

    store: ConfigurationStore
    known_signatures: Callable[[], Mapping[str, str]]
    programs: Callable[[], Iterator[Check]]
    files: Files
    open_portal: Callable[[Configuration], DocumentPortal]
    check_mail: Callable[[Configuration], Spoken | str]
    chorus: Chorus
    providers: Providers
    clock: Clock
    sending: bool = True


def doctor(around: Surroundings) -> Iterator[Check]:
    """Programs, database, content store, portal, mail, and of each provider both halves of its login apart."""
    yield _sending(around.sending)
    yield from around.programs()
    database = _tried("database", lambda: Text("check.database", {"revision": around.store.current()[0]}))
    yield database
    yield content_store_check(around.files)
    if not database.ok:
        return
    _, configuration = around.store.current()
    if configuration.portal is not None:
        yield _tried("portal", lambda: _portal(around, configuration))
    yield _tried("mail", lambda: around.check_mail(configuration))
    for provider in configuration.providers:
        yield from _login(around, provider)
    # last: the first login that works is one of the steps
    yield from step_checks(first_steps(around.store, around.providers, configuration))


_STEPS = {
    StepName.PORTAL: "portal",
    StepName.PROVIDER: "providers",
    StepName.CRITERION: "criteria",
    StepName.TRIAL: "trial",
}


def step_checks(steps: Sequence[Step]) -> Iterator[Check]:
    """The first steps. A portal that is there was looked at by then; a trial that was not made yet is no fault."""
    for step in steps:
        if step.name == StepName.TRIAL and not step.done:
            seen = Text("check.step_waits", {"seen": step.seen, "todo": step.todo})
            yield Check(name=_STEPS[step.name], ok=True, seen=seen)
        elif step.name != StepName.PORTAL or not step.done:
            yield Check(name=_STEPS[step.name], ok=step.done, seen=step.seen, todo="" if step.done else step.todo)


def _sending(allowed: bool) -> Check:
    """Switched off it is told as a fault, so that nobody forgets it."""
    if allowed:
        return Check(name="sending", ok=True, seen=Text("check.sending_on"))
    return Check(name="sending", ok=False, seen=SENDING_OFF, todo=Text("check.sending_on_again"))


def _tried(name: str, look: Callable[[], str | Spoken]) -> Check:
    try:
        return Check(name=name, ok=True, seen=look())
    except ConnectorError as error:
        return Check(name=name, ok=False, seen=error.diagnosis, todo=error.cure)


def _portal(around: Surroundings, configuration: Configuration) -> Text:
    # what is known is not read again: a large portal answers in seconds
    seen = around.open_portal(configuration).scan(around.known_signatures()).seen
    return Text("check.portal", {"count": len(seen)})


def content_store_check(files: Files) -> Check:
    """Whether contents can be written and read back."""
    return _tried("content store", lambda: _written_and_read(files))


def _written_and_read(files: Files) -> Text:
    files.get(files.put(b"doctor"))
    return Text("check.content_store")


def _login(around: Surroundings, provider: Provider) -> Iterator[Check]:
    """The halves of the login apart; a login that works closes the provider's circuit breaker.

    Source: docs/reference/exactly-once.md 6.
    """
    now = around.clock.now()
    login = look_at_login(provider, around.chorus)
    if isinstance(login.error, LoginRefusedError):
        open_circuit(provider, around.providers, around.clock, login.error)
    elif login.error is None:
        around.providers.close_circuit(provider.key, now=now)
        health = dataclasses.replace(
            around.providers.health(provider.key),
            password_expires_at=login.password_expires_at,
            password_ask_at=now + ASK_EVERY,
            certificate_expires_at=login.certificate_expires_at,
        )
        around.providers.keep_credentials(health, ())
    yield from login_checks(provider, login, now)


def room_on_disk(folder: Path) -> Check:
    """Whether our own state can be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"x" * 1_000_000)
            file.flush()
    except OSError as error:
        return Check(
            name="disk",
            ok=False,
            seen=Text("check.folder_fails", {"folder": folder, "cause": os_failure(error)}),
            todo=Text("check.make_room"),
        )
    return Check(name="disk", ok=True, seen=Text("check.folder", {"folder": folder}))
