"""Mails over SMTP, each on its own connection, with every answer of the server put where it belongs.

The steps are taken one by one, not with `send_message`: what a refusal means depends on the step. A refused login or
sender concerns every mail and is mended in the configuration, so no mail may be given up for it; a refused recipient or
content concerns this mail only.
"""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from include.adapters.http.known_secrets import KnownSecrets
from include.adapters.http.network_errors import BROKEN, failure_cause
from include.adapters.notification.mime import as_mime
from include.application.ports.clock import Clock
from include.application.ports.mail import MailFailureScope, Message
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationError, MailRefusedError, MailUnavailableError, SecretMissingError
from include.texts import Spoken, Text, foreign_failure

STEP_SECONDS = 30.0
"""Longest silence of the server within one step."""

TOTAL_SECONDS = 240.0
"""Longest time for one mail, however slowly the server drips; shorter than the lease of a delivery."""

MESSAGE_TOO_BIG = 552


@dataclass(frozen=True, kw_only=True, repr=False)
class SmtpSettings:
    """The connection as Airflow holds it: host, port, login, password; extra `{"starttls", "ssl", "ca_file"}`.

    A login in clear text is refused unless the server is this machine or extra says `"plain_login": true`.
    """

    host: str
    port: int
    login: str | None
    password: str | None
    starttls: bool
    tls: bool
    ca_file: str | None

    @classmethod
    def read(cls, secrets: ConnectionSecrets) -> SmtpSettings:
        """SecretMissingError without a host, ConfigurationError for a login that would travel in clear."""
        if not secrets.host:
            raise SecretMissingError("mail_connection_without_host", connection=secrets.connection_id)
        tls, starttls = bool(secrets.extra.get("ssl")), bool(secrets.extra.get("starttls"))
        encrypted = tls or starttls or secrets.extra.get("plain_login") or _is_loopback(secrets.host)
        if secrets.login and not encrypted:
            raise ConfigurationError("mail_login_in_clear", connection=secrets.connection_id)
        return cls(
            host=secrets.host,
            port=secrets.port or (465 if tls else 587 if starttls else 25),
            login=secrets.login,
            password=secrets.password,
            starttls=starttls,
            tls=tls,
            ca_file=secrets.extra.get("ca_file"),
        )


