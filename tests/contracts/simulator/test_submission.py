from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from include.simulator.codes import FILE_LIMIT
from tests.contracts.simulator.caller import PDF, SUBMIT, SUPPLIER, Caller, encode

LINE = {
    "lignePosteNumero": 1,
    "lignePosteDenomination": "Fourniture",
    "lignePosteQuantite": 2,
    "lignePosteUnite": "pièce",
    "lignePosteMontantUnitaireHT": 450,
    "lignePosteMontantRemiseHT": 50,
    "lignePosteTauxTvaManuel": 20,
}
ENTERED: dict[str, Any] = {
    "modeDepot": "SAISIE_API",
    "numeroFactureSaisi": ...,
    "dateFacture": ...,
    "pieceJointePrincipale": ...,
    "lignePoste": [LINE],
}


def test_an_accepted_invoice_is_answered_with_the_keys_of_the_wire(api: Caller) -> None:
    told = api.submit(numeroFactureSaisi="2026-FA-00417")
    assert told["libelle"] == "GCU_MSG_01_000"
    assert told["numeroFacture"] == "2026-FA-00417"
    assert told["identifiantStructure"] == SUPPLIER
    assert told["statutFacture"] == "DEPOSEE"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", told["dateDepot"])
    assert len(base64.b64decode(told["empreinteCertificatDepot"])) == 32
    assert isinstance(told["identifiantFactureCPP"], int)


def test_what_was_sent_can_be_read_back_in_full(api: Caller) -> None:
    attachment = api.upload(b"bon", "bon.pdf")
    sent = {
        "references__numeroBonCommande": "1300045678",
        "references__numeroMarche": "M-1",
        "montantTotal": {
            "montantHtTotal": 1326,
            "montantTVA": 130.272,
            "montantTtcTotal": 1406.272,
            "montantRemiseGlobaleTTC": 50,
            "motifRemiseGlobaleTTC": "Remise",
            "montantAPayer": 1400,
        },
        "ligneTva": [
            {"ligneTvaTaux": "TVA5", "ligneTvaMontantBaseHtParTaux": 1326, "ligneTvaMontantTvaParTaux": 130.272}
        ],
        "pieceJointeComplementaire": [
            {
                "pieceJointeComplementaireDesignation": "Bon",
                "pieceJointeComplementaireType": "DIVERS",
                "pieceJointeComplementaireId": attachment,
            }
        ],
        "commentaire": "Lot 3",
    }
    chorus_id = api.submit(**sent)["identifiantFactureCPP"]
    facture = api.ok("factures/consulter/fournisseur", {"identifiantFactureCPP": chorus_id, "codeLangue": "fr"})[
        "facture"
    ]
    assert facture["statutFacture"] == "DEPOSEE"
    assert facture["commentaire"] == "Lot 3"
    assert facture["references"]["numeroBonCommande"] == "1300045678"
    assert facture["references"]["dateFacture"] == "2026-11-20"
    total = facture["montantTotal"]
    assert (total["montantTtcTotal"], total["montantTtcAvantRemiseGlobalTTC"], total["montantAPayer"]) == (
        1406.272,
        1456.272,
        1400,
    )
    assert facture["recapitulatifDeTva"]["ligneTva"][0]["ligneTvaMontantTvaParTaux"] == 130.272
    assert facture["listeDesPiecesJointes"]["pieceJointe"][0]["pieceJointeDesignation"] == "Bon"
    assert facture["pieceJointePrincipale"]["idPieceJointePrincipale"]


def test_an_invoice_entered_without_pdf_is_numbered_by_the_platform(api: Caller) -> None:
    first, second = api.submit(**ENTERED), api.submit(**{**ENTERED, "numeroFactureSaisi": "IGNORE"})
    year = first["dateDepot"][:4]
    assert first["numeroFacture"] == f"{year}{1:016d}"
    assert second["numeroFacture"] == f"{year}{2:016d}"
    row = api.search(numeroFacture=first["numeroFacture"])[0]
    assert (row["dateFacture"], row["modeDepot"]) == (first["dateDepot"], "SAISIE_API")


def test_an_invoice_entered_without_pdf_needs_lines_that_add_up(api: Caller) -> None:
    assert api.refused(SUBMIT, api.invoice(**{**ENTERED, "lignePoste": []})) == 29956
    assert api.refused(SUBMIT, api.invoice(**{**ENTERED, "lignePoste": [{**LINE, "lignePosteQuantite": 3}]})) == 29957
    vat = [{"ligneTvaTauxManuel": 20, "ligneTvaMontantBaseHtParTaux": 800, "ligneTvaMontantTvaParTaux": 160}]
    assert api.refused(SUBMIT, api.invoice(**{**ENTERED, "ligneTva": vat})) == 29957


