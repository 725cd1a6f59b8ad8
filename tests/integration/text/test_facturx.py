"""Embedded invoice XML: every profile's spelling, credit notes, sloppy files, attacks."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2 as pdfium
import pytest

from include.adapters.text.xml.facturx import EmbeddedInvoice, read_embedded
from include.adapters.text.xml.xml_tree import parse
from include.domain.fields import Source, vat_row
from tests.integration.text.corpus import candidates_of, pdf_of
from tests.unit.extraction.paper import shown

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:rsm" xmlns:ram="urn:ram" xmlns:udt="urn:udt">
 <rsm:ExchangedDocument><ram:ID>F-1</ram:ID><ram:TypeCode>{code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">20261118</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:BuyerReference>UF4521</ram:BuyerReference>
   <ram:SellerTradeParty><ram:Name>Vendeur</ram:Name>{seller}</ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:Name>Commune de Blois</ram:Name>
    <ram:GlobalID schemeID="0088">1234567890123</ram:GlobalID>
    <ram:GlobalID schemeID="0009">214 500 011 00015</ram:GlobalID></ram:BuyerTradeParty>
   <ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>ENG-7</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
   <ram:ContractReferencedDocument><ram:IssuerAssignedID>M-8</ram:IssuerAssignedID></ram:ContractReferencedDocument>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>{originals}
   <ram:SpecifiedTradeSettlementPaymentMeans><ram:PayeePartyCreditorFinancialAccount>
    <ram:IBANID>FR76 3000 6000</ram:IBANID></ram:PayeePartyCreditorFinancialAccount>
   </ram:SpecifiedTradeSettlementPaymentMeans>
   <ram:ApplicableTradeTax><ram:CalculatedAmount>{tax}</ram:CalculatedAmount><ram:BasisAmount>{base}</ram:BasisAmount>
    <ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>20.0</ram:RateApplicablePercent></ram:ApplicableTradeTax>
   <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">20261218</udt:DateTimeString>
   </ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:TaxBasisTotalAmount>{base}</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="USD">99.00</ram:TaxTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">{tax}</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>{total}</ram:GrandTotalAmount><ram:DuePayableAmount>{total}</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""

ORIGINAL = (
    "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>"
    "</ram:InvoiceReferencedDocument>"
)
SELLER = (
    '<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">39280913700027</ram:ID></ram:SpecifiedLegalOrganization>'
)


def cii(
    *,
    code: str = "380",
    base: str = "100.00",
    tax: str = "20.00",
    total: str = "120.00",
    seller: str = SELLER,
    originals: tuple[str, ...] = (),
) -> bytes:
    corrected = "".join(ORIGINAL.format(number=number) for number in originals)
    return CII.format(code=code, base=base, tax=tax, total=total, seller=seller, originals=corrected).encode()


def values(content: bytes) -> dict[str, object]:
    """The values of all fields, amounts and dates as text."""
    return {name: shown(found.value) for name, found in candidates_of(parse(content)).items()}


def test_a_full_cii_fills_every_field() -> None:
    assert values(cii()) == {
        "invoice_number": "F-1",
        "issue_date": "2026-11-18",
        "due_date": "2026-12-18",
        "type": "invoice",
        "currency": "EUR",
        "supplier_siret": "39280913700027",
        "recipient_siret": "21450001100015",
        "recipient_name": "Commune de Blois",
        "service_code": "UF4521",
        "engagement_number": "ENG-7",
        "contract_number": "M-8",
        "total_excl_tax": "100.00",
        "total_tax": "20.00",
        "total_incl_tax": "120.00",
        "amount_due": "120.00",
        "iban": "FR7630006000",
        "vat": (vat_row("20.00", "100.00", "20.00"),),
    }
    assert {found.source for found in candidates_of(parse(cii())).values()} == {Source.FACTURX}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("380", "invoice"),
        ("389", "invoice"),
        ("393", "invoice"),
        ("381", "credit_note"),
        ("396", "credit_note"),
        ("261", "credit_note"),
        ("384", "corrected_invoice"),
        ("386", "down_payment"),
        ("500", "down_payment"),
    ],
)
def test_type_codes(code: str, kind: str) -> None:
    assert values(cii(code=code))["type"] == kind


def test_an_invoice_over_a_negative_total_is_a_credit_note_with_positive_amounts() -> None:
    found = values(cii(base="-100.00", tax="-20.00", total="-120.00"))
    assert (found["type"], found["total_incl_tax"]) == ("credit_note", "120.00")
    assert found["vat"] == (vat_row("20.00", "100.00", "20.00"),)


def test_a_siren_alone_is_no_siret() -> None:
    assert "supplier_siret" not in values(cii(seller=SELLER.replace("39280913700027", "392809137")))


def test_numbers_are_read_as_xml_writes_them_and_as_people_do() -> None:
    assert values(cii(total="1130.272"))["total_incl_tax"] == "1130.27"
    assert values(cii(total="1130,50"))["total_incl_tax"] == "1130.50"


def test_a_day_that_does_not_exist_is_left_to_the_page() -> None:
    assert "issue_date" not in values(cii().replace(b"20261118", b"20260230"))


def test_zugferd_1_is_read_too() -> None:
    old = (
        cii()
        .replace(b"CrossIndustryInvoice", b"CrossIndustryDocument")
        .replace(b"rsm:ExchangedDocument>", b"rsm:HeaderExchangedDocument>")
        .replace(b"rsm:SupplyChainTradeTransaction", b"rsm:SpecifiedSupplyChainTradeTransaction")
        .replace(b"ApplicableHeaderTrade", b"ApplicableSupplyChainTrade")
        .replace(b"SettlementHeaderMonetary", b"SettlementMonetary")
        .replace(b"RateApplicablePercent", b"ApplicablePercent")
    )
    assert values(old) == values(cii())


UBL = b"""<Invoice xmlns="urn:i" xmlns:cac="urn:cac" xmlns:cbc="urn:cbc">
 <cbc:ID>U-1</cbc:ID><cbc:IssueDate>2026-11-18</cbc:IssueDate><cbc:DueDate>2026-12-18</cbc:DueDate>
 <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 <cbc:BuyerReference>DSI</cbc:BuyerReference><cac:OrderReference><cbc:ID>BC-1</cbc:ID></cac:OrderReference>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyIdentification>
  <cbc:ID schemeID="0009">39280913700027</cbc:ID></cac:PartyIdentification></cac:Party></cac:AccountingSupplierParty>
 <cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity>
  <cbc:RegistrationName>Commune de Blois</cbc:RegistrationName>
  <cbc:CompanyID schemeID="0002">21450001100015</cbc:CompanyID>
 </cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
 <cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>FR7630006000</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxSubtotal>
  <cbc:TaxableAmount>100.00</cbc:TaxableAmount><cbc:TaxAmount>20.00</cbc:TaxAmount>
  <cac:TaxCategory><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>100.00</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount>120.00</cbc:TaxInclusiveAmount><cbc:PayableAmount>110.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>"""


def test_ubl_is_read_too() -> None:
    found = values(UBL)
    assert found["supplier_siret"] == "39280913700027"
    assert found["recipient_siret"] == "21450001100015"
    assert [found[name] for name in ("invoice_number", "service_code", "engagement_number")] == ["U-1", "DSI", "BC-1"]
    assert [found[name] for name in ("total_incl_tax", "amount_due")] == ["120.00", "110.00"]
    assert values(UBL.replace(b"Invoice xmlns", b"CreditNote xmlns").replace(b"/Invoice>", b"/CreditNote>"))[
        "type"
    ] == ("credit_note")


def with_routing(*codes: str) -> bytes:
    ids = "".join(
        f'<cac:PartyIdentification><cbc:ID schemeID="0224">{code}</cbc:ID></cac:PartyIdentification>' for code in codes
    )
    start = b"<cac:AccountingCustomerParty><cac:Party>"
    return UBL.replace(start, start + ids.encode())


def test_the_buyers_routing_code_is_the_service_and_comes_before_the_reference() -> None:
    assert values(with_routing("ST_12"))["service_code"] == "ST_12"
    assert values(with_routing("ST_12").replace(b"BuyerReference", b"Note"))["service_code"] == "ST_12"
    assert values(with_routing("ST_12", "ST_13"))["service_code"] == "DSI", "two of them name none"


def in_encoding(declared: str, codec: str, doctype: str = "") -> bytes:
    body = UBL.decode().partition("?>")[2] if UBL.startswith(b"<?xml") else UBL.decode()
    return f'<?xml version="1.0" encoding="{declared}"?>{doctype}{body}'.encode(codec)


ENCODINGS = {
    "utf-16": ("UTF-16", "utf-16"),
    "utf-16-le": ("UTF-16LE", "utf-16-le"),
    "utf-32": ("UTF-32", "utf-32"),
    "ebcdic": ("IBM037", "cp037"),
    "latin-9": ("ISO-8859-15", "iso8859-15"),
    "shift-jis": ("Shift_JIS", "shift_jis"),
}
DOCTYPES = {
    f"doctype-{name}": in_encoding(declared, codec, '<!DOCTYPE Invoice [<!ENTITY a "ha">]>')
    for name, (declared, codec) in ENCODINGS.items()
}


@pytest.mark.parametrize(("declared", "codec"), [ENCODINGS["utf-16"], ENCODINGS["latin-9"]])
def test_without_a_doctype_the_encoding_does_not_matter(declared: str, codec: str) -> None:
    assert candidates_of(parse(in_encoding(declared, codec)))["invoice_number"].value == "U-1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<Order/>",
        b"not xml",
        CII[:600].encode(),
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + UBL.replace(b"U-1", b"&e;"),
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + UBL.replace(b"U-1", b"&b;"),
        *DOCTYPES.values(),
    ],
    ids=["empty", "other", "text", "truncated", "xxe", "bomb", *DOCTYPES],
)
def test_what_is_no_sound_invoice_gives_nothing(content: bytes) -> None:
    assert candidates_of(parse(content)) == {}


def test_the_usual_name_is_asked_first_and_other_names_too() -> None:
    other = UBL.replace(b"U-1", b"OTHER")
    both = pdf_of("Facture", attachments={"a.xml": other, "factur-x.xml": UBL})
    assert read_embedded(pdfium.PdfDocument(both)).candidates["invoice_number"].value == "U-1"
    strange = pdf_of("Facture", attachments={"order.xml": b"<Order/>", "ma-facture.xml": other})
    assert read_embedded(pdfium.PdfDocument(strange)).candidates["invoice_number"].value == "OTHER"


def test_a_broken_file_with_the_usual_name_is_told() -> None:
    embedded = read_embedded(pdfium.PdfDocument(pdf_of("Facture", attachments={"factur-x.xml": b"<rsm:Cross"})))
    assert (embedded.candidates, embedded.broken) == ({}, True)
    assert not read_embedded(pdfium.PdfDocument(pdf_of("Facture", attachments={"a.xml": b"<x"}))).broken


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    assert values(cii(code="381", originals=("F-0",)))["original_invoice_number"] == "F-0"
    assert values(cii(code="381", originals=("F-0", "F-0")))["original_invoice_number"] == "F-0"
    assert "original_invoice_number" not in values(cii(code="381", originals=("F-0", "F-00")))
    assert "original_invoice_number" not in values(cii(code="381"))


def test_a_ubl_credit_note_names_the_invoice_it_corrects() -> None:
    content = b"""<CreditNote xmlns="urn:ubl"><ID>A-1</ID><BillingReference><InvoiceDocumentReference><ID>F-0</ID>
    </InvoiceDocumentReference></BillingReference></CreditNote>"""
    assert values(content)["original_invoice_number"] == "F-0"


# ---------------------------------------------------------------- where the data are


def embedded_in(content: bytes) -> EmbeddedInvoice:
    return read_embedded(pdfium.PdfDocument(content), content)


@pytest.mark.parametrize("name", ["ZUGFeRD-invoice", "facture.txt", "INVOICE.XML", "données"])
def test_what_a_file_holds_decides_not_its_name(name: str) -> None:
    assert embedded_in(pdf_of("Facture", attachments={name: UBL})).candidates["invoice_number"].value == "U-1"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_file_without_an_extension_may_have_any_encoding(codec: str) -> None:
    whole = f'<?xml version="1.0" encoding="{codec.removesuffix("-sig")}"?>{UBL.decode()}'.encode(codec)
    assert embedded_in(pdf_of("Facture", attachments={"data": whole})).candidates


def with_associated(place: str, content: bytes = UBL) -> bytes:
    """A PDF whose list of files names none: it is associated with the document or a page, or behind an annotation."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of("Facture"))) as pdf:
        stream = pdf.make_indirect(pikepdf.Stream(pdf, content, Type=pikepdf.Name.EmbeddedFile))
        file = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Filespec,
                UF="factur-x.xml",
                AFRelationship=pikepdf.Name.Data,
                EF=pikepdf.Dictionary(F=stream),
            )
        )
        if place == "document":
            pdf.Root.AF = pikepdf.Array([file])
        elif place == "page":
            pdf.pages[0].obj.AF = pikepdf.Array([file])
        else:
            note = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9], FS=file
            )
            pdf.pages[0].obj.Annots = pikepdf.Array([note])
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


