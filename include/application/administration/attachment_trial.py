"""What a link rule, saved or not, makes of invoices that are in the portal: which documents would go along, and why."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from include.application.administration.association_trial import NOTHING_READ, ReadingOf, RuleStock, look_into, rules_in
from include.application.ports.portal_documents import PortalStock, StoredDocument
from include.domain.completeness.attachments import attachment_reasons, chosen_attachments, switched_on
from include.domain.configuration import Configuration, LinkPair, LinkRule
from include.domain.errors import NotThereError
from include.domain.links import Side, holds, link_keys
from include.domain.mapping.map_invoice import map_invoice
from include.domain.reasons import Reason
from include.domain.values import fold

MOST_PARTNERS = 50
"""Documents that are looked at for one key: metadata that more of them share single nothing out."""

MOST_ATTACHMENTS = 5_000
"""Documents of the attachments' rule that a trial looks at, the newest: a page waits for it."""


class Outcome(StrEnum):
    """What becomes of a document whose metadata agree with those of the invoice."""

    GOES = "goes"
    TOO_OLD = "too_old"
    SAME_FILE = "same_file"


@dataclass(frozen=True, kw_only=True)
class SharedValues:
    """A pair of the rule and the values by which it holds; without a partner, all that the invoice offers."""

    pair: LinkPair
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TriedPartner:
    """One document beside the invoice; `refused`: why the platform would not take its file."""

    stored: StoredDocument
    shared: tuple[SharedValues, ...]
    outcome: Outcome
    refused: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The metadata that says whether attachments go, what it holds, and whether that means yes."""

    metadata: str
    values: tuple[str, ...]
    on: bool


@dataclass(frozen=True, kw_only=True)
class TriedInvoice:
    """The sample: what it offers to the rule's pairs, who agrees; `switch` None: attachments always go."""

    stored: StoredDocument
    offered: tuple[SharedValues, ...]
    partners: tuple[TriedPartner, ...]
    switch: Switch | None

    @property
    def many(self) -> bool:
        """There are more than are looked at."""
        return len(self.partners) > MOST_PARTNERS


@dataclass(frozen=True, kw_only=True)
class LinkTrial:
    """Over the newest invoices of the rule: how many there are, those without any attachment, and one as a sample.

    `attachments`: documents of the attachments' rule, whatever they agree with, of which the newest `looked_at` were
    tried; `silent`: providers that send none.
    `following`: another invoice to be tried, the one before; after the oldest the newest.
    """

    invoices: int
    attachments: int
    looked_at: int
    without: tuple[StoredDocument, ...]
    sample: TriedInvoice | None
    silent: tuple[str, ...]
    following: int | None


def try_links(
    stock: PortalStock, rule: LinkRule, configuration: Configuration, reading_of: ReadingOf, document_id: int | None
) -> LinkTrial:
    """Tried on this invoice, or the newest that gets one; NotThereError for one not among the newest of the rule.

    `rule` has its `since` (`completed`); a back-fill that somebody made by hand is not looked at.
    """
    found = rules_in(stock)
    invoices = found.get(fold(rule.invoice_rule), RuleStock(rule=rule.invoice_rule))
    look_into(stock, invoices)
    newest = invoices.newest
    if document_id is not None and document_id not in {one.document_id for one in newest}:
        raise NotThereError("no_such_item", name=str(document_id))
    other_side = found.get(fold(rule.attachment_rule), RuleStock(rule=rule.attachment_rule))
    attachments = stock.newest_of(other_side.spellings, most=MOST_ATTACHMENTS) if other_side.spellings else []
    by_key = _by_key(attachments, rule, {key for one in newest for key in _keys(one, rule, Side.INVOICE)})
    tried = {one.document_id: _partners(one, rule, by_key) for one in newest}
    going = {number for number, partners in tried.items() if any(one.outcome is Outcome.GOES for one in partners)}
    chosen = [
        one for one in newest if one.document_id == document_id or (document_id is None and one.document_id in going)
    ]
    sample = next(reversed(chosen or newest), None)
    return LinkTrial(
        invoices=len(newest),
        attachments=other_side.documents,
        looked_at=len(attachments),
        without=tuple(one for one in newest if one.document_id not in going),
        sample=None if sample is None else _sample(sample, rule, tried, configuration, reading_of),
        silent=tuple(one.name for one in configuration.providers if not one.send_attachments),
        following=newest[newest.index(sample) - 1].document_id if sample and len(newest) > 1 else None,
    )


