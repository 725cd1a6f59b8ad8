from __future__ import annotations

import httpx
import pytest

from include.simulator.app import create_app
from include.simulator.codes import FILE_LIMIT
from tests.contracts.simulator.caller import SEARCH, SUBMIT, Caller, encode, path


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/nothing",
        "/cpro/factures/v1/consulter/cr",
        "/cpro/factures/v1/soumettre/",
        "/cpro/factures/v2/soumettre",
        "/cpro/transverses/v1/consultercr",
        "/service/factures/soumettre",
        "/docs",
        "/openapi.json",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_an_unknown_route_is_403_without_a_body(api: Caller, address: str, method: str) -> None:
    answer = api.http.request(method, address, headers=api.headers)
    assert (answer.status_code, answer.content) == (403, b"")


def test_the_probe_works_403_is_an_unknown_route_and_400_a_known_one(api: Caller) -> None:
    assert httpx.post(f"{api.simulator.url}/cpro/factures/v1/inconnu").status_code == 403
    assert httpx.post(f"{api.simulator.url}/cpro/factures/v1/soumettre").status_code == 400


@pytest.mark.parametrize(
    "media", ["application/json", "application/json;charset=utf-8", "application/json; charset=UTF-8"]
)
def test_json_is_read_with_any_charset_written(api: Caller, media: str) -> None:
    answer = api.http.post(path(SEARCH), content=b"{}", headers={**api.headers, "Content-Type": media})
    assert answer.json()["codeRetour"] == 0
    assert answer.headers["content-type"] == "application/json;charset=utf-8"


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_media_type_is_415(api: Caller, media: str) -> None:
    answer = api.http.post(path(SEARCH), content=b"{}", headers={**api.headers, "Content-Type": media})
    assert answer.status_code == 415


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"a":NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_400(api: Caller, content: bytes) -> None:
    answer = api.http.post(path(SEARCH), content=content, headers={**api.headers, "Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["codeRetour"] != 0


def test_an_unknown_key_is_400_at_any_depth(api: Caller) -> None:
    top = api.call("structures/rechercher/services", {"idStructure": 1, "parametres": {}})
    deep = api.call("structures/rechercher", {"structure": {"siret": "x"}})
    assert (top.status_code, deep.status_code) == (400, 400)
    assert "parametres" in top.json()["libelle"]
    assert "structure.siret" in deep.json()["libelle"]
    assert top.headers["x-sim-invented"] == "1"


def test_unknown_keys_pass_when_strictness_is_off(api: Caller) -> None:
    api.control("settings", {"strict_keys": False})
    assert api.ok(SEARCH, {"nouveau": 1})["listeFactures"] == []


@pytest.mark.parametrize("user", [None, 0, 331, "331"])
def test_the_acting_user_may_be_anything(api: Caller, user: object) -> None:
    api.ok(SEARCH, {"idUtilisateurCourant": user})


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("numeroFactureSaisi", "F" * 21),
        ("commentaire", "x" * 2001),
        ("references__numeroBonCommande", "1" * 51),
        ("destinataire__codeDestinataire", "1" * 15),
        ("references__typeFacture", "ACOMPTE"),
        ("references__modePaiement", "CARTE"),
        ("modeDepot", "SAISIE"),
        ("dateFacture", "20/11/2026"),
        ("montantTotal__montantHtTotal", "mille"),
        ("montantTotal__montantHtTotal", 1.1234567),
        ("montantTotal__montantHtTotal", 10**13),
        ("fournisseur__idFournisseur", [1]),
        ("lignePoste", {}),
        ("destinataire", "12345678200051"),
        ("fournisseur__idFournisseur", 10**25),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_400(api: Caller, place: str, value: object) -> None:
    answer = api.call(SUBMIT, api.invoice(**{place: value}))
    assert answer.status_code == 400
    assert answer.json()["libelle"]
    assert api.deposited() == []


def test_a_lone_surrogate_is_400_and_no_crash(api: Caller) -> None:
    headers = {**api.headers, "Content-Type": "application/json"}
    answer = api.http.post(path(SUBMIT), content=b'{"commentaire": "\\ud800"}', headers=headers)
    assert answer.status_code == 400


def test_a_deposited_pdf_over_ten_megabytes_is_413(api: Caller) -> None:
    body = {"nomFichier": "a.pdf", "formatDepot": "PDF_NON_SIGNE"}
    fits = {**body, "fichierFacture": encode(b"%PDF-" + b"0" * (FILE_LIMIT - 5))}
    over = {**body, "fichierFacture": encode(b"%PDF-" + b"0" * (FILE_LIMIT - 4))}
    assert api.call("factures/deposer/pdf", fits).status_code == 200
    assert api.call("factures/deposer/pdf", over).status_code == 413


def test_refusals_may_come_as_400_with_the_same_body(api: Caller) -> None:
    refusal = api.call("factures/completer", {"identifiantFactureCPP": 1})
    assert (refusal.status_code, refusal.json()) == (200, {"codeRetour": 20000, "libelle": "GDP_MSG_11.008"})
    api.control("settings", {"refusal_status": 400})
    again = api.call("factures/completer", {"identifiantFactureCPP": 1})
    assert (again.status_code, again.content) == (400, refusal.content)


def test_the_application_can_be_served_by_any_asgi_server(api: Caller) -> None:
    app = create_app(api.simulator.platform)
    assert any(getattr(route, "path", "") == path(SUBMIT) for route in app.routes)
