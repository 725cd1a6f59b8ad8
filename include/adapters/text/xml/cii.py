"""UN/CEFACT Cross Industry Invoice: every Factur-X and ZUGFeRD profile, version 1 included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from include.adapters.text.xml.invoice_xml import InvoiceXml, Party
from include.adapters.text.xml.meaning import Payment, TaxRow
from include.adapters.text.xml.terms import Paths, fields_by_term
from include.adapters.text.xml.xml_tree import amount, every, first, number, text, texts

if TYPE_CHECKING:
    from decimal import Decimal

    from lxml.etree import _Element

ROOTS = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument"})


def read_cii(root: _Element) -> InvoiceXml:
    """The invoice; paths give ZUGFeRD 2 / Factur-X first, ZUGFeRD 1 second."""
    document = first(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = first(root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
    agreement = first(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    delivery = first(trade, "ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery")
    settlement = first(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    totals = first(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    context = first(root, "ExchangedDocumentContext", "SpecifiedExchangedDocumentContext")
    payee = first(settlement, "PayeeTradeParty")
    currency = text(settlement, "InvoiceCurrencyCode")
    return InvoiceXml(
        number=text(document, "ID"),
        type_code=text(document, "TypeCode"),
        issue_date=text(document, "IssueDateTime/DateTimeString", "IssueDateTime"),
        due_date=text(
            settlement,
            "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
            "SpecifiedTradePaymentTerms/DueDateDateTime",
        ),
        currency=currency,
        seller=_party(first(agreement, "SellerTradeParty")),
        buyer=_party(first(agreement, "BuyerTradeParty")),
        by_term=fields_by_term(
            lambda paths: _found({"agreement": agreement, "delivery": delivery, "settlement": settlement}, paths)
        ),
        total_excl_tax=amount(totals, "TaxBasisTotalAmount"),
        total_tax=_tax_total(totals, currency),
        total_incl_tax=amount(totals, "GrandTotalAmount"),
        amount_due=amount(totals, "DuePayableAmount"),
        prepaid=amount(totals, "TotalPrepaidAmount"),
        rounding=amount(totals, "RoundingAmount"),
        iban=text(settlement, "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID"),
        vat=[
            TaxRow(
                rate=amount(row, "RateApplicablePercent", "ApplicablePercent"),
                base=amount(row, "BasisAmount"),
                amount=amount(row, "CalculatedAmount"),
                category=text(row, "CategoryCode"),
                exemption=text(row, "ExemptionReason"),
                exemption_code=text(row, "ExemptionReasonCode"),
            )
            for row in every(settlement, "ApplicableTradeTax")
        ],
        vat_point=text(settlement, "ApplicableTradeTax/DueDateTypeCode"),
        process=text(context, "BusinessProcessSpecifiedDocumentContextParameter/ID"),
        payments=[_payment(means, settlement) for means in every(settlement, "SpecifiedTradeSettlementPaymentMeans")],
        payee=None if payee is None else _party(payee),
    )


def _payment(means: _Element, settlement: _Element | None) -> Payment:
    debited = text(means, "PayerPartyDebtorFinancialAccount/IBANID")
    mandate = text(settlement, "SpecifiedTradePaymentTerms/DirectDebitMandateID")
    return Payment(
        code=text(means, "TypeCode"), text=text(means, "Information"), debited=bool(debited) or bool(mandate)
    )


def _found(header: Mapping[str, _Element | None], paths: Paths) -> list[str]:
    """The texts under the first path that leads to one; a path begins with the part of the header."""
    parts = (path.partition("/") for path in paths.cii)
    return next((found for part, _, rest in parts if (found := texts(header[part], rest))), [])


def _party(party: _Element | None) -> Party:
    ids = [*every(party, "GlobalID"), *every(party, "SpecifiedLegalOrganization/ID"), *every(party, "ID")]
    return Party(
        name=text(party, "Name", "SpecifiedLegalOrganization/TradingBusinessName"),
        ids=[(item.get("schemeID", ""), item.text or "") for item in ids],
    )


def _tax_total(totals: _Element | None, currency: str | None) -> Decimal | None:
    """The tax total in the invoice's own currency: a second one may stand beside it in the accounting currency."""
    found = list(every(totals, "TaxTotalAmount"))
    own = [item for item in found if item.get("currencyID", currency) == currency]
    return number(next(iter(own or found), None))
