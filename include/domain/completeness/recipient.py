"""The recipient as the platform's directory knows it, and what it demands: the table of API page 5.2."""

from __future__ import annotations

from collections.abc import Iterator

from include.domain.completeness.case import Case
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.mapping import Draft, untranslated_service
from include.domain.reasons import Reason
from include.domain.values import compact, siret_checks

BETWEEN_PUBLIC_BODIES = "FACTURES_PUBLIQUES"
"""Service code for public bodies that invoice each other: a supplier who uses it is refused (API page 5.2)."""

_SHOWN_SERVICES = 8


def recipient_reasons(case: Case) -> Iterator[Reason]:
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
        # a check digit is evidence only: the fictitious SIRETs of the qualification platform fail it (API page 5.4)
        code = "recipient_unknown" if siret_checks(siret) else "recipient_misread"
        yield Reason(code=code, field="recipient_siret", params={"siret": siret})
    elif not entry.active:
        params = {"siret": siret, "recipient": entry.name}
        yield Reason(code="recipient_inactive", field="recipient_siret", params=params)
    else:
        yield from _service(draft, entry)
        yield from _obligations(draft, entry)


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


def _known(entry: DirectoryEntry) -> str:
    codes = [service.code for service in entry.services if service.active]
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
