"""Which documents go along with which invoice, by the administrator's link rules.

A rule names two classification rules and pairs of metadata; a document of the one and a document of the other belong
together when every pair has a value in common. Each document gets keys, one per combination of its values, so that
partners are found by equal keys instead of by comparing everything with everything.

Source: docs/reference/connector-functions.md 1.10 and 2.8.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from include.domain.configuration import Attachments, LinkRule
from include.domain.document import PortalDocument
from include.domain.values import fold

logger = logging.getLogger(__name__)

MOST_KEYS = 10_000
"""Combinations of values of one document under one rule; nobody has that many by intention."""


class Side(StrEnum):
    """Which end of a link a document may be."""

    INVOICE = "invoice"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, kw_only=True)
class LinkKey:
    """What a document offers under one rule: it belongs to every document of the other side with the same `key`."""

    rule: str
    side: Side
    key: str


def rule_id(rule: LinkRule) -> str:
    """A short name for the rule's identity, the same in every process."""
    return _digest(rule.identity)


def rules_digest(rules: Sequence[LinkRule]) -> str:
    """Changes when other documents would be linked: with the pairs, the rules and from when on they hold."""
    return _digest(sorted([rule.identity, str(rule.starts_at)] for rule in rules))


def link_keys(document: PortalDocument, rules: Iterable[LinkRule]) -> Iterator[LinkKey]:
    """Everything that the document offers, on both sides; blank values offer nothing."""
    if document.classification_rule is None:
        return
    mine = fold(document.classification_rule)
    for rule in rules:
        for side, wanted in ((Side.INVOICE, rule.invoice_rule), (Side.ATTACHMENT, rule.attachment_rule)):
            if fold(wanted) != mine:
                continue
            names = [pair.invoice if side is Side.INVOICE else pair.attachment for pair in rule.pairs]
            for values in _combinations(document, names):
                yield LinkKey(rule=rule_id(rule), side=side, key=_digest([rule.identity, *values]))


def _combinations(document: PortalDocument, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    offered = [list(dict.fromkeys(filter(None, map(fold, document.values(name))))) for name in names]
    for count, values in enumerate(itertools.product(*offered)):
        if count == MOST_KEYS:
            logger.warning("Document %s has too many values to link by: the rest is left out", document.portal_id)
            return
        yield values


def holds(rule: LinkRule, invoice_arrived: dt.datetime, attachment_arrived: dt.datetime) -> bool:
    """Whether the rule links the two by itself: one of them arrived since it holds; rules look at what comes in."""
    start = rule.starts_at
    return start is None or max(invoice_arrived, attachment_arrived) >= start


def attachment_types(
    chosen: Iterable[PortalDocument], linked_by: Mapping[str, Sequence[str]], settings: Attachments
) -> dict[str, str]:
    """Type code of each document that goes along: of the rule that linked it, else the default one, if there is one.

    `linked_by` maps portal ids to the ids of rules. Documents without a type get the platform's first for invoices.
    """
    types = {rule_id(rule): rule.type for rule in settings.links}
    found: dict[str, str] = {}
    for document in chosen:
        codes = [code for rule in linked_by.get(document.portal_id, ()) if (code := types.get(rule)) is not None]
        if code := next(iter(codes), settings.default_type):
            found[document.portal_id] = code
    return found


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
