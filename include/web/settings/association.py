"""An association as its form and as a program write it, tried on documents of the portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from include.application.administration.association_trial import (
    Agreement,
    RuleStock,
    TriedField,
    agreement,
    look_into,
    rules_in,
    try_association,
)
from include.application.administration.item_editing import ItemList
from include.application.ports.portal_documents import StoredDocument
from include.domain.configuration import Association, Configuration
from include.domain.errors import NotThereError
from include.domain.values import fold
from include.web.guards.person import Person
from include.web.host import Services

ASSOCIATIONS = ItemList(section="metadata_association", kind=Association, screen="association")


@dataclass(frozen=True, kw_only=True)
class AssociationTrial:
    """What an association makes of one document, and how it agrees with the newest ones."""

    stored: StoredDocument
    fields: Sequence[TriedField]
    agreement: Agreement


def stored_of(configuration: Configuration, rule: str) -> Association | None:
    """The association of this rule, as it is in force."""
    known = configuration.metadata_association
    return next((one for one in known if fold(one.classification_rule) == fold(rule)), None)


def stock_of(services: Services, rules: Mapping[str, RuleStock], rule: str) -> RuleStock:
    """One of the rules with its newest documents; an empty one where nothing is known of it."""
    stock = rules.get(fold(rule), RuleStock(rule=rule))
    look_into(services.store.portal_stock, stock)
    return stock


def rules_of(services: Services, configuration: Configuration) -> dict[str, RuleStock]:
    """Rules of the portal, then those that the configuration alone speaks of."""
    found = rules_in(services.store.portal_stock)
    named = [one.classification_rule for one in configuration.metadata_association]
    named += [one.classification_rule for one in configuration.criteria if one.classification_rule]
    for rule in named:
        known = found.setdefault(fold(rule), RuleStock(rule=rule))
        associated = stored_of(configuration, rule)
        known.metadata.update(dict.fromkeys(associated.fields.values() if associated else ()))
    return found


def trial_of(
    services: Services, person: Person, stock: RuleStock, association: Association, document_id: int | None
) -> AssociationTrial | None:
    """Tried on this document, or the newest; None where the rule has none. NotThereError for one of another rule."""
    documents = list(stock.newest)
    chosen = [one for one in documents if document_id in (None, one.document_id)]
    if document_id is not None and not chosen:
        raise NotThereError("no_such_item", name=str(document_id))
    if not chosen:
        return None
    recipients, reading_of = person.configuration.recipients, services.store.documents.reading
    return AssociationTrial(
        stored=chosen[-1],
        fields=try_association(chosen[-1], association, recipients, reading_of),
        agreement=agreement(documents, association, recipients, reading_of),
    )
