"""From readings, metadata and a person's edits to the values of one invoice, each with where it came from.

The order of trust (docs/adr/0006-order-of-values.md): a person's edit > portal metadata > Factur-X > text or OCR >
provider default.

    draft.py         the draft and its fields, evidence and rivals beside each value
    conversion.py    values as people write them -> canonical values, or what is wrong with them
    candidates.py    all values of all sources, in the order of trust
    wording.py       wordings compared: exact, without legal forms, merely similar
    learned.py       lines learned from what was sent, and what an invoice teaches
    recipients.py    recipient and service, by number or by wording
    map_invoice.py   the draft, with conflicts in sight
    contradictions.py  embedded data against the page
    value_equality.py  when two sources say the same
    amounts.py       amounts that follow from others
    provider.py      which establishment, its defaults, its bank details
"""

from __future__ import annotations

from include.domain.mapping.amounts import NO_VAT, settle_amounts, totals_agree
from include.domain.mapping.candidates import association_for, not_converted
from include.domain.mapping.contradictions import CONTRADICTED_FIELDS
from include.domain.mapping.conversion import Unconvertible, convert
from include.domain.mapping.draft import Draft, FieldValue, LearnedLine, evidence_params, rank, sent_digest
from include.domain.mapping.learned import NOTHING_LEARNED, Learned, with_learned_lines
from include.domain.mapping.map_invoice import CONFLICT_FIELDS, map_invoice
from include.domain.mapping.provider import choose_provider, complete_draft
from include.domain.mapping.recipients import suggestions, untranslated_service, with_directory_service
from include.domain.mapping.service_in_address import with_service_of_address
from include.domain.mapping.wording import Similar, bare, match_wording

__all__ = [
    "CONFLICT_FIELDS",
    "CONTRADICTED_FIELDS",
    "NOTHING_LEARNED",
    "NO_VAT",
    "Draft",
    "FieldValue",
    "Learned",
    "LearnedLine",
    "Similar",
    "Unconvertible",
    "association_for",
    "bare",
    "choose_provider",
    "complete_draft",
    "convert",
    "evidence_params",
    "map_invoice",
    "match_wording",
    "not_converted",
    "rank",
    "sent_digest",
    "settle_amounts",
    "suggestions",
    "totals_agree",
    "untranslated_service",
    "with_directory_service",
    "with_learned_lines",
    "with_service_of_address",
]
