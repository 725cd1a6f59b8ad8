"""Servers that misbehave: the pass ends in time, with one sentence, and nothing secret in it."""

from __future__ import annotations

import logging
import secrets
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from include.adapters.portal.http.portal import HttpPortal
from include.adapters.portal.http.settings import settings_of
from include.application.ports.secrets import ConnectionSecrets
from include.domain.errors import ConfigurationError, PortalUnavailableError, SecretMissingError
from tests.fakes.clock import FakeClock
from tests.integration.chorus import certificates, scripted_server
from tests.integration.chorus.scripted_server import Behaviour, ScriptedServer, reply, reply_json
from tests.integration.portal_http.conftest import Situation

MakePortal = Callable[..., HttpPortal]


@pytest.mark.parametrize(
    ("behaviour", "calls"),
    [
        (reply(401), 1),
        (reply(403), 1),
        (reply(404), 1),
        (reply(400), 1),
        (reply(302, headers={"Location": "http://elsewhere.example/login"}), 1),
        (reply(500), 3),
        (reply(503, "<html>maintenance</html>"), 3),
        (reply(429), 3),
        (reply(200, "<html>login</html>", {"Content-Type": "text/html"}), 3),
        (reply(200, '{"documents": [{"docu'), 3),
        (reply(200, "[]"), 3),
        (reply(200, '{"ok": true}'), 1),
        (reply(200, '{"documents": 3, "folders": []}'), 1),
        (scripted_server.drop, 3),
        (scripted_server.drop_after_headers, 3),
        (scripted_server.drop_in_the_body, 3),
    ],
)
def test_an_answer_that_is_none_means_that_the_portal_is_not_there(
    server: ScriptedServer, make_portal: MakePortal, behaviour: Behaviour, calls: int
) -> None:
    server.answers(behaviour)
    with pytest.raises(PortalUnavailableError) as caught:
        make_portal(server.url).scan({})
    assert caught.value.todo
    assert len(server.received) == calls


