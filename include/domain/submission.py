"""One sending of an invoice: what goes out, what an answer means, which keys it holds (exactly-once page)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from include.domain.codes import InvoicingFramework, PaymentMode, VatType


@dataclass(frozen=True, kw_only=True)
class VatLine:
    """One rate of the VAT recapitulation, as sent."""

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class SentAttachment:
    """An attachment as sent: its upload id on the platform, type code and designation."""

    upload_id: int
    type_code: str
    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Submission:
    """Everything that one invoice sends; amounts positive, credit notes too (the wire sign is the adapter's affair)."""

    number: str
    issue_date: dt.date
    credit_note: bool
    supplier_siret: str
    supplier_id: int
    supplier_service_id: int | None = None
    bank_details_id: int | None = None
    recipient_siret: str
    service_code: str | None = None
    engagement_number: str | None = None
    contract_number: str | None = None
    original_invoice_number: str | None = None
    framework: InvoicingFramework
    vat_type: VatType
    vat_exemption_reason: str | None = None
    payment_mode: PaymentMode
    currency: str = "EUR"
    total_excl_tax: Decimal
    total_tax: Decimal
    total_incl_tax: Decimal
    discount: Decimal | None = None
    discount_reason: str | None = None
    amount_due: Decimal
    vat: tuple[VatLine, ...] = ()
    main_upload_id: int
    main_sha256: str
    main_name: str
    signed: bool = False
    attachments: tuple[SentAttachment, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The platform took it: its id, first status, deposit date and fingerprint, and the raw answer as proof."""

    chorus_id: int
    status: str
    deposited_on: dt.date | None
    fingerprint: str | None
    raw: str


@dataclass(frozen=True, kw_only=True)
class RemoteInvoice:
    """One row of the platform's search."""

    chorus_id: int
    number: str
    status: str
    status_at: dt.datetime | None
    status_comment: str | None
    credit_note: bool
    supplier_siret: str | None
    recipient_siret: str | None
    recipient_name: str | None
    service_code: str | None
    engagement_number: str | None
    total_excl_tax: Decimal | None
    total_incl_tax: Decimal | None
    amount_due: Decimal | None
    issue_date: dt.date | None
    deposited_on: dt.date | None
    rejection_handled: bool = False


SUBMISSION = "submission"
"""The kind of an attempt that sends an invoice; those that correct one have kinds of their own."""


class AttemptState(StrEnum):
    """What became of one attempt."""

    OPEN = "open"
    NOT_SENT = "not_sent"
    UNRESOLVED = "unresolved"
    TAKEN = "taken"
    REFUSED = "refused"


class Verdict(StrEnum):
    """What a search decided about an invoice."""

    SUBMITTED = "submitted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    READY = "ready"


HOLDS_KEYS = frozenset({AttemptState.OPEN, AttemptState.UNRESOLVED, AttemptState.TAKEN})
"""While an invoice has an attempt in one of these, nobody else can be claimed with its number or content."""


def number_key(number: str) -> str:
    """The number folded to upper case without blanks (exactly-once 1)."""
    return re.sub(r"\s+", "", number).upper()


def same_invoice(found: RemoteInvoice, sent: Submission) -> bool:
    """Whether a row of the search carries recipient, type and amount as this attempt sent them (exactly-once 4)."""
    return (
        number_key(found.number) == number_key(sent.number)
        and found.recipient_siret == sent.recipient_siret
        and found.credit_note == sent.credit_note
        and found.total_incl_tax is not None
        and abs(found.total_incl_tax) == sent.total_incl_tax
    )


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """What a search decided. `recognised` is the attempt's submission that the found row carries."""

    verdict: Verdict
    cause: str
    chorus_id: int | None = None
    status: str | None = None
    recognised: Submission | None = None


Attempts = Sequence[tuple[AttemptState, Submission]]
"""All attempts of one invoice, oldest first."""


def asked_for(attempts: Attempts) -> tuple[tuple[str, str], ...]:
    """What a search asks: supplier and number of each unresolved attempt.

    Without one, a refusal was stored and its sender died before the search: then those of the last attempt.
    """
    unresolved = [sent for state, sent in attempts if state in _UNRESOLVED] or [sent for _, sent in attempts[-1:]]
    return tuple(dict.fromkeys((sent.supplier_siret, sent.number) for sent in unresolved))


def already_taken(attempts: Attempts) -> SearchOutcome | None:
    """What is decided without any search: an attempt known as taken, perhaps late, means submitted."""
    if any(state is AttemptState.TAKEN for state, _ in attempts):
        return SearchOutcome(verdict=Verdict.SUBMITTED, cause="an earlier attempt was taken")
    return None


def after_refusal(attempts: Attempts, found: Sequence[RemoteInvoice] | None) -> SearchOutcome:
    """After the last attempt got a business refusal and the platform was searched (exactly-once 4).

    `found` is None when the search itself failed. No code tells a duplicate: only what is found decides.
    """
    known = _recognise(attempts, found or ())
    if known is not None:
        return known
    unresolved = any(state in _UNRESOLVED for state, _ in attempts)
    if not found and unresolved:
        return SearchOutcome(verdict=Verdict.UNKNOWN, cause="refused, an earlier attempt is unresolved")
    return _refused(found or ())


def after_search(attempts: Attempts, found: Sequence[RemoteInvoice], *, again_allowed: bool) -> SearchOutcome:
    """After a search for an unknown outcome; `again_allowed`: the delay passed and an earlier search was empty too."""
    known = _recognise(attempts, found)
    if known is not None:
        return known
    if found:
        return _refused(found)
    if not again_allowed:
        return SearchOutcome(verdict=Verdict.UNKNOWN, cause="not found, which is no proof yet")
    if attempts and attempts[-1][0] is AttemptState.REFUSED:
        return _refused(())
    return SearchOutcome(verdict=Verdict.READY, cause="not found twice after the delay")


_UNRESOLVED = (AttemptState.OPEN, AttemptState.UNRESOLVED)


def _recognise(attempts: Attempts, found: Sequence[RemoteInvoice]) -> SearchOutcome | None:
    for row in found:
        for state, sent in attempts:
            if state in _UNRESOLVED and same_invoice(row, sent):
                return SearchOutcome(
                    verdict=Verdict.SUBMITTED,
                    cause="found on the platform as sent",
                    chorus_id=row.chorus_id,
                    status=row.status,
                    recognised=sent,
                )
    return already_taken(attempts)


def _refused(found: Sequence[RemoteInvoice]) -> SearchOutcome:
    if not found:
        return SearchOutcome(verdict=Verdict.REFUSED, cause="refused by the platform")
    first = found[0]
    return SearchOutcome(
        verdict=Verdict.REFUSED,
        cause="the platform has this number with other values",
        chorus_id=first.chorus_id,
        status=first.status,
    )
