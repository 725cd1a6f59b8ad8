"""Small CII and UBL invoices for flow deposits, built so that one element at a time can be taken out or changed."""

from __future__ import annotations

import io
import tarfile

SUPPLIER = "33254021516357"
BODY = "12345678200051"

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext>{process}</rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">{date}</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem>
<ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument>
<ram:SpecifiedTradeProduct><ram:Name>Fourniture</ram:Name></ram:SpecifiedTradeProduct>
<ram:SpecifiedLineTradeAgreement>{gross}
<ram:NetPriceProductTradePrice><ram:ChargeAmount>850.00</ram:ChargeAmount></ram:NetPriceProductTradePrice>
</ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">1</ram:BilledQuantity>
</ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>{line_category}
<ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax></ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>{service}</ram:BuyerReference>
<ram:SellerTradeParty><ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">{supplier}</ram:ID>
</ram:SpecifiedLegalOrganization></ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:SpecifiedLegalOrganization><ram:ID schemeID="1">{recipient}</ram:ID>
</ram:SpecifiedLegalOrganization></ram:BuyerTradeParty>
<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>{engagement}</ram:IssuerAssignedID>
</ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>{means}
<ram:ApplicableTradeTax><ram:CalculatedAmount>170.00</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
<ram:BasisAmount>850.00</ram:BasisAmount>{category}<ram:RateApplicablePercent>20</ram:RateApplicablePercent>
</ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>850.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">{tax}</ram:TaxTotalAmount><ram:GrandTotalAmount>1020.00</ram:GrandTotalAmount>
<ram:DuePayableAmount>1020.00</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""

MEANS = (
    "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>"
    "</ram:SpecifiedTradeSettlementPaymentMeans>"
)
GROSS_PRICE = (
    "<ram:GrossPriceProductTradePrice><ram:ChargeAmount>9</ram:ChargeAmount></ram:GrossPriceProductTradePrice>"
)
CATEGORY = "<ram:CategoryCode>S</ram:CategoryCode>"

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity><cbc:CompanyID>{supplier}</cbc:CompanyID>
</cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity><cbc:CompanyID>{recipient}</cbc:CompanyID>
</cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
{means}
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">170.00</cbc:TaxAmount><cac:TaxSubtotal>
<cbc:TaxableAmount currencyID="EUR">850.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">170.00</cbc:TaxAmount>
<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">850.00</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">1020.00</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">1020.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>
<cac:Item><cbc:Name>Fourniture</cbc:Name></cac:Item>
<cac:Price><cbc:PriceAmount currencyID="EUR">850.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>"""
UBL_MEANS = "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode></cac:PaymentMeans>"


def cii(number: str, **changes: str) -> bytes:
    fields = {
        "number": number,
        "type_code": "380",
        "date": "20261120",
        "process": "",
        "gross": "",
        "line_category": CATEGORY,
        "category": CATEGORY,
        "means": MEANS,
        "service": "",
        "engagement": "",
        "supplier": SUPPLIER,
        "recipient": BODY,
        "tax": "170.00",
    }
    return CII.format(**{**fields, **changes}).encode()


def process(code: str) -> str:
    parameter = "BusinessProcessSpecifiedDocumentContextParameter"
    return f"<ram:{parameter}><ram:ID>{code}</ram:ID></ram:{parameter}>"


def ubl(number: str, **changes: str) -> bytes:
    fields = {"number": number, "supplier": SUPPLIER, "recipient": BODY, "means": UBL_MEANS}
    return UBL.format(**{**fields, **changes}).encode()


def facturx(xml: bytes, name: str = "factur-x.xml") -> bytes:
    import pikepdf

    packed = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, xml, filename=name)
        pdf.save(packed)
    return packed.getvalue()


def batch(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