def test_a_signed_pdf_must_be_announced(api: Caller) -> None:
    signed = [{"pieceJointePrincipaleId": api.upload(PDF + b"/ByteRange [0 1 2 3]")}]
    assert api.refused(SUBMIT, api.invoice(pieceJointePrincipale=signed)) == 29965
    api.submit(modeDepot="DEPOT_PDF_SIGNE_API", pieceJointePrincipale=signed)


def test_the_main_file_may_come_as_a_lone_object(api: Caller) -> None:
    api.submit(pieceJointePrincipale={"pieceJointePrincipaleDesignation": "F", "pieceJointePrincipaleId": api.upload()})


def test_a_missing_invoice_date_is_taken(api: Caller) -> None:
    api.submit(dateFacture=...)


@pytest.mark.parametrize("number", ["A", "2026 FA-1_2/3+4", "F" * 20, "0"])
def test_numbers_of_up_to_20_allowed_signs_are_taken(api: Caller, number: str) -> None:
    assert api.submit(numeroFactureSaisi=number)["numeroFacture"] == number


@pytest.mark.parametrize("number", ["FA.1", "FÉ-1", "FA#1", "FA\n1", "FA:1"])
def test_numbers_with_other_signs_are_refused(api: Caller, number: str) -> None:
    assert api.refused(SUBMIT, api.invoice(numeroFactureSaisi=number)) == 29921


def test_a_number_is_taken_once_per_supplier(api: Caller) -> None:
    api.submit(numeroFactureSaisi="FA-1")
    assert api.refused(SUBMIT, api.invoice(numeroFactureSaisi="FA-1")) == 29922
    assert len(api.deposited(number="FA-1")) == 1


def test_a_rejected_number_is_not_free_again(api: Caller) -> None:
    api.submit(numeroFactureSaisi="FA-1")
    api.control("status", {"number": "FA-1", "status": "REJETEE", "comment": "non"})
    assert api.refused(SUBMIT, api.invoice(numeroFactureSaisi="FA-1")) == 29922


def test_another_supplier_may_use_the_same_number(api: Caller) -> None:
    api.control("seed", {"suppliers": [{"siret": "40483304800022"}]})
    own = api.ok("transverses/recuperer/structures/actives/fournisseur")["listeStructures"]
    for row in own:
        api.submit(numeroFactureSaisi="FA-1", fournisseur__idFournisseur=row["idStructureCPP"])
    assert {item["supplier_siret"] for item in api.deposited(number="FA-1")} == {SUPPLIER, "40483304800022"}


def test_a_double_shows_when_unique_numbers_are_off(api: Caller) -> None:
    api.control("settings", {"unique_numbers": False})
    api.submit(numeroFactureSaisi="FA-1")
    api.submit(numeroFactureSaisi="FA-1")
    assert len(api.deposited(number="FA-1")) == 2


@pytest.mark.parametrize(
    ("siret", "service", "engagement", "expected"),
    [
        ("12345678200051", None, None, 0),
        ("12345678200051", "ST01", None, 0),
        ("12345678200051", "ST99", None, 29944),
        ("12345678200051", "INCONNU", None, 29944),
        ("12345678200051", "FACTURES_PUBLIQUES", None, 29945),
        ("12345678200028", None, None, 29941),
        ("12345678200028", "SERVICE_DEST_SERV_OBL", None, 0),
        ("12345678200028", "SERVICE_EJ_OBL", None, 29946),
        ("12345678200028", "SERVICE_EJ_OBL", "1300045678", 0),
        ("12345678200036", None, None, 29942),
        ("12345678200036", None, "1300045678", 0),
        ("12345678200044", None, "1300045678", 29941),
        ("12345678200044", "SERVICE_DEST_SERV_EJ_OBL", None, 29942),
        ("12345678200044", "SERVICE_DEST_SERV_EJ_OBL", "1300045678", 0),
        ("12345678200069", None, None, 29943),
        ("12345678200069", "SERVICE_AU_CHOIX", None, 0),
        ("12345678200069", None, "1300045678", 0),
        ("11000201100044", "SFACETAT", None, 0),
        ("99999999999999", None, None, 29940),
        (SUPPLIER, None, None, 29940),
    ],
)
def test_obligations_of_recipient_and_service(
    api: Caller, siret: str, service: str | None, engagement: str | None, expected: int
) -> None:
    body = api.invoice(
        destinataire={"codeDestinataire": siret, "codeServiceExecutant": service},
        references__numeroBonCommande=engagement,
    )
    if expected:
        assert api.refused(SUBMIT, body) == expected
        assert api.deposited() == []
    else:
        api.ok(SUBMIT, body)


