"""Links by rules: what is new or changed in the portal is looked at, everything else stays as it is linked.

Rules are not retroactive: one that holds since yesterday links two documents only if one of them arrived since; older
ones are linked by an explicit back-fill. After submission nothing is added: a link that appears later is a flag.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence

from include.application.links_port import Links, PossibleLink
from include.application.ports import Clock
from include.domain.configuration import Configuration, LinkRule
from include.domain.links import holds, link_keys, rule_id, rules_digest

logger = logging.getLogger(__name__)

BATCH = 500


def link_documents(links: Links, configuration: Configuration, revision: int, clock: Clock) -> None:
    """Brings the links up to date with portal and rules.

    Keys are stored before partners are looked for: of two workers with one end each, the later one sees both.
    """
    rules = configuration.attachments.links
    if not rules:
        links.forget(revision, now=clock.now())
        return
    digest = rules_digest(rules)
    wanted = functools.partial(_wanted, rules={rule_id(rule): rule for rule in rules})
    while works := links.due(digest, revision, limit=BATCH):
        links.store_keys(works, {w.document_id: list(link_keys(w.document, rules)) if w.here else [] for w in works})
        counts = links.record(works, wanted, rules=digest, revision=revision, now=clock.now())
        logger.info(
            "Links of %d documents: %d made, %d removed, %d invoices judged again, %d sent ones flagged",
            len(works),
            counts.made,
            counts.removed,
            counts.recalled,
            counts.flagged,
        )


def _wanted(link: PossibleLink, *, rules: dict[str, LinkRule]) -> bool:
    """A key of a rule that is gone waits for its document to be looked at."""
    rule = rules.get(link.rule)
    if rule is None:
        return False
    return link.backfilled or holds(rule, link.invoice_arrived_at, link.attachment_arrived_at)


def older_links(
    links: Links, configuration: Configuration, revision: int, clock: Clock
) -> tuple[list[PossibleLink], list[PossibleLink]]:
    """Links that only the `since` of their rules keeps out: those of invoices not sent yet, and those of sent ones."""
    link_documents(links, configuration, revision, clock)
    known = {rule_id(rule) for rule in configuration.attachments.links}
    older = [link for link in links.unlinked() if link.rule in known]
    return [link for link in older if not link.sent], [link for link in older if link.sent]


def make_older_links(links: Links, chosen: Sequence[PossibleLink], clock: Clock, *, actor: str) -> int:
    """Links these for good; how many. Their invoices are matched and judged again in the next pass."""
    return links.backfill(chosen, actor=actor, now=clock.now())
