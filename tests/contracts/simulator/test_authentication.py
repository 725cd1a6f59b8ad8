from __future__ import annotations

import secrets
from urllib.parse import quote_plus

import pytest

from include.simulator.server import RunningSimulator
from tests.contracts.simulator.caller import Caller, encode, path

STRUCTURES = "transverses/recuperer/structures/actives/fournisseur"
PISTE_CHALLENGE = 'Bearer realm="PISTE",error="Unauthorized", error_description="login or password incorrects"'
NO_TOKEN = (
    'Bearer realm="DefaultRealm", error="invalid_request", error_description="Unable to find token in the message"'
)


def test_a_token_is_opaque_54_characters_for_an_hour(api: Caller) -> None:
    answer = api.ask_token()
    told = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    assert len(told["access_token"]) == 54
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, "openid")


def test_the_scope_may_be_absent(api: Caller) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": api.simulator.client_id,
        "client_secret": api.simulator.client_secret,
    }
    assert api.http.post("/api/oauth/token", data=form).status_code == 200


@pytest.mark.parametrize("encoded", [False, True])
def test_credentials_may_come_as_http_basic(api: Caller, encoded: bool) -> None:
    pair = (api.simulator.client_id, api.simulator.client_secret)
    if encoded:
        pair = (quote_plus(pair[0]), quote_plus(pair[1]))
    answer = api.http.post("/api/oauth/token", data={"grant_type": "client_credentials"}, auth=pair)
    assert len(answer.json()["access_token"]) == 54


def test_unknown_client_and_wrong_secret_are_the_same_400(api: Caller) -> None:
    unknown = api.ask_token(client_id=secrets.token_hex(8))
    wrong = api.ask_token(client_secret=secrets.token_hex(8))
    basic = api.http.post(
        "/api/oauth/token", data={"grant_type": "client_credentials"}, auth=(api.simulator.client_id, "x")
    )
    assert [one.status_code for one in (unknown, wrong, basic)] == [400, 400, 400]
    assert unknown.json()["error"] == "invalid_client"
    assert unknown.content == wrong.content == basic.content


def test_a_call_without_bearer_is_400_with_the_default_realm(api: Caller) -> None:
    answer = api.call(STRUCTURES, Authorization=None)
    assert answer.status_code == 400
    assert answer.headers["www-authenticate"] == NO_TOKEN


def test_an_unknown_bearer_is_401(api: Caller) -> None:
    answer = api.call(STRUCTURES, Authorization=f"Bearer {secrets.token_hex(27)}")
    assert answer.status_code == 401
    assert "DefaultRealm" in answer.headers["www-authenticate"]


def test_a_token_expires_by_the_platforms_clock(api: Caller) -> None:
    api.control("clock", {"advance_seconds": 3590})
    assert api.call(STRUCTURES).status_code == 200
    api.control("clock", {"advance_seconds": 20})
    assert api.call(STRUCTURES).status_code == 401
    api.renew()
    assert api.call(STRUCTURES).status_code == 200


def test_token_seconds_can_be_set(api: Caller) -> None:
    api.control("settings", {"token_seconds": 60})
    assert api.ask_token().json()["expires_in"] == 60


@pytest.mark.parametrize("pair", [None, "not base64 at all", encode(b"without a colon")])
def test_a_missing_or_unreadable_technical_account_is_401_of_piste(api: Caller, pair: str | None) -> None:
    answer = api.call(STRUCTURES, None, **{"cpro-account": pair})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == PISTE_CHALLENGE
    assert answer.content == b""


def test_a_wrong_password_is_401_of_piste_also_on_the_health_check(api: Caller) -> None:
    headers = {**api.headers, "cpro-account": encode(f"{api.login}:{secrets.token_hex(4)}".encode())}
    answer = api.http.get("/cpro/transverses/v1/health-check", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == PISTE_CHALLENGE


def test_health_check_is_the_only_get_and_has_its_own_shape(api: Caller) -> None:
    answer = api.http.get("/cpro/transverses/v1/health-check", headers=api.headers)
    assert answer.json() == {
        "statusCodeValue": 200,
        "statusCode": "OK",
        "body": "L'API CPRO est actuellement disponible et fonctionnel.",
    }
    assert api.http.get(path("factures/soumettre"), headers=api.headers).status_code == 403


def seeded(api: Caller, **changes: object) -> tuple[str, str]:
    """A second supplier with an account of its own."""
    login, password = f"TECH_1_{secrets.randbelow(10**6)}@cpro.fr", secrets.token_urlsafe(9)
    supplier = {"siret": "40483304800022", "name": "Second", "login": login, "password": password, **changes}
    api.control("seed", {"suppliers": [supplier]})
    return login, password


def test_a_technical_account_sees_only_its_own_supplier(api: Caller, simulator: RunningSimulator) -> None:
    other = Caller(simulator, *seeded(api))
    found = [row["identifiant"] for row in other.ok(STRUCTURES)["listeStructures"]]
    assert found == ["40483304800022"]
    mine = api.submit()
    assert other.search() == []
    assert other.refused("factures/consulter/fournisseur", {"identifiantFactureCPP": mine["identifiantFactureCPP"]})
    assert other.refused("factures/consulter/historique", {"idFacture": mine["identifiantFactureCPP"]})
    assert other.refused("factures/soumettre", other.invoice(fournisseur__idFournisseur=api.supplier_id)) == 29930
    assert other.refused("structures/consulter", {"idStructureCPP": api.supplier_id}) == 29990
    assert other.refused("transverses/recuperer/coordbanc/valides", {"idStructure": api.supplier_id}) == 29990
    stolen = other.invoice(pieceJointePrincipale=[{"pieceJointePrincipaleId": api.upload()}])
    assert other.refused("factures/soumettre", stolen) == 29961
    other.close()


# pragma: allowlist nextline secret
@pytest.mark.parametrize("change", [{"locked": True}, {"password_expires_at": "2020-01-01T00:00:00Z"}])
def test_a_locked_account_or_an_expired_password_is_refused(
    api: Caller, simulator: RunningSimulator, change: dict[str, object]
) -> None:
    other = Caller(simulator, *seeded(api, **change))
    answer = other.call(STRUCTURES)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, PISTE_CHALLENGE)
    assert api.call(STRUCTURES).status_code == 200
    other.close()


def test_the_end_of_the_password_is_told_for_ones_own_structure(api: Caller) -> None:
    told = api.ok("structures/consulter", {"idStructureCPP": api.supplier_id, "codeLangue": "fr"})
    assert "T" in told["informationGenerales"]["dateExpirationMotPasseCompteTech"]


def test_too_fast_calls_are_401_and_slow_ones_pass(api: Caller) -> None:
    api.control("settings", {"calls_per_second": 1})
    answers = [api.call(STRUCTURES).status_code for _ in range(3)]
    assert answers == [200, 401, 401]
    api.control("clock", {"advance_seconds": 2})
    assert api.call(STRUCTURES).status_code == 200


def test_a_token_request_that_is_no_client_credentials_is_400(api: Caller) -> None:
    answer = api.ask_token(grant_type="password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
