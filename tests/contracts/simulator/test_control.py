from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from include.simulator.server import RunningSimulator
from tests.contracts.simulator.caller import SEARCH, SUBMIT, SUPPLIER, Caller


def test_the_door_lists_its_calls(api: Caller) -> None:
    assert api.http.get("/_control").json() == api.control("")
    listed = {row["call"] for row in api.control("")["calls"]}
    assert listed >= {
        f"{method} /_control/{name}"
        for method, name in (
            ("POST", "reset"),
            ("POST", "seed"),
            ("GET", "invoices"),
            ("GET", "uploads"),
            ("POST", "status"),
            ("POST", "move"),
            ("POST", "flux"),
            ("GET", "clock"),
            ("POST", "clock"),
            ("GET", "faults"),
            ("POST", "faults"),
            ("DELETE", "faults"),
            ("GET", "settings"),
            ("POST", "settings"),
            ("GET", "calls"),
        )
    }


def test_reset_goes_back_to_the_first_state(api: Caller) -> None:
    first = api.submit()
    api.control("faults", {"kind": "server_error"})
    api.control("settings", {"search_delay_seconds": 9, "strict_keys": False})
    api.control("clock", {"advance_seconds": 1000})
    api.control("seed", {"structures": [{"siret": "21690123100011"}]})
    api.control("reset", {})
    assert api.control("invoices") == {"total": 0, "items": []}
    assert api.control("uploads")["total"] == 0
    assert api.control("faults") == {"items": []}
    assert api.control("calls")["total"] == 0
    assert api.control("clock")["offset_seconds"] == 0
    assert api.control("settings")["search_delay_seconds"] == 0
    api.renew()
    assert (
        api.ok("structures/rechercher", {"structure": {"identifiantStructure": "21690123100011"}})["listeStructures"]
        == []
    )
    assert api.submit()["identifiantFactureCPP"] == first["identifiantFactureCPP"]


def test_settings_have_the_promised_defaults(api: Caller) -> None:
    shown = api.control("settings")
    promised = {
        "token_seconds": 3600,
        "calls_per_second": None,
        "strict_keys": True,
        "unique_numbers": True,
        "search_delay_seconds": 0,
        "integration_seconds": 5,
    }
    assert {name: shown[name] for name in promised} == promised
    assert api.control("settings", {"integration_seconds": 0})["integration_seconds"] == 0
    assert api.control("settings")["token_seconds"] == 3600


def test_an_unknown_setting_is_told_and_nothing_is_changed(api: Caller) -> None:
    answer = api.http.post("/_control/settings", json={"token_seconds": 1, "typo": 2})
    assert (answer.status_code, "typo" in answer.json()["error"]) == (400, True)
    assert api.control("settings")["token_seconds"] == 3600


def test_a_body_that_is_no_json_object_is_told(api: Caller) -> None:
    for content in (b"{", b"[]", b"\xff", b'{"advance_seconds": NaN}', b"{}"):
        answer = api.http.post("/_control/clock", content=content)
        assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert api.control("clock")["offset_seconds"] == 0


def test_the_clock_can_be_set_and_runs_on(api: Caller) -> None:
    shown = api.control("clock", {"at": "2027-03-01T08:00:00Z"})
    assert shown["now"].startswith("2027-03-01T08:00:0")
    assert shown["paris"].startswith("2027-03-01T09:00:0")
    api.renew()
    assert api.submit()["dateDepot"] == "2027-03-01"


def test_deposits_are_listed_by_supplier_number_status_and_page(api: Caller) -> None:
    for number in range(3):
        api.submit(numeroFactureSaisi=f"FA-{number}")
    api.control("status", {"number": "FA-1", "status": "SUSPENDUE"})
    assert api.control("invoices")["total"] == 3
    assert [item["number"] for item in api.deposited(status="SUSPENDUE")] == ["FA-1"]
    assert [item["number"] for item in api.deposited(number="FA-2", supplier=SUPPLIER)] == ["FA-2"]
    assert api.deposited(supplier="40483304800022") == []
    page = api.control("invoices", limit=1, offset=1)
    assert (page["total"], [item["number"] for item in page["items"]]) == (3, ["FA-1"])
    assert api.http.get("/_control/invoices", params={"limit": "x"}).status_code == 400


def test_calls_are_counted_per_operation_and_answer(api: Caller) -> None:
    body = api.invoice()
    api.call(SUBMIT, body)
    api.call(SUBMIT, body)
    api.call(SEARCH, Authorization=None)
    api.http.post("/cpro/factures/v1/inconnu")
    counts = api.control("calls")["counts"]
    assert counts[SUBMIT] == {"200 0": 1, "200 29922": 1}
    assert counts[SEARCH] == {"400": 1}
    assert counts["unknown route"] == {"403": 1}
    assert counts["token"] == {"200": 1}
    told = api.control("calls", operation=SUBMIT, limit=1)
    assert (told["total"], len(told["items"])) == (2, 1)
    assert (told["items"][0]["operation"], told["items"][0]["answer"]) == (SUBMIT, "200 29922")


