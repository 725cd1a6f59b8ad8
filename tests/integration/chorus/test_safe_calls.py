"""Safe calls are repeated with growing pauses, login refusals are counted, and nothing secret is ever logged."""

from __future__ import annotations

import base64
import logging
import re
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

import pytest

from include.adapters.chorus.auth import ChorusAuth
from include.adapters.chorus.chorus import RestChorus
from include.domain.configuration import Provider
from include.domain.errors import (
    LoginRefusedError,
    NeverLeftError,
    RateLimitedError,
    RemoteError,
    RemoteRefusedError,
    RemoteUnavailableError,
    TurnedAwayError,
)
from tests.fakes.clock import FakeClock
from tests.integration.chorus import scripted_server as does
from tests.integration.chorus.conftest import KnownSecrets
from tests.integration.chorus.scripted_server import Behaviour, ScriptedServer
from tests.integration.chorus.test_submit_answers import (
    ACCOUNT_CHALLENGE,
    EXPIRED_CHALLENGE,
    HTML,
    INVALID_CLIENT,
    NO_TOKEN_CHALLENGE,
    TAKEN,
)

HEALTHY = does.reply_json(200, {"statusCodeValue": 200, "statusCode": "OK", "body": "disponible"})
NO_TYPES = does.reply_json(200, {"codeRetour": 0, "libelle": "x", "listeTypePieceJointe": None})


def fails(chorus: RestChorus, provider: Provider) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        chorus.gateway(provider).attachment_types()
    return caught.value


