"""Where references and dates of an invoice stand in its XML: terms of EN 16931-1 (section 6.3), in CII and in UBL.

The tables hold every reference and date of the standard's document level that one path reaches, whether a field reads
it or not: a new field only names its term (`include/domain/fields/declared/`). Not here: BT-17 and BT-18, which CII
tells apart by a code beside them, and BT-11 of UBL's credit note for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from include.domain.fields import Value
from include.domain.fields.registry import FIELDS, Kind
from include.domain.values import parse_date


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Paths of local names, the usual one first; in CII from the header's `agreement`, `delivery` or `settlement`.

    `repeats`: the standard lets it occur several times. We hold one value, so that several different ones are none.
    """

    cii: tuple[str, ...]
    ubl: tuple[str, ...]
    repeats: bool = False


REFERENCES: Mapping[str, Paths] = {
    "BT-10": Paths(cii=("agreement/BuyerReference",), ubl=("BuyerReference",)),
    "BT-11": Paths(cii=("agreement/SpecifiedProcuringProject/ID",), ubl=("ProjectReference/ID",)),
    "BT-12": Paths(
        cii=(
            "agreement/ContractReferencedDocument/IssuerAssignedID",
            "agreement/ContractReferencedDocument/ID",  # ZUGFeRD 1
        ),
        ubl=("ContractDocumentReference/ID",),
    ),
    "BT-13": Paths(
        cii=(
            "agreement/BuyerOrderReferencedDocument/IssuerAssignedID",
            "agreement/BuyerOrderReferencedDocument/ID",  # ZUGFeRD 1
        ),
        ubl=("OrderReference/ID",),
    ),
    "BT-14": Paths(
        cii=("agreement/SellerOrderReferencedDocument/IssuerAssignedID",), ubl=("OrderReference/SalesOrderID",)
    ),
    "BT-15": Paths(
        cii=("delivery/ReceivingAdviceReferencedDocument/IssuerAssignedID",), ubl=("ReceiptDocumentReference/ID",)
    ),
    "BT-16": Paths(
        cii=(
            "delivery/DespatchAdviceReferencedDocument/IssuerAssignedID",
            "delivery/DeliveryNoteReferencedDocument/ID",  # ZUGFeRD 1
        ),
        ubl=("DespatchDocumentReference/ID",),
    ),
    "BT-19": Paths(
        cii=("settlement/ReceivableSpecifiedTradeAccountingAccount/ID",), ubl=("AccountingCost",), repeats=True
    ),
    "BT-25": Paths(
        cii=("settlement/InvoiceReferencedDocument/IssuerAssignedID",),
        ubl=("BillingReference/InvoiceDocumentReference/ID",),
        repeats=True,
    ),
}
"""Terms that hold a number or code somebody gave out. A field that names one (`fields/declared/`) is read there."""


DATES: Mapping[str, Paths] = {
    "BT-7": Paths(cii=("settlement/ApplicableTradeTax/TaxPointDate/DateString",), ubl=("TaxPointDate",)),
    "BT-72": Paths(
        cii=("delivery/ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString",),
        ubl=("Delivery/ActualDeliveryDate",),
    ),
    "BT-73": Paths(
        cii=("settlement/BillingSpecifiedPeriod/StartDateTime/DateTimeString",), ubl=("InvoicePeriod/StartDate",)
    ),
    "BT-74": Paths(
        cii=("settlement/BillingSpecifiedPeriod/EndDateTime/DateTimeString",), ubl=("InvoicePeriod/EndDate",)
    ),
}
"""The same for days; issue date and due date (BT-2, BT-9) have rules of their own."""

TERMS: Mapping[str, Paths] = {**REFERENCES, **DATES}


def fields_by_term(read: Callable[[Paths], Sequence[str]]) -> dict[str, Value | None]:
    """Every field that is read from one of these terms, with its value among the texts that `read` finds there."""
    return {
        field.name: _value(field.kind, TERMS[term], read)
        for field in FIELDS
        for term in field.terms
        if field.read and term in TERMS
    }


def _value(kind: Kind, paths: Paths, read: Callable[[Paths], Sequence[str]]) -> Value | None:
    found = read(paths)
    if not found or (paths.repeats and len(set(found)) > 1):
        return None
    return parse_date(found[0]) if kind is Kind.DATE else found[0]