@pytest.mark.parametrize("place", ["document", "page", "annotation"])
def test_a_file_that_the_list_does_not_name_is_found(place: str) -> None:
    assert embedded_in(with_associated(place)).candidates["invoice_number"].value == "U-1"


def test_a_broken_file_is_told_by_its_words_whatever_its_name() -> None:
    assert embedded_in(with_associated("document", b"<rsm:CrossIndustryInvoice")).broken
    assert embedded_in(pdf_of("Facture", attachments={"data": b"<rsm:CrossIndustryInvoice>"})).broken


def test_an_xml_that_is_no_invoice_is_said_and_other_files_are_not() -> None:
    files = {"order.xml": b"<Order/>", "terms.txt": b"Conditions", "factur-x.xml": UBL}
    (reason,) = embedded_in(pdf_of("Facture", attachments=files)).reasons
    assert (reason.code, reason.params["name"]) == ("xml_passed_over", "order.xml")


def test_two_invoices_that_say_different_things_wait() -> None:
    other = UBL.replace(b"U-1", b"OTHER")
    found = embedded_in(pdf_of("Facture", attachments={"a.xml": UBL, "b.xml": other}))
    assert [reason.code for reason in found.reasons] == ["xml_several"]
    assert embedded_in(pdf_of("Facture", attachments={"a.xml": UBL, "b.xml": UBL + b" "})).reasons == ()
