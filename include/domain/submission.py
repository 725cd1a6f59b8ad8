"""One sending of an invoice: what goes out, what an answer means, which keys it holds.

Source: docs/reference/exactly-once.md.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from include.domain.causes import Cause, CauseCode, cause
from include.domain.codes import InvoiceType, InvoicingFramework, PaymentMode, VatType
from include.domain.fields import VatRow
from include.domain.mapping import Draft
from include.domain.values import compact


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
    vat: tuple[VatRow, ...] = ()
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
"""States of an attempt that hold the invoice's keys: nobody else can be claimed with its number or content."""


def number_key(number: str) -> str:
    """The number folded to upper case without blanks (docs/reference/exactly-once.md 1)."""
    return re.sub(r"\s+", "", number).upper()


@dataclass(frozen=True, kw_only=True)
class InvoiceValues:
    """What tells invoices of one supplier apart, whoever names it: our draft, an attempt, the platform's list.

    Amounts are without sign: credit notes are positive with us, and the platform may show them negative.
    """

    number: str | None
    credit_note: bool
    recipient_siret: str | None
    total_excl_tax: Decimal | None
    total_incl_tax: Decimal | None
    issue_date: dt.date | None

    @classmethod
    def of_draft(cls, draft: Draft) -> InvoiceValues:
        """As it would be sent now."""
        return cls(
            number=draft.text("invoice_number"),
            credit_note=draft.text("type") == InvoiceType.CREDIT_NOTE,
            recipient_siret=draft.text("recipient_siret"),
            total_excl_tax=draft.amount("total_excl_tax"),
            total_incl_tax=draft.amount("total_incl_tax"),
            issue_date=draft.date("issue_date"),
        )

    @classmethod
    def of(cls, invoice: Submission | RemoteInvoice) -> InvoiceValues:
        """As an attempt sent it, or as the platform lists it."""
        return cls(
            number=invoice.number,
            credit_note=invoice.credit_note,
            recipient_siret=invoice.recipient_siret,
            total_excl_tax=_unsigned(invoice.total_excl_tax),
            total_incl_tax=_unsigned(invoice.total_incl_tax),
            issue_date=invoice.issue_date,
        )

    def same_delivery(self, other: InvoiceValues) -> bool:
        """Number, recipient, type and amount: enough to recognise what an attempt of ours may have brought there."""
        return (
            self._key() == other._key()
            and self.total_incl_tax is not None
            and self.total_incl_tax == other.total_incl_tax
        )

    def same_values(self, other: InvoiceValues) -> bool:
        """Equal in all that both name: enough to take an invoice for ours that no attempt of ours explains.

        The platform leaves out what it does not know. The service does not count: a correction changes it.
        """
        named = ((self.total_excl_tax, other.total_excl_tax), (self.issue_date, other.issue_date))
        return self.same_delivery(other) and all(None in pair or pair[0] == pair[1] for pair in named)

    def _key(self) -> tuple[str, str, bool]:
        return number_key(self.number or ""), compact(self.recipient_siret or ""), self.credit_note


