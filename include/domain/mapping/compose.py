"""One draft out of all sources: the most trusted value of each field, wordings translated, conflicts in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.domain.configuration import Association, Recipient
from include.domain.document import PortalDocument
from include.domain.fields import Candidate, Reading, Source
from include.domain.mapping.candidates import Gathered, gather
from include.domain.mapping.contradictions import contradictions
from include.domain.mapping.draft import Draft, FieldValue, described, rank
from include.domain.mapping.learned import NOTHING_LEARNED, Learned
from include.domain.mapping.recipients import translate_recipient, translate_service
from include.domain.mapping.same import same_value
from include.domain.reasons import Reason

CONFLICT_FIELDS = (
    "invoice_number",
    "recipient_siret",
    "total_excl_tax",
    "total_tax",
    "total_incl_tax",
    "amount_due",
)
"""Where two sources that disagree are shown (design decision 6)."""


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
    unclear, understood = translate_recipient(gathered, recipients, learned)
    services_understood = translate_service(gathered, recipients, learned)
    reasons = list(gathered.problems.values())
    if unclear is not None:
        reasons.append(unclear)
    contradicted = list(contradictions(gathered))
    told = {reason.field for reason in contradicted}
    conflicts = [warning for warning in _conflicts(gathered) if warning.field not in told]
    return Draft(
        fields={name: FieldValue.chosen(candidates) for name, candidates in gathered.fields.items() if candidates},
        reasons=(*reasons, *contradicted),
        warnings=(*conflicts, *understood, *services_understood),
    )


def _conflicts(gathered: Gathered) -> list[Reason]:
    warnings = []
    for name in CONFLICT_FIELDS:
        candidates = gathered.fields.get(name, [])
        if not candidates or candidates[0].source is Source.PERSON:
            continue
        chosen, *rest = _heads(candidates)
        rival = next((other for other in rest if not same_value(name, chosen, other)), None)
        if rival is not None:
            params = {"chosen": described(chosen), "other": described(rival)}
            warnings.append(Reason(code=f"conflict_{name}", field=name, params=params))
    return warnings


def _heads(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best of each source: a source's second guesses do not contradict anybody."""
    heads: dict[int, Candidate] = {}
    for candidate in candidates:
        heads.setdefault(rank(candidate.source), candidate)
    return list(heads.values())
