"""Labels that documents carry and nothing maps yet, for programs; the configuration file maps them."""

from __future__ import annotations

from fastapi import Response

from include.web.api.answers import JsonAnswer
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded
from include.web.settings.people import unmapped

router = guarded(Right.SETTINGS)


@router.get("/api/v1/label-rights/unmapped")
def user_labels(person: CurrentPerson, services: CurrentServices) -> Response:
    """User labels that nobody has, with the number of invoices that carry each."""
    items = [{"label": one.label, "invoices": one.invoices} for one in unmapped(services, person)]
    return JsonAnswer({"items": items})


@router.get("/api/v1/bank-details/unmapped")
def bank_labels(person: CurrentPerson, services: CurrentServices) -> Response:
    """Values that choose no bank details, with the number of unsent invoices that wait for each."""
    names = {one.key: one.name for one in person.configuration.providers}
    found = services.store.label_views.unknown_bank_labels(person.viewer)
    items = [{"provider": names.get(one.provider_key), "label": one.label, "invoices": one.invoices} for one in found]
    return JsonAnswer({"items": items})
