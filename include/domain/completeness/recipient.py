"""The recipient as the platform's directory knows it, and what it demands.

Source: the table of docs/reference/chorus-pro-api.md 5.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from include.domain.completeness.validation_input import ValidationInput
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.mapping import Draft, untranslated_service
from include.domain.reading import Reading
from include.domain.reasons import Reason
from include.domain.values import compact, fold, siret_checks

BETWEEN_PUBLIC_BODIES = "FACTURES_PUBLIQUES"
"""Service code for public bodies that invoice each other: a supplier who uses it is refused.

Source: docs/reference/chorus-pro-api.md 5.2.
"""

_SHOWN_SERVICES = 8

_TELLING = 4
"""Fewest signs of a name or code that is looked for on a page."""


def recipient_reasons(case: ValidationInput) -> Iterator[Reason]:
    """One active body, and the service and engagement that it asks for."""
    siret = case.draft.text("recipient_siret")
    if siret is None:
        return
    if siret == case.draft.text("supplier_siret"):
        yield Reason(code="recipient_is_supplier", field="recipient_siret", params={"siret": siret})
    elif case.lookup_refusal is not None:
        yield case.lookup_refusal
    elif case.known_provider is not None:
        yield from directory_reasons(case.draft, siret, case.entry)


def directory_reasons(draft: Draft, siret: str, entry: DirectoryEntry | None) -> Iterator[Reason]:
    """What keeps an invoice from going to this body, with the service and engagement of the draft."""
    if entry is None or not entry.structure_id:
        # a check digit is evidence only: the fictitious SIRETs of the qualification platform fail it
        # (docs/reference/chorus-pro-api.md 5.4)
        code = "recipient_unknown" if siret_checks(siret) else "recipient_misread"
        yield Reason(code=code, field="recipient_siret", params={"siret": siret})
    elif not entry.active:
        params = {"siret": siret, "recipient": entry.name}
        yield Reason(code="recipient_inactive", field="recipient_siret", params=params)
    else:
        yield from _service(draft, entry)
        yield from _obligations(draft, entry)


@dataclass(frozen=True, kw_only=True)
class Obligations:
    """What a body demands of an invoice; `either`: one of the two is enough, whichever it is."""

    service_code: bool = False
    engagement_number: bool = False
    either: bool = False


def obligations(entry: DirectoryEntry | None, service_code: str | None = None) -> Obligations:
    """Of this body, for an invoice to this service of it; nothing of one that is closed or that nobody knows."""
    if entry is None or not entry.structure_id or not entry.active:
        return Obligations()
    service = entry.service(service_code) if service_code else None
    by_service = service is not None and service.active and service.engagement_required
    if entry.service_or_engagement:
        return Obligations(either=True, engagement_number=by_service)
    return Obligations(service_code=entry.service_required, engagement_number=entry.engagement_required or by_service)


def _service(draft: Draft, entry: DirectoryEntry) -> Iterator[Reason]:
    name, code = untranslated_service(draft), draft.text("service_code")
    if name is not None:
        params = {"wording": str(name.value), "recipient": entry.name, "siret": entry.siret}
        yield Reason(code="service_wording_unknown", field="service_name", params=params)
    elif code is not None and compact(code) == BETWEEN_PUBLIC_BODIES:
        yield Reason(code="service_public", field="service_code", params={"service": code})
    elif code is not None:
        params = {"service": code, "recipient": entry.name}
        service = entry.service(code)
        if service is None:
            yield Reason(code="service_unknown", field="service_code", params={**params, "known": _known(entry)})
        elif not service.active:
            yield Reason(code="service_inactive", field="service_code", params={**params, "known": _known(entry)})


@dataclass(frozen=True, kw_only=True)
class OfferedService:
    """A service that an invoice to this body may go to; `on_page`: the page names it."""

    service: DirectoryService
    on_page: bool


def offered_services(entry: DirectoryEntry | None, reading: Reading | Reason | None = None) -> list[OfferedService]:
    """The services that may be chosen, those that the page names before the others."""
    if entry is None or not entry.active:
        return []
    text = (
        fold(" ".join(line.text for page in reading.pages for line in page.lines))
        if isinstance(reading, Reading)
        else ""
    )
    found = [OfferedService(service=one, on_page=_named_in(text, one)) for one in _open_to_suppliers(entry)]
    return sorted(found, key=lambda one: not one.on_page)


def _named_in(text: str, service: DirectoryService) -> bool:
    """A short name or a code of letters alone may stand on a page for anything."""
    names = [fold(service.name), *([fold(service.code)] if any(sign.isdigit() for sign in service.code) else [])]
    return any(len(name) >= _TELLING and re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _open_to_suppliers(entry: DirectoryEntry) -> list[DirectoryService]:
    return [one for one in entry.services if one.active and compact(one.code) != BETWEEN_PUBLIC_BODIES]


def _known(entry: DirectoryEntry) -> str:
    codes = [service.code for service in _open_to_suppliers(entry)]
    shown = ", ".join(codes[:_SHOWN_SERVICES]) or "-"
    return f"{shown} ..." if len(codes) > _SHOWN_SERVICES else shown


def _obligations(draft: Draft, entry: DirectoryEntry) -> Iterator[Reason]:
    """Either of the two comes first in the table; a service may ask for an engagement by itself in every row of it."""
    code, engagement = draft.text("service_code"), draft.text("engagement_number")
    params = {"recipient": entry.name}
    if untranslated_service(draft) is not None:
        code = draft.text("service_name")  # its own reason says that the wording is unknown
    if entry.service_or_engagement:
        if not code and not engagement:
            yield Reason(code="service_or_engagement_required", field="service_code", params=params)
            return
    else:
        if entry.service_required and not code:
            yield Reason(code="service_required", field="service_code", params={**params, "known": _known(entry)})
        if entry.engagement_required and not engagement:
            yield Reason(code="engagement_required", field="engagement_number", params=params)
            return
    service = _chosen(draft, entry)
    if service is not None and service.engagement_required and not engagement:
        params["service"] = service.code
        yield Reason(code="engagement_required_by_service", field="engagement_number", params=params)


def _chosen(draft: Draft, entry: DirectoryEntry) -> DirectoryService | None:
    code = draft.text("service_code")
    return entry.service(code) if code else None
