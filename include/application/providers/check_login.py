"""One look at both halves of a login; nothing is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from include.application.ports.checks import Check
from include.application.ports.chorus import Chorus
from include.application.providers.certificate_end import RENEW_DAYS
from include.application.providers.credential_health import PARIS, days_left
from include.domain.configuration import Provider
from include.domain.directory import SupplierAccount
from include.domain.errors import ConnectorError, LoginRefusedError
from include.texts import Text

PISTE, CERTIFICATE, ACCOUNT = "piste", "certificate", "account"
_TITLES = {PISTE: "PISTE", CERTIFICATE: "certificate", ACCOUNT: "technical account"}
_LET_IN = {PISTE: Text("check.token_given"), CERTIFICATE: Text("check.let_in")}

PASSWORD_DAYS = 15
"""Days before the end of a password from which on the check finds fault with it (docs/reference/chorus-pro-api.md 6.8).
"""


@dataclass(frozen=True, kw_only=True)
class Login:
    """What the platform said: `error` is why it did not let in; `supplier` is None where the SIRET is not known."""

    error: ConnectorError | None = None
    supplier: SupplierAccount | None = None
    password_expires_at: dt.datetime | None = None
    certificate_expires_at: dt.datetime | None = None


def look_at_login(provider: Provider, chorus: Chorus, *, knows_siret: bool = True) -> Login:
    """Logs in; where the SIRET is known, asks whether the account may invoice for it, and until when it holds."""
    try:
        gateway = chorus.gateway(provider)
        gateway.check()
        if not knows_siret:
            gateway.attachment_types()  # the cheapest call that needs the account too
            return Login(certificate_expires_at=chorus.certificate_expires_at(provider))
        return Login(
            supplier=gateway.supplier(),
            password_expires_at=gateway.password_expires_at(),
            certificate_expires_at=chorus.certificate_expires_at(provider),
        )
    except ConnectorError as error:
        return Login(error=error, certificate_expires_at=_certificate_end(provider, chorus))


def _certificate_end(provider: Provider, chorus: Chorus) -> dt.datetime | None:
    """As far as it can be told of a login that fails."""
    try:
        return chorus.certificate_expires_at(provider)
    except ConnectorError:
        return None


def login_checks(provider: Provider, login: Login, now: dt.datetime) -> Iterator[Check]:
    """The halves of the login apart, each with its cure."""
    first = PISTE if provider.authentication == "oauth_piste" else CERTIFICATE
    error = login.error
    if error is not None:
        half = error.half if isinstance(error, LoginRefusedError) else None
        if half == ACCOUNT:
            yield _first_half(provider, first, login, now)
        name = "connection" if half is None else _TITLES.get(half, half)
        yield Check(name=name, about=provider.name, ok=False, seen=error.diagnosis, todo=error.cure)
        return
    yield _first_half(provider, first, login, now)
    if login.supplier is None:
        yield Check(name=_TITLES[ACCOUNT], about=provider.name, ok=True, seen=Text("check.let_in"))
        return
    accounts = ", ".join(bank.name for bank in login.supplier.bank_accounts) or Text("check.none")
    supplier = Text("check.supplier", {"name": login.supplier.name, "accounts": accounts})
    yield Check(name=_TITLES[ACCOUNT], about=provider.name, ok=True, seen=supplier)
    end = Text("check.valid" if login.password_expires_at else "check.end_untold")
    password = Check(name="technical password", about=provider.name, ok=True, seen=end)
    yield _ending(password, login.password_expires_at, now, PASSWORD_DAYS, Text("check.renew_password"))


def _first_half(provider: Provider, half: str, login: Login, now: dt.datetime) -> Check:
    """The half that lets in before the account does."""
    works = Check(name=_TITLES[half], about=provider.name, ok=True, seen=_LET_IN[half])
    return _ending(works, login.certificate_expires_at, now, RENEW_DAYS, Text("check.renew_certificate"))


def _ending(works: Check, expires_at: dt.datetime | None, now: dt.datetime, warn_days: int, todo: Text) -> Check:
    """A half that works, and until when; a fault from `warn_days` before the end on."""
    days = days_left(expires_at, now)
    if expires_at is None or days is None:
        return works
    day = expires_at.astimezone(PARIS).date()
    soon = days <= warn_days
    return replace(
        works,
        ok=not soon,
        seen=Text("check.until", {"seen": works.seen, "day": day, "days": days}),
        todo=todo if soon else "",
    )
