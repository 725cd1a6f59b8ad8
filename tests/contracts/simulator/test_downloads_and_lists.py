from __future__ import annotations

import base64
import io
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.contracts.simulator.caller import PDF, Caller


def with_attachment(api: Caller, number: str) -> int:
    row = {
        "pieceJointeComplementaireType": "DIVERS",
        "pieceJointeComplementaireId": api.upload(b"bon", "bon.txt"),
    }
    main = [{"pieceJointePrincipaleId": api.upload(PDF + number.encode())}]
    told = api.submit(numeroFactureSaisi=number, pieceJointeComplementaire=[row], pieceJointePrincipale=main)
    return int(told["identifiantFactureCPP"])


def download(api: Caller, ids: list[int], form: str, others: str | None) -> bytes:
    body = {
        "listeFacture": [{"idFacture": one} for one in ids],
        "format": form,
        "avecPiecesJointesComplementaires": others,
    }
    return base64.b64decode(api.ok("factures/telecharger/groupe", body)["fichierResultat"])


def names(packed: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.namelist()


def test_one_file_is_a_pdf_and_several_are_a_zip(api: Caller) -> None:
    first, second = with_attachment(api, "A"), with_attachment(api, "B")
    assert download(api, [first], "PDF", "Non") == PDF + b"A"
    assert len(names(download(api, [first], "PDF", "Oui"))) == 2
    folders = {name.split("/")[0] for name in names(download(api, [first, second], "PDF", "Oui"))}
    assert folders == {str(first), str(second)}


def test_the_pivot_is_one_xml_with_the_files_inside(api: Caller) -> None:
    root = ElementTree.fromstring(download(api, [with_attachment(api, "A")], "PIVOT", None))
    contents = [base64.b64decode(node.text or "") for node in root.iter("Contenu")]
    assert contents == [PDF + b"A", b"bon"]


def test_an_invoice_entered_without_pdf_gets_one_of_the_platform(api: Caller) -> None:
    line = {"lignePosteQuantite": 1, "lignePosteMontantUnitaireHT": 850}
    told = api.submit(modeDepot="SAISIE_API", pieceJointePrincipale=..., lignePoste=[line])
    content = download(api, [told["identifiantFactureCPP"]], "PDF", "Non")
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    assert told["numeroFacture"] in document[0].get_textpage().get_text_range()
    document.close()


def test_a_download_is_written_into_the_history(api: Caller) -> None:
    chorus_id = with_attachment(api, "A")
    download(api, [chorus_id], "PDF", "Non")
    told = api.ok("factures/consulter/historique", {"idFacture": chorus_id})
    actions = told["historiquesDesActionsUtilisateurs"]["histoAction"]
    assert [row["histoActionCode"] for row in actions] == ["TELECHARGEMENT_FACTURE"]


def test_the_same_by_the_attachment_operation_with_capitals(api: Caller) -> None:
    chorus_id = with_attachment(api, "A")
    request = {"listeFacture": [{"idFacture": chorus_id}], "format": "PDF", "avecPiecesJointesComplementaires": "NON"}
    body = {"objetPieceJointe": "DEMANDE_PAIEMENT", "demandePaiement": request}
    told = api.ok("transverses/telecharger/pieceJointe", body)
    assert base64.b64decode(told["pieceJointe"]) == PDF + b"A"
    request["avecPiecesJointesComplementaires"] = "Non"
    assert api.call("transverses/telecharger/pieceJointe", body).status_code == 400
    assert api.refused("transverses/telecharger/pieceJointe", {"objetPieceJointe": "SOLLICITATION"}) == 29999


def test_downloads_ask_for_own_invoices_and_a_format(api: Caller) -> None:
    body: dict[str, Any] = {
        "listeFacture": [{"idFacture": 1}],
        "format": "PDF",
        "avecPiecesJointesComplementaires": "Non",
    }
    assert api.refused("factures/telecharger/groupe", body) == 29910
    assert api.refused("factures/telecharger/groupe", {**body, "format": None}) == 29903
    assert api.refused("factures/telecharger/groupe", {**body, "listeFacture": []}) == 29903
    assert api.refused("factures/telecharger/groupe", {**body, "avecPiecesJointesComplementaires": None}) == 29903


def test_more_than_120_megabytes_are_413(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    chorus_id = with_attachment(api, "A")
    monkeypatch.setattr("include.simulator.codes.INVOICE_LIMIT", 10)
    body = {"listeFacture": [{"idFacture": chorus_id}], "format": "PDF", "avecPiecesJointesComplementaires": "Oui"}
    assert api.call("factures/telecharger/groupe", body).status_code == 413


def test_an_invoice_with_more_than_120_megabytes_of_files_is_refused(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = api.invoice()
    monkeypatch.setattr("include.simulator.codes.INVOICE_LIMIT", 10)
    assert api.refused("factures/soumettre", body) == 29968
    assert api.deposited() == []


def test_the_directory_comes_as_a_zip(api: Caller) -> None:
    packed = base64.b64decode(api.ok("transverses/telecharger/annuaire/destinataire")["fichierResultat"])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        text = archive.read("annuaire.csv").decode()
    assert "12345678200051;DESTINATAIRE SANS OBLIGATION" in text
    assert "33254021516357" not in text


def test_own_uploads_are_listed(api: Caller) -> None:
    api.upload(name="un.pdf")
    api.upload(name="deux.pdf")
    told = api.ok("transverses/rechercher/pj/moncompte", {"pieceJointeDesignation": "deux"})
    assert [row["pieceJointeDesignation"] for row in told["listePiecesJointes"]] == ["deux.pdf"]
    assert told["parametresRetour"]["total"] == 1
    assert (
        api.ok("transverses/rechercher/pj/structure", {"idStructureCPP": api.supplier_id})["listePiecesJointes"] == []
    )


@pytest.mark.parametrize(
    ("path", "body", "key", "name", "expected"),
    [
        ("typespj", {"typeObjet": "FACTURE"}, "listeTypePieceJointe", "codeTypePieceJointe", "DIVERS"),
        ("typespj", {"typeObjet": "EJ"}, "listeTypePieceJointe", "codeTypePieceJointe", "BON_DE_COMMANDE"),
        (
            "cadrefacturation",
            {"typeDemandePaiement": "FACTURE"},
            "listeCadreFacturation",
            "codeCadreFacturation",
            "A1_FACTURE_FOURNISSEUR",
        ),
        ("devises", {"codeLangue": "FR"}, "listeDevises", "codeDevise", "EUR"),
        ("pays", {"codeLangue": "FR"}, "listePays", "codePays", "FR"),
        ("modereglements", {}, "listeModePaiement", "modePaiement", "VIREMENT"),
        ("modedepot", {}, "listeModeDepot", "modeDepot", "DEPOT_PDF_API"),
        ("tauxtva", {"codeLangue": "fr"}, "listeTauxTva", "codeTauxTva", "TVA1"),
        ("motifs/exonerationtva", {}, "listeMotifsExonerationTva", "codeMotifExonerationTva", "ART_261"),
        ("typedp", {}, "listeTypeDemandePaiement", "typeDemandePaiement", "FACTURE"),
        ("typeidentifiant/structure", {}, "listeTypeIdentifiant", "typeIdentifiantStructure", "SIRET"),
        ("formatflux", {}, "listeFormatFlux", "formatFlux", "IN_DP_E2_FACTURX"),
        ("syntaxeflux", {"formatFlux": "IN_DP_E2_FACTURX"}, "listeSyntaxeFlux", "syntaxeFlux", "IN_DP_E2_CII_FACTURX"),
        ("typefacturetravaux", {}, "listeTypeFactureTravaux", "typeFactureTravaux", "ETAT_ACOMPTE"),
        (
            "etat/typedp",
            {"typeDemandePaiement": "FACTURE"},
            "listeEtatDemandePaiement",
            "etatDemandePaiement",
            "DEPOSEE",
        ),
    ],
)
def test_each_code_list_has_its_own_keys(
    api: Caller, path: str, body: dict[str, str], key: str, name: str, expected: str
) -> None:
    told = api.ok(f"transverses/recuperer/{path}", body)
    assert expected in [row[name] for row in told[key]]