def _unsigned(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else abs(amount)


def same_invoice(found: RemoteInvoice, sent: Submission) -> bool:
    """Whether a row of the search carries recipient, type and amount as this attempt sent them.

    Source: docs/reference/exactly-once.md 4.
    """
    return InvoiceValues.of(found).same_delivery(InvoiceValues.of(sent))


DRAFT_THERE = "BROUILLON"
"""Typed on the portal and not deposited: it takes no number, and is nobody's sending."""


def adoptable(found: Sequence[RemoteInvoice], ours: Sequence[InvoiceValues]) -> RemoteInvoice | None:
    """The first of these that has all values of what we hold: it is ours, though no attempt explains it.

    Our database was set back to an older backup, or a person typed the invoice on the portal.
    Source: docs/reference/exactly-once.md 4.1.
    """
    for row in deposited(found):
        if any(InvoiceValues.of(row).same_values(values) for values in ours):
            return row
    return None


def deposited(found: Sequence[RemoteInvoice]) -> list[RemoteInvoice]:
    """Those that take a number on the platform."""
    return [row for row in found if row.status != DRAFT_THERE]


@dataclass(frozen=True, kw_only=True)
class SearchOutcome:
    """What a search decided, and by which row it found; `recognised` is the attempt's submission that this carries."""

    verdict: Verdict
    cause: Cause
    found: RemoteInvoice | None = None
    recognised: Submission | None = None


Attempts = Sequence[tuple[AttemptState, Submission]]
"""All attempts of one invoice, oldest first."""


def asked_for(attempts: Attempts) -> tuple[tuple[str, str], ...]:
    """What a search asks: supplier and number of each unresolved attempt.

    Without one, a refusal was stored and its sender died before the search: then those of the last attempt.
    """
    unresolved = [sent for state, sent in attempts if state in UNRESOLVED] or [sent for _, sent in attempts[-1:]]
    return tuple(dict.fromkeys((sent.supplier_siret, sent.number) for sent in unresolved))


def already_taken(attempts: Attempts) -> SearchOutcome | None:
    """What is decided without any search: an attempt known as taken, perhaps late, means submitted."""
    if any(state is AttemptState.TAKEN for state, _ in attempts):
        return SearchOutcome(verdict=Verdict.SUBMITTED, cause=cause(CauseCode.EARLIER_TAKEN))
    return None


def after_refusal(
    attempts: Attempts, found: Sequence[RemoteInvoice] | None, *, elsewhere: Collection[int] = ()
) -> SearchOutcome:
    """After the last attempt got a business refusal and the platform was searched (docs/reference/exactly-once.md 4).

    `found` is None when the search itself failed. No code tells a duplicate: only what is found decides. What is found
    with all values of an attempt, the refused one too, is ours, unless another invoice of ours bears its number
    `elsewhere`.
    """
    known = _recognise(attempts, found or (), elsewhere)
    if known is not None:
        return known
    unresolved = any(state in UNRESOLVED for state, _ in attempts)
    if not found and unresolved:
        return SearchOutcome(verdict=Verdict.UNKNOWN, cause=cause(CauseCode.REFUSED_EARLIER_UNRESOLVED))
    return _refused(found or ())


def after_search(
    attempts: Attempts, found: Sequence[RemoteInvoice], *, again_allowed: bool, elsewhere: Collection[int] = ()
) -> SearchOutcome:
    """After a search for an unknown outcome; `again_allowed`: the delay passed and an earlier search was empty too."""
    known = _recognise(attempts, found, elsewhere)
    if known is not None:
        return known
    if found:
        return _refused(found)
    if not again_allowed:
        return SearchOutcome(verdict=Verdict.UNKNOWN, cause=cause(CauseCode.NOT_FOUND_YET))
    if attempts and attempts[-1][0] is AttemptState.REFUSED:
        return _refused(())
    return SearchOutcome(verdict=Verdict.READY, cause=cause(CauseCode.NOT_FOUND_TWICE))


UNRESOLVED = (AttemptState.OPEN, AttemptState.UNRESOLVED)
"""States of an attempt of which nobody knows yet what the platform made."""


def _recognise(attempts: Attempts, found: Sequence[RemoteInvoice], elsewhere: Collection[int]) -> SearchOutcome | None:
    ours = [InvoiceValues.of(sent) for _, sent in attempts]
    for row in found:
        for state, sent in attempts:
            if state in UNRESOLVED and same_invoice(row, sent):
                return SearchOutcome(
                    verdict=Verdict.SUBMITTED, cause=cause(CauseCode.FOUND_AS_SENT), found=row, recognised=sent
                )
    known = already_taken(attempts)
    if known is not None:
        return known
    row_of_ours = adoptable([row for row in found if row.chorus_id not in elsewhere], ours)
    if row_of_ours is None:
        return None
    return SearchOutcome(verdict=Verdict.SUBMITTED, cause=cause(CauseCode.ADOPTED), found=row_of_ours)


def _refused(found: Sequence[RemoteInvoice]) -> SearchOutcome:
    if not found:
        return SearchOutcome(verdict=Verdict.REFUSED, cause=cause(CauseCode.REFUSED))
    return SearchOutcome(verdict=Verdict.REFUSED, cause=cause(CauseCode.FOUND_WITH_OTHER_VALUES), found=found[0])
