from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from include.simulator.codes import FLOW_LIMIT
from include.simulator.server import RunningSimulator
from tests.contracts.simulator.caller import SEARCH, SUBMIT, Caller, encode
from tests.contracts.simulator.xml_invoices import GROSS_PRICE, MEANS, batch, cii, facturx, process, ubl

CII = "IN_DP_E1_CII_16B"
FACTURX = "IN_DP_E2_CII_FACTURX"
UBL = "IN_DP_E1_UBL_INVOICE"
FIRST = "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"
DETAIL = "transverses/consulterCRDetaille"


def deposit(api: Caller, content: bytes, syntax: str = CII, name: str = "flux.xml") -> str:
    body = {"fichierFlux": encode(content), "nomFichier": name, "syntaxeFlux": syntax, "avecSignature": False}
    told = api.ok("factures/deposer/flux", body)
    assert told["syntaxeFlux"] == syntax
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", told["dateDepot"])
    assert "identifiantFactureCPP" not in told
    return str(told["numeroFluxDepot"])


def later(api: Caller, seconds: float = 6) -> None:
    api.control("clock", {"advance_seconds": seconds})


def report(api: Caller, number: str) -> dict[str, Any]:
    return api.ok(DETAIL, {"numeroFluxDepot": number})


def ended(api: Caller, content: bytes, syntax: str = CII) -> dict[str, Any]:
    number = deposit(api, content, syntax)
    later(api)
    return report(api, number)


@pytest.mark.parametrize(
    ("content", "syntax", "interface"),
    [
        (cii("FX-1"), CII, "1106"),
        (facturx(cii("FX-1")), FACTURX, "1117"),
        (facturx(cii("FX-1"), "ZUGFeRD-invoice.xml"), FACTURX, "1117"),
        (ubl("FX-1"), UBL, "1100"),
    ],
)
def test_a_flow_becomes_an_invoice_some_time_later(api: Caller, content: bytes, syntax: str, interface: str) -> None:
    number = deposit(api, content, syntax)
    assert re.fullmatch(rf"CPP001{interface}\d{{15}}", number)
    assert api.search(numeroFluxDepot=number) == []
    later(api, 3)
    assert report(api, number)["etatCourantDepotFlux"] == FIRST
    later(api, 3)
    told = report(api, number)
    assert told["libelle"] == "TRA_MSG_00.000"
    assert (told["etatCourantDepotFlux"], told["listeErreurDP"], told["listeErreurTechnique"]) == ("IN_INTEGRE", [], [])
    assert told["codeInterfaceDepotFlux"] == f"FSO{interface}A"
    assert "numeroFluxDepot" not in told
    assert "T" in told["dateDepotFlux"]
    rows = api.search(numeroFluxDepot=number)
    assert [(row["numeroFacture"], row["montantTTC"], row["dateFacture"]) for row in rows] == [
        ("FX-1", 1020, "2026-11-20")
    ]
    item = api.deposited(flux=number)[0]
    assert (item["main_pdf_sha256"] is not None) == (syntax == FACTURX)


def test_the_report_does_not_know_the_flow_at_first(api: Caller) -> None:
    number = deposit(api, cii("FX-1"))
    assert api.refused(DETAIL, {"numeroFluxDepot": number}) == 29980
    assert api.refused("transverses/consulterCR", {"numeroFluxDepot": number}) == 29980
    later(api, 2.5)
    assert report(api, number)["etatCourantDepotFlux"] == FIRST
    assert api.refused(DETAIL, {"numeroFluxDepot": "CPP0011117000000000000000"}) == 29980


def test_the_short_report_has_another_name_for_the_state_and_a_pdf(api: Caller) -> None:
    number = deposit(api, cii("FX-1"), name="lot.xml")
    later(api)
    told = api.ok("transverses/consulterCR", {"numeroFluxDepot": number})
    assert (told["etatCourantFlux"], told["numeroFluxDepot"], told["nomFichierFlux"]) == (
        "IN_INTEGRE",
        number,
        "lot.xml",
    )
    assert base64.b64decode(told["fichierCR"]).startswith(b"%PDF-")


