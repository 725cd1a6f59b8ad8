"""Embedded XML against its standard: what breaks a rule is told beside its field, in words, offline."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest

from include.adapters.text.xml import standard
from include.adapters.text.xml.facturx import read_embedded
from include.adapters.text.xml.xml_tree import parse
from include.domain.reasons import Reason
from tests.integration.text.corpus import CORPUS, pdf_of

LIMITS, REAL = CORPUS / "facturx-cas-limites", CORPUS / "real"


def checks(path: Path) -> list[Reason]:
    with pdfium.PdfDocument(path) as pdf:
        embedded = read_embedded(pdf)
    assert embedded.root is not None
    return list(standard.check(embedded.root))


def told(path: Path) -> list[tuple[str, str | None]]:
    return [(reason.code, reason.field) for reason in checks(path)]


def test_an_invoice_that_keeps_all_rules_has_no_warning() -> None:
    assert told(REAL / "caslimites_OK-001.pdf") == []


def test_totals_that_do_not_add_up_are_told_beside_the_fields() -> None:
    found = checks(LIMITS / "CALC-001.pdf")
    assert [(reason.code, reason.field) for reason in found] == [
        ("standard_sums", "total_incl_tax"),
        ("standard_sums", "amount_due"),
    ]
    assert "BR-CO-15" in found[0].message("fr")
    assert "do not add up" in found[0].message("en")


def test_what_has_not_the_form_of_its_profile_is_told_once() -> None:
    (found,) = checks(LIMITS / "DATA-005.pdf")
    assert found.code == "standard_schema"
    assert "2400,00" in found.message("fr")


def test_the_french_rules_make_one_warning() -> None:
    found = checks(REAL / "fxkit_design_fr.pdf")
    assert [reason.code for reason in found] == ["standard_french"]
    assert "BR-FR-05" in found[0].message("en")
    assert told(LIMITS / "DATA-001.pdf") == [("standard_french", "issue_date")]


def test_advice_of_the_rule_files_is_no_warning() -> None:
    assert "PEPPOL-EN16931-R008" not in str(checks(REAL / "zf_de_EN16931_Rabatte.pdf"))


@pytest.mark.parametrize(
    ("file", "profile"),
    [
        ("fnfe_F20220026_minimum.pdf", "MINIMUM"),
        ("fnfe_F20220027_basicwl.pdf", "BASIC WL"),
        ("fnfe_F20220024_basic.pdf", "BASIC"),
        ("fnfe_F20220023_en16931.pdf", "EN 16931"),
        ("fnfe_F20220025_extended.pdf", "EXTENDED"),
    ],
)
def test_each_profile_has_its_own_rules(file: str, profile: str) -> None:
    with pdfium.PdfDocument(REAL / file) as pdf:
        root = read_embedded(pdf).root
    assert root is not None
    assert standard.profile_of(root).name == profile


UBL = b"""<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>F-1</cbc:ID></Invoice>"""


def test_ubl_is_checked_against_its_own_schema() -> None:
    root = parse(UBL)
    assert root is not None
    (found,) = standard.check(root)
    assert (found.code, found.params["profile"]) == ("standard_schema", "UBL")


@pytest.mark.parametrize("profile", [*standard._BY_ENDING.values(), *standard._UBL.values(), standard._ZUGFERD_1])
def test_the_package_ships_every_file_that_is_named(profile: standard.Profile) -> None:
    named = [path for path in (profile.schema, profile.rules, profile.french) if path]
    assert [path for path in named if not (standard._folder() / path).is_file()] == []


def test_of_a_very_large_xml_the_form_is_checked_and_the_rest_said_not_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard, "LARGEST", 100)
    monkeypatch.setattr(standard, "_failures", lambda *_: pytest.fail("Saxon cannot be interrupted"))
    (found,) = checks(REAL / "caslimites_OK-001.pdf")
    assert found.code == "standard_unchecked"
    assert "compare" in found.message("en")
    assert told(LIMITS / "DATA-005.pdf") == [("standard_schema", None)]


def test_an_xml_too_large_to_be_parsed_is_told_as_unreadable() -> None:
    content = pdf_of("Facture n F-12", attachments={"factur-x.xml": b"<a>" + b" " * 10_000_001 + b"</a>"})
    with pdfium.PdfDocument(content) as pdf:
        assert read_embedded(pdf).broken


def test_a_fault_of_the_rules_says_nothing_about_the_invoice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(_path: str) -> None:
        raise ImportError("no module named saxonche")

    monkeypatch.setattr(standard, "_stylesheet", missing)
    assert told(REAL / "caslimites_OK-001.pdf") == []
    assert "could not be checked" in caplog.text
