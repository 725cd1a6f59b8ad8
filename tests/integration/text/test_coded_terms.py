"""Coded terms of embedded invoices: what is sent, what waits, and docs/reference/embedded-terms.md beside the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from include.adapters.text.reader import PdfReader
from include.adapters.text.xml import codes
from include.adapters.text.xml.facturx import invoice_of
from include.adapters.text.xml.invoice_xml import InvoiceXml
from include.adapters.text.xml.terms import REFERENCES
from include.adapters.text.xml.xml_tree import parse
from include.application.ports.reader import ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.fields.registry import BY_NAME, FIELDS
from include.domain.reading import Reading
from include.domain.reasons import Reason
from tests.integration.text.corpus import pdf_of
from tests.integration.text.test_facturx import UBL, cii

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "embedded-terms.md").read_text()
SECTIONS = re.split(r"^## \d ", PAGE, flags=re.MULTILINE)


def invoice(content: bytes) -> InvoiceXml:
    root = parse(content)
    assert root is not None
    found = invoice_of(root)
    assert found is not None
    return found


def value(content: bytes, name: str) -> object:
    found = invoice(content).candidates().get(name)
    return None if found is None else str(found.value)


def held(content: bytes) -> list[str]:
    return [reason.code for reason in invoice(content).reasons()]


def with_process(code: str) -> bytes:
    context = (
        f"<ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>{code}</ram:ID>"
        "</ram:BusinessProcessSpecifiedDocumentContextParameter>"
    )
    whole = f"<rsm:ExchangedDocumentContext>{context}</rsm:ExchangedDocumentContext><rsm:ExchangedDocument>"
    return cii().replace(b"<rsm:ExchangedDocument>", whole.encode())


def with_means(inner: str) -> bytes:
    start = b"<ram:SpecifiedTradeSettlementPaymentMeans>"
    return cii().replace(start, start + inner.encode())


def with_category(category: str, more: str = "", tax: str = "0.00") -> bytes:
    whole = cii(tax=tax, total="100.00" if tax == "0.00" else "120.00")
    return whole.replace(
        b"<ram:CategoryCode>S</ram:CategoryCode>", f"<ram:CategoryCode>{category}</ram:CategoryCode>{more}".encode()
    )


def with_total(inner: str, due: str) -> bytes:
    whole = cii().replace(
        b"<ram:DuePayableAmount>120.00</ram:DuePayableAmount>",
        f"{inner}<ram:DuePayableAmount>{due}</ram:DuePayableAmount>".encode(),
    )
    return whole.replace(b"<ram:DuePayableAmount></ram:DuePayableAmount>", b"")


# ---------------------------------------------------------------- the page and the code


def table(section: int, heading: str) -> Mapping[str, str]:
    """Each code of a table of the page, with what stands beside it."""
    lines = SECTIONS[section].splitlines()
    rows = lines[lines.index(heading) + 2 :]
    found: dict[str, str] = {}
    for row in rows:
        if not row.startswith("|"):
            break
        listed, result = (cell.strip() for cell in row.strip("|").split("|")[:2])
        found |= dict.fromkeys(re.findall(r"\b[A-Z]*[0-9]+\b|\b[A-Z]{1,2}\b", listed.split(" (")[0]), result.strip("`"))
    return found


@pytest.mark.parametrize(
    ("section", "heading", "known"),
    [
        (2, "| codes | sent as |", codes.TYPES),
        (3, "| codes | framework |", codes.FRAMEWORKS),
        (4, "| codes | mode |", codes.PAYMENT_MODES),
        (5, "| codes | regime |", codes.WITHOUT_VAT),
        (5, "| codes of BT-8 | regime |", codes.VAT_POINTS),
    ],
)
def test_the_page_says_what_each_code_becomes(section: int, heading: str, known: Mapping[str, object]) -> None:
    assert table(section, heading) == {code: str(meaning) for code, meaning in known.items()}


def test_the_page_lists_every_type_that_is_held() -> None:
    rows = [row for row in SECTIONS[2].splitlines() if "| `" in row and "held" not in row.split("|")[1]]
    listed = {row.rsplit("`", 2)[1]: set(re.findall(r"[0-9]{3}", row.split(" (")[0])) for row in rows}
    assert listed["not_an_invoice"] == codes.PRO_FORMA
    assert listed["type_code_held"] == codes.SELF_BILLED
    assert listed["says_other_payee"] == codes.FACTORED


def test_the_page_lists_every_term_that_is_read_and_no_other() -> None:
    rows = [[cell.strip() for cell in row.split("|")] for row in SECTIONS[1].splitlines() if row.startswith("| B")]
    read = {term for field in FIELDS for term in field.terms} | {"BG-10"}
    assert {row[1] for row in rows if row[3] == "yes"} == read
    assert {row[1] for row in rows if row[3] == "no"} == REFERENCES.keys() - read


def test_every_reason_that_the_page_names_has_words() -> None:
    fields = "|".join(BY_NAME)
    named = re.findall(r"\(`([a-z_]+)`|, `([a-z_]+)`|\| `([a-z_]+)` \|$", PAGE, flags=re.MULTILINE)
    found = {code for groups in named for code in groups if code}
    assert len(found) > 15
    for code in found - {"invoice", "down_payment", "corrected_invoice", "credit_note"}:
        field = re.search(rf"_({fields})$", code)
        assert Reason(code=code, field=field[1] if field else None).message_stored("en") != code, code


# ---------------------------------------------------------------- BT-3


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("380", []),
        ("381", []),
        ("326", []),
        ("325", ["not_an_invoice"]),
        ("389", ["type_code_held"]),
        ("393", ["says_other_payee"]),
        ("501", ["type_code_held", "says_other_payee"]),
        ("999", ["type_code_held"]),
    ],
)
def test_a_type_that_is_no_plain_demand_for_payment_waits(code: str, expected: list[str]) -> None:
    assert held(cii(code=code)) == expected


# ---------------------------------------------------------------- signs


@pytest.mark.parametrize(("prepaid", "due"), [("504.00", "-384.00"), ("240.00", "-120.00")])
def test_an_amount_due_below_zero_stays_below_zero(prepaid: str, due: str) -> None:
    paid = f"<ram:TotalPrepaidAmount>{prepaid}</ram:TotalPrepaidAmount>"
    assert value(with_total(paid, due), "amount_due") == due
    assert value(with_total(paid, ""), "amount_due") == due


def test_what_is_left_and_what_is_due_have_to_be_one_amount() -> None:
    paid = "<ram:TotalPrepaidAmount>20.00</ram:TotalPrepaidAmount>"
    assert held(with_total(paid, "100.00")) == []
    assert held(with_total(paid, "120.00")) == ["prepaid_disagrees"]


def test_a_credit_note_is_positive_and_what_stands_against_it_is_not() -> None:
    below = cii(base="-100.00", tax="-20.00", total="-120.00")
    assert value(below, "amount_due") == "120.00"
    against = below.replace(b"<ram:DuePayableAmount>-", b"<ram:DuePayableAmount>")
    assert value(against, "amount_due") == "-120.00"
    assert (
        value(cii(code="381").replace(b"Amount>120.00</ram:Due", b"Amount>-120.00</ram:Due"), "amount_due") == "-120.00"
    )


def test_a_corrected_invoice_below_zero_is_no_credit_note() -> None:
    below = cii(code="384", base="-100.00", tax="-20.00", total="-120.00")
    assert (value(below, "type"), value(below, "total_incl_tax")) == ("corrected_invoice", "-120.00")


# ---------------------------------------------------------------- BT-23


@pytest.mark.parametrize(("code", "framework"), [*codes.FRAMEWORKS.items(), ("s5", "A9_FACTURE_SOUSTRAITANT")])
def test_the_process_says_the_framework(code: str, framework: str) -> None:
    assert value(with_process(code), "invoicing_framework") == framework
    assert held(with_process(code)) == []
    assert value(
        UBL.replace(b"<cbc:ID>U-1", f"<cbc:ProfileID>{code}</cbc:ProfileID><cbc:ID>U-1".encode()), "invoicing_framework"
    )


@pytest.mark.parametrize("code", ["A3", "A25", "B7", "S8", "X1"])
def test_a_process_without_a_framework_waits(code: str) -> None:
    assert value(with_process(code), "invoicing_framework") is None
    assert held(with_process(code)) == ["process_code_held"]


def test_the_address_of_a_profile_is_no_process() -> None:
    content = with_process("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
    assert (value(content, "invoicing_framework"), held(content)) == (None, [])


# ---------------------------------------------------------------- BT-81, BT-82


@pytest.mark.parametrize(
    ("inner", "mode", "reasons"),
    [
        ("<ram:TypeCode>59</ram:TypeCode>", "PRELEVEMENT", []),
        ("<ram:TypeCode>20</ram:TypeCode>", "CHEQUE", []),
        ("<ram:TypeCode>30</ram:TypeCode>", "VIREMENT", []),
        ("<ram:TypeCode>1</ram:TypeCode>", None, []),
        ("<ram:TypeCode>1</ram:TypeCode><ram:Information>Chèque</ram:Information>", "CHEQUE", []),
        ("<ram:Information>Virement ou chèque</ram:Information>", None, []),
        ("<ram:TypeCode>60</ram:TypeCode>", None, ["payment_code_held"]),
    ],
)
def test_the_means_of_payment_says_the_mode(inner: str, mode: str | None, reasons: list[str]) -> None:
    assert (value(with_means(inner), "payment_mode"), held(with_means(inner))) == (mode, reasons)


def test_a_debited_account_is_a_direct_debit_and_nothing_else() -> None:
    debited = (
        "<ram:PayerPartyDebtorFinancialAccount><ram:IBANID>FR1</ram:IBANID></ram:PayerPartyDebtorFinancialAccount>"
    )
    assert value(with_means(debited), "payment_mode") == "PRELEVEMENT"
    assert held(with_means(f"<ram:TypeCode>30</ram:TypeCode>{debited}")) == ["payment_code_held"]


def test_two_modes_are_none() -> None:
    second = (
        "<ram:TypeCode>30</ram:TypeCode></ram:SpecifiedTradeSettlementPaymentMeans>"
        "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>59</ram:TypeCode>"
    )
    assert (value(with_means(second), "payment_mode"), held(with_means(second))) == (None, ["payment_code_held"])


def test_ubl_says_its_means_of_payment_too() -> None:
    content = UBL.replace(b"<cac:PaymentMeans>", b"<cac:PaymentMeans><cbc:PaymentMeansCode>49</cbc:PaymentMeansCode>")
    assert value(content, "payment_mode") == "PRELEVEMENT"


# ---------------------------------------------------------------- VAT


@pytest.mark.parametrize(
    ("category", "more", "regime", "reasons"),
    [
        ("AE", "", "SANS_TVA", []),
        ("O", "", "SANS_TVA", []),
        ("G", "", "SANS_TVA", []),
        ("K", "", "SANS_TVA", []),
        ("E", "", "EXONERATION", []),
        ("E", "<ram:ExemptionReason>TVA non applicable, art. 293 B du CGI</ram:ExemptionReason>", "SANS_TVA", []),
        ("E", "<ram:ExemptionReasonCode>VATEX-FR-FRANCHISE</ram:ExemptionReasonCode>", "SANS_TVA", []),
        ("Z", "", None, ["vat_category_held"]),
        ("L", "", None, ["vat_category_held"]),
        ("S", "", None, []),
    ],
)
def test_the_category_says_why_there_is_no_vat(
    category: str, more: str, regime: str | None, reasons: list[str]
) -> None:
    content = with_category(category, more)
    assert (value(content, "vat_type"), held(content)) == (regime, reasons)


def test_the_words_of_an_exemption_are_kept_beside_it() -> None:
    code = "<ram:ExemptionReasonCode>VATEX-EU-132</ram:ExemptionReasonCode>"
    more = f"<ram:ExemptionReason>Formation</ram:ExemptionReason>{code}"
    regime = invoice(with_category("E", more)).candidates()["vat_type"]
    assert (regime.value, regime.text) == ("EXONERATION", "Formation, VATEX-EU-132")


@pytest.mark.parametrize(("point", "regime"), codes.VAT_POINTS.items())
def test_the_point_in_time_says_the_regime_of_what_is_taxed(point: str, regime: str) -> None:
    content = with_category("S", f"<ram:DueDateTypeCode>{point}</ram:DueDateTypeCode>", tax="20.00")
    assert value(content, "vat_type") == regime


# ---------------------------------------------------------------- BG-10


@pytest.mark.parametrize(
    ("payee", "reasons"),
    [
        ("<ram:Name>Affactureur</ram:Name>", ["says_other_payee"]),
        ('<ram:ID schemeID="0009">55210055400013</ram:ID><ram:Name>Vendeur</ram:Name>', ["says_other_payee"]),
        ('<ram:ID schemeID="0002">392809137</ram:ID><ram:Name>Le Vendeur</ram:Name>', []),
        ("<ram:Name>VENDEUR</ram:Name>", []),
    ],
)
def test_a_payee_who_is_not_the_seller_is_no_account_of_ours(payee: str, reasons: list[str]) -> None:
    whole = cii().replace(
        b"<ram:SpecifiedTradeSettlementPaymentMeans>",
        f"<ram:PayeeTradeParty>{payee}</ram:PayeeTradeParty><ram:SpecifiedTradeSettlementPaymentMeans>".encode(),
    )
    assert held(whole) == reasons


def test_a_reading_carries_what_data_and_page_say_each_kind_once(reader: PdfReader) -> None:
    content = pdf_of("FACTURE PRO FORMA", "Facture acquittée", attachments={"data": cii(code="325")})
    ((_, result),) = reader.read([(1, content)], ReadingLimits(), ReadingHints())
    assert isinstance(result, Reading)
    said = [(check.code, check.params["words"]) for check in result.checks if "words" in check.params]
    assert said == [("not_an_invoice", "BT-3 = 325"), ("says_paid", "Facture acquittée")]