class SmtpMailer:
    """Sends through the server of one Airflow connection, which is read anew for each mail."""

    def __init__(
        self,
        connection: Callable[[], ConnectionSecrets],
        *,
        sender: str,
        clock: Clock,
        step_seconds: float = STEP_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._connection = connection
        self._sender = sender
        self._clock = clock
        self._step_seconds = step_seconds
        self._total_seconds = total_seconds

    def check(self) -> None:
        """Connects and logs in, sends nothing; the errors of `send`."""
        with self._session():
            pass

    def send(self, message: Message) -> None:
        """Returns when the server accepted the mail; from then on no fault of the connection counts."""
        content = as_mime(message, sender=self._sender, at=self._clock.now())
        with self._session() as smtp:
            try:
                self._hand_over(smtp, message.recipient, content)
            except (smtplib.SMTPException, OSError) as error:
                raise _unavailable(
                    Text("smtp.connection_lost", {"cause": _cause(error)}), MailFailureScope.CONNECTION
                ) from error

    @contextlib.contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """An open, encrypted, logged-in connection that is cut when the total time is up."""
        connection = self._connection()
        settings = SmtpSettings.read(connection)
        with _without_secrets(connection), self._connected(settings) as smtp:
            yield smtp

    @contextlib.contextmanager
    def _connected(self, settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
        try:
            smtp = _connect(settings, self._step_seconds)
        except (smtplib.SMTPException, OSError) as error:
            told = {"host": settings.host, "port": settings.port, "cause": _cause(error)}
            raise _unavailable(Text("smtp.no_connection", told), MailFailureScope.SERVER) from error
        total_timeout = threading.Timer(self._total_seconds, _cut, [smtp])
        total_timeout.daemon = True
        total_timeout.start()
        try:
            _log_in(smtp, settings)
            yield smtp
        finally:
            if smtp.sock is not None:
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    smtp.quit()
            total_timeout.cancel()
            smtp.close()

    def _hand_over(self, smtp: smtplib.SMTP, recipient: str, content: bytes) -> None:
        code, answer = smtp.mail(self._sender)
        if code == MESSAGE_TOO_BIG:
            raise _refused(code, answer)
        if code != 250:
            told = {"sender": self._sender, "answer": _text(code, answer)}
            raise _unavailable(Text("smtp.sender_refused", told), MailFailureScope.SERVER)
        _classify(*smtp.rcpt(recipient), accepted=(250, 251))
        try:
            _classify(*smtp.data(content), accepted=(250,))
        except smtplib.SMTPDataError as error:
            _classify(error.smtp_code, error.smtp_error, accepted=())


@contextlib.contextmanager
def _without_secrets(connection: ConnectionSecrets) -> Iterator[None]:
    """A server that repeats what it was told tells it to nobody: reasons of mails are stored and shown."""
    known = KnownSecrets()
    known.add_connection(connection)
    plain = f"\0{connection.login or ''}\0{connection.password or ''}"
    known.add(*(base64.b64encode(text.encode()).decode("ascii") for text in (plain, connection.password or "")))
    try:
        yield
    except (MailRefusedError, MailUnavailableError) as error:
        error.params.update({name: _struck(value, known) for name, value in error.params.items()})
        raise


def _struck(value: object, known: KnownSecrets) -> object:
    """A parameter without the secrets, however deep in its texts they stand."""
    value = value.as_text() if isinstance(value, Spoken) else value
    if isinstance(value, Text):
        return Text(value.code, {name: _struck(one, known) for name, one in value.params.items()})
    if isinstance(value, tuple):
        return tuple(_struck(one, known) for one in value)
    return known.struck(value) if type(value) is str else value


def _connect(settings: SmtpSettings, seconds: float) -> smtplib.SMTP:
    if not settings.tls:
        return smtplib.SMTP(settings.host, settings.port, timeout=seconds)
    return smtplib.SMTP_SSL(settings.host, settings.port, timeout=seconds, context=_context(settings))


def _log_in(smtp: smtplib.SMTP, settings: SmtpSettings) -> None:
    """STARTTLS is demanded, never tried: a server that does not offer it gets no login and no mail."""
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.starttls and not settings.tls:
            smtp.starttls(context=_context(settings))
            smtp.ehlo_or_helo_if_needed()
        if settings.login:
            smtp.login(settings.login, settings.password or "")
    except smtplib.SMTPAuthenticationError as error:
        told = {"host": settings.host, "number": error.smtp_code}
        raise _unavailable(Text("smtp.login_refused", told), MailFailureScope.SERVER) from error
    except (smtplib.SMTPException, OSError) as error:
        unusable = Text("smtp.unusable", {"host": settings.host, "cause": _cause(error)})
        raise _unavailable(unusable, MailFailureScope.SERVER) from error


def _context(settings: SmtpSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


def _classify(code: int, answer: bytes | str, *, accepted: tuple[int, ...]) -> None:
    """5xx is for good; 421 says that the whole server closes; any other answer is for now."""
    if code in accepted:
        return
    if 500 <= code <= 599:
        raise _refused(code, answer)
    answered = Text("smtp.answered", {"answer": _text(code, answer)})
    raise _unavailable(answered, MailFailureScope.SERVER if code == 421 else MailFailureScope.RECIPIENT)


def _refused(code: int, answer: bytes | str) -> MailRefusedError:
    return MailRefusedError("mail_refused", answer=_text(code, answer), code=code)


def _unavailable(what: Text, failure: MailFailureScope) -> MailUnavailableError:
    return MailUnavailableError("mail_server", cause=what, failure=failure)


def _cause(error: smtplib.SMTPException | OSError) -> Spoken:
    """Why, in our words where it is the network; what the server or its library said is quoted."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Text("smtp.answered", {"answer": _text(error.smtp_code, error.smtp_error)})
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return BROKEN
    return foreign_failure(error) if isinstance(error, smtplib.SMTPException) else failure_cause(error)


def _text(code: int, answer: bytes | str) -> str:
    """The server's answer on one line, at a readable length."""
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(words.split())}"[:300]


def _cut(smtp: smtplib.SMTP) -> None:
    """Closes the connection under a blocked read, which a time-out per step would let drip on for ever."""
    if smtp.sock is not None:
        with contextlib.suppress(OSError):
            smtp.sock.shutdown(socket.SHUT_RDWR)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
