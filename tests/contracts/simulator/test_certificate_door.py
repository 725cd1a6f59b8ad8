from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from include.simulator.server import RunningSimulator, Tls
from tests.services.authority import CLIENT, SERVER, Authority


@dataclass(frozen=True, kw_only=True)
class Door:
    simulator: RunningSimulator
    client: httpx.Client
    trust: ssl.SSLContext
    shown: ssl.SSLContext


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("server", SERVER)
    mine = authority.issue("client", CLIENT)
    tls = Tls(port=0, certificate=certificate, key=key, client_ca=authority.path)
    trust, shown = authority.trust(), authority.trust()
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
