from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest

from include.simulator.backend.faults import KINDS
from include.simulator.server import RunningSimulator
from tests.contracts.simulator.caller import SEARCH, SUBMIT, Caller, path

BEFORE = [
    kind
    for kind in KINDS
    if kind not in ("slow", "slow_after_accept", "drop_after_accept", "truncated_json", "token_refused")
]


def post(api: Caller, kind: str, **fields: Any) -> dict[str, Any]:
    return api.control("faults", {"kind": kind, **fields})


@pytest.mark.parametrize("kind", BEFORE)
def test_a_fault_that_fires_before_has_no_effect_and_is_gone_after_its_times(api: Caller, kind: str) -> None:
    body = api.invoice()
    post(api, kind, operation=SUBMIT, times=1)
    try:
        answer = api.call(SUBMIT, body)
        assert answer.status_code != 200 or answer.json()["codeRetour"] != 0
    except httpx.TransportError:
        assert kind in ("drop_before", "reset")
    assert api.deposited() == []
    if kind == "token_expired":
        api.renew()
    api.ok(SUBMIT, body)


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("forbidden", 403, b""),
        ("rate_limited", 429, b""),
        ("too_large", 413, b""),
        ("account_refused", 401, b""),
        ("token_expired", 401, b""),
    ],
)
def test_what_the_gateway_says(api: Caller, kind: str, status: int, content: bytes) -> None:
    post(api, kind, times=1)
    answer = api.call(SEARCH)
    assert (answer.status_code, answer.content) == (status, content)


def test_the_two_401_differ_in_their_challenge(api: Caller) -> None:
    post(api, "account_refused", times=1)
    assert 'realm="PISTE"' in api.call(SEARCH).headers["www-authenticate"]
    post(api, "token_expired", times=1)
    assert 'realm="DefaultRealm"' in api.call(SEARCH).headers["www-authenticate"]


def test_an_expired_token_stays_expired(api: Caller) -> None:
    post(api, "token_expired", times=1)
    assert [api.call(SEARCH).status_code for _ in range(2)] == [401, 401]
    api.renew()
    assert api.call(SEARCH).status_code == 200


def test_a_refused_token_is_the_400_of_piste(api: Caller) -> None:
    post(api, "token_refused", times=1)
    answer = api.ask_token()
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert api.ask_token().status_code == 200


@pytest.mark.parametrize(("kind", "default"), [("server_error", 500), ("maintenance_page", 503)])
@pytest.mark.parametrize("status", [None, 502, 504])
def test_outages_have_the_wanted_status_and_no_json(api: Caller, kind: str, default: int, status: int | None) -> None:
    post(api, kind, times=1, **({"status": status} if status else {}))
    answer = api.call(SEARCH)
    assert answer.status_code == (status or default)
    assert "json" not in answer.headers["content-type"]
    assert (b"<html>" in answer.content) == (kind == "maintenance_page")


def test_a_maintenance_page_may_come_as_200(api: Caller) -> None:
    post(api, "maintenance_page", times=1, status=200)
    answer = api.call(SEARCH)
    assert (answer.status_code, answer.content[:9]) == (200, b"<!DOCTYPE")


def test_a_429_may_say_how_long_to_wait(api: Caller) -> None:
    post(api, "rate_limited", times=1, seconds=7)
    assert api.call(SEARCH).headers["retry-after"] == "7"


def test_a_business_refusal_with_number_and_text(api: Caller) -> None:
    post(api, "business_refusal", operation=SUBMIT, times=1, code=20013, label="Refusé")
    answer = api.call(SUBMIT, api.invoice())
    assert (answer.status_code, answer.json()) == (200, {"codeRetour": 20013, "libelle": "Refusé"})
    post(api, "business_refusal", times=1, status=400)
    assert api.call(SEARCH).status_code == 400


