"""The older door: a client certificate and HTTP Basic, against a simulator that demands both."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import secrets
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include.adapters.chorus.addresses import Addresses, addresses_for
from include.adapters.chorus.certificate import CertificateFile, open_certificate
from include.application.operations.try_connection import TryConnection
from include.application.ports.secrets import ConnectionSecrets
from include.domain.codes import Environment
from include.domain.configuration import Provider
from include.domain.errors import (
    ConfigurationError,
    ConnectorError,
    LoginRefusedError,
    NeverLeftError,
    OutcomeUnknownError,
    ProductionForbiddenError,
    SecretMissingError,
    TurnedAwayError,
)
from include.simulator.server import RunningSimulator, Tls
from tests.integration.chorus.certificate_place import NOW, Place
from tests.services.authority import DAY, SERVER, Authority
from tests.services.control_door import control


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def simulator(authority: Authority) -> Iterator[RunningSimulator]:
    certificate, key = authority.issue("server", SERVER)
    with RunningSimulator(tls=Tls(port=0, certificate=certificate, key=key, client_ca=authority.path)) as running:
        yield running


@pytest.fixture
def place(
    simulator: RunningSimulator, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.path))
    control(simulator.url, "POST", "reset")
    yield Place(simulator, authority, tmp_path)


def refused(place: Place) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        place.gateway().check()
    return caught.value


# ---------------------------------------------------------------- it works


@pytest.mark.parametrize("environment", [Environment.SIMULATOR, Environment.QUALIFICATION])
def test_a_certificate_and_the_account_reach_the_platform_without_a_token(
    place: Place, environment: Environment
) -> None:
    gateway = place.gateway(environment)
    gateway.check()
    assert gateway.supplier().siret == "33254021516357"
    upload_id = gateway.upload("a.pdf", b"%PDF-1.4", "application/pdf")
    assert upload_id > 0
    assert place.calls("token") == 0


@pytest.mark.parametrize("protected", [True, False])
def test_a_pem_file_does_as_well_with_or_without_a_password(place: Place, protected: bool) -> None:
    password = secrets.token_hex(8)
    place.store(place.authority.client_pem(password if protected else None), password=password, format="pem")
    place.gateway().check()


def test_what_a_host_names_gets_the_door_of_its_environment(place: Place) -> None:
    host = place.simulator.tls_url
    for environment, end in (("simulator", "/service"), ("qualification", "/service-qualif")):
        found = addresses_for(place.provider(Environment(environment)), place.known.connection)
        assert found == Addresses(api=host + end, token=None, environment=Environment(environment))
        assert found.url("factures/v1/soumettre") == f"{host}{end}/factures/soumettre"


def test_a_host_without_schema_is_encrypted_even_on_this_machine(place: Place) -> None:
    place.known.change(host=place.simulator.tls_url.removeprefix("https://"))
    place.gateway().check()


def test_the_encoded_account_is_given_to_the_masker(place: Place) -> None:
    place.gateway()
    connection = place.known.connection
    assert base64.b64encode(f"{connection.login}:{connection.password}".encode()).decode() in place.masked


def test_a_renewed_file_is_taken_without_a_new_process(place: Place) -> None:
    chorus = place.chorus()
    place.store(place.authority.client_p12(place.password, begins=NOW - 9 * DAY, ends=NOW - DAY))
    with pytest.raises(LoginRefusedError):
        chorus.gateway(place.provider())
    place.store(place.authority.client_p12(place.password))
    chorus.gateway(place.provider()).check()


# ---------------------------------------------------------------- held by the connection itself


@pytest.mark.parametrize("format", ["p12", "pem"])
def test_a_certificate_that_the_connection_holds_opens_the_door(place: Place, format: str) -> None:
    made = place.authority.client_p12 if format == "p12" else place.authority.client_pem
    place.hold(made(place.password), format=format)
    gateway = place.gateway()
    gateway.check()
    assert gateway.supplier().siret == "33254021516357"


def test_no_file_of_it_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    own = place.folder / "temporary"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    place.hold(place.authority.client_p12(place.password))
    place.gateway().check()
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("format", ["p12", "pem"])
def test_a_wrong_password_of_what_the_connection_holds_is_told_with_its_key(place: Place, format: str) -> None:
    made = place.authority.client_p12 if format == "p12" else place.authority.client_pem
    place.hold(made(place.password), password=secrets.token_hex(6), format=format)
    error = refused(place)
    assert "password is wrong" in error.what and "extra.certificate_base64" in error.what
    assert "extra.certificate_base64" in error.todo


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("no base64!", "is no base64 text"),
        ("é", "is no base64 text"),
        ("AAA", "is no base64 text"),
        (b"x" * (1024 * 1024 + 1), "too large"),
    ],
)
def test_a_content_that_cannot_be_read_is_told(place: Place, content: bytes | str, told: str) -> None:
    place.hold(content)
    error = refused(place)
    assert isinstance(error, SecretMissingError)
    assert told in error.what and "base64" in error.todo


def test_a_content_that_is_no_certificate_or_has_ended_or_whose_key_does_not_fit_is_told(place: Place) -> None:
    place.hold(b"no certificate")
    assert "no p12 file" in refused(place).what
    place.hold(place.authority.client_p12(place.password, begins=NOW - 9 * DAY, ends=NOW - DAY))
    ended = refused(place)
    assert isinstance(ended, LoginRefusedError)
    assert (ended.half, "ended on" in ended.what) == ("certificate", True)
    pem = place.authority.client_pem(None)
    key = place.authority.client_pem(None).partition(b"-----BEGIN CERTIFICATE")[0]
    place.hold(key + pem[pem.index(b"-----BEGIN CERTIFICATE") :], format="pem")
    assert "belongs to its private key" in refused(place).what


def test_a_path_and_a_content_at_once_are_refused(place: Place) -> None:
    place.hold(place.authority.client_p12(place.password))
    place.extra(certificate=str(place.folder / "client.p12"))
    assert "Leave one of them empty" in str(refused(place))


def test_two_connections_that_hold_their_own_certificates_keep_them_apart(place: Place) -> None:
    chorus = place.chorus()
    ends = []
    for connection_id, days in (("one", 40), ("two", 50), ("one", 40)):
        place.account(connection_id=connection_id)
        place.hold(place.authority.client_p12(place.password, ends=NOW.replace(microsecond=0) + days * DAY))
        ends.append(chorus.certificate_expires_at(place.provider()))
    assert ends == [NOW.replace(microsecond=0) + days * DAY for days in (40, 50, 40)]


def test_the_page_of_a_connection_tells_until_when_it_holds(place: Place) -> None:
    place.hold(place.authority.client_p12(place.password, ends=NOW + 40 * DAY))
    place.extra(environment="simulator")
    tried = TryConnection(secrets=place.known, chorus=place.chorus(), clock=place.clock, providers=())
    ok, said = tried("chorus_test")
    assert ok
    assert "certificate: let in" in said and "(40 days)" in said


# ---------------------------------------------------------------- addresses and production


def test_the_states_own_door_is_production_or_qualification_by_its_path() -> None:
    connection = ConnectionSecrets(connection_id="c")
    found = {
        environment: addresses_for(certificate_provider(environment), connection)
        for environment in ("production", "qualification")
    }
    assert [(a.api, str(a.environment)) for a in found.values()] == [
        ("https://chorus-pro.gouv.fr:5443/service", "production"),
        ("https://chorus-pro.gouv.fr:5443/service-qualif", "qualification"),
    ]


def test_a_simulator_at_the_states_door_is_production_and_refused_before_any_connection(place: Place) -> None:
    place.known.change(host="https://chorus-pro.gouv.fr:5443")
    with pytest.raises(ProductionForbiddenError):
        place.gateway()


def test_a_path_that_only_looks_like_qualification_is_production() -> None:
    connection = ConnectionSecrets(connection_id="c", host="https://chorus-pro.gouv.fr:5443/service-qualif")
    assert addresses_for(certificate_provider("simulator"), connection).environment is Environment.PRODUCTION


def test_a_host_without_encryption_is_refused() -> None:
    connection = ConnectionSecrets(connection_id="c", host="http://127.0.0.1:5443")
    with pytest.raises(ConfigurationError, match="without encryption"):
        addresses_for(certificate_provider("simulator"), connection)


def test_a_simulator_without_host_is_told() -> None:
    with pytest.raises(SecretMissingError, match="no host"):
        addresses_for(certificate_provider("simulator"), ConnectionSecrets(connection_id="c"))


def certificate_provider(environment: str) -> Provider:
    return Provider(
        name="P",
        siret="33254021516357",
        environment=Environment(environment),
        connection="c",
        authentication="certificate",
    )


# ---------------------------------------------------------------- what is wrong with the login


def test_a_wrong_technical_account_is_refused_after_one_repeat_with_the_advice_of_port_5443(place: Place) -> None:
    place.account(password=secrets.token_hex(8))
    error = refused(place)
    assert isinstance(error, LoginRefusedError)
    assert error.half == "account"
    assert "Port 5443 is open" in error.todo and "reset the technical password" in error.todo
    assert place.calls("transverses/health-check") == 2


def test_a_401_that_passes_is_not_counted(place: Place) -> None:
    place.fault("transverses/health-check", "account_refused")
    place.gateway().check()


class StrictDoor:
    """A TLS server that tells a client whose certificate it does not take, and counts the bytes of requests."""

    def __init__(self, authority: Authority, certificate: Path, key: Path) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.path))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_cert_chain(certificate, key)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self.received = 0
        self.greeted = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.greeted += 1
                with (
                    connection,
                    contextlib.suppress(ssl.SSLError),
                    self._context.wrap_socket(connection, server_side=True) as secured,
                ):
                    self.received += len(secured.recv(1000))

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def strict(authority: Authority) -> Iterator[StrictDoor]:
    door = StrictDoor(authority, *authority.issue("strict", SERVER))
    yield door
    door.close()


def test_a_certificate_of_a_stranger_is_refused_by_half_and_nothing_leaves(place: Place, strict: StrictDoor) -> None:
    place.store(Authority(place.folder, "stranger").client_p12(place.password))
    place.known.change(host=strict.url)
    error = refused(place)
    assert isinstance(error, LoginRefusedError)
    assert (error.half, "UNKNOWN_CA" in error.what) == ("certificate", True)
    with pytest.raises(LoginRefusedError):
        place.gateway().submit("{}", deadline_seconds=10)
    assert (strict.greeted, strict.received) == (2, 0)


def test_a_door_that_hangs_up_during_the_handshake_never_got_it_and_the_certificate_is_named(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place.known.change(host=f"https://127.0.0.1:{listener.getsockname()[1]}")
        hanging_up = threading.Thread(target=lambda: listener.accept()[0].close())
        hanging_up.start()
        with pytest.raises(NeverLeftError, match="client certificate is registered"):
            place.gateway().submit("{}", deadline_seconds=10)
        hanging_up.join(10)


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ({"begins": NOW - 10 * DAY, "ends": NOW - DAY}, "ended on"),
        ({"begins": NOW + DAY, "ends": NOW + 9 * DAY}, "begins on"),
    ],
)
def test_a_certificate_outside_its_time_is_told_before_any_connection(
    place: Place, times: dict[str, dt.datetime], told: str
) -> None:
    place.store(place.authority.client_p12(place.password, **times))
    place.known.change(host="https://127.0.0.1:9")
    error = refused(place)
    assert isinstance(error, LoginRefusedError)
    assert (error.half, told in error.what) == ("certificate", True)


@pytest.mark.parametrize("format", ["p12", "pem"])
def test_a_wrong_certificate_password_is_told(place: Place, format: str) -> None:
    made = place.authority.client_p12 if format == "p12" else place.authority.client_pem
    wrong = secrets.token_hex(6)
    place.store(made(place.password), password=wrong, format=format)
    error = refused(place)
    assert type(error) is ConfigurationError
    assert "password is wrong" in error.what
    assert wrong not in str(error) and place.password not in str(error)


def test_a_protected_pem_without_password_is_told(place: Place) -> None:
    place.store(place.authority.client_pem(place.password), format="pem")
    place.extra(certificate_password="")
    assert "extra.certificate_password is empty" in str(refused(place))


@pytest.mark.parametrize(
    ("content", "format", "told"),
    [
        (b"", "p12", "is empty"),
        (b"x" * (1024 * 1024 + 1), "p12", "too large"),
        (b"no certificate", "p12", "no p12 file"),
        (b"no certificate", "pem", "no certificate in PEM form"),
    ],
)
def test_a_file_that_is_no_certificate_is_told(place: Place, content: bytes, format: str, told: str) -> None:
    place.store(content, format=format)
    error = refused(place)
    assert isinstance(error, ConfigurationError)
    assert told in error.what


def test_a_pem_without_its_key_or_with_another_ones_is_told(place: Place) -> None:
    pem = place.authority.client_pem(None)
    certificates = pem[pem.index(b"-----BEGIN CERTIFICATE") :]
    key = place.authority.client_pem(None).partition(b"-----BEGIN CERTIFICATE")[0]
    place.store(certificates, format="pem")
    assert "holds no private key" in str(refused(place))
    place.store(key + certificates, format="pem")
    assert "no certificate that belongs to its private key" in str(refused(place))


def test_a_missing_file_an_unknown_format_and_a_missing_part_are_told(place: Place) -> None:
    place.extra(certificate=str(place.folder / "nowhere.p12"))
    assert isinstance(refused(place), SecretMissingError)
    place.extra(certificate="")
    assert "lacks extra.certificate" in str(refused(place))
    place.extra(certificate_format="jks")
    assert "p12 or pem" in str(refused(place))
    place.account(login="")
    assert "lacks login" in str(refused(place))


# ---------------------------------------------------------------- what each answer means here too


def test_a_server_that_we_do_not_trust_never_got_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(NeverLeftError, match=r"certificate is not trusted.*REQUESTS_CA_BUNDLE"):
        place.gateway().submit("{}", deadline_seconds=10)


def test_a_cut_after_sending_is_unknown_and_not_repeated(place: Place) -> None:
    place.fault("factures/soumettre", "drop_before", times=5)
    with pytest.raises(OutcomeUnknownError):
        place.gateway().submit("{}", deadline_seconds=10)
    assert place.calls("factures/soumettre") == 1


def test_the_deadline_ends_a_slow_answer(place: Place) -> None:
    place.fault("factures/soumettre", "slow")
    with pytest.raises(OutcomeUnknownError, match="the deadline passed"):
        place.gateway().submit("{}", deadline_seconds=0.5)


def test_a_401_on_a_submission_is_surely_not_taken(place: Place) -> None:
    place.fault("factures/soumettre", "account_refused")
    with pytest.raises(TurnedAwayError) as caught:
        place.gateway().submit("{}", deadline_seconds=10)
    assert not isinstance(caught.value, LoginRefusedError)
    place.account(password=secrets.token_hex(8))
    with pytest.raises(LoginRefusedError):
        place.gateway().submit("{}", deadline_seconds=10)


def test_a_forbidden_call_speaks_of_the_certificate_and_not_of_piste(place: Place) -> None:
    place.fault("transverses/health-check", "forbidden")
    assert "PISTE forbids" not in refused(place).args[0]
    place.fault("transverses/health-check", "forbidden")
    assert "certificate" in str(refused(place))


# ---------------------------------------------------------------- the key


def test_the_key_stands_on_the_disk_encrypted_for_a_moment_and_readable_by_us_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, bytes, Path]] = []
    load = ssl.SSLContext.load_cert_chain

    def look(context: ssl.SSLContext, path: str, **rest: Any) -> None:
        seen.append((Path(path).stat().st_mode & 0o777, Path(path).read_bytes(), Path(path)))
        load(context, path, **rest)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", look)
    monkeypatch.setattr(tempfile, "tempdir", str(place.folder))
    place.gateway()
    [(mode, content, path)] = seen
    assert (mode, path.exists()) == (0o600, False)
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content and b"BEGIN PRIVATE KEY" not in content  # pragma: allowlist secret


def test_neither_password_nor_bytes_show_in_any_text_of_a_login(place: Place) -> None:
    file = CertificateFile.from_secrets(place.known.connection)
    shown = repr(file) + repr(open_certificate(file)) + repr(place.gateway()._transport)
    connection = place.known.connection
    assert str(connection.password) not in shown and place.password not in shown
    assert "content=" not in shown and "key=" not in shown
    assert base64.b64encode(f"{connection.login}:{connection.password}".encode()).decode() not in shown


def test_the_end_of_the_certificate_is_read_from_its_file(place: Place) -> None:
    ends = NOW.replace(microsecond=0) + 40 * DAY
    place.store(place.authority.client_p12(place.password, ends=ends))
    assert place.chorus().certificate_expires_at(place.provider()) == ends
    other = place.provider().model_copy(update={"authentication": "oauth_piste"})
    assert place.chorus().certificate_expires_at(other) is None
