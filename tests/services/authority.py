"""A certificate authority of this test run: servers and clients that it vouches for, made for it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
DAY = dt.timedelta(days=1)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Its own certificate stands at `path`."""

    def __init__(self, folder: Path, called: str = "authority") -> None:
        self.folder, self.called = folder, called
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        extensions = (x509.BasicConstraints(ca=True, path_length=0), _key_usage(signs_certificates=True))
        self.certificate = self._sign(name(called), self.key, now - 4000 * DAY, now + 4000 * DAY, *extensions)
        self.path = folder / f"{called}.pem"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        begins: dt.datetime,
        ends: dt.datetime,
        *extensions: x509.ExtensionType,
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            issuer_name=name(self.called),
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=begins,
            not_valid_after=ends,
        )
        # Python 3.13 checks as RFC 5280 wants it: without the two identifiers a chain is not believed
        identifiers = (
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
        )
        for extension in (*extensions, *identifiers):
            critical = isinstance(extension, (x509.BasicConstraints, x509.KeyUsage))
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, hashes.SHA256())

    def make(
        self,
        subject: str,
        usage: x509.ObjectIdentifier,
        *,
        begins: dt.datetime | None = None,
        ends: dt.datetime | None = None,
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """Key and certificate; without times it is good today."""
        now = dt.datetime.now(dt.UTC)
        key = ec.generate_private_key(ec.SECP256R1())
        extensions = (
            x509.BasicConstraints(ca=False, path_length=None),
            _key_usage(signs_certificates=False),
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            x509.ExtendedKeyUsage([usage]),
        )
        return key, self._sign(name(subject), key, begins or now - DAY, ends or now + DAY, *extensions)

    def issue(self, subject: str, usage: x509.ObjectIdentifier) -> tuple[Path, Path]:
        """Files of a certificate and of its unprotected key."""
        key, certificate = self.make(subject, usage)
        paths = self.folder / f"{subject}.pem", self.folder / f"{subject}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(_pem_key(key, None))
        return paths

    def client_p12(self, password: str, **times: dt.datetime) -> bytes:
        """A client's p12 file."""
        key, certificate = self.make("client", CLIENT, **times)
        protection = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(b"client", key, certificate, [self.certificate], protection)

    def client_pem(self, password: str | None, **times: dt.datetime) -> bytes:
        """A client's PEM file: key, certificate, authority."""
        key, certificate = self.make("client", CLIENT, **times)
        parts = [found.public_bytes(serialization.Encoding.PEM) for found in (certificate, self.certificate)]
        return b"".join([_pem_key(key, password), *parts])

    def trust(self) -> ssl.SSLContext:
        """What a client needs to believe the servers of this authority, as strict as Python 3.13 is by itself."""
        context = ssl.create_default_context(cafile=str(self.path))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem_key(key: ec.EllipticCurvePrivateKey, password: str | None) -> bytes:
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        protection = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
