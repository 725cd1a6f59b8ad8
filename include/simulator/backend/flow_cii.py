"""CII (Factur-X and CII D16B): reading, and the checks that users saw fail."""

from __future__ import annotations

from include.simulator.answers import Json
from include.simulator.backend.drafts import Totals
from include.simulator.backend.flow_invoices import CREDIT_NOTE, Faults, FlowInvoice, Node, plain

TRANSACTION = "SupplyChainTradeTransaction"
SETTLEMENT = f"{TRANSACTION}.ApplicableHeaderTradeSettlement"
SUMMATION = f"{SETTLEMENT}.SpecifiedTradeSettlementHeaderMonetarySummation"
PARTY_IDS = ("SpecifiedLegalOrganization/ID", "GlobalID", "ID")


def read_cii(root: Node) -> FlowInvoice:
    """Read a CrossIndustryInvoice."""
    faults = Faults()
    document = root.one("ExchangedDocument")
    agreement = root.one(f"{TRANSACTION}/ApplicableHeaderTradeAgreement")
    settlement = root.one(f"{TRANSACTION}/ApplicableHeaderTradeSettlement")
    number, type_code = document.text("ID"), document.text("TypeCode") or "380"
    faults.check_number(number, "ExchangedDocument.ID")
    process = root.text("ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter/ID")
    framework = faults.check_framework(process)
    _check_payment_means(settlement, faults, credit_note=type_code == CREDIT_NOTE)
    _check_lines(root, faults)
    return FlowInvoice(
        number=number or "",
        type_code=type_code,
        issue_date=faults.date(
            document.text("IssueDateTime/DateTimeString"), "ExchangedDocument.IssueDateTime.DateTimeString"
        ),
        currency=settlement.text("InvoiceCurrencyCode") or "EUR",
        framework=framework,
        supplier_siret=faults.siret(agreement.one("SellerTradeParty").texts(*PARTY_IDS), "fournisseur"),
        recipient_siret=faults.siret(agreement.one("BuyerTradeParty").texts(*PARTY_IDS), "destinataire"),
        service_code=agreement.text("BuyerReference"),
        engagement=agreement.text("BuyerOrderReferencedDocument/IssuerAssignedID"),
        contract=agreement.text("ContractReferencedDocument/IssuerAssignedID"),
        original_number=settlement.text("InvoiceReferencedDocument/IssuerAssignedID"),
        totals=_totals(settlement.one("SpecifiedTradeSettlementHeaderMonetarySummation"), faults),
        vat=[_vat(tax, faults) for tax in settlement.all("ApplicableTradeTax")],
        lines=[_line(line) for line in root.all(f"{TRANSACTION}/IncludedSupplyChainTradeLineItem")],
        faults=faults.texts,
    )


def _check_payment_means(settlement: Node, faults: Faults, *, credit_note: bool) -> None:
    """BT-81 must be there, an empty element does not do; a credit note may have no payment means."""
    means = settlement.all("SpecifiedTradeSettlementPaymentMeans")
    codes = [one.text("TypeCode") for one in means]
    if None in codes or (not codes and not credit_note):
        faults.missing(f"{SETTLEMENT}.SpecifiedTradeSettlementPaymentMeans.TypeCode")
    for code in codes:
        faults.check_means(code)


def _check_lines(root: Node, faults: Faults) -> None:
    """A gross price wants the amount of its discount; a tax wants its category."""
    item = f"{TRANSACTION}/IncludedSupplyChainTradeLineItem"
    for price in root.all(f"{item}/SpecifiedLineTradeAgreement/GrossPriceProductTradePrice"):
        if price.text("AppliedTradeAllowanceCharge/ActualAmount") is None:
            faults.missing(
                f"{TRANSACTION}.IncludedSupplyChainTradeLineItem.SpecifiedLineTradeAgreement."
                "GrossPriceProductTradePrice.AppliedTradeAllowanceCharge.ActualAmount"
            )
            break
    for tax in root.all(f"{item}/SpecifiedLineTradeSettlement/ApplicableTradeTax"):
        if tax.text("CategoryCode") is None:
            faults.missing(
                f"{TRANSACTION}.IncludedSupplyChainTradeLineItem.SpecifiedLineTradeSettlement.ApplicableTradeTax.CategoryCode"
            )
            break


def _totals(summation: Node, faults: Faults) -> Totals:
    incl = faults.amount(summation.text("GrandTotalAmount"), f"{SUMMATION}.GrandTotalAmount")
    due = summation.text("DuePayableAmount")
    return Totals(
        excl=faults.amount(summation.text("TaxBasisTotalAmount"), f"{SUMMATION}.TaxBasisTotalAmount"),
        tax=faults.amount(summation.text("TaxTotalAmount") or "0", f"{SUMMATION}.TaxTotalAmount"),
        incl=incl,
        due=faults.amount(due, f"{SUMMATION}.DuePayableAmount") if due else incl,
    )


def _vat(tax: Node, faults: Faults) -> Json:
    if tax.text("CategoryCode") is None:
        faults.missing(f"{SETTLEMENT}.ApplicableTradeTax.CategoryCode")
    return {
        "ligneTvaTaux": None,
        "ligneTvaTauxManuel": plain(tax.text("RateApplicablePercent")),
        "ligneTvaMontantBaseHtParTaux": plain(tax.text("BasisAmount")),
        "ligneTvaMontantTvaParTaux": plain(tax.text("CalculatedAmount")),
    }


def _line(line: Node) -> Json:
    trade = line.one("SpecifiedLineTradeAgreement/NetPriceProductTradePrice")
    number = line.text("AssociatedDocumentLineDocument/LineID") or ""
    quantity = line.one("SpecifiedLineTradeDelivery")
    return {
        "lignePosteNumero": int(number) if number.isdecimal() else None,
        "lignePosteReference": line.text("SpecifiedTradeProduct/SellerAssignedID"),
        "lignePosteDenomination": line.text("SpecifiedTradeProduct/Name"),
        "lignePosteQuantite": plain(quantity.text("BilledQuantity")),
        "lignePosteUnite": None,
        "lignePosteMontantUnitaireHT": plain(trade.text("ChargeAmount")),
        "lignePosteMontantRemiseHT": "0",
        "lignePosteTauxTva": None,
        "lignePosteTauxTvaManuel": plain(
            line.text("SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent")
        ),
    }