def test_the_connection_dropped_after_the_invoice_was_accepted(api: Caller) -> None:
    body = api.invoice(numeroFactureSaisi="FA-1")
    post(api, "drop_after_accept", operation=SUBMIT, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        api.call(SUBMIT, body)
    assert [item["number"] for item in api.deposited()] == ["FA-1"]
    assert api.refused(SUBMIT, body) == 29922


def test_json_cut_in_the_middle_after_the_invoice_was_accepted(api: Caller) -> None:
    body = api.invoice(numeroFactureSaisi="FA-1")
    post(api, "truncated_json", operation=SUBMIT, times=1)
    answer = api.call(SUBMIT, body)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        answer.json()
    assert len(api.deposited()) == 1


def test_an_answer_slower_than_the_client_after_the_invoice_was_accepted(api: Caller) -> None:
    body = api.invoice(numeroFactureSaisi="FA-1")
    post(api, "slow_after_accept", operation=SUBMIT, times=1, seconds=1)
    with pytest.raises(httpx.ReadTimeout):
        api.http.post(path(SUBMIT), json=body, headers=api.headers, timeout=0.3)
    assert len(api.deposited()) == 1


def test_a_slow_call_is_late_and_right(api: Caller) -> None:
    post(api, "slow", operation=SUBMIT, times=1, seconds=0.2)
    answer = api.call(SUBMIT, api.invoice())
    assert answer.json()["codeRetour"] == 0
    assert answer.elapsed.total_seconds() >= 0.2


def raw(simulator: RunningSimulator, body: bytes = b"{}") -> socket.socket:
    host, port = simulator.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    request = f"POST {path(SEARCH)} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    connection.sendall(request.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def test_a_drop_closes_the_connection_and_a_reset_resets_it(api: Caller, simulator: RunningSimulator) -> None:
    post(api, "drop_before", times=1)
    with raw(simulator) as connection:
        assert connection.recv(100) == b""
    post(api, "reset", times=1)
    with raw(simulator) as connection, pytest.raises(ConnectionResetError):
        connection.recv(100)


def test_a_fault_of_every_call_spares_the_token(api: Caller) -> None:
    post(api, "server_error")
    assert api.ask_token().status_code == 200
    assert api.call(SEARCH).status_code == 500
    assert api.http.get("/cpro/transverses/v1/health-check", headers=api.headers).status_code == 500
    post(api, "server_error", operation="token", status=503)
    assert api.ask_token().status_code == 503


def test_a_fault_is_about_its_operation_only(api: Caller) -> None:
    post(api, "server_error", operation="factures/consulter/historique")
    assert api.call(SEARCH).status_code == 200
    assert api.call("factures/consulter/historique", {"idFacture": 1}).status_code == 500


def test_faults_fire_in_the_order_of_posting(api: Caller) -> None:
    post(api, "forbidden", times=1)
    post(api, "rate_limited", times=2)
    assert [api.call(SEARCH).status_code for _ in range(4)] == [403, 429, 429, 200]


def test_a_fault_may_be_about_one_supplier_or_one_account(api: Caller, simulator: RunningSimulator) -> None:
    api.control(
        "seed",
        {"suppliers": [{"siret": "40483304800022", "login": "TECH_1_2@cpro.fr", "password": simulator.client_secret}]},
    )
    other = Caller(simulator, "TECH_1_2@cpro.fr", simulator.client_secret)
    post(api, "server_error", supplier_siret="40483304800022", times=1)
    assert (api.call(SEARCH).status_code, other.call(SEARCH).status_code) == (200, 500)
    post(api, "forbidden", login=api.login, times=1)
    assert (other.call(SEARCH).status_code, api.call(SEARCH).status_code) == (200, 403)
    other.close()


def test_where_one_account_speaks_for_two_suppliers_the_body_decides(api: Caller) -> None:
    api.control("seed", {"suppliers": [{"siret": "40483304800022"}]})
    rows = api.ok("transverses/recuperer/structures/actives/fournisseur")["listeStructures"]
    ids = {row["identifiant"]: row["idStructureCPP"] for row in rows}
    first = api.invoice(fournisseur__idFournisseur=ids["33254021516357"])
    second = api.invoice(fournisseur__idFournisseur=ids["40483304800022"])
    post(api, "server_error", operation=SUBMIT, supplier_siret="40483304800022")
    assert api.call(SUBMIT, first).status_code == 200
    assert api.call(SUBMIT, second).status_code == 500


def outcomes(api: Caller, count: int) -> list[int]:
    return [api.call(SEARCH).status_code for _ in range(count)]


def test_dice_are_repeatable_with_a_seed(api: Caller) -> None:
    seen = []
    for _ in range(2):
        api.control("settings", {"random_seed": 7})
        api.http.delete("/_control/faults")
        post(api, "server_error", probability=0.5)
        seen.append(outcomes(api, 20))
    assert seen[0] == seen[1]
    assert set(seen[0]) == {200, 500}


def test_a_probability_and_times_together_end_after_that_many(api: Caller) -> None:
    api.control("settings", {"random_seed": 3})
    post(api, "server_error", probability=0.5, times=2)
    assert outcomes(api, 30).count(500) == 2


def test_what_is_left_is_shown_and_can_be_taken_back(api: Caller) -> None:
    fault = post(api, "server_error", times=3)
    api.call(SEARCH)
    shown = api.control("faults")["items"]
    assert [(item["kind"], item["times"], item["fired"]) for item in shown] == [("server_error", 2, 1)]
    assert api.http.delete("/_control/faults", params={"id": fault["id"]}).json() == {"deleted": 1}
    assert api.call(SEARCH).status_code == 200
    post(api, "server_error")
    assert api.http.delete("/_control/faults").json() == {"deleted": 1}
    assert api.control("faults") == {"items": []}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "unheard_of"},
        {"kind": "slow", "probability": 2},
        {"kind": "slow", "operation": "factures/v1/soumettre"},
        {"kind": "slow", "typo": 1},
        {},
    ],
)
def test_a_fault_that_makes_no_sense_is_told(api: Caller, body: dict[str, Any]) -> None:
    answer = api.http.post("/_control/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