def test_every_call_carries_bearer_account_and_json(
    server: ScriptedServer, known: KnownSecrets, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(NO_TYPES)
    connection = known.connection
    chorus.gateway(provider).attachment_types()
    (call,) = server.calls()
    account = base64.b64encode(f"{connection.login}:{connection.password}".encode()).decode()
    assert call.headers["authorization"] == f"Bearer {server.tokens[0]}"
    assert call.headers["cpro-account"] == account
    assert call.headers["content-type"] == "application/json;charset=utf-8"
    assert (call.method, call.path) == ("POST", "/cpro/transverses/v1/recuperer/typespj")


def test_the_health_check_is_a_get_with_the_account(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(HEALTHY)
    chorus.gateway(provider).check()
    (call,) = server.calls()
    assert (call.method, call.path, call.body) == ("GET", "/cpro/transverses/v1/health-check", b"")
    assert "cpro-account" in call.headers


def test_a_maintenance_page_is_no_health(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers(does.reply(200, HTML))
    with pytest.raises(RemoteUnavailableError):
        chorus.gateway(provider).check()


@pytest.mark.parametrize(
    "behaviour",
    [
        does.drop,
        does.drop_after_headers,
        does.reply(503, HTML),
        does.reply(200, "{"),
        does.reply(400, HTML),
        does.reply(429, "", {"Retry-After": "2"}),
    ],
    ids=["dropped", "dropped after headers", "503", "torn", "400 without JSON", "429"],
)
def test_a_safe_call_that_fails_twice_succeeds_the_third_time(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, clock: FakeClock, behaviour: Behaviour
) -> None:
    server.answers(behaviour, behaviour, NO_TYPES)
    assert chorus.gateway(provider).attachment_types() == []
    assert len(server.calls()) == 3
    assert clock.monotonic() > 0


def test_three_tries_are_the_most(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers(does.reply(503, HTML))
    error = fails(chorus, provider)
    assert (type(error), error.status, error.body, len(server.calls())) == (RemoteUnavailableError, 503, HTML, 3)


def test_a_refused_connection_is_told_as_never_left(make_chorus: Callable[..., RestChorus], provider: Provider) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    error = fails(make_chorus(url), provider)
    assert type(error) is NeverLeftError
    assert f"{url[7:]} does not answer: the connection is refused." in str(error), "in our words"
    assert "Check host and port" in error.todo and "Pool" not in str(error)


def test_a_business_refusal_is_an_answer_and_not_repeated(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply_json(400, {"codeRetour": 20003, "libelle": "trop gros"}), NO_TYPES)
    error = fails(chorus, provider)
    assert isinstance(error, RemoteRefusedError)
    assert (error.number, len(server.calls())) == (20003, 1)


def test_a_file_that_is_too_big_is_refused(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers(does.reply(413))
    with pytest.raises(RemoteRefusedError) as caught:
        chorus.gateway(provider).upload("a.pdf", b"%PDF", "application/pdf")
    assert caught.value.number == 413


@pytest.mark.parametrize("answer", [does.reply(403), does.reply(400, "", NO_TOKEN_CHALLENGE)], ids=["403", "400"])
def test_what_the_gate_turns_away_is_not_repeated(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, answer: Behaviour
) -> None:
    server.answers(answer, NO_TYPES)
    assert type(fails(chorus, provider)) is TurnedAwayError
    assert len(server.calls()) == 1


def test_a_long_wait_asked_for_is_left_to_the_next_pass(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, clock: FakeClock
) -> None:
    server.answers(does.reply(429, "", {"Retry-After": "600"}), NO_TYPES)
    error = fails(chorus, provider)
    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, len(server.calls()), clock.monotonic()) == (600.0, 1, 0)


def test_an_expired_token_is_renewed_once_unseen(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply(401, "", EXPIRED_CHALLENGE), NO_TYPES)
    chorus.gateway(provider).attachment_types()
    assert len(server.tokens) == 2
    assert [call.headers["authorization"] for call in server.calls()] == [f"Bearer {t}" for t in server.tokens]


def test_the_accounts_401_counts_after_one_repeat_with_a_fresh_token(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply(401, "", ACCOUNT_CHALLENGE))
    error = fails(chorus, provider)
    assert isinstance(error, LoginRefusedError)
    assert (error.half, error.status, len(server.calls()), len(server.tokens)) == ("account", 401, 2, 2)


def test_a_fresh_token_refused_is_no_wrong_password(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(does.reply(401, "", EXPIRED_CHALLENGE))
    assert type(fails(chorus, provider)) is TurnedAwayError
    assert len(server.calls()) == 2


@pytest.mark.parametrize(
    "behaviour", [does.hang, does.dribble_in_the_head, does.dribble_in_the_body], ids=lambda each: each.__name__
)
def test_a_safe_call_ends_too_when_the_server_never_does(
    server: ScriptedServer, make_chorus: Callable[..., RestChorus], provider: Provider, behaviour: Behaviour
) -> None:
    server.answers(behaviour, NO_TYPES)
    make_chorus(server.url, safe_seconds=0.5).gateway(provider).attachment_types()
    assert len(server.calls()) == 2
    assert not server.lost_patience


def test_a_kept_connection_ends_at_the_deadline_too_and_counts_as_one_that_carried_the_call(
    server: ScriptedServer,
    make_chorus: Callable[..., RestChorus],
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    server.keep_alive = True
    server.answers(NO_TYPES, does.dribble_in_the_head, NO_TYPES)
    gateway = make_chorus(server.url, safe_seconds=0.5).gateway(provider)
    gateway.attachment_types()
    gateway.attachment_types()
    first, second, _third = (call.connection for call in server.calls())
    assert first == second
    assert not server.lost_patience
    outcomes = [re.findall(r": (.+) in ", record.getMessage()) for record in caplog.records]
    assert outcomes == [["200"], ["cut"], ["200"]]


def test_piste_refusing_four_times_is_its_mood_and_five_times_a_refusal(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, clock: FakeClock
) -> None:
    server.answers(HEALTHY)
    server.answers_for_token(*[INVALID_CLIENT] * 4)
    chorus.gateway(provider).check()
    assert len(server.token_calls()) == 5
    assert clock.monotonic() == 15  # 1 + 2 + 4 + 8


def test_five_refusals_of_piste_are_one_refused_login(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers_for_token(*[INVALID_CLIENT] * 5)
    with pytest.raises(LoginRefusedError) as caught:
        chorus.gateway(provider).check()
    assert (caught.value.half, caught.value.status) == ("piste", 400)
    assert (len(server.token_calls()), server.calls()) == (5, [])


def test_the_token_is_renewed_240_seconds_before_it_ends(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, clock: FakeClock
) -> None:
    server.answers(HEALTHY)
    gateway = chorus.gateway(provider)
    gateway.check()
    clock.advance(3600 - 240 - 1)
    gateway.check()
    assert len(server.tokens) == 1
    clock.advance(1)
    gateway.check()
    assert len(server.tokens) == 2


def test_a_token_that_lives_shorter_than_the_margin_is_still_kept_for_half_its_life(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, clock: FakeClock
) -> None:
    server.answers(HEALTHY)
    server.answers_for_token(does.reply_json(200, {"access_token": "a" * 54, "expires_in": 60}))
    gateway = chorus.gateway(provider)
    gateway.check()
    clock.advance(29)
    gateway.check()
    assert len(server.token_calls()) == 1
    clock.advance(1)
    gateway.check()
    assert len(server.token_calls()) == 2


def test_a_refused_token_that_another_thread_renewed_already_is_not_renewed_again(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    identity = chorus.gateway(provider)._transport.identity
    old = identity.credentials()
    identity.invalidate(old)
    new = identity.credentials()
    identity.invalidate(old)
    assert isinstance(new, ChorusAuth) and isinstance(old, ChorusAuth)
    again = identity.credentials()
    assert isinstance(again, ChorusAuth)
    assert old.token != new.token == again.token


def test_many_threads_fetch_one_token(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers(HEALTHY)
    together = threading.Barrier(8)

    def check() -> None:
        together.wait()
        chorus.gateway(provider).check()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(check) for _ in range(8)]:
            done.result()
    assert (len(server.tokens), len(server.calls())) == (1, 8)


def test_a_changed_secret_is_tried_at_once(
    server: ScriptedServer, known: KnownSecrets, chorus: RestChorus, provider: Provider
) -> None:
    server.answers(HEALTHY)
    chorus.gateway(provider).check()
    known.change(piste_client_secret=token_hex(16))
    chorus.gateway(provider).check()
    assert len(server.tokens) == 2


def test_calls_keep_the_pace_of_the_provider(
    server: ScriptedServer, make_chorus: Callable[..., RestChorus], provider: Provider, clock: FakeClock
) -> None:
    server.answers(HEALTHY)
    chorus = make_chorus(server.url, calls_per_second=lambda: 0.5)
    for _ in range(3):
        chorus.gateway(provider).check()  # a new gateway keeps the same pace
    assert clock.monotonic() == 4
    server.answers(does.reply_json(200, TAKEN))
    chorus.gateway(provider).submit("{}", deadline_seconds=20)
    assert clock.monotonic() == 6


def test_a_simulator_on_this_machine_is_not_sought_behind_the_proxy(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed.getsockname()[1]}")
    server.answers(HEALTHY)
    chorus.gateway(provider).check()


def test_no_cookie_comes_back(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers(does.reply_json(200, {"statusCode": "OK"}, {"Set-Cookie": "node=1; Path=/"}))
    gateway = chorus.gateway(provider)
    gateway.check()
    gateway.check()
    assert "cookie" not in server.calls()[1].headers


def test_each_call_is_logged_with_operation_status_and_time(
    server: ScriptedServer, chorus: RestChorus, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers(does.drop, HEALTHY)
    with caplog.at_level(logging.INFO, "include.adapters.chorus"):
        chorus.gateway(provider).check()
    told = [record.getMessage() for record in caplog.records if record.name.startswith("include.")]
    assert told == [
        "Chorus Pro transverses/v1/health-check for simulator:33254021516357: cut in 0 ms",
        "Chorus Pro transverses/v1/health-check for simulator:33254021516357: 200 in 0 ms",
    ]


def test_nothing_secret_is_logged_told_or_shown_and_what_is_derived_is_handed_to_the_masker(
    server: ScriptedServer,
    known: KnownSecrets,
    make_chorus: Callable[..., RestChorus],
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    masked: list[str] = []
    chorus = make_chorus(server.url, mask_secret=masked.append)
    gateway = chorus.gateway(provider)
    errors: list[object] = []
    connection = known.connection
    payload = token_hex(20)
    for ends in (
        [HEALTHY],
        [does.drop],
        [does.reply(401, "", ACCOUNT_CHALLENGE)],
        [does.reply(503, HTML)],
        [does.reply_json(200, {"codeRetour": 1, "libelle": "x"})],
    ):
        server.answers(*ends)
        for call in (gateway.check, lambda: gateway.submit(payload, deadline_seconds=20)):
            try:
                call()
            except RemoteError as error:
                logging.getLogger("caller").exception("failed")
                errors += [error, repr(error), error.params, error.body, error.__cause__]
    server.answers_for_token(*[INVALID_CLIENT] * 5)
    known.change(piste_client_secret=token_hex(16))
    with pytest.raises(LoginRefusedError) as refused:
        chorus.gateway(provider).check()
    errors.append(refused.value)

    account = base64.b64encode(f"{connection.login}:{connection.password}".encode()).decode()
    client_secrets = [each.extra["piste_client_secret"] for each in (connection, known.connection)]
    hidden = [connection.password, connection.login, account, payload, *client_secrets]
    shown = caplog.text + "".join(map(str, errors)) + repr(gateway._transport) + repr(connection)
    for secret in [*hidden, *server.tokens]:
        assert secret and secret not in shown
    assert server.tokens and {account, *server.tokens} <= set(masked)


def test_a_long_answer_is_kept_up_to_64_kib(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers(does.reply_json(200, TAKEN | {"libelle": "é" * 100_000}))
    taken = chorus.gateway(provider).submit("{}", deadline_seconds=20)
    assert 65_530 < len(taken.raw.encode()) <= 65_536


def test_an_answer_with_a_nul_can_be_stored(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers(does.reply(503, "a\x00b"))
    assert "\x00" not in (fails(chorus, provider).body or "\x00")