def test_an_empty_text_is_the_same_as_none(api: Caller) -> None:
    body = api.invoice(destinataire={"codeDestinataire": "12345678200028", "codeServiceExecutant": ""})
    assert api.refused(SUBMIT, body) == 29941


def test_a_closed_body_is_refused(api: Caller) -> None:
    api.control("seed", {"structures": [{"siret": "12345678200051", "active": False}]})
    assert api.refused(SUBMIT, api.invoice()) == 29940


def test_a_service_that_ended_is_refused(api: Caller) -> None:
    service = {"code": "ST01", "active": False}
    api.control("seed", {"structures": [{"siret": "12345678200051", "services": [service]}]})
    assert api.refused(SUBMIT, api.invoice(destinataire__codeServiceExecutant="ST01")) == 29944


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"montantTotal__montantTtcTotal": 1020.01, "montantTotal__montantAPayer": 1}, 29951),
        ({"montantTotal__montantTVA": 0}, 29951),
        ({"montantTotal__montantRemiseGlobaleTTC": 20}, 29951),
        ({"montantTotal__montantAPayer": 1020.01}, 29952),
        ({"references__typeTva": "SANS_TVA"}, 29953),
        ({"references__typeTva": "EXONERATION", "references__motifExonerationTva": "ART_261"}, 29953),
        ({"references__typeTva": "EXONERATION"}, 29954),
        ({"cadreDeFacturation__codeCadreFacturation": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"}, 29955),
        ({"cadreDeFacturation__codeCadreFacturation": "A4_PROJET_DECOMPTE_MENSUEL_FOURNISSEUR"}, 29970),
        ({"cadreDeFacturation__codeCadreFacturation": "A9_FACTURE_SOUSTRAITANT"}, 29971),
        ({"references__deviseFacture": "ZZZ"}, 29972),
        ({"fournisseur__idFournisseur": 1}, 29930),
        ({"fournisseur__idServiceFournisseur": 1}, 29931),
        ({"fournisseur__codeCoordonneesBancairesFournisseur": 1}, 29932),
        ({"pieceJointePrincipale": []}, 29960),
        ({"pieceJointePrincipale": [{"pieceJointePrincipaleId": 1}]}, 29961),
        *[
            ({place: ...}, 29903)
            for place in (
                "modeDepot",
                "numeroFactureSaisi",
                "destinataire",
                "fournisseur",
                "cadreDeFacturation",
                "references__typeFacture",
                "references__typeTva",
                "references__deviseFacture",
                "references__modePaiement",
                "montantTotal__montantHtTotal",
                "montantTotal__montantAPayer",
            )
        ],
    ],
)
def test_a_broken_rule_is_a_refusal_and_nothing_is_deposited(
    api: Caller, changes: dict[str, Any], expected: int
) -> None:
    assert api.refused(SUBMIT, api.invoice(**changes)) == expected
    assert api.deposited() == []


def test_less_than_a_cent_of_difference_is_taken(api: Caller) -> None:
    api.submit(montantTotal__montantTtcTotal=1020.004)


def test_a_validator_takes_the_invoice_first(api: Caller) -> None:
    framework = {"codeCadreFacturation": "A12_FACTURE_COTRAITANT", "codeStructureValideur": SUPPLIER}
    assert api.submit(cadreDeFacturation=framework)["statutFacture"] == "A_VALIDER_1"


def test_a_credit_note_is_taken(api: Caller) -> None:
    api.submit(references__typeFacture="AVOIR", references__numeroFactureOrigine="FA-0")
    assert api.deposited()[0]["type"] == "AVOIR"


