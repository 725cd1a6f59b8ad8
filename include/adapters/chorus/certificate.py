"""The client certificate of the older door, port 5443: from its bytes to a TLS context.

The decrypted key never touches the disk: OpenSSL reads it from a file that exists for that moment, is readable by us
alone, and is encrypted with a password made up for it.

Source: docs/reference/chorus-pro-api.md 1.5.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationError, LoginRefusedError, SecretMissingError
from include.texts import Text, foreign_failure, os_failure

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

CERTIFICATE, CONTENT = "certificate", "certificate_base64"
"""The path of a file, or the bytes themselves in base64: keys of the connection's extra."""

IN_CONNECTION = f"extra.{CONTENT}"
FORMAT = "certificate_format"
PASSWORD = "certificate_password"
P12, PEM = "p12", "pem"
LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class CertificateFile:
    """The bytes of the certificate of a connection: renewed ones make another value. `repr` shows no secret.

    `place` is where they stand: the path of a file, or the key of the connection's extra that holds them.
    """

    connection_id: str
    place: str
    format: str
    password: str | None = field(repr=False)
    content: bytes = field(repr=False)

    @classmethod
    def from_secrets(cls, connection: ConnectionSecrets) -> CertificateFile:
        """The certificate of a connection; SecretMissingError when it has none that can be read here.

        ConfigurationError for a format that there is not, and where both a path and a content are given.
        """
        path, content = (str(connection.extra.get(key) or "") for key in (CERTIFICATE, CONTENT))
        shape = str(connection.extra.get(FORMAT) or P12).lower()
        named = {"connection": connection.connection_id, "certificate_key": CERTIFICATE, "content_key": CONTENT}
        if shape not in (P12, PEM):
            raise ConfigurationError(
                "certificate_format_unknown", connection=connection.connection_id, shape=shape, format_key=FORMAT
            )
        if path and content:
            raise ConfigurationError("certificate_given_twice", **named)
        if not path and not content:
            raise SecretMissingError("certificate_missing", **named)
        return cls(
            connection_id=connection.connection_id,
            place=path or IN_CONNECTION,
            format=shape,
            password=str(connection.extra.get(PASSWORD) or "") or None,
            content=_file(connection.connection_id, Path(path)) if path else _decoded(connection, content),
        )


