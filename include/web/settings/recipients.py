"""A public body as its form writes it, and the lists of what means one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData

from include.application.administration.item_editing import ItemList
from include.application.administration.recipient_lists import RecipientLists
from include.application.administration.recipients import RecipientEditing
from include.domain.configuration import Recipient
from include.domain.directory import FoundBody
from include.domain.values import normalise_siret
from include.web.guards.person import Person
from include.web.host import Services

RECIPIENTS = ItemList(section="recipients", kind=Recipient, screen="recipients")
TABS = ("configured", "learned", "unknown")
TERM = ("kind", "payment_days")
"""How long a body has to pay."""


def lists_of(services: Services, person: Person) -> RecipientLists:
    """The three lists."""
    return RecipientLists(configuration=person.configuration, learned=services.store.recipients)


def bodies_of(services: Services, person: Person) -> Mapping[str, FoundBody]:
    """The bodies that the directory was ever asked for, by SIRET; a closed one where one environment says so."""
    found: dict[str, FoundBody] = {}
    for environment in sorted({str(one.environment) for one in person.configuration.providers}):
        for body in services.store.directory.bodies(environment):
            if body.siret not in found or not body.active:
                found[body.siret] = body
    return found


def editing_of(services: Services, person: Person) -> RecipientEditing:
    """The list in the hands of this person."""
    return services.recipient_editing(viewer=person.viewer, actor=person.name)


def typed_of(recipient: Recipient | None) -> dict[str, Any]:
    """What stands in the form; the empty form for None."""
    if recipient is None:
        return {"siret": "", "wordings": "", "services": [], "kind": "", "payment_days": ""}
    services = [(service.code, "\n".join(service.wordings)) for service in recipient.services]
    return {
        "siret": recipient.siret,
        "wordings": "\n".join(recipient.wordings),
        "services": services,
        "kind": str(recipient.kind or ""),
        "payment_days": str(recipient.payment_days or ""),
    }


def typed_in(form: FormData) -> dict[str, Any]:
    """What somebody wrote: wordings one a line, services as pairs of controls that follow each other."""
    codes, wordings = (
        [str(one).strip() for one in form.getlist(name)] for name in ("service_code", "service_wordings")
    )
    siret = str(form.get("siret") or "").strip()
    return {
        "siret": normalise_siret(siret) or siret,
        "wordings": str(form.get("wordings") or "").strip(),
        "services": [pair for pair in zip(codes, wordings, strict=False) if any(pair)],
        **{name: str(form.get(name) or "").strip() for name in TERM},
    }


def values_of(typed: Mapping[str, Any], stored: Recipient | None) -> dict[str, Any]:
    """The recipient's values; what the form does not show stays."""
    values = {} if stored is None else stored.model_dump(mode="json")
    services = [{"code": code, "wordings": _lines(wordings)} for code, wordings in typed["services"]]
    values |= {name: typed[name] or None for name in TERM}
    return {**values, "siret": typed["siret"], "wordings": _lines(typed["wordings"]), "services": services}


def _lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
