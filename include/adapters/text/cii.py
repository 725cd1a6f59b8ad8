"""UN/CEFACT Cross Industry Invoice: every Factur-X and ZUGFeRD profile, version 1 included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.adapters.text.invoice_xml import InvoiceXml, Party, TaxRow
from include.adapters.text.xml_tree import amount, every, first, number, text

if TYPE_CHECKING:
    from decimal import Decimal

    from lxml.etree import _Element

ROOTS = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument"})


def read_cii(root: _Element) -> InvoiceXml:
    """The invoice; paths give ZUGFeRD 2 / Factur-X first, ZUGFeRD 1 second."""
    document = first(root, "ExchangedDocument", "HeaderExchangedDocument")
    trade = first(root, "SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
    agreement = first(trade, "ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
    settlement = first(trade, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    totals = first(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
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
        service_code=text(agreement, "BuyerReference"),
        engagement_number=_reference(agreement, "BuyerOrderReferencedDocument"),
        contract_number=_reference(agreement, "ContractReferencedDocument"),
        total_excl_tax=amount(totals, "TaxBasisTotalAmount"),
        total_tax=_tax_total(totals, currency),
        total_incl_tax=amount(totals, "GrandTotalAmount"),
        amount_due=amount(totals, "DuePayableAmount"),
        iban=text(settlement, "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID"),
        vat=[
            TaxRow(
                rate=amount(row, "RateApplicablePercent", "ApplicablePercent"),
                base=amount(row, "BasisAmount"),
                amount=amount(row, "CalculatedAmount"),
            )
            for row in every(settlement, "ApplicableTradeTax")
        ],
    )


def _reference(agreement: _Element | None, name: str) -> str | None:
    return text(agreement, f"{name}/IssuerAssignedID", f"{name}/ID")


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