def _file(connection_id: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        failure = _wrong_size(len(content))
    except OSError as error:
        failure = Text("cause.certificate_unreadable", {"cause": os_failure(error)})
    if failure:
        raise SecretMissingError(
            "certificate_file_unreadable",
            path=path,
            connection_id=connection_id,
            cause=failure,
            connection=connection_id,
        )
    return content


def _decoded(connection: ConnectionSecrets, text: str) -> bytes:
    """The bytes that a connection holds itself; line breaks and blanks of a pasted text do not count."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
        failure = _wrong_size(len(content))
    except ValueError:
        failure = Text("cause.certificate_no_base64")
    if failure:
        raise SecretMissingError(
            "certificate_content_unreadable",
            connection=connection.connection_id,
            content_key=CONTENT,
            cause=failure,
        )
    return content


@dataclass(frozen=True, kw_only=True)
class ClientCertificate:
    """An opened certificate with its key and the authorities that came with it."""

    file: CertificateFile
    key: PrivateKeyTypes = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def expires_at(self) -> dt.datetime:
        """When it ends."""
        return self.certificate.not_valid_after_utc

    def require_valid(self, now: dt.datetime) -> None:
        """LoginRefusedError outside its time: no platform would let it in, so none is asked."""
        begins_at = self.certificate.not_valid_before_utc
        if begins_at <= now <= self.expires_at:
            return
        ended = now > self.expires_at
        day = (self.expires_at if ended else begins_at).date()
        told = Text("cause.certificate_ended" if ended else "cause.certificate_not_begun", {"day": day})
        raise LoginRefusedError(
            "certificate_not_valid_now",
            path=self.file.place,
            connection=self.file.connection_id,
            told=told,
            half="certificate",
        )

    def tls_context(self) -> ssl.SSLContext:
        """A context that shows this certificate and checks the server's.

        At most TLS 1.2: there a refused certificate fails the handshake, so that surely nothing has left. In TLS 1.3
        the client learns it only after it has sent its request.
        """
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

        context = ssl.create_default_context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        once = secrets.token_hex(32)
        parts = [
            self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(once.encode())),
            *(found.public_bytes(Encoding.PEM) for found in (self.certificate, *self.chain)),
        ]
        with tempfile.NamedTemporaryFile(prefix="chorus-", suffix=".pem") as file:  # made with mode 0600
            file.write(b"".join(parts))
            file.flush()
            try:
                context.load_cert_chain(file.name, password=once)
            except ssl.SSLError as error:
                raise _unusable(
                    self.file, Text("cause.certificate_not_accepted", {"cause": foreign_failure(error)})
                ) from error
        return context


def open_certificate(file: CertificateFile) -> ClientCertificate:
    """The certificate inside; ConfigurationError for a wrong password, another format, or a missing key."""
    key, certificates = _open_p12(file) if file.format == P12 else _open_pem(file)
    if key is None:
        raise _unusable(file, Text("cause.certificate_without_key"))
    own = next((found for found in certificates if found.public_key() == key.public_key()), None)
    if own is None:
        raise _unusable(file, Text("cause.certificate_of_another_key"))
    return ClientCertificate(
        file=file, key=key, certificate=own, chain=tuple(found for found in certificates if found is not own)
    )


def _open_p12(file: CertificateFile) -> tuple[Any, list[x509.Certificate]]:
    from cryptography.hazmat.primitives.serialization import pkcs12

    password = file.password.encode() if file.password else None
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(file.content, password)
    except (ValueError, TypeError) as error:
        raise _unusable(file, _why_no_p12(file.content, error)) from error
    return key, [found for found in (certificate, *others) if found is not None]


def _why_no_p12(content: bytes, error: Exception) -> Text:
    """Another file, or the right one with another password.

    cryptography tells them apart by its words alone: the one sentence of a library that is searched here. A test with
    both kinds of file fails when it says so otherwise.
    """
    if content.lstrip().startswith(b"-----BEGIN"):
        return Text("cause.certificate_is_pem")
    return Text("cause.certificate_password_wrong" if "password" in str(error).lower() else "cause.certificate_no_p12")


def _open_pem(file: CertificateFile) -> tuple[Any, list[x509.Certificate]]:
    from cryptography import x509

    try:
        certificates = x509.load_pem_x509_certificates(file.content)
    except ValueError as error:
        raise _unusable(file, Text("cause.certificate_no_pem")) from error
    if b"PRIVATE KEY-----" not in file.content:
        return None, certificates
    return _pem_key(file), certificates


def _pem_key(file: CertificateFile) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    protected = b"ENCRYPTED" in file.content
    if protected and file.password is None:
        raise _unusable(file, Text("cause.certificate_password_missing", {"password_key": PASSWORD}))
    password = file.password.encode() if protected and file.password else None
    try:
        return load_pem_private_key(file.content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(file, Text("cause.certificate_key_not_opened")) from error


def _wrong_size(size: int) -> Text | None:
    if size == 0:
        return Text("cause.certificate_empty")
    return Text("cause.certificate_too_large") if size > LARGEST_FILE else None


def _unusable(file: CertificateFile, what: Text) -> ConfigurationError:
    return ConfigurationError(
        "certificate_unusable",
        path=file.place,
        connection=file.connection_id,
        cause=what,
        certificate_key=CONTENT if file.place == IN_CONNECTION else CERTIFICATE,
        format_key=FORMAT,
        format=file.format,
        password_key=PASSWORD,
    )
