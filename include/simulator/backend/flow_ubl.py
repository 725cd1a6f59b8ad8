"""UBL 2.1 Invoice and CreditNote: reading, and the same checks as for CII where they have a counterpart."""

from __future__ import annotations

from include.simulator.answers import Json
from include.simulator.backend.drafts import Totals
from include.simulator.backend.flow_invoices import CREDIT_NOTE, Faults, FlowInvoice, Node, plain

PARTY_IDS = ("PartyLegalEntity/CompanyID", "PartyIdentification/ID", "EndpointID")


def read_ubl(root: Node, *, credit_note: bool) -> FlowInvoice:
    """Read a UBL document."""
    faults = Faults()
    name = "CreditNote" if credit_note else "Invoice"
    number = root.text("ID")
    faults.check_number(number, f"{name}.ID")
    type_code = CREDIT_NOTE if credit_note else root.text("InvoiceTypeCode") or "380"
    framework = faults.check_framework(root.text("ProfileID"))
    _check_payment_means(root, faults, name, credit_note=type_code == CREDIT_NOTE)
    return FlowInvoice(
        number=number or "",
        type_code=type_code,
        issue_date=faults.date(root.text("IssueDate"), f"{name}.IssueDate"),
        currency=root.text("DocumentCurrencyCode") or "EUR",
        framework=framework,
        supplier_siret=faults.siret(root.one("AccountingSupplierParty/Party").texts(*PARTY_IDS), "fournisseur"),
        recipient_siret=faults.siret(root.one("AccountingCustomerParty/Party").texts(*PARTY_IDS), "destinataire"),
        service_code=root.text("BuyerReference"),
        engagement=root.text("OrderReference/ID"),
        contract=root.text("ContractDocumentReference/ID"),
        original_number=root.text("BillingReference/InvoiceDocumentReference/ID"),
        totals=_totals(root, faults, name),
        vat=[_vat(tax, faults, name) for tax in root.all("TaxTotal/TaxSubtotal")],
        lines=[_line(line, name) for line in root.all(f"{name}Line")],
        faults=faults.texts,
    )


def _check_payment_means(root: Node, faults: Faults, name: str, *, credit_note: bool) -> None:
    codes = [means.text("PaymentMeansCode") for means in root.all("PaymentMeans")]
    if None in codes or (not codes and not credit_note):
        faults.missing(f"{name}.PaymentMeans.PaymentMeansCode")
    for code in codes:
        faults.check_means(code)


def _totals(root: Node, faults: Faults, name: str) -> Totals:
    total, path = root.one("LegalMonetaryTotal"), f"{name}.LegalMonetaryTotal"
    incl = faults.amount(total.text("TaxInclusiveAmount"), f"{path}.TaxInclusiveAmount")
    due = total.text("PayableAmount")
    return Totals(
        excl=faults.amount(total.text("TaxExclusiveAmount"), f"{path}.TaxExclusiveAmount"),
        tax=faults.amount(root.text("TaxTotal/TaxAmount") or "0", f"{name}.TaxTotal.TaxAmount"),
        incl=incl,
        due=faults.amount(due, f"{path}.PayableAmount") if due else incl,
    )


def _vat(tax: Node, faults: Faults, name: str) -> Json:
    if tax.text("TaxCategory/ID") is None:
        faults.missing(f"{name}.TaxTotal.TaxSubtotal.TaxCategory.ID")
    return {
        "ligneTvaTaux": None,
        "ligneTvaTauxManuel": plain(tax.text("TaxCategory/Percent")),
        "ligneTvaMontantBaseHtParTaux": plain(tax.text("TaxableAmount")),
        "ligneTvaMontantTvaParTaux": plain(tax.text("TaxAmount")),
    }


def _line(line: Node, name: str) -> Json:
    number = line.text("ID") or ""
    quantity = "CreditedQuantity" if name == "CreditNote" else "InvoicedQuantity"
    return {
        "lignePosteNumero": int(number) if number.isdecimal() else None,
        "lignePosteReference": line.text("Item/SellersItemIdentification/ID"),
        "lignePosteDenomination": line.text("Item/Name"),
        "lignePosteQuantite": plain(line.text(quantity)),
        "lignePosteUnite": None,
        "lignePosteMontantUnitaireHT": plain(line.text("Price/PriceAmount")),
        "lignePosteMontantRemiseHT": "0",
        "lignePosteTauxTva": None,
        "lignePosteTauxTvaManuel": plain(line.text("Item/ClassifiedTaxCategory/Percent")),
    }
