from __future__ import annotations

import dataclasses
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.adapters.chorus import wire
from include.domain.errors import InputError
from include.domain.submission import SentAttachment, Submission

MINIMAL = (
    '{"modeDepot":"DEPOT_PDF_API","numeroFactureSaisi":"2026-FA-00417","dateFacture":"2026-11-20",'
    '"destinataire":{"codeDestinataire":"12345678200028"},'
    '"fournisseur":{"idFournisseur":26309911},'
    '"cadreDeFacturation":{"codeCadreFacturation":"A1_FACTURE_FOURNISSEUR"},'
    '"references":{"deviseFacture":"EUR","typeFacture":"FACTURE","typeTva":"TVA_SUR_DEBIT","modePaiement":"VIREMENT"},'
    '"lignePoste":[],'
    '"ligneTva":[{"ligneTvaTauxManuel":20,"ligneTvaMontantBaseHtParTaux":850.00,"ligneTvaMontantTvaParTaux":170.00}],'
    '"montantTotal":{"montantHtTotal":850.00,"montantTVA":170.00,"montantTtcTotal":1020.00,"montantAPayer":1020.00},'
    '"pieceJointePrincipale":[{"pieceJointePrincipaleDesignation":"facture.pdf","pieceJointePrincipaleId":99120034}]}'
)


def read(body: str) -> dict[str, object]:
    value: dict[str, object] = json.loads(body, parse_float=Decimal)
    return value


def test_what_has_no_value_is_left_out_and_the_text_is_always_the_same(submission: Submission) -> None:
    assert wire.encode(submission) == MINIMAL
    assert wire.encode(dataclasses.replace(submission, comment="", service_code="", engagement_number=None)) == MINIMAL


def test_every_optional_value_has_its_place(submission: Submission) -> None:
    full = dataclasses.replace(
        submission,
        service_code="SERVICE_DEST_SERV_OBL",
        supplier_service_id=11,
        bank_details_id=448120,
        engagement_number="1300045678",
        contract_number="M-1",
        original_invoice_number="2026-FA-00001",
        vat_exemption_reason="ART_293B",
        discount=Decimal("5"),
        discount_reason="geste",
        comment='Lot "3" é',
        signed=True,
        attachments=(SentAttachment(upload_id=7, type_code="RIB", name="rib.pdf", sha256="1" * 64),),
    )
    body = read(wire.encode(full))
    assert body["modeDepot"] == "DEPOT_PDF_SIGNE_API"
    assert body["destinataire"] == {
        "codeDestinataire": "12345678200028",
        "codeServiceExecutant": "SERVICE_DEST_SERV_OBL",
    }
    assert body["fournisseur"] == {
        "idFournisseur": 26309911,
        "idServiceFournisseur": 11,
        "codeCoordonneesBancairesFournisseur": 448120,
    }
    assert body["references"] == {
        "deviseFacture": "EUR",
        "typeFacture": "FACTURE",
        "typeTva": "TVA_SUR_DEBIT",
        "motifExonerationTva": "ART_293B",
        "modePaiement": "VIREMENT",
        "numeroBonCommande": "1300045678",
        "numeroMarche": "M-1",
        "numeroFactureOrigine": "2026-FA-00001",
    }
    totals = body["montantTotal"]
    assert isinstance(totals, dict)
    assert (totals["montantRemiseGlobaleTTC"], totals["motifRemiseGlobaleTTC"]) == (Decimal("5.00"), "geste")
    assert body["pieceJointeComplementaire"] == [
        {
            "pieceJointeComplementaireDesignation": "rib.pdf",
            "pieceJointeComplementaireType": "RIB",
            "pieceJointeComplementaireId": 7,
        }
    ]
    assert body["commentaire"] == 'Lot "3" é'


def test_a_credit_note_is_positive_unless_the_one_setting_says_otherwise(submission: Submission) -> None:
    credit = dataclasses.replace(submission, credit_note=True, discount=Decimal("0"))
    body = wire.encode(credit)
    assert '"typeFacture":"AVOIR"' in body
    assert '"montantTtcTotal":1020.00' in body
    negative = wire.encode(credit, credit_note_sign=-1)
    assert '"montantTtcTotal":-1020.00' in negative
    assert '"ligneTvaMontantTvaParTaux":-170.00' in negative
    assert '"montantRemiseGlobaleTTC":0.00' in negative  # no minus zero
    assert wire.encode(submission, credit_note_sign=-1) == MINIMAL


@given(cents=st.integers(min_value=0, max_value=10**19 - 1))
def test_an_amount_arrives_to_the_cent_whatever_its_size(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    text = wire._render({"montant": wire._amount(amount, 1)})
    assert text == f'{{"montant":{cents // 100}.{cents % 100:02d}}}'
    assert json.loads(text, parse_float=Decimal)["montant"] == amount


@pytest.mark.parametrize("amount", ["10.005", "NaN", "Infinity", "1E+40"])
def test_an_amount_that_is_no_number_of_cents_is_never_rounded_in_silence(submission: Submission, amount: str) -> None:
    with pytest.raises(InputError):
        wire.encode(dataclasses.replace(submission, amount_due=Decimal(amount)))


@pytest.mark.parametrize(
    ("rate", "text"), [("20.00", "20"), ("5.50", "5.5"), ("2.1", "2.1"), ("0", "0"), ("100", "100")]
)
def test_a_rate_is_written_as_a_plain_number(rate: str, text: str) -> None:
    assert wire._render(wire._rate(Decimal(rate))) == text


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("facture.pdf", "facture.pdf"),
        ("/in/2026\\facture.pdf", "facture.pdf"),
        ("a" * 60 + ".pdf", "a" * 46 + ".pdf"),
        ("a" * 45 + " b.pdf", "a" * 45 + ".pdf"),
        ("sans-extension", "sans-extension"),
    ],
)
def test_a_file_name_fits_into_50_characters_with_its_extension(name: str, short: str) -> None:
    assert wire.upload(name, b"", "application/pdf")["pieceJointeNom"] == short


def test_an_upload_carries_the_bytes_and_the_extension() -> None:
    assert wire.upload("Facture.Pdf", b"%PDF", "application/pdf") == {
        "pieceJointeFichier": "JVBERg==",
        "pieceJointeNom": "Facture.Pdf",
        "pieceJointeTypeMime": "application/pdf",
        "pieceJointeExtension": "PDF",
    }


@pytest.mark.parametrize(("signed", "form"), [(False, "PDF_NON_SIGNE"), (True, "PDF_SIGNE_PADES")])
def test_a_signed_pdf_is_announced(signed: bool, form: str) -> None:
    assert wire.analysis("a.pdf", b"", signed=signed)["formatDepot"] == form


def test_a_search_names_page_size_and_maximum_itself() -> None:
    body = wire.invoice_search(1, "F-1", 3)
    assert (body["idFournisseur"], body["numeroFacture"]) == (1, "F-1")
    assert body["rechercheFactureParFournisseur"] == {
        "nbResultatsMaximum": 10_000,
        "nbResultatsParPage": 100,
        "pageResultatDemandee": 3,
        "triColonne": "DateDepot",
        "triSens": "Ascendant",
    }
