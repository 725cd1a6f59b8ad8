"""OASIS UBL 2 invoices and credit notes, embedded in a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.adapters.text.invoice_xml import InvoiceXml, Party, TaxRow
from include.adapters.text.xml_tree import amount, every, first, local_name, text

if TYPE_CHECKING:
    from lxml.etree import _Element

ROOTS = frozenset({"Invoice", "CreditNote"})


def read_ubl(root: _Element) -> InvoiceXml:
    """The invoice or credit note."""
    totals = first(root, "LegalMonetaryTotal")
    return InvoiceXml(
        number=text(root, "ID"),
        type_code=text(root, "InvoiceTypeCode", "CreditNoteTypeCode"),
        credit_note=local_name(root) == "CreditNote",
        issue_date=text(root, "IssueDate"),
        due_date=text(root, "DueDate", "PaymentMeans/PaymentDueDate"),
        currency=text(root, "DocumentCurrencyCode"),
        seller=_party(first(root, "AccountingSupplierParty/Party")),
        buyer=_party(first(root, "AccountingCustomerParty/Party")),
        service_code=text(root, "BuyerReference"),
        engagement_number=text(root, "OrderReference/ID"),
        contract_number=text(root, "ContractDocumentReference/ID"),
        total_excl_tax=amount(totals, "TaxExclusiveAmount"),
        total_tax=amount(root, "TaxTotal/TaxAmount"),
        total_incl_tax=amount(totals, "TaxInclusiveAmount"),
        amount_due=amount(totals, "PayableAmount"),
        iban=text(root, "PaymentMeans/PayeeFinancialAccount/ID"),
        vat=[
            TaxRow(
                rate=amount(row, "TaxCategory/Percent"),
                base=amount(row, "TaxableAmount"),
                amount=amount(row, "TaxAmount"),
            )
            for row in every(first(root, "TaxTotal"), "TaxSubtotal")
        ],
    )


def _party(party: _Element | None) -> Party:
    ids = [*every(party, "PartyIdentification/ID"), *every(party, "PartyLegalEntity/CompanyID")]
    return Party(
        name=text(party, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
        ids=[(item.get("schemeID", ""), item.text or "") for item in ids],
    )
