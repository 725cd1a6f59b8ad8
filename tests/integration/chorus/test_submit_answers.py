"""What each end of a submission means (docs/reference/exactly-once.md 3): one POST, and never a second one."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest

from include.adapters.chorus.chorus import RestChorus
from include.adapters.http.deadline import Deadline
from include.domain.configuration import Provider
from include.domain.errors import (
    LoginRefusedError,
    NeverLeftError,
    OutcomeUnknownError,
    RateLimitedError,
    RemoteError,
    RemoteRefusedError,
    TurnedAwayError,
)
from tests.integration.chorus import scripted_server as does
from tests.integration.chorus.conftest import KnownSecrets
from tests.integration.chorus.scripted_server import Behaviour, ScriptedServer

BODY = '{"modeDepot":"DEPOT_PDF_API"}'
TAKEN = {"codeRetour": 0, "libelle": "GCU_MSG_01_000", "identifiantFactureCPP": 8600001, "statutFacture": "DEPOSEE"}
ACCOUNT_CHALLENGE = {
    "WWW-Authenticate": 'Bearer realm="PISTE",error="Unauthorized", error_description="login or password incorrects"'
}
NO_TOKEN_CHALLENGE = {
    "WWW-Authenticate": 'Bearer realm="DefaultRealm", error="invalid_request", '
    'error_description="Unable to find token in the message"'
}
EXPIRED_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="DefaultRealm", error="invalid_token"'}
INVALID_CLIENT = does.reply_json(400, {"error": "invalid_client", "error_description": "refused"})
HTML = "<html><body>Maintenance en cours</body></html>"


def submit(chorus: RestChorus, provider: Provider, seconds: float = 20.0) -> object:
    return chorus.gateway(provider).submit(BODY, deadline_seconds=seconds)


def fails(chorus: RestChorus, provider: Provider, seconds: float = 20.0) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        submit(chorus, provider, seconds)
    return caught.value


def submissions(server: ScriptedServer) -> int:
    return len(server.calls("/cpro/factures/v1/soumettre"))


def test_code_0_with_an_id_is_taken_and_the_raw_answer_is_kept(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply_json(200, TAKEN | {"dateDepot": "2026-11-20", "empreinteCertificatDepot": "q83v"}))
    taken = chorus.gateway(provider).submit(BODY, deadline_seconds=20)
    assert (taken.chorus_id, taken.status, taken.fingerprint) == (8600001, "DEPOSEE", "q83v")
    assert str(taken.deposited_on) == "2026-11-20"
    assert '"identifiantFactureCPP": 8600001' in taken.raw
    assert server.calls()[0].body == BODY.encode()


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(does.drop, id="cut before the answer"),
        pytest.param(does.drop_after_headers, id="cut after the headers"),
        pytest.param(does.drop_in_the_body, id="cut in the body"),
        pytest.param(does.reply(200, '{"codeRetour":0,"identifiantFactureCPP":86'), id="torn JSON"),
        pytest.param(does.reply(200, '["codeRetour", 0]'), id="JSON that is no object"),
        pytest.param(does.reply(200, HTML), id="HTML under 200"),
        pytest.param(does.reply(200, ""), id="nothing under 200"),
        pytest.param(does.reply_json(200, {"codeRetour": 0, "libelle": "x"}), id="code 0 without an id"),
        pytest.param(does.reply_json(200, TAKEN | {"identifiantFactureCPP": None}), id="code 0 with a null id"),
        pytest.param(does.reply_json(200, {"identifiantFactureCPP": 8600001}), id="an id without a code"),
        pytest.param(does.reply_json(200, TAKEN | {"codeRetour": None}), id="a null code"),
        pytest.param(does.reply_json(200, TAKEN | {"codeRetour": "twelve"}), id="a code that is no number"),
        pytest.param(does.reply_json(400, TAKEN), id="code 0 under 400"),
        pytest.param(does.reply(400, HTML), id="400 without JSON"),
        pytest.param(does.reply_json(400, {"error": "bad request"}), id="400 with foreign JSON"),
        pytest.param(does.reply_json(201, TAKEN), id="a success that is not 200"),
        pytest.param(does.reply(204), id="204"),
        pytest.param(does.reply(503, HTML), id="maintenance page"),
        pytest.param(does.reply_json(500, {"codeRetour": 29900, "libelle": "x"}), id="500 with a refusal in it"),
        pytest.param(does.reply(502, HTML), id="502"),
        pytest.param(does.reply(504), id="504"),
        pytest.param(does.reply(404, HTML), id="404"),
        pytest.param(does.reply(200, json.dumps(TAKEN) + " " * (2 * 1024 * 1024)), id="more than we read"),
        pytest.param(does.reply(200, "[" * 200_000), id="JSON deeper than anybody reads"),
    ],
)
def test_whatever_is_no_clear_answer_is_unknown_and_not_sent_again(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, behaviour: Behaviour
) -> None:
    server.answers(behaviour, does.reply_json(200, TAKEN))
    assert type(fails(chorus, provider)) is OutcomeUnknownError
    assert submissions(server) == 1


@pytest.mark.parametrize(
    "behaviour",
    [does.hang, does.dribble_in_the_head, does.dribble_in_the_body, does.dribble_without_a_length],
    ids=lambda behaviour: behaviour.__name__,
)
def test_the_whole_call_ends_at_the_deadline_as_unknown(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, behaviour: Behaviour
) -> None:
    server.answers(behaviour, does.reply_json(200, TAKEN))
    error = fails(chorus, provider, seconds=0.5)
    assert type(error) is OutcomeUnknownError
    assert "deadline" in str(error)
    assert submissions(server) == 1
    assert not server.lost_patience


@pytest.mark.parametrize("location", ["{}/elsewhere", "http://["], ids=["good", "malformed"])
def test_a_redirect_is_an_unknown_outcome_and_is_not_followed(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, location: str
) -> None:
    moved = does.reply(307, HTML, {"Location": location.format(server.url)})
    server.answers(moved, does.reply_json(200, TAKEN))
    error = fails(chorus, provider)
    assert (type(error), error.status, error.body) == (OutcomeUnknownError, 307, HTML)
    assert [call.path for call in server.calls()] == ["/cpro/factures/v1/soumettre"]


@pytest.mark.parametrize("status", [200, 400])
def test_another_code_is_a_refusal_with_number_label_and_proof(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, status: int
) -> None:
    server.answers(does.reply_json(status, {"codeRetour": 20013, "libelle": "Service obligatoire"}))
    error = fails(chorus, provider)
    assert isinstance(error, RemoteRefusedError)
    assert (error.number, error.label, error.status) == (20013, "Service obligatoire", status)
    assert error.body is not None and "20013" in error.body
    assert submissions(server) == 1


@pytest.mark.parametrize("status", [413, 415])
def test_a_body_refused_by_size_or_type_is_refused_for_good(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, status: int
) -> None:
    server.answers(does.reply(status, HTML))
    error = fails(chorus, provider)
    assert isinstance(error, RemoteRefusedError)
    assert (error.number, error.status) == (status, status)


def test_a_403_with_an_empty_body_was_turned_away(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply(403))
    error = fails(chorus, provider)
    assert (type(error), error.status, submissions(server)) == (TurnedAwayError, 403, 1)


def test_a_call_that_lost_its_token_on_the_way_was_turned_away(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply(400, "", NO_TOKEN_CHALLENGE))
    assert type(fails(chorus, provider)) is TurnedAwayError


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"Retry-After": "12"}, 12.0), ({"Retry-After": "Fri, 20 Nov 2026 08:00:30 GMT"}, 30.0), ({}, None)],
    ids=["seconds", "date", "nothing"],
)
def test_too_many_calls_are_turned_away_with_the_wait_asked_for(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, header: dict[str, str], seconds: float | None
) -> None:
    server.answers(does.reply(429, "", header))
    error = fails(chorus, provider)
    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, submissions(server)) == (seconds, 1)


def test_a_refused_account_is_told_after_a_safe_call_with_a_fresh_token_confirms_it(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply(401, "", ACCOUNT_CHALLENGE))
    error = fails(chorus, provider)
    assert isinstance(error, LoginRefusedError)
    assert error.half == "account"
    assert [call.path.rpartition("/")[2] for call in server.calls()] == ["soumettre", "health-check"]
    assert len(server.tokens) == 2


def test_an_expired_token_is_turned_away_and_replaced_without_a_second_submission(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    healthy = does.reply_json(200, {"statusCodeValue": 200, "statusCode": "OK"})
    server.answers(does.reply(401, "", EXPIRED_CHALLENGE), healthy)
    error = fails(chorus, provider)
    assert (type(error), error.status, submissions(server)) == (TurnedAwayError, 401, 1)
    first, second = server.calls()
    assert first.headers["authorization"] != second.headers["authorization"]


@pytest.mark.parametrize("verification", [does.reply(503, HTML), does.reply(401, "", EXPIRED_CHALLENGE), does.drop])
def test_a_401_without_a_clear_verification_is_no_refused_login(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, verification: Behaviour
) -> None:
    server.answers(does.reply(401, "", ACCOUNT_CHALLENGE), verification)
    assert type(fails(chorus, provider)) is TurnedAwayError
    assert submissions(server) == 1


def test_a_refused_connection_never_left(
    known: KnownSecrets, make_chorus: Callable[..., RestChorus], provider: Provider
) -> None:
    with ScriptedServer() as gone:
        url = gone.url
    with ScriptedServer() as tokens:
        chorus = make_chorus(url)
        known.change(token_url=tokens.url + does.TOKEN_PATH)
        error = fails(chorus, provider)
        assert type(error) is NeverLeftError
        assert f"{url} does not answer: the connection is refused." in str(error) and "Pool" not in str(error)
        assert len(tokens.tokens) == 1


def test_a_failed_name_look_up_never_left(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = chorus.gateway(provider)
    gateway._transport.identity.credentials()

    def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(NeverLeftError, match="its name is not found"):
        gateway.submit(BODY, deadline_seconds=20)
    assert not server.calls()


def test_a_server_that_speaks_no_tls_never_got_it(
    known: KnownSecrets, server: ScriptedServer, make_chorus: Callable[..., RestChorus], provider: Provider
) -> None:
    known.change(token_url=server.url + does.TOKEN_PATH)
    chorus = make_chorus(server.url.replace("http:", "https:"))
    error = fails(chorus, provider)
    assert type(error) is NeverLeftError and "no encrypted connection" in str(error)
    assert not server.calls()


def test_a_certificate_of_an_unknown_authority_never_got_it(
    known: KnownSecrets,
    own_certificate: ssl.SSLContext,
    server: ScriptedServer,
    make_chorus: Callable[..., RestChorus],
    provider: Provider,
) -> None:
    with ScriptedServer(tls=own_certificate) as stranger:
        stranger.answers(does.reply_json(200, TAKEN))
        known.change(token_url=server.url + does.TOKEN_PATH)
        error = fails(make_chorus(stranger.url), provider)
        assert type(error) is NeverLeftError and "certificate is not trusted" in str(error)
        assert not stranger.calls()


@pytest.mark.parametrize("refusal", [does.reply(407), does.reply(503, HTML), does.drop], ids=["407", "503", "drop"])
def test_a_proxy_that_makes_no_tunnel_let_nothing_through(
    known: KnownSecrets,
    server: ScriptedServer,
    make_chorus: Callable[..., RestChorus],
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Behaviour,
) -> None:
    server.answers(refusal)
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    known.change(token_url=server.url + does.TOKEN_PATH)
    error = fails(make_chorus("https://chorus.example"), provider)
    assert type(error) is NeverLeftError and "proxy" in error.what + error.todo
    assert [(call.method, call.path) for call in server.calls()] == [("CONNECT", "chorus.example:443")]


def test_a_handshake_that_never_ends_is_cut_at_the_deadline_and_never_left(
    known: KnownSecrets, server: ScriptedServer, make_chorus: Callable[..., RestChorus], provider: Provider
) -> None:
    server.endless_handshake = True
    known.change(token_url=server.url + does.TOKEN_PATH)
    error = fails(make_chorus(server.url.replace("http:", "https:")), provider, seconds=0.5)
    assert type(error) is NeverLeftError
    assert "deadline" in str(error)
    assert not server.lost_patience


@pytest.mark.parametrize(
    ("behaviours", "kind"),
    [
        ([INVALID_CLIENT] * 5, LoginRefusedError),
        ([does.reply(429, "", {"Retry-After": "5"})], RateLimitedError),
        ([does.reply(403)], TurnedAwayError),
        ([does.reply(503, HTML)], NeverLeftError),
        ([does.reply(200, '{"access_token":')], NeverLeftError),
        ([does.drop], NeverLeftError),
    ],
    ids=["refused five times", "429", "403", "503", "torn", "cut"],
)
def test_without_a_token_nothing_is_sent_and_that_is_certain(
    server: ScriptedServer,
    chorus: RestChorus,
    provider: Provider,
    behaviours: list[Behaviour],
    kind: type[RemoteError],
) -> None:
    server.answers(does.reply_json(200, TAKEN))
    server.answers_for_token(*behaviours)
    assert type(fails(chorus, provider)) is kind
    assert submissions(server) == 0


def test_time_lost_on_the_login_counts_against_the_deadline(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply_json(200, TAKEN))
    server.answers_for_token(*[INVALID_CLIENT] * 4)  # 15 seconds of pauses
    assert type(fails(chorus, provider, seconds=15.0)) is NeverLeftError
    assert submissions(server) == 0


def test_each_submission_has_a_connection_of_its_own(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.keep_alive = True
    server.answers(does.reply_json(200, TAKEN))
    gateway = chorus.gateway(provider)
    gateway.attachment_types()
    gateway.submit(BODY, deadline_seconds=20)
    gateway.submit(BODY, deadline_seconds=20)
    gateway.attachment_types()
    safe, first, second, again = (call.connection for call in server.calls())
    assert len({safe, first, second}) == 3
    assert again == safe


@pytest.fixture
def late_connections(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, connections are made only after the deadline of the exchange that asks for them."""
    expired = threading.Event()
    connect, expire = socket.create_connection, Deadline._expire

    def expire_and_tell(watch: Deadline) -> None:
        expire(watch)
        expired.set()

    def connect_late(*arguments: Any, **_: Any) -> socket.socket:
        assert expired.wait(20)
        return connect(*arguments[:2])

    def start() -> None:
        monkeypatch.setattr(Deadline, "_expire", expire_and_tell)
        monkeypatch.setattr("urllib3.util.connection.create_connection", connect_late)

    return start


@pytest.mark.parametrize("schema", ["http:", "https:"])
def test_a_connection_made_after_the_deadline_carries_nothing(
    known: KnownSecrets,
    server: ScriptedServer,
    make_chorus: Callable[..., RestChorus],
    provider: Provider,
    late_connections: Callable[[], None],
    schema: str,
) -> None:
    server.answers(does.reply_json(200, TAKEN))
    server.endless_handshake = True
    known.change(token_url=server.url + does.TOKEN_PATH)
    gateway = make_chorus(server.url.replace("http:", schema)).gateway(provider)
    gateway._transport.identity.credentials()
    late_connections()
    with pytest.raises(NeverLeftError):
        gateway.submit(BODY, deadline_seconds=0.1)
    assert submissions(server) == 0
    assert not server.lost_patience
