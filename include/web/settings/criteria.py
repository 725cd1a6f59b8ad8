"""A criterion as a form and as a program write it, and what it would take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from include.application.administration.configuration_changes import completed
from include.application.administration.criterion_trial import Trial, try_wanted
from include.application.administration.item_editing import ItemList
from include.domain.configuration import Configuration, Criterion
from include.texts import Language
from include.web.guards.person import Person
from include.web.host import Services
from include.web.settings.since import since_in, since_of

CRITERIA = ItemList(section="criteria", kind=Criterion, screen="criteria")
KINDS = ("rule", "folder")


def typed_of(criterion: Criterion | None, language: Language) -> dict[str, Any]:
    """What stands in the form of a criterion; the empty form for None."""
    if criterion is None:
        return {"name": "", "kind": "rule", "classification_rule": "", "folder": "", "subfolders": True,
                "providers": [], "since": ""}  # fmt: skip
    return {
        "name": criterion.name,
        "kind": "folder" if criterion.folder is not None else "rule",
        "classification_rule": criterion.classification_rule or "",
        "folder": criterion.folder or "",
        "subfolders": criterion.subfolders,
        "providers": list(criterion.providers),
        "since": since_of(criterion, language),
    }


def typed_in(form: FormData) -> dict[str, Any]:
    """What somebody wrote into the form."""
    words = {
        name: str(form.get(name) or "").strip() for name in ("name", "kind", "classification_rule", "folder", "since")
    }
    providers = [str(one) for one in form.getlist("providers") if str(one).strip()]
    return {**words, "subfolders": bool(form.get("subfolders")), "providers": providers}


def values_of(typed: Mapping[str, Any], stored: Criterion | None, language: Language) -> dict[str, Any]:
    """The criterion's values."""
    values: dict[str, Any] = {"name": typed["name"], "providers": typed["providers"]}
    if typed["kind"] == "folder":
        values |= {"folder": typed["folder"], "subfolders": typed["subfolders"]}
    else:
        values["classification_rule"] = typed["classification_rule"]
    return {**values, "since": since_in(typed["since"], stored, language)}


def rules_of(configuration: Configuration) -> list[str]:
    """Classification rules that the configuration speaks of, each once."""
    known = [
        *(one.classification_rule for one in configuration.criteria if one.classification_rule),
        *(one.classification_rule for one in configuration.metadata_association),
        *(one.invoice_rule for one in configuration.attachments.links),
    ]
    return list(dict.fromkeys(known))


def trial_of(services: Services, person: Person, criterion: Criterion, identity: str | None) -> Trial:
    """What this criterion would take, in the place of that one or beside the others."""
    current = person.configuration
    laid = CRITERIA.laid(current, criterion, identity)
    return _tried(services, person, laid, criterion.name)


def trial_without(services: Services, person: Person, identity: str) -> Trial:
    """What would be taken without this criterion."""
    left = [one for one in person.configuration.criteria if one.identity != identity]
    return _tried(services, person, CRITERIA.wanted(person.configuration, left), None)


def _tried(services: Services, person: Person, wanted: Configuration, name: str | None) -> Trial:
    section = CRITERIA.wanted(person.configuration, wanted.criteria)
    would_be = completed(person.configuration, section, services.clock.now())
    return try_wanted(services.store.portal_stock, person.configuration, would_be, name)
