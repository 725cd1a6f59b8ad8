"""The client certificate of the older door, port 5443 (API page 1.5): from its file to a TLS context.

The decrypted key never touches the disk: OpenSSL reads it from a file that exists for that moment, is readable by us
alone, and is encrypted with a password made up on the spot.
"""

from __future__ import annotations

import datetime as dt
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.application.ports import ConnectionSecrets
from include.domain.errors import ConfigurationError, LoginRefusedError, SecretMissingError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

CERTIFICATE = "certificate"
FORMAT = "certificate_format"
PASSWORD = "certificate_password"
P12, PEM = "p12", "pem"
LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class CertificateFile:
    """The file that a connection names, with its bytes: a renewed file makes another value. `repr` shows no secret."""

    connection_id: str
    path: str
    format: str
    password: str | None = field(repr=False)
    content: bytes = field(repr=False)

    @classmethod
    def from_secrets(cls, connection: ConnectionSecrets) -> CertificateFile:
        """The certificate of a connection; SecretMissingError when it names none that can be read here."""
        path, shape = str(connection.extra.get(CERTIFICATE) or ""), str(connection.extra.get(FORMAT) or P12).lower()
        if shape not in (P12, PEM):
            raise ConfigurationError(
                f"Connection {connection.connection_id!r} names the certificate format {shape!r}.",
                todo=f"Write p12 or pem into extra.{FORMAT}.",
                connection=connection.connection_id,
            )
        if not path:
            raise SecretMissingError(
                f"Connection {connection.connection_id!r} lacks extra.{CERTIFICATE}.",
                why="Certificate mode needs the file of the client certificate.",
                todo=f"Write its path into extra.{CERTIFICATE}, or set authentication: oauth_piste.",
                connection=connection.connection_id,
            )
        return cls(
            connection_id=connection.connection_id,
            path=path,
            format=shape,
            password=str(connection.extra.get(PASSWORD) or "") or None,
            content=_content(connection.connection_id, Path(path)),
        )


def _content(connection_id: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        trouble = "is empty" if not content else "is too large for a certificate" if len(content) > LARGEST_FILE else ""
    except OSError as error:
        trouble = f"cannot be read ({error.strerror})"
    if trouble:
        raise SecretMissingError(
            f"The client certificate {path} of connection {connection_id!r} {trouble}.",
            why="Without it the platform's port 5443 lets nobody in.",
            todo="Put the file there, readable by the user that runs this process on each machine that sends.",
            connection=connection_id,
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
        told = f"ended on {self.expires_at:%Y-%m-%d}" if now > self.expires_at else f"begins on {begins_at:%Y-%m-%d}"
        raise LoginRefusedError(
            f"The client certificate {self.file.path} of connection {self.file.connection_id!r} {told}.",
            why="Chorus Pro lets nobody in with it.",
            todo="Put a valid certificate in its place, or move to PISTE: authentication: oauth_piste.",
            half="certificate",
            connection=self.file.connection_id,
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
                raise _unusable(self.file, f"is not accepted by OpenSSL ({error.reason})") from error
        return context


def open_certificate(file: CertificateFile) -> ClientCertificate:
    """The certificate inside; ConfigurationError for a wrong password, another format, or a missing key."""
    key, certificates = _open_p12(file) if file.format == P12 else _open_pem(file)
    if key is None:
        raise _unusable(file, "holds no private key")
    own = next((found for found in certificates if found.public_key() == key.public_key()), None)
    if own is None:
        raise _unusable(file, "holds no certificate that belongs to its private key")
    return ClientCertificate(
        file=file, key=key, certificate=own, chain=tuple(found for found in certificates if found is not own)
    )


def _open_p12(file: CertificateFile) -> tuple[Any, list[x509.Certificate]]:
    from cryptography.hazmat.primitives.serialization import pkcs12

    password = file.password.encode() if file.password else None
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(file.content, password)
    except (ValueError, TypeError) as error:
        raise _unusable(file, "cannot be opened: its password is wrong, or it is no p12 file") from error
    return key, [found for found in (certificate, *others) if found is not None]


def _open_pem(file: CertificateFile) -> tuple[Any, list[x509.Certificate]]:
    from cryptography import x509

    try:
        certificates = x509.load_pem_x509_certificates(file.content)
    except ValueError as error:
        raise _unusable(file, "holds no certificate in PEM form") from error
    if b"PRIVATE KEY-----" not in file.content:
        return None, certificates
    return _pem_key(file), certificates


def _pem_key(file: CertificateFile) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    protected = b"ENCRYPTED" in file.content
    if protected and file.password is None:
        raise _unusable(file, f"is protected by a password, and extra.{PASSWORD} is empty")
    password = file.password.encode() if protected and file.password else None
    try:
        return load_pem_private_key(file.content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(file, "has a private key that cannot be opened: its password is wrong") from error


def _unusable(file: CertificateFile, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"The client certificate {file.path} of connection {file.connection_id!r} {what}.",
        why="Without it the platform's port 5443 lets nobody in.",
        todo=f"Check extra.{CERTIFICATE}, extra.{FORMAT} ({file.format}) and extra.{PASSWORD} of the connection.",
        connection=file.connection_id,
    )
