"""The secrets of a provider as a person writes them: into its Airflow connection, never out of it again.

What is left empty is kept. A certificate is opened before anything is stored; it goes into the connection itself, so
that every worker has it (docs/adr/0002-secrets-in-connections.md).
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields

from include.application.administration.item_editing import FaultyItemError
from include.application.administration.settings_editing import SettingsEditing
from include.application.ports.configuration import Action, ConfigurationChange
from include.application.ports.secrets import Connections, ConnectionSecrets, Secrets
from include.application.views.filters import check_administers
from include.domain.configuration import Provider
from include.domain.configuration_rules import Fault
from include.domain.errors import ConnectorError, HeldElsewhereError, SecretMissingError
from include.texts import Spoken, Text

IN_EXTRA = ("piste_client_id", "piste_client_secret", "certificate_format", "certificate_password")


@dataclass(frozen=True, kw_only=True, repr=False)
class Credentials:
    """What somebody typed; None, or an empty text: what is stored stays. `certificate_file`: the bytes of the file."""

    host: str | None = None
    login: str | None = None
    password: str | None = None
    piste_client_id: str | None = None
    piste_client_secret: str | None = None
    certificate_file: bytes | None = None
    certificate_format: str | None = None
    certificate_password: str | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the parts that somebody typed."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name))


@dataclass(frozen=True, kw_only=True)
class KeptCredentials:
    """What a page may know of a connection: which parts it has, never what they are.

    `elsewhere`: a secrets backend or the environment holds it, so that it is changed there.
    """

    elsewhere: bool
    host: str
    parts: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ProviderCredentials:
    """The secrets of providers in the hands of one person who administers."""

    connections: Connections
    secrets: Secrets
    check_certificate: Callable[[ConnectionSecrets], dt.datetime]
    editing: SettingsEditing

    def kept(self, connection_id: str) -> KeptCredentials:
        """What is stored under this connection."""
        check_administers(self.editing.viewer)
        stored = self._stored(connection_id)
        parts = {name for name in IN_EXTRA if stored.extra.get(name)}
        parts |= {name for name in ("login", "password") if getattr(stored, name)}
        if stored.extra.get("certificate") or stored.extra.get("certificate_base64"):
            parts.add("certificate_file")
        elsewhere = self.connections.held_elsewhere(connection_id)
        return KeptCredentials(elsewhere=elsewhere, host=_address(stored), parts=frozenset(parts))

    def merged(self, connection_id: str, given: Credentials) -> ConnectionSecrets:
        """The connection with what was typed laid over it; nothing is stored yet.

        HeldElsewhereError where others keep it; FaultyItemError for a certificate that cannot be used, and for another
        address without the secrets that would be sent to it: nobody learns a stored secret by having it sent elsewhere.
        """
        check_administers(self.editing.viewer)
        if self.connections.held_elsewhere(connection_id):
            raise HeldElsewhereError("connection_held_elsewhere", connection=connection_id)
        stored = self._stored(connection_id)
        _check_address(stored, given)
        typed = {
            "piste_client_id": given.piste_client_id,
            "piste_client_secret": given.piste_client_secret,
            "certificate_format": given.certificate_format,
            "certificate_password": given.certificate_password,
        }
        extra = {**stored.extra, **{name: value for name, value in typed.items() if value}}
        if given.certificate_file:
            extra.pop("certificate", None)
            extra["certificate_base64"] = base64.b64encode(given.certificate_file).decode("ascii")
        made = ConnectionSecrets(
            connection_id=connection_id,
            host=given.host or stored.host,
            schema=None if given.host else stored.schema,
            port=None if given.host else stored.port,
            login=given.login or stored.login,
            password=given.password or stored.password,
            extra=extra,
        )
        if given.certificate_file or given.certificate_password:
            self._check(made)
        return made

    def keep(self, provider: Provider, connection: ConnectionSecrets, given: Credentials) -> None:
        """Stores it; the history tells who replaced which parts, never what they are."""
        self.connections.keep(connection)
        replaced = ConfigurationChange(
            section="providers",
            action=Action.CHANGED,
            item=provider.title,
            field=f"connection {connection.connection_id}",
            after=list(given.given),
        )
        self.editing.record(replaced, "providers")

    def _stored(self, connection_id: str) -> ConnectionSecrets:
        try:
            return self.secrets.get(connection_id)
        except SecretMissingError:
            return ConnectionSecrets(connection_id=connection_id)

    def _check(self, connection: ConnectionSecrets) -> None:
        try:
            self.check_certificate(connection)
        except ConnectorError as error:
            cause = _cause(error)
            control = "certificate_file"
            if isinstance(cause, Text) and cause.code in _OF_THE_PASSWORD:
                control = "certificate_password"
            fault = Fault(path=(control,), what=Text("fault.certificate", {"cause": cause}))
            raise FaultyItemError({control: fault}) from None


_OF_THE_PASSWORD = ("cause.certificate_password_wrong", "cause.certificate_password_missing",
                    "cause.certificate_key_not_opened")  # fmt: skip


def _cause(error: ConnectorError) -> Spoken:
    """What is wrong with a certificate, without the places in the connection that the form does not show."""
    cause = error.params.get("told", error.params.get("cause"))
    return cause if isinstance(cause, Text) else error


def _check_address(stored: ConnectionSecrets, given: Credentials) -> None:
    if not given.host or not _address(stored) or given.host == _address(stored):
        return
    sent = {"password": stored.password, "piste_client_secret": stored.extra.get("piste_client_secret")}
    missing = [name for name, value in sent.items() if value and not getattr(given, name)]
    if missing:
        raise FaultyItemError({name: Fault(path=(name,), what=Text("fault.secret_again")) for name in missing})


def _address(connection: ConnectionSecrets) -> str:
    """Where it leads; a name or password in an address is left out."""
    host = (connection.host or "").rpartition("@")[2] if "@" in (connection.host or "") else connection.host or ""
    if not host or "://" in host:
        return host
    schema = f"{connection.schema}://" if connection.schema in ("http", "https") else ""
    return f"{schema}{host}" + (f":{connection.port}" if connection.port else "")