@pytest.mark.parametrize(
    "behaviour",
    [
        scripted_server.hang,
        scripted_server.dribble_in_the_head,
        scripted_server.dribble_in_the_body,
        scripted_server.dribble_without_a_length,
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_drips_or_is_silent_is_left_in_time(
    make_portal: MakePortal, behaviour: Behaviour, tls: bool, tmp_path: Path
) -> None:
    with ScriptedServer(tls=certificates.own_certificate(tmp_path) if tls else None) as server:
        server.answers(behaviour)
        extra = {"ca_file": str(tmp_path / "own.pem")} if tls else {}
        with pytest.raises(PortalUnavailableError, match="deadline"):
            make_portal(server.url, seconds=0.4, **extra).scan({})
        assert not server.lost_patience
        assert server.connections == 3


def test_a_file_that_drips_is_left_in_time(server: ScriptedServer, make_portal: MakePortal) -> None:
    server.answers(scripted_server.dribble_in_the_body)
    with pytest.raises(PortalUnavailableError, match="deadline"):
        make_portal(server.url, seconds=0.4).read("7")
    assert not server.lost_patience


def test_a_handshake_that_never_ends_is_left_in_time(make_portal: MakePortal, own_tls: ssl.SSLContext) -> None:
    with ScriptedServer(endless_handshake=True) as server:
        with pytest.raises(PortalUnavailableError):
            make_portal(server.url.replace("http:", "https:"), seconds=0.4).scan({})
        assert not server.lost_patience


def test_a_port_where_nobody_listens(make_portal: MakePortal) -> None:
    with pytest.raises(PortalUnavailableError, match="connection is refused"):
        make_portal("http://127.0.0.1:9").scan({})


@pytest.fixture
def own_tls(tmp_path: Path) -> ssl.SSLContext:
    return certificates.own_certificate(tmp_path)


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    make_portal: MakePortal, own_tls: ssl.SSLContext
) -> None:
    with ScriptedServer(tls=own_tls) as server:
        server.answers(reply_json(200, {"documents": [], "folders": []}))
        with pytest.raises(PortalUnavailableError, match="certificate"):
            make_portal(server.url).scan({})
        assert server.received == []


def test_an_own_authority_is_accepted_where_the_connection_names_it(
    make_portal: MakePortal, own_tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    with ScriptedServer(tls=own_tls) as server:
        server.answers(reply_json(200, {"documents": [], "folders": []}))
        assert make_portal(server.url, ca_file=str(tmp_path / "own.pem")).scan({}).seen == frozenset()


def test_a_file_that_ends_without_being_told_is_fetched_twice(server: ScriptedServer, make_portal: MakePortal) -> None:
    def bare(text: bytes) -> Behaviour:
        return lambda _server, connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + text)

    server.answers_on("/folder/1", reply_json(200, {"documents": [{"document": {"idDocument": 7}}], "folders": []}))
    server.answers_on("/document/7", reply_json(200, {"document": {"idDocument": 7, "name": "f"}, "metadatas": []}))
    server.answers(bare(b"%PDF whole"), bare(b"%PDF wh"))
    assert make_portal(server.url).scan({}).postponed == {"7": "portal_no_answer"}


class TestLogin:
    def test_a_key_is_asked_for_once_and_used_for_every_call(self, at: Situation) -> None:
        at.put("A/f1.pdf", b"one")
        at.portal(authentication="apikey").scan({})
        assert at.calls() == {"POST apikey": 1, "GET folder": 2, "GET document": 1}

    def test_a_key_that_ran_out_is_renewed(self, at: Situation) -> None:
        at.manner.key_uses = 2
        for number in range(5):
            at.put(f"f{number}.pdf", str(number).encode())
        assert len(at.portal(authentication="apikey").scan({}).changed) == 5
        assert at.calls()["POST apikey"] == 3

    def test_a_key_that_the_connection_holds_is_used_first(self, at: Situation) -> None:
        at.put("f1.pdf", b"one")
        first = at.portal(authentication="apikey")
        first.scan({})
        key = next(secret for secret in at.masked if len(secret) == 32)
        at.calls()
        at.portal(authentication="apikey", api_key=key).scan({})
        assert at.calls()["POST apikey"] == 0

    @pytest.mark.parametrize("authentication", ["basic", "apikey"])
    def test_a_wrong_password_says_which_connection_and_what_to_do(
        self, at: Situation, make_portal: MakePortal, authentication: str
    ) -> None:
        with pytest.raises(PortalUnavailableError, match="refused the login of connection 'chorus_portal'"):
            make_portal(at.server.url, authentication=authentication).scan({})

    def test_a_key_that_is_refused_at_once_is_not_asked_for_for_ever(self, at: Situation) -> None:
        at.manner.key_uses = 0
        with pytest.raises(PortalUnavailableError, match="refused the login"):
            at.portal(authentication="apikey").scan({})
        assert at.calls()["POST apikey"] == 2

    def test_accents_in_a_password_arrive(self, server: ScriptedServer, clock: FakeClock) -> None:
        import base64

        password = f"é€{secrets.token_urlsafe(8)}"
        server.answers(reply_json(200, {"documents": [], "folders": []}))
        found = ConnectionSecrets(
            connection_id="p", host=server.url, login="u", password=password, extra={"root_folder": "1"}
        )
        HttpPortal(settings_of(found), clock=clock).scan({})
        sent = {name.casefold(): value for name, value in server.received[0].headers.items()}["authorization"]
        assert base64.b64decode(sent.partition(" ")[2]).decode() == f"u:{password}"

    def test_nothing_secret_is_logged_or_told(self, at: Situation, caplog: pytest.LogCaptureFixture) -> None:
        at.put("f1.pdf", b"one", {"metadata": {"montant": "1 800,00"}})
        with caplog.at_level(logging.DEBUG):
            portal = at.portal(authentication="apikey")
            portal.scan({})
            at.manner.fault = lambda _request: Response(status_code=500)
            with pytest.raises(PortalUnavailableError) as caught:
                portal.scan({})
        told = f"{caplog.text} {caught.value} {portal!r} {settings_of(at.server.secrets())!r}"
        assert len(at.masked) >= 2
        for secret in (at.server.password, "1 800,00", *at.masked):
            assert secret not in told


class TestSettings:
    """What the Airflow connection may say."""

    def settings(self, **changes: object) -> ConnectionSecrets:
        values: dict[str, object] = {
            "connection_id": "p",
            "host": "portal.example.org",
            "login": "u",
            "password": secrets.token_urlsafe(8),
            "extra": {"root_folder": 12},
        }
        return ConnectionSecrets(**{**values, **changes})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("changes", "address"),
        [
            ({}, "https://portal.example.org"),
            ({"schema": "http", "port": 8000}, "http://portal.example.org:8000"),
            ({"host": "https://portal.example.org:8443/ged/"}, "https://portal.example.org:8443/ged"),
            ({"host": "localhost", "port": 8091}, "http://localhost:8091"),
        ],
    )
    def test_the_address_is_read_as_airflow_reads_it_and_encrypted_unless_said(
        self, changes: dict[str, object], address: str
    ) -> None:
        assert settings_of(self.settings(**changes)).address == address

    @pytest.mark.parametrize("missing", ["host", "login", "password"])
    def test_what_the_connection_lacks_is_named(self, missing: str) -> None:
        with pytest.raises(SecretMissingError, match=missing):
            settings_of(self.settings(**{missing: None}))

    @pytest.mark.parametrize(
        "extra",
        [
            {},
            {"root_folder": "1", "search": {"name": ""}},
            {"root_folder": "../1"},
            {"root_folder": "1", "authentication": "digest"},
            {"root_folder": "1", "time_zone": "Mars/Base"},
            {"root_folder": "1", "recheck": -1},
            {"root_folder": "1", "write_back": "DELETE /ws/v2/document/{id}"},
            {"root_folder": "1", "write_back": "PUT http://elsewhere.example/{id}"},
        ],
    )
    def test_an_extra_that_cannot_be_meant_is_refused(self, extra: dict[str, object]) -> None:
        with pytest.raises(ConfigurationError, match="extra"):
            settings_of(self.settings(extra=extra))

    def test_a_fault_in_the_extra_does_not_show_the_key_that_is_in_it(self) -> None:
        key = secrets.token_urlsafe(16)
        with pytest.raises(ConfigurationError) as caught:
            settings_of(self.settings(extra={"root_folder": "1", "api_key": {"is": key}}))
        assert key not in str(caught.value)

    @pytest.mark.parametrize("host", ["http://u:p@portal.example", "ftp://portal.example", "http://", "http://h:x"])
    def test_a_host_that_is_no_plain_address_is_refused_without_being_shown(self, host: str) -> None:
        with pytest.raises(ConfigurationError, match="no web address") as caught:
            settings_of(self.settings(host=host))
        assert host not in str(caught.value)

    def test_an_authority_file_that_is_missing_is_named(self, make_portal: MakePortal) -> None:
        with pytest.raises(ConfigurationError, match=r"authority\.pem"):
            make_portal("https://127.0.0.1:9", ca_file="/nowhere/authority.pem")


def test_the_threads_of_a_look_are_those_of_its_caller(at: Situation) -> None:
    """No timer or worker is left behind by bounding an answer."""
    before = threading.active_count()
    at.portal().scan({})
    assert threading.active_count() <= before + 1  # the server's pool may have grown


def test_a_request_carries_no_cookie_that_the_portal_set(at: Situation) -> None:
    seen: list[str | None] = []

    def cookies(request: Request) -> Response | None:
        seen.append(request.headers.get("Cookie"))
        return None if len(seen) > 1 else Response(status_code=503, headers={"Set-Cookie": "JSESSIONID=1"})

    at.manner.fault = cookies
    at.portal().scan({})
    assert seen == [None, None]
