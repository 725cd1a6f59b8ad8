"""OASIS UBL 2 invoices and credit notes, embedded in a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.adapters.text.xml.invoice_xml import InvoiceXml, Party
from include.adapters.text.xml.meaning import Payment, TaxRow
from include.adapters.text.xml.terms import fields_by_term
from include.adapters.text.xml.xml_tree import amount, every, first, local_name, text, texts

if TYPE_CHECKING:
    from lxml.etree import _Element

ROOTS = frozenset({"Invoice", "CreditNote"})


def read_ubl(root: _Element) -> InvoiceXml:
    """The invoice or credit note."""
    totals = first(root, "LegalMonetaryTotal")
    payee = first(root, "PayeeParty")
    return InvoiceXml(
        number=text(root, "ID"),
        type_code=text(root, "InvoiceTypeCode", "CreditNoteTypeCode"),
        credit_note=local_name(root) == "CreditNote",
        issue_date=text(root, "IssueDate"),
        due_date=text(root, "DueDate", "PaymentMeans/PaymentDueDate"),
        currency=text(root, "DocumentCurrencyCode"),
        seller=_party(first(root, "AccountingSupplierParty/Party")),
        buyer=_party(first(root, "AccountingCustomerParty/Party")),
        by_term=fields_by_term(lambda paths: texts(root, *paths.ubl)),
        total_excl_tax=amount(totals, "TaxExclusiveAmount"),
        total_tax=amount(root, "TaxTotal/TaxAmount"),
        total_incl_tax=amount(totals, "TaxInclusiveAmount"),
        amount_due=amount(totals, "PayableAmount"),
        prepaid=amount(totals, "PrepaidAmount"),
        rounding=amount(totals, "PayableRoundingAmount"),
        iban=text(root, "PaymentMeans/PayeeFinancialAccount/ID"),
        vat=[
            TaxRow(
                rate=amount(row, "TaxCategory/Percent"),
                base=amount(row, "TaxableAmount"),
                amount=amount(row, "TaxAmount"),
                category=text(row, "TaxCategory/ID"),
                exemption=text(row, "TaxCategory/TaxExemptionReason"),
                exemption_code=text(row, "TaxCategory/TaxExemptionReasonCode"),
            )
            for row in every(first(root, "TaxTotal"), "TaxSubtotal")
        ],
        vat_point=text(root, "InvoicePeriod/DescriptionCode"),
        process=text(root, "ProfileID"),
        payments=[_payment(means) for means in every(root, "PaymentMeans")],
        payee=None if payee is None else _party(payee),
    )


def _payment(means: _Element) -> Payment:
    code = first(means, "PaymentMeansCode")
    return Payment(
        code=text(means, "PaymentMeansCode"),
        text=(None if code is None else code.get("name")) or text(means, "InstructionNote"),
        debited=bool(text(means, "PaymentMandate/ID", "PaymentMandate/PayerFinancialAccount/ID")),
    )


def _party(party: _Element | None) -> Party:
    ids = [*every(party, "PartyIdentification/ID"), *every(party, "PartyLegalEntity/CompanyID")]
    return Party(
        name=text(party, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
        ids=[(item.get("schemeID", ""), item.text or "") for item in ids],
    )
