"""One draft out of all sources: the most trusted value of each field, wordings translated, conflicts in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.domain.codes import InvoiceType
from include.domain.configuration import Association, Recipient
from include.domain.document import PortalDocument
from include.domain.fields import Candidate, Source
from include.domain.fields.registry import FIELDS, Compared
from include.domain.mapping.candidates import Gathered, gather
from include.domain.mapping.contradictions import contradictions
from include.domain.mapping.draft import Draft, FieldValue, evidence_params, rank
from include.domain.mapping.learned import NOTHING_LEARNED, Learned
from include.domain.mapping.recipients import translate_recipient, translate_service
from include.domain.mapping.value_equality import same_value
from include.domain.reading import Reading
from include.domain.reasons import Reason

CONFLICT_FIELDS = tuple(field.name for field in FIELDS if field.compared is Compared.ALWAYS)
"""Where two sources that disagree are shown (docs/adr/0006-order-of-values.md)."""


def map_invoice(
    reading: Reading | Reason,
    *,
    document: PortalDocument,
    association: Association | None = None,
    edits: Mapping[str, Any] | None = None,
    recipients: Sequence[Recipient] = (),
    learned: Learned = NOTHING_LEARNED,
) -> Draft:
    """The draft of one invoice: person > metadata > Factur-X > page > the platform's reading.

    Provider defaults and the amounts that follow from others come when the provider is known (`complete_draft`).
    """
    gathered = gather(reading, document, association, edits or {})
    _original_of_corrections_only(gathered)
    unclear, understood = translate_recipient(gathered, recipients, learned)
    services_understood = translate_service(gathered, recipients, learned)
    reasons = list(gathered.problems.values())
    if unclear is not None:
        reasons.append(unclear)
    contradicted = list(contradictions(gathered))
    told = {reason.field for reason in contradicted}
    conflicts = [warning for warning in _conflicts(gathered) if warning.field not in told]
    return Draft(
        fields={name: FieldValue.of(candidates) for name, candidates in gathered.fields.items() if candidates},
        reasons=(*reasons, *contradicted),
        warnings=(*conflicts, *understood, *services_understood),
        signed=reading.signed if isinstance(reading, Reading) else None,
    )


def _original_of_corrections_only(gathered: Gathered) -> None:
    """Drops an original invoice's number that was merely read, unless the document corrects that invoice.

    Other invoices mention earlier ones too (down payments, reminders), and the platform takes the number for credit
    notes (docs/reference/chorus-pro-api.md 3.2). A document does not correct itself. What a person or the portal's
    metadata say stays.
    """
    kind, own = gathered.best("type"), gathered.best("invoice_number")
    corrects = kind is not None and kind.value in (InvoiceType.CREDIT_NOTE, InvoiceType.CORRECTED_INVOICE)
    found = gathered.fields.pop("original_invoice_number", [])
    kept = [
        candidate
        for candidate in found
        if rank(candidate.source) <= rank(Source.METADATA)
        or (corrects and (own is None or not same_value("original_invoice_number", candidate, own)))
    ]
    if kept:
        gathered.fields["original_invoice_number"] = kept


def _conflicts(gathered: Gathered) -> list[Reason]:
    warnings = []
    for name in CONFLICT_FIELDS:
        candidates = gathered.fields.get(name, [])
        if not candidates or candidates[0].source is Source.PERSON:
            continue
        chosen, *rest = _heads(candidates)
        rival = next((other for other in rest if not same_value(name, chosen, other)), None)
        if rival is not None:
            params = evidence_params("chosen", chosen) | evidence_params("other", rival)
            warnings.append(Reason(code=f"conflict_{name}", field=name, params=params))
    return warnings


def _heads(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best of each source: a source's second guesses do not contradict anybody."""
    heads: dict[int, Candidate] = {}
    for candidate in candidates:
        heads.setdefault(rank(candidate.source), candidate)
    return list(heads.values())