def _keys(stored: StoredDocument, rule: LinkRule, side: Side) -> set[str]:
    return {one.key for one in link_keys(stored.document, [rule]) if one.side is side}


def _by_key(
    attachments: Iterable[StoredDocument], rule: LinkRule, wanted: set[str]
) -> Mapping[str, Sequence[StoredDocument]]:
    """Documents of the other side by the keys that some invoice has, of each key the newest."""
    found: dict[str, deque[StoredDocument]] = defaultdict(lambda: deque(maxlen=MOST_PARTNERS + 1))
    for stored in attachments:
        for key in _keys(stored, rule, Side.ATTACHMENT) & wanted:
            found[key].append(stored)
    return found


def _partners(
    invoice: StoredDocument, rule: LinkRule, by_key: Mapping[str, Sequence[StoredDocument]]
) -> tuple[TriedPartner, ...]:
    agreeing = {
        one.document_id: one
        for key in _keys(invoice, rule, Side.INVOICE)
        for one in by_key.get(key, ())
        if one.document_id != invoice.document_id
    }
    timely = {
        number for number, one in agreeing.items() if holds(rule, invoice.document.arrived_at, one.document.arrived_at)
    }
    linked = [agreeing[number] for number in sorted(timely)]
    going = {one.portal_id for one in chosen_attachments([one.document for one in linked], invoice.document)}
    return tuple(
        TriedPartner(
            stored=one,
            shared=_shared(rule, invoice, one),
            outcome=Outcome.TOO_OLD
            if number not in timely
            else Outcome.GOES
            if one.document.portal_id in going
            else Outcome.SAME_FILE,
            refused=tuple(attachment_reasons(one.document)),
        )
        for number, one in sorted(agreeing.items())
    )


def _shared(rule: LinkRule, invoice: StoredDocument, partner: StoredDocument) -> tuple[SharedValues, ...]:
    shared = []
    for pair in rule.pairs:
        theirs = {fold(value) for value in partner.document.values(pair.attachment)}
        common = (value for value in invoice.document.values(pair.invoice) if fold(value) in theirs)
        shared.append(SharedValues(pair=pair, values=_said(common)))
    return tuple(shared)


def _said(values: Iterable[str]) -> tuple[str, ...]:
    """Those that are something, each once; blank ones link nothing."""
    return tuple(dict.fromkeys(value for value in values if fold(value)))


def _sample(
    invoice: StoredDocument,
    rule: LinkRule,
    tried: Mapping[int, tuple[TriedPartner, ...]],
    configuration: Configuration,
    reading_of: ReadingOf,
) -> TriedInvoice:
    offered = (SharedValues(pair=one, values=_said(invoice.document.values(one.invoice))) for one in rule.pairs)
    return TriedInvoice(
        stored=invoice,
        offered=tuple(offered),
        partners=tried[invoice.document_id],
        switch=_switch(invoice, configuration, reading_of),
    )


def _switch(invoice: StoredDocument, configuration: Configuration, reading_of: ReadingOf) -> Switch | None:
    document = invoice.document
    mine = fold(document.classification_rule or "")
    known = configuration.metadata_association
    association = next((one for one in known if fold(one.classification_rule) == mine), None)
    metadata = None if association is None else association.fields.get("attachment_switch")
    if metadata is None:
        return None
    reading = reading_of(document.content_sha256) or NOTHING_READ
    draft = map_invoice(reading, document=document, association=association, recipients=configuration.recipients)
    return Switch(metadata=metadata, values=document.values(metadata), on=switched_on(draft, configuration.attachments))