def test_integration_seconds_can_be_set(api: Caller) -> None:
    api.control("settings", {"integration_seconds": 0})
    assert report(api, deposit(api, cii("FX-1")))["etatCourantDepotFlux"] == "IN_INTEGRE"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"means": "<ram:SpecifiedTradeSettlementPaymentMeans/>"},
            "L'element FichierXml.SupplyChainTradeTransaction.ApplicableHeaderTradeSettlement."
            "SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire.",
        ),
        ({"means": ""}, "SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire."),
        (
            {"number": "F" * 21},
            "Le champ identifiant de la facture (FichierXml.ExchangedDocument.ID.value) "
            "ne doit pas depasser 20 caracteres",
        ),
        (
            {"gross": GROSS_PRICE},
            "GrossPriceProductTradePrice.AppliedTradeAllowanceCharge.Actual",
        ),
        ({"process": process("B1")}, "G1.02"),
        (
            {"means": MEANS.replace("30", "54")},
            "S2.05",
        ),
        ({"category": ""}, "ApplicableTradeTax.CategoryCode"),
        ({"line_category": ""}, "ApplicableTradeTax.CategoryCode"),
        ({"recipient": "123456782"}, "SIRET"),
        ({"supplier": "332540215"}, "SIRET"),
        ({"recipient": "99999999999999"}, "99999999999999"),
        ({"recipient": "12345678200028"}, "service"),
        ({"recipient": "12345678200036"}, "engagement"),
        ({"service": "INCONNU"}, "INCONNU"),
        ({"supplier": "12345678200051"}, "fournisseur"),
        ({"tax": "10.00"}, "montants"),
        ({"date": "20261320"}, "DateTimeString"),
        ({"tax": "abc"}, "TaxTotalAmount"),
    ],
)
def test_an_xml_not_to_the_platforms_taste_is_refused_at_integration(
    api: Caller, changes: dict[str, str], text: str
) -> None:
    number = changes.get("number", "FX-1")
    told = ended(api, cii(**{"number": number, **changes}))
    assert told["etatCourantDepotFlux"] == "IN_REJETE"
    (error,) = told["listeErreurDP"]
    assert error["numeroDP"] == number
    assert text in error["libelleErreurDP"]
    assert len(error["libelleErreurDP"]) <= 200
    assert api.control("invoices")["total"] == 0


def test_several_errors_are_joined_by_a_bar_and_cut(api: Caller) -> None:
    told = ended(api, cii("FX-1", category="", means="", recipient="123456782", process=process("S1")))
    text = told["listeErreurDP"][0]["libelleErreurDP"]
    assert "|" in text
    assert len(text) == 200


def test_codes_a1_to_a25_are_allowed_and_decide_the_framework(api: Caller) -> None:
    assert ended(api, cii("FX-1", process=process("A1")))["etatCourantDepotFlux"] == "IN_INTEGRE"
    chorus_id = api.deposited()[0]["chorus_id"]
    facture = api.ok("factures/consulter/fournisseur", {"identifiantFactureCPP": chorus_id})["facture"]
    assert facture["cadreDeFacturation"]["codeCadreFacturation"] == "A1_FACTURE_FOURNISSEUR"