def test_attachment_types_are_those_of_the_object_invoice(api: Caller) -> None:
    offered = api.ok("transverses/recuperer/typespj", {"codeLangue": "fr", "typeObjet": "FACTURE"})[
        "listeTypePieceJointe"
    ]
    assert "DIVERS" in {row["codeTypePieceJointe"] for row in offered}
    file_id = api.upload(name="bon.pdf")

    def attached(kind: object) -> dict[str, Any]:
        return {
            "pieceJointeComplementaire": [
                {"pieceJointeComplementaireType": kind, "pieceJointeComplementaireId": file_id}
            ]
        }

    for kind in ("BON_DE_COMMANDE", "INCONNU"):
        assert api.refused(SUBMIT, api.invoice(**attached(kind))) == 29962
    for kind in (*(row["codeTypePieceJointe"] for row in offered), "", None):
        api.submit(**attached(kind))


def test_an_unknown_attachment_is_refused(api: Caller) -> None:
    row = {"pieceJointeComplementaireType": "DIVERS", "pieceJointeComplementaireId": 1}
    assert api.refused(SUBMIT, api.invoice(pieceJointeComplementaire=[row])) == 29961


def test_uploads_are_counted_by_use(api: Caller) -> None:
    unused, used = api.upload(name="un.pdf"), api.upload(PDF + b"2", "deux.pdf")
    api.submit(pieceJointePrincipale=[{"pieceJointePrincipaleId": used}])
    uses = {item["id"]: item["uses"] for item in api.control("uploads")["items"]}
    assert uses == {unused: 0, used: 1}


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a" * 46 + ".pdf", PDF, 200, 0),
        ("a" * 47 + ".pdf", PDF, 400, 29902),
        ("vide.pdf", b"", 200, 29966),
        ("programme.exe", PDF, 200, 29967),
        ("grand.pdf", b"0" * (FILE_LIMIT + 1), 200, 20003),
        ("juste.pdf", b"0" * FILE_LIMIT, 200, 0),
    ],
)
def test_limits_of_an_upload(api: Caller, name: str, content: bytes, status: int, code: int) -> None:
    body = {
        "pieceJointeFichier": encode(content),
        "pieceJointeNom": name,
        "pieceJointeTypeMime": "application/pdf",
        "pieceJointeExtension": name.rsplit(".", 1)[1],
    }
    answer = api.call("transverses/ajouter/fichier", body)
    assert (answer.status_code, answer.json()["codeRetour"]) == (status, code)


def deposit(api: Caller, content: bytes, form: str = "PDF_NON_SIGNE") -> dict[str, Any]:
    return {"fichierFacture": encode(content), "nomFichier": "f.pdf", "formatDepot": form}


def test_a_deposited_pdf_can_be_submitted(api: Caller) -> None:
    told = api.ok("factures/deposer/pdf", deposit(api, PDF))
    assert told["typeFacture"] == "FACTURE"
    assert told["montantHtTotal"] is None
    api.submit(pieceJointePrincipale=[{"pieceJointePrincipaleId": told["pieceJointeId"]}])


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"hello", 29963), (PDF + b"/Encrypt 5 0 R", 29964), (PDF + b"/ByteRange", 29965)],
)
def test_a_deposited_file_that_is_no_plain_pdf_is_refused(api: Caller, content: bytes, expected: int) -> None:
    assert api.refused("factures/deposer/pdf", deposit(api, content)) == expected


def test_the_platform_reads_a_few_fields_of_a_native_pdf(api: Caller) -> None:
    from fpdf import FPDF

    page = FPDF()
    page.add_page()
    page.set_font("Helvetica", size=12)
    for line in (
        "Facture no 2026-77",
        "Date : 20/11/2026",
        "SIRET destinataire : 123 456 782 00051",
        "Total HT : 1 850,00 EUR",
        "Total TTC : 2 220,00",
    ):
        page.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    told = api.ok("factures/deposer/pdf", deposit(api, bytes(page.output())))
    assert told["numeroFacture"] == "2026-77"
    assert told["dateFacture"] == "2026-11-20"
    assert told["codeDestinataire"] == "12345678200051"
    assert (told["montantHtTotal"], told["montantTtcAvantRemiseGlobalTTC"]) == (1850.0, 2220.0)
    assert told["codeDeviseFacture"] == "EUR"
    assert told["montantAPayer"] is None


def test_the_control_door_lists_exactly_what_was_sent(api: Caller) -> None:
    body = api.invoice(commentaire="à payer")
    chorus_id = api.ok(SUBMIT, body)["identifiantFactureCPP"]
    item = api.deposited()[0]
    assert item["chorus_id"] == chorus_id
    assert item["payload"] == body
    assert len(item["main_pdf_sha256"]) == 64
    assert item["deposited_at"].endswith("Z")
    assert [entry["status"] for entry in item["history"]] == ["DEPOSEE"]
