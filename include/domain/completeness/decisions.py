"""What a document says of itself that no value holds: who has to decide before the invoice may go out.

A reading carries these as its `warnings` and `checks`. Here stands which of them keep the invoice back, and what lifts
them: a value given by a person (for some, by the portal's metadata too) in the field that they put in question.
"""

from __future__ import annotations

from include.domain.codes import InvoicingFramework
from include.domain.fields import Source
from include.domain.mapping import Draft
from include.domain.reasons import Reason

DECIDING = {
    "second_total": ("total_incl_tax",),
    "hidden_text": ("invoice_number", "recipient_siret", "total_incl_tax"),
}
"""By warning that makes a whole page doubtful: the fields that a person or the metadata must give before the invoice
may go out. A field without a value is missed by its own reason."""

ASKED = {
    "vat_rows_missing": "vat",
    "vat_zero": "vat_type",
    "vat_category_held": "vat_type",
    "due_zero": "amount_due",
    "prepaid_disagrees": "amount_due",
    "process_code_held": "invoicing_framework",
    "payment_code_held": "payment_mode",
    "says_paid": "invoicing_framework",
    "says_other_payee": "bank_details",
}
"""By statement of the document: the field that a person or the metadata must give."""

ASKED_OF_A_PERSON = {
    "not_an_invoice": "type",
    "type_code_held": "type",
    "says_duplicate": "type",
    "xml_several": "invoice_number",
}
"""The same, where metadata do not decide: a filing rule gives every document of a folder the same type."""

_DECIDED = frozenset({Source.PERSON, Source.METADATA})
_PERSON = frozenset({Source.PERSON})
_PAID = InvoicingFramework.A2_FACTURE_FOURNISSEUR_DEJA_PAYEE


def undecided(draft: Draft, found: Reason) -> bool:
    """Whether what was found keeps the invoice back, because nobody who may has decided on it."""
    if found.code in DECIDING:
        names = DECIDING[found.code]
        return any(name in draft.fields and draft.fields[name].source not in _DECIDED for name in names)
    if found.code in ASKED_OF_A_PERSON:
        return not _given(draft, ASKED_OF_A_PERSON[found.code], _PERSON)
    if found.code == "says_paid" and draft.text("invoicing_framework") == _PAID:
        return False  # it goes out as paid
    return found.code in ASKED and not _given(draft, ASKED[found.code], _DECIDED)


def _given(draft: Draft, name: str, sources: frozenset[Source]) -> bool:
    return name in draft.fields and draft.fields[name].source in sources
