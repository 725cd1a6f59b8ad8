"""All fields that a document's pages give, family by family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from include.domain.codes import InvoiceType
from include.domain.extraction.address import recipient_names
from include.domain.extraction.amounts import amount_fields
from include.domain.extraction.bank import ibans
from include.domain.extraction.dates import issue_and_due_dates
from include.domain.extraction.evidence import undecided
from include.domain.extraction.identifiers import (
    contract_numbers,
    engagement_numbers,
    invoice_numbers,
    service_codes,
)
from include.domain.extraction.kind import currencies, types
from include.domain.extraction.memory.example import Memory
from include.domain.extraction.memory.merge import remembered_amounts, with_memory
from include.domain.extraction.memory.recall import recall
from include.domain.extraction.parties import siret_candidates
from include.domain.extraction.search import document_of
from include.domain.fields import Candidate
from include.domain.text import Page

UNTITLED = InvoiceType.INVOICE.value
"""What a document with an invoice's number is that says nowhere what it is; never surely."""

ONE_OF_TWO = ("invoice_number", "issue_date", "service_code", "engagement_number")
"""Fields of which a page may print several with good labels, without any check that tells them apart."""

NONE: frozenset[str] = frozenset()


def page_candidates(
    pages: Sequence[Page],
    *,
    supplier_sirets: frozenset[str] = NONE,
    recipient_sirets: frozenset[str] = NONE,
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
    fields = {
        "invoice_number": numbers,
        "issue_date": issued,
        "due_date": due,
        "type": types(document) or tuple(replace(found, value=UNTITLED, confidence=0.4) for found in numbers[:1]),
        "currency": currencies(document),
        "supplier_siret": supplier,
        "recipient_siret": recipient,
        "recipient_name": recipient_names(document),
        "service_code": service_codes(document),
        "engagement_number": engagement_numbers(document),
        "contract_number": contract_numbers(document),
        "iban": ibans(document),
        **amount_fields(document),
    }
    fields |= {name: undecided(fields[name]) for name in ONE_OF_TWO}
    guesses = remembered_amounts(recalled, fields)
    return with_memory(fields, recalled, amount_fields(document, guesses) if guesses else {})


def _of_supplier(memory: Memory, found: Sequence[Candidate], configured: frozenset[str]) -> Memory:
    """What is known of the supplier that the pages name; of all of them where they name none that is configured."""
    named = str(found[0].value) if found else None
    if named not in configured:
        return memory
    return tuple(example for example in memory if example.supplier_siret in (named, None))