def test_calls_never_hold_a_secret(api: Caller, simulator: RunningSimulator) -> None:
    api.submit()
    swapped = Caller(simulator, login=simulator.password, password=simulator.login)
    swapped.call(SEARCH)
    swapped.close()
    text = api.http.get("/_control/calls").text
    bearer = api.headers["Authorization"].removeprefix("Bearer ")
    for secret in (
        simulator.client_secret,
        simulator.client_id,
        simulator.password,
        bearer,
        api.headers["cpro-account"],
    ):
        assert secret not in text
    assert simulator.login in text


def test_invoices_are_seeded_in_the_wanted_shares_and_period(api: Caller) -> None:
    seed = {
        "supplier_siret": SUPPLIER,
        "count": 100,
        "statuses": {"DEPOSEE": 0.1, "MISE_EN_PAIEMENT": 0.6, "REJETEE": 0.3},
        "from": "2026-01-01",
        "to": "2026-03-31",
        "prefix": "OLD-",
    }
    assert api.control("seed", {"invoices": seed})["invoices"] == 100
    assert api.control("invoices", status="DEPOSEE")["total"] == 10
    assert api.control("invoices", status="MISE_EN_PAIEMENT")["total"] == 60
    assert api.control("invoices", status="REJETEE")["total"] == 30
    items = api.deposited(limit=100)
    days = [dt.datetime.fromisoformat(item["deposited_at"]).date() for item in items]
    assert min(days) <= dt.date(2026, 1, 1)
    assert dt.date(2026, 3, 28) <= max(days) <= dt.date(2026, 3, 31)
    assert all(item["number"].startswith("OLD-") for item in items)
    assert [entry["status"] for entry in api.deposited(status="REJETEE")[0]["history"]] == [
        "DEPOSEE",
        "MISE_A_DISPOSITION",
        "REJETEE",
    ]


def test_seeded_invoices_stay_where_they_are_and_seeding_goes_on_counting(api: Caller) -> None:
    seed = {"supplier_siret": SUPPLIER, "count": 3, "statuses": {"DEPOSEE": 1}}
    for _ in range(2):
        api.control("seed", {"invoices": seed})
    api.control("clock", {"advance_seconds": 86400})
    api.renew()
    assert api.control("invoices", status="DEPOSEE")["total"] == 6
    assert len({item["number"] for item in api.deposited()}) == 6
    assert api.ok(SEARCH, {"statutCourant": ["DEPOSEE"]})["parametresRetour"]["total"] == 6
    chorus_id = api.deposited()[0]["chorus_id"]
    facture = api.ok("factures/consulter/fournisseur", {"identifiantFactureCPP": chorus_id})["facture"]
    assert facture["montantTotal"]["montantTtcTotal"] == 120


def test_a_seed_that_makes_no_sense_is_told_and_changes_nothing(api: Caller) -> None:
    bodies: list[dict[str, Any]] = [
        {"invoices": {"supplier_siret": "99999999999999", "count": 1}},
        {"suppliers": [{"siret": "12"}]},
        {"suppliers": [{"siret": "40483304800022", "login": "nouveau"}]},
        {"structures": [{"siret": "21690123100011"}], "invoices": {"supplier_siret": "0" * 14, "count": 1}},
        {"typo": []},
    ]
    for body in bodies:
        answer = api.http.post("/_control/seed", json=body)
        assert answer.status_code == 400, body
        assert answer.json()["error"]
    assert (
        api.ok("structures/rechercher", {"structure": {"identifiantStructure": "21690123100011"}})["listeStructures"]
        == []
    )


def test_bank_details_of_a_supplier_are_replaced(api: Caller) -> None:
    api.control("seed", {"suppliers": [{"siret": SUPPLIER, "bank_details": ["Compte CIC", "Nouveau"]}]})
    rows = api.ok("transverses/recuperer/coordbanc/valides", {"idStructure": api.supplier_id})[
        "listeCoordonneeBancaire"
    ]
    assert {row["nomCoordonneeBancaire"] for row in rows} == {"Compte CIC", "Nouveau"}


def test_concurrent_clients_with_the_same_number_leave_one_invoice(api: Caller, simulator: RunningSimulator) -> None:
    body = api.invoice(numeroFactureSaisi="RACE")

    def send(_: int) -> int:
        caller = Caller(simulator)
        try:
            return int(caller.call(SUBMIT, body).json()["codeRetour"])
        finally:
            caller.close()

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(send, range(24)))
    assert sorted(codes) == [0] + [29922] * 23
    assert len(api.deposited(number="RACE")) == 1


def test_concurrent_deposits_all_arrive_with_ids_of_their_own(api: Caller, simulator: RunningSimulator) -> None:
    main = [{"pieceJointePrincipaleId": api.upload()}]
    bodies = [api.invoice(numeroFactureSaisi=f"C-{number}", pieceJointePrincipale=main) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda body: api.call(SUBMIT, body).json(), bodies))
    assert len({one["identifiantFactureCPP"] for one in told}) == 40
    assert api.control("invoices")["total"] == 40
