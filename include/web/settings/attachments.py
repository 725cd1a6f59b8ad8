"""What goes along with invoices as its forms write it: link rules, and what holds for all attachments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from include.application.administration.attachment_trial import LinkTrial, try_links
from include.application.administration.configuration_changes import completed
from include.application.administration.item_editing import ItemList
from include.application.administration.section_editing import SectionValues
from include.domain.configuration import Configuration, LinkRule
from include.texts import Language, label
from include.web.guards.person import Person
from include.web.host import Services
from include.web.settings.since import since_in, since_of

LINKS = ItemList(section="attachments.links", kind=LinkRule, screen="attachments")
FOR_ALL = SectionValues(keys=("attachments.switch_value", "attachments.default_type"), screen="attachments")

TYPES = ("AAR", "ACE", "APS", "DIVERS", "RIB")
"""Codes of attachments that have words of ours in both languages; the platform's own list may have others."""


def type_words(code: str, language: Language, told: str = "") -> str:
    """What a type of attachment is called: by us, else as the platform `told`, else its code."""
    return label("attaching.kind", code, language) if code in TYPES else told or code


def typed_of(rule: LinkRule | None, language: Language) -> dict[str, Any]:
    """What stands in the form of a link rule; the empty form for None."""
    if rule is None:
        return {"invoice_rule": "", "attachment_rule": "", "pairs": [], "type": "", "since": ""}
    return {
        "invoice_rule": rule.invoice_rule,
        "attachment_rule": rule.attachment_rule,
        "pairs": [(pair.invoice, pair.attachment) for pair in rule.pairs],
        "type": rule.type or "",
        "since": since_of(rule, language),
    }


def typed_in(form: FormData) -> dict[str, Any]:
    """What somebody wrote; the two sides of the pairs are controls that follow each other."""
    words = {name: str(form.get(name) or "").strip() for name in ("invoice_rule", "attachment_rule", "type", "since")}
    sides = ([str(one).strip() for one in form.getlist(name)] for name in ("pair_invoice", "pair_attachment"))
    return {**words, "pairs": [pair for pair in zip(*sides, strict=False) if any(pair)]}


def values_of(typed: Mapping[str, Any], stored: LinkRule | None, language: Language) -> dict[str, Any]:
    """The rule's values."""
    return {
        "invoice_rule": typed["invoice_rule"],
        "attachment_rule": typed["attachment_rule"],
        "pairs": [{"invoice": invoice, "attachment": attachment} for invoice, attachment in typed["pairs"]],
        "type": typed["type"] or None,
        "since": since_in(typed["since"], stored, language),
    }


def for_all_in(form: FormData) -> dict[str, Any]:
    """What somebody wrote for all attachments; nothing is no type."""
    words = {name: str(form.get(name) or "").strip() for name in ("switch_value", "default_type")}
    return {**words, "default_type": words["default_type"] or None}


def trial_of(
    services: Services, person: Person, rule: LinkRule, identity: str | None, document_id: int | None
) -> LinkTrial:
    """What this rule would link, in the place of that one or beside the others; it starts when it would if saved."""
    current = person.configuration
    section = Configuration(attachments=LINKS.laid(current, rule, identity).attachments)
    would_be = completed(current, section, services.clock.now())
    dated = LINKS.one(would_be, rule.identity)
    return try_links(services.store.portal_stock, dated, would_be, services.store.documents.reading, document_id)
