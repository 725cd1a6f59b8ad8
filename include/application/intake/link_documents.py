"""Links by rules: what is new or changed in the portal is looked at, everything else stays as it is linked.

Rules are not retroactive: one that holds since yesterday links two documents only if one of them arrived since; older
ones are linked by an explicit back-fill. After submission nothing is added: a link that appears later is a flag.
"""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from include.application.isolation import Isolation
from include.application.ports.clock import Clock
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.links import Links, LinkWork, PossibleLink
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration, LinkRule
from include.domain.errors import ConnectorError
from include.domain.internal_errors import Item
from include.domain.links import LinkKey, holds, link_keys, rule_id, rules_digest
from include.domain.rights import Viewer

logger = logging.getLogger(__name__)

BATCH = 500

MOST_LOOKS = 3
"""In one pass at one document: what changes again and again while it is linked waits for the next pass."""


def link_documents(
    links: Links, configuration: Configuration, revision: int, clock: Clock, internal_errors: InternalErrors
) -> list[ConnectorError]:
    """Brings the links up to date with portal and rules; what documents could not be linked is the answer.

    Keys are stored before partners are looked for: of two workers with one end each, the later one sees both.
    """
    rules = configuration.attachments.links
    if not rules:
        links.forget(revision, now=clock.now())
        return []
    isolation = Isolation("link", internal_errors, clock)
    digest = rules_digest(rules)
    wanted = functools.partial(_wanted, rules={rule_id(rule): rule for rule in rules})
    left: set[int] = set()
    looks: Counter[int] = Counter()
    while True:
        # what could not be linked comes again at the head: it must not keep out those behind it
        due = links.due(digest, revision, limit=BATCH + len(left))
        works = [work for work in due if work.document_id not in left]
        if not works:
            return isolation.failures
        keys = _keys(works, rules, isolation)
        keyed = [work for work in works if work.document_id in keys]

        def store(part: Sequence[LinkWork], keys: Mapping[int, Sequence[LinkKey]] = keys) -> None:
            links.store_keys(part, keys)

        unkeyed = isolation.in_parts(keyed, store, _item)
        stored = [work for work in keyed if work not in unkeyed]

        def record(part: Sequence[LinkWork]) -> None:
            counts = links.record(part, wanted, rules=digest, revision=revision, now=clock.now())
            logger.info(
                "Links of %d documents: %d made, %d removed, %d invoices assessed again, %d sent ones flagged",
                len(part),
                counts.made,
                counts.removed,
                counts.recalled,
                counts.flagged,
            )

        unlinked = isolation.in_parts(stored, record, _item)
        done = {work.document_id for work in stored if work not in unlinked}
        left |= {work.document_id for work in works} - done
        looks.update(done)
        left |= {document_id for document_id in done if looks[document_id] >= MOST_LOOKS}


def _keys(works: Sequence[LinkWork], rules: Sequence[LinkRule], isolation: Isolation) -> dict[int, list[LinkKey]]:
    keys: dict[int, list[LinkKey]] = {}
    for work in works:
        with isolation.confined(_item(work)):
            keys[work.document_id] = list(link_keys(work.document, rules)) if work.here else []
    return keys


def _item(work: LinkWork) -> Item:
    return Item("document", f"{work.document_id} {work.document.portal_id}")


def _wanted(link: PossibleLink, *, rules: dict[str, LinkRule]) -> bool:
    """A key of a rule that is gone waits for its document to be looked at."""
    rule = rules.get(link.rule)
    if rule is None:
        return False
    return link.backfilled or holds(rule, link.invoice_arrived_at, link.attachment_arrived_at)


def older_links(
    links: Links, configuration: Configuration, revision: int, clock: Clock, internal_errors: InternalErrors
) -> tuple[list[PossibleLink], list[PossibleLink]]:
    """Links that only the `since` of their rules keeps out: those of invoices not sent yet, and those of sent ones."""
    link_documents(links, configuration, revision, clock, internal_errors)
    return known_older_links(links, configuration)


def known_older_links(
    links: Links, configuration: Configuration, *, most: int | None = None
) -> tuple[list[PossibleLink], list[PossibleLink]]:
    """The same as the last pass left the links: a page that only shows them links nothing. `most`: of each kind."""
    known = [rule_id(rule) for rule in configuration.attachments.links]
    return _unlinked(links, known, sent=False, most=most), _unlinked(links, known, sent=True, most=most)


def _unlinked(links: Links, rules: Sequence[str], *, sent: bool, most: int | None) -> list[PossibleLink]:
    found: list[PossibleLink] = []
    while most is None or len(found) < most:
        limit = BATCH if most is None else min(BATCH, most - len(found))
        page = links.unlinked(rules, sent=sent, after=found[-1] if found else None, limit=limit)
        found += page
        if len(page) < limit:
            break
    return found


def make_older_links(links: Links, chosen: Sequence[PossibleLink], clock: Clock, *, actor: str, viewer: Viewer) -> int:
    """Links these for good; how many. Their invoices are matched and assessed again in the next pass.

    NotThereError for who does not administer.
    """
    check_administers(viewer)
    return links.backfill(chosen, actor=actor, now=clock.now())