def test_a_credit_note_may_have_no_payment_means(api: Caller) -> None:
    assert ended(api, cii("FX-1", type_code="381", means=""))["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert api.deposited()[0]["type"] == "AVOIR"


def test_ubl_without_payment_means_is_refused(api: Caller) -> None:
    told = ended(api, ubl("FX-1", means=""), UBL)
    assert "PaymentMeansCode" in told["listeErreurDP"][0]["libelleErreurDP"]


@pytest.mark.parametrize(
    ("content", "syntax"),
    [
        (b"not xml", CII),
        (cii("FX-1"), UBL),
        (cii("FX-1"), FACTURX),
        (b"%PDF-1.4 broken", FACTURX),
        (facturx(b"<other/>"), FACTURX),
        (facturx(cii("FX-1"), "other.xml"), FACTURX),
        (b"\x1f\x8bnot really gzip", CII),
        (batch({}), CII),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', CII),
    ],
)
def test_an_unreadable_flow_is_a_technical_error_and_breaks_nothing(api: Caller, content: bytes, syntax: str) -> None:
    told = ended(api, content, syntax)
    assert told["etatCourantDepotFlux"] == "IN_REJETE"
    assert told["listeErreurTechnique"][0]["libelleErreur"]
    assert told["listeErreurDP"] == []


def test_a_batch_is_integrated_in_part(api: Caller) -> None:
    content = batch({"a.xml": cii("FX-1"), "b.xml": cii("FX-2", recipient="123456782"), "c.xml": cii("FX-3")})
    number = deposit(api, content, CII, "lot.tar.gz")
    later(api)
    told = report(api, number)
    assert told["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    assert [error["numeroDP"] for error in told["listeErreurDP"]] == ["FX-2"]
    assert {row["numeroFacture"] for row in api.search(numeroFluxDepot=number)} == {"FX-1", "FX-3"}


def test_a_number_refused_in_a_flow_may_be_sent_again_and_one_taken_may_not(api: Caller) -> None:
    assert ended(api, cii("FX-1", means=""))["etatCourantDepotFlux"] == "IN_REJETE"
    assert ended(api, cii("FX-1"))["etatCourantDepotFlux"] == "IN_INTEGRE"
    told = ended(api, cii("FX-1"))
    assert "FX-1" in told["listeErreurDP"][0]["libelleErreurDP"]
    assert api.refused(SUBMIT, api.invoice(numeroFactureSaisi="FX-1")) == 29922
    assert api.control("invoices")["total"] == 1


def test_a_flow_too_large_is_refused_with_the_known_number(api: Caller) -> None:
    body = {"fichierFlux": encode(b"0" * (FLOW_LIMIT + 1)), "nomFichier": "a.xml", "syntaxeFlux": CII}
    answer = api.call("factures/deposer/flux", body)
    assert answer.json() == {"codeRetour": 20001, "libelle": "GDP_MSG_11.022"}


def test_an_invented_syntax_is_400(api: Caller) -> None:
    body = {"fichierFlux": encode(b"x"), "nomFichier": "a.xml", "syntaxeFlux": "IN_DP_E1_FACTURX"}
    assert api.call("factures/deposer/flux", body).status_code == 400


def test_the_control_door_decides_how_a_flow_ends(api: Caller) -> None:
    number = deposit(api, cii("FX-1"))
    ending = {"number": number, "state": "IN_REJETE", "errors": [{"number": "FX-1", "text": "parce que"}]}
    api.control("flux", ending)
    told = report(api, number)
    assert told["etatCourantDepotFlux"] == "IN_REJETE"
    assert told["listeErreurDP"][0]["libelleErreurDP"] == "parce que"
    later(api)
    assert api.control("invoices")["total"] == 0


def test_the_control_door_decides_about_the_next_flow(api: Caller) -> None:
    content = batch({"a.xml": cii("FX-1"), "b.xml": cii("FX-2")})
    ending = {
        "next": True,
        "state": "IN_INTEGRE_PARTIEL",
        "errors": [{"number": "FX-2", "text": "non"}],
        "technical": [],
    }
    api.control("flux", ending)
    number = deposit(api, content)
    other = deposit(api, cii("FX-3"))
    later(api, 3)
    assert report(api, number)["etatCourantDepotFlux"] == FIRST
    later(api, 3)
    assert report(api, number)["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    assert report(api, other)["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert {row["numeroFacture"] for row in api.ok(SEARCH)["listeFactures"]} == {"FX-1", "FX-3"}


def test_a_flow_can_stay_pending_or_break_down(api: Caller) -> None:
    number = deposit(api, cii("FX-1"))
    for state in ("IN_EN_COURS_TRAITEMENT_CPP", "IN_INCIDENTE"):
        api.control("flux", {"number": number, "state": state, "technical": [{"codeErreur": "X"}]})
        told = report(api, number)
        assert (told["etatCourantDepotFlux"], told["listeErreurTechnique"]) == (state, [{"codeErreur": "X"}])
    assert api.http.post("/_control/flux", json={"number": "CPP", "state": "IN_INTEGRE"}).status_code == 400


def test_a_flow_belongs_to_its_account(api: Caller, simulator: RunningSimulator) -> None:
    supplier = {"siret": "40483304800022", "login": "TECH_1_2@cpro.fr", "password": simulator.client_secret}
    api.control("seed", {"suppliers": [supplier]})
    other = Caller(simulator, "TECH_1_2@cpro.fr", simulator.client_secret)
    number = deposit(api, cii("FX-1"))
    stolen = deposit(other, cii("FX-1"))
    later(api)
    assert other.refused(DETAIL, {"numeroFluxDepot": number}) == 29980
    assert "fournisseur" in report(other, stolen)["listeErreurDP"][0]["libelleErreurDP"]
    other.close()
