"""All fields that a document's pages give, family by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from include.domain.codes import InvoiceType
from include.domain.extraction.fields.address import recipient_names
from include.domain.extraction.fields.amount_due import unsigned
from include.domain.extraction.fields.amounts import amount_fields
from include.domain.extraction.fields.bank import ibans
from include.domain.extraction.fields.dates import issue_and_due_dates, labelled_dates
from include.domain.extraction.fields.evidence import undecided
from include.domain.extraction.fields.identifiers import (
    engagement_numbers,
    invoice_numbers,
    labelled_codes,
    service_codes,
)
from include.domain.extraction.fields.kind import currencies, types
from include.domain.extraction.fields.parties import siret_candidates
from include.domain.extraction.fields.payment import payment_modes
from include.domain.extraction.fields.regime import frameworks, vat_types
from include.domain.extraction.layout.labelled_page import document_of
from include.domain.extraction.layout_memory.example import Memory
from include.domain.extraction.layout_memory.merge import remembered_amounts, with_memory
from include.domain.extraction.layout_memory.recall import recall
from include.domain.fields import Candidate, Claim
from include.domain.fields.registry import AMOUNT_FIELDS, FIELDS
from include.domain.text import Page

UNTITLED = InvoiceType.INVOICE.value
"""Type of a document that has an invoice's number and says nowhere what it is; its confidence stays low."""

RIVALS = tuple(field.name for field in FIELDS if field.rival)
"""Fields of which a page may print several with good labels, without any check that tells them apart."""

EMPTY: frozenset[str] = frozenset()


def page_candidates(
    pages: Sequence[Page],
    *,
    supplier_sirets: frozenset[str] = EMPTY,
    recipient_sirets: frozenset[str] = EMPTY,
    memory: Memory = (),
) -> dict[str, tuple[Candidate, ...]]:
    """Candidates for each field from the pages alone, best first; a field of which nothing was found is missing.

    `memory` are earlier invoices of the suppliers that it may be from.
    """
    written = [page for page in pages if page.lines]
    if not written:
        return {}
    document = document_of(tuple(written))
    numbers = invoice_numbers(document)
    issued, due = issue_and_due_dates(document, numbers)
    supplier, recipient = siret_candidates(document, supplier_sirets=supplier_sirets, recipient_sirets=recipient_sirets)
    recalled = recall(document, _of_supplier(memory, supplier, supplier_sirets)) if memory else {}
    accounts = ibans(document)
    fields = {
        "invoice_number": numbers,
        "issue_date": issued,
        "due_date": due,
        **labelled_dates(document),
        "type": types(document)
        or tuple(
            replace(found, value=UNTITLED, confidence=1.0, claims=()).but(Claim.TYPE_NOT_SAID) for found in numbers[:1]
        ),
        "currency": currencies(document),
        "supplier_siret": supplier,
        "recipient_siret": recipient,
        "recipient_name": recipient_names(document),
        "service_code": service_codes(document),
        "engagement_number": engagement_numbers(document),
        **labelled_codes(document),
        "iban": accounts,
        "payment_mode": payment_modes(document, account=bool(accounts)),
        "invoicing_framework": frameworks(document),
        **amount_fields(document),
    }
    fields["vat_type"] = vat_types(document, fields.get("total_tax", ()))
    fields |= _without_signs(fields)
    fields |= {name: undecided(fields[name]) for name in RIVALS}
    guesses = remembered_amounts(recalled, fields)
    if not guesses:
        return with_memory(fields, recalled, {})
    weighed = amount_fields(document, guesses)
    return with_memory(fields, recalled, weighed | _without_signs({"type": fields["type"], **weighed}))


def _without_signs(fields: Mapping[str, tuple[Candidate, ...]]) -> dict[str, tuple[Candidate, ...]]:
    """The amounts of a credit note, which prints either sign; an amount due of another size keeps what it differs in.

    `Avoir 120,00`, `net à payer -120,00` says one thing twice. An amount due that is not printed is the whole credit.
    """
    kind, total = fields.get("type", ()), fields.get("total_incl_tax", ())
    if not kind or kind[0].value != InvoiceType.CREDIT_NOTE:
        return {}
    whole = total[0].amount if total else Decimal(0)
    plain: dict[str, tuple[Candidate, ...]] = {}
    for name in AMOUNT_FIELDS & fields.keys():
        plain[name] = tuple(
            replace(found, value=abs(whole) if _is_derived_below_zero(found) else unsigned(name, found.amount, whole))
            for found in fields[name]
        )
    return plain


def _is_derived_below_zero(found: Candidate) -> bool:
    return found.text is None and found.amount < 0


def _of_supplier(memory: Memory, found: Sequence[Candidate], configured: frozenset[str]) -> Memory:
    """What is known of the supplier that the pages name; of all of them where they name none that is configured."""
    named = str(found[0].value) if found else None
    if named not in configured:
        return memory
    return tuple(example for example in memory if example.supplier_siret in (named, None))
