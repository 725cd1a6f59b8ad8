"""What is known as a secret stands in no answer, however the answer spells it."""

from __future__ import annotations

import json
import secrets
from urllib.parse import quote_plus

from include.adapters.http.known_secrets import KnownSecrets
from include.application.ports.secrets import ConnectionSecrets


def test_a_secret_is_struck_in_every_spelling() -> None:
    secret = secrets.token_urlsafe(12) + ' é"&/'
    known = KnownSecrets()
    known.add(secret)
    answer = f"{secret} {json.dumps({'echo': secret})} {quote_plus(secret)}"
    struck = known.struck(answer)
    assert secret not in struck
    assert struck == '*** {"echo": "***"} ***'


def test_secrets_of_a_connection_are_its_password_and_what_its_extra_calls_so() -> None:
    password, client = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
    extra = {"piste_client_secret": client, "piste_client_id": "an-id-of-ours", "certificate_key": "/etc/keys/ours.pem"}
    known = KnownSecrets()
    known.add_connection(ConnectionSecrets(connection_id="c", password=password, extra=extra))
    assert (
        known.struck(f"{password} {client} an-id-of-ours /etc/keys/ours.pem")
        == "*** *** an-id-of-ours /etc/keys/ours.pem"
    )


def test_a_longer_secret_is_struck_whole_and_a_short_one_not_at_all() -> None:
    known = KnownSecrets()
    known.add("12", "abcdef", "abcdefghij", None, "")
    assert known.struck("amount 1200.00 abcdefghij abcdef") == "amount 1200.00 *** ***"
