from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from include.simulator.server import RunningSimulator, Tls


@dataclass(frozen=True, kw_only=True)
class Door:
    simulator: RunningSimulator
    client: httpx.Client
    trust: ssl.SSLContext
    shown: ssl.SSLContext


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A certificate authority of this test run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(name("authority"), self.key, x509.BasicConstraints(ca=True, path_length=0))
        self.path = folder / "ca.pem"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder(
            issuer_name=name("authority"),
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - dt.timedelta(days=1),
            not_valid_after=now + dt.timedelta(days=1),
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, subject: str, usage: x509.ObjectIdentifier) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = self._sign(name(subject), key, names, x509.ExtendedKeyUsage([usage]))
        paths = self.folder / f"{subject}.pem", self.folder / f"{subject}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return paths


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("server", ExtendedKeyUsageOID.SERVER_AUTH)
    mine = authority.issue("client", ExtendedKeyUsageOID.CLIENT_AUTH)
    tls = Tls(port=0, certificate=certificate, key=key, client_ca=authority.path)
    trust = ssl.create_default_context(cafile=str(authority.path))
    shown = ssl.create_default_context(cafile=str(authority.path))
    shown.load_cert_chain(*mine)
    with RunningSimulator(tls=tls) as simulator:
        account = (simulator.login, simulator.password)
        with httpx.Client(base_url=simulator.tls_url, verify=shown, auth=account) as client:
            yield Door(simulator=simulator, client=client, trust=trust, shown=shown)


@pytest.mark.parametrize("prefix", ["/service", "/service-qualif"])
def test_the_same_operations_without_cpro_and_version(door: Door, prefix: str) -> None:
    told = door.client.post(f"{prefix}/transverses/recuperer/structures/actives/fournisseur", json={}).json()
    assert told["codeRetour"] == 0
    assert told["listeStructures"][0]["identifiant"] == "33254021516357"
    assert door.client.get(f"{prefix}/transverses/health-check").json()["statusCode"] == "OK"


def test_without_a_client_certificate_nothing_is_answered(door: Door) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{door.simulator.tls_url}/service/factures/soumettre", json={}, verify=door.trust)


def test_a_wrong_technical_account_is_401(door: Door) -> None:
    for auth in (None, (door.simulator.login, "wrong")):
        address = f"{door.simulator.tls_url}/service/factures/soumettre"
        answer = httpx.post(address, json={}, auth=auth, verify=door.shown)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "address", ["/cpro/factures/v1/soumettre", "/service/factures/v1/soumettre", "/_control/", "/api/oauth/token"]
)
def test_nothing_else_is_at_this_door(door: Door, address: str) -> None:
    answer = door.client.post(address, json={})
    assert (answer.status_code, answer.content) == (403, b"")


def test_faults_are_named_alike_and_dropped_connections_too(door: Door) -> None:
    control = f"{door.simulator.url}/_control/faults"
    httpx.post(control, json={"operation": "factures/rechercher/fournisseur", "kind": "drop_before", "times": 1})
    with pytest.raises(httpx.TransportError):
        door.client.post("/service/factures/rechercher/fournisseur", json={})
    httpx.post(control, json={"operation": "factures/rechercher/fournisseur", "kind": "token_expired", "times": 1})
    assert door.client.post("/service/factures/rechercher/fournisseur", json={}).status_code == 401
    assert door.client.post("/service/factures/rechercher/fournisseur", json={}).json()["codeRetour"] == 0
