"""Every broken, hostile or odd file ends in fields or in one reason of the closed list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.adapters.text.reader import PdfReader
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.reading import Reading
from include.domain.reasons import Reason
from tests.catalogues import table
from tests.integration.text.corpus import CORPUS

REASONS = {
    "blank_page.pdf": "no_text",
    "empty_file.pdf": "empty_file",
    "encrypted_user_password.pdf": "encrypted",
    "form_self_reference.pdf": "broken",
    "html_named.pdf": "not_pdf",
    "huge_page_200in.pdf": "page_too_large",
    "image_bomb_30000x30000.pdf": "page_too_large",
    "pages_500.pdf": "too_many_pages",
    "png_named.pdf": "not_pdf",
    "truncated_60pct.pdf": "broken",
    "zero_pages.pdf": "no_pages",
    "zip_named.pdf": "not_pdf",
}
WARNINGS = {
    "encrypted_owner_only.pdf": "restricted",
    "facturx_xxe.pdf": "facturx_unreadable",
    "hidden_text_other_iban.pdf": "hidden_text",
    "two_invoices_one_pdf.pdf": "two_invoices",
}


@pytest.fixture(scope="module")
def results() -> Iterator[dict[str, Reading | Reason]]:
    """All bad files read in one batch, as a run would."""
    files = sorted((CORPUS / "bad").glob("*.pdf"))
    contents = [(index, path.read_bytes()) for index, path in enumerate(files)]
    with PdfReader(workers=2) as reader:
        found = dict(reader.read(contents, ReadingLimits(seconds=60), ReadingHints()))
    yield {path.name: found[index] for index, path in enumerate(files)}


@pytest.mark.ocr
@pytest.mark.slow
def test_each_bad_file_gives_its_reason_or_fields(results: dict[str, Reading | Reason]) -> None:
    reasons = {name: result.code for name, result in results.items() if isinstance(result, Reason)}
    assert reasons == REASONS
    assert len(results) == 24
    read = [result for result in results.values() if isinstance(result, Reading)]
    assert all(result.best("invoice_number") and result.best("total_incl_tax") for result in read)


@pytest.mark.ocr
@pytest.mark.slow
def test_what_is_odd_about_a_readable_file_is_told(results: dict[str, Reading | Reason]) -> None:
    warned = {
        name: result.warnings for name, result in results.items() if isinstance(result, Reading) and result.warnings
    }
    assert warned == {name: (code,) for name, code in WARNINGS.items()}


@pytest.mark.ocr
@pytest.mark.slow
def test_an_upside_down_scan_is_read_upright(results: dict[str, Reading | Reason]) -> None:
    result = results["scan_upside_down.pdf"]
    assert isinstance(result, Reading)
    assert [page.turned for page in result.pages] == [180]


@pytest.mark.ocr
@pytest.mark.slow
def test_hidden_figures_are_not_taken(results: dict[str, Reading | Reason]) -> None:
    hidden, shown = results["hidden_text_other_iban.pdf"], results["bad_startxref.pdf"]
    assert isinstance(hidden, Reading)
    assert isinstance(shown, Reading)
    assert [found.value for found in hidden.fields["iban"]] != ["FR7630006000011234567890189"]
    assert len(hidden.fields["iban"]) == 1


@pytest.mark.ocr
@pytest.mark.slow
def test_xml_that_contradicts_its_page_leaves_both_in_sight(results: dict[str, Reading | Reason]) -> None:
    result = results["facturx_contradicts_page.pdf"]
    assert isinstance(result, Reading)
    sources = {found.source.value: found.value for found in reversed(result.fields["total_incl_tax"])}
    assert sources["facturx"] != sources["text"]
    assert result.fields["total_incl_tax"][0].source.value == "facturx"


def test_every_reason_of_reading_has_its_cure_in_both_languages() -> None:
    wordings = table("reason")
    codes = set(REASONS.values()) | set(WARNINGS.values()) | {"too_slow", "reader_died", "too_large"}
    assert codes <= set(wordings)
    assert all(":" in text for code in codes for text in wordings[code])


@pytest.mark.parametrize("path", sorted((CORPUS / "facturx-cas-limites").glob("*.pdf")), ids=lambda path: path.stem)
def test_a_defect_of_factur_x_never_keeps_the_invoice_from_being_read(path: Path, reader: PdfReader) -> None:
    ((_, result),) = reader.read([(0, path.read_bytes())], ReadingLimits(), ReadingHints())
    assert isinstance(result, Reading)
    needed = {
        "invoice_number",
        "supplier_siret",
        "recipient_siret",
        "recipient_name",
        "total_excl_tax",
        "total_incl_tax",
    }
    missing = {"supplier_siret"} if path.stem == "IDENT-001" else set()  # its page prints 13 digits
    assert needed - set(result.fields) == missing
