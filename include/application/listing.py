"""Listings for people and programs: rows of the store with provider names and reasons in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from include.application.storage_ports import Listings
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from include.domain.fields import Candidate, VatRow
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue
from include.domain.reasons import Language, Reason
from include.domain.rights import OWNER, Viewer, viewer


def viewer_of(configuration: Configuration, user: str | None) -> Viewer:
    """Everything, or what this user sees."""
    return OWNER if user is None else viewer(configuration, user)


def provider_key(configuration: Configuration, name: str | None) -> str | None:
    """The key of a provider named by its name or SIRET; InputError when there is none."""
    if name is None:
        return None
    found = configuration.provider(name)
    if found is None:
        known = ", ".join(provider.name for provider in configuration.providers) or "none"
        raise InputError(f"There is no provider {name!r}.", todo=f"Configured: {known}.")
    return found.key


def provider_name(configuration: Configuration, key: str | None) -> str | None:
    """The name of the provider with this key; the key itself where there is none any more."""
    found = configuration.provider_by_key(key) if key else None
    return found.name if found else key


def list_documents(
    listings: Listings,
    configuration: Configuration,
    *,
    language: Language,
    user: str | None = None,
    state: str | None = None,
    provider: str | None = None,
    ids: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """Rows of `chorus documents list`."""
    if state is not None and state not in set(State):
        raise InputError(f"There is no state {state!r}.", todo="Allowed: " + ", ".join(State) + ".")
    rows = listings.documents(
        viewer_of(configuration, user), state=state, provider_key=provider_key(configuration, provider), ids=ids
    )
    return [_shown(row, configuration, language) for row in rows]


def show_document(
    listings: Listings, configuration: Configuration, document_id: int, *, language: Language, user: str | None = None
) -> dict[str, Any] | None:
    """One document with every field's value and evidence, its moves and attempts."""
    row = listings.document(viewer_of(configuration, user), document_id)
    if row is None:
        return None
    draft: Draft = row.pop("draft")
    shown = _shown(row, configuration, language)
    shown["fields"] = {name: _field(value) for name, value in draft.fields.items()}
    shown["edits"] = {name: {"value": e.value, "actor": e.actor, "at": e.at} for name, e in row["edits"].items()}
    return shown


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which invoices somebody asks for; `provider` is a name or a SIRET, days are those of Paris."""

    status: str | None = None
    provider: str | None = None
    from_date: dt.date | None = None
    to_date: dt.date | None = None


def list_invoices(
    listings: Listings,
    configuration: Configuration,
    wanted: Filters,
    *,
    language: Language,
    user: str | None = None,
) -> list[dict[str, Any]]:
    """Rows of `chorus invoices list`."""
    rows = listings.invoices(
        viewer_of(configuration, user),
        status=wanted.status,
        provider_key=provider_key(configuration, wanted.provider),
        from_date=wanted.from_date,
        to_date=wanted.to_date,
    )
    return [_shown(row, configuration, language) for row in rows]


def show_invoice(
    listings: Listings, configuration: Configuration, reference: str, *, language: Language, user: str | None = None
) -> dict[str, Any] | None:
    """One invoice with its attempts and moves; `reference` is our id or `cpro:<number>`."""
    row = listings.invoice(viewer_of(configuration, user), reference)
    return None if row is None else _shown(row, configuration, language)


def _shown(row: dict[str, Any], configuration: Configuration, language: Language) -> dict[str, Any]:
    shown = dict(row)
    shown["provider"] = provider_name(configuration, shown.pop("provider_key"))
    for part in ("reasons", "warnings"):
        if part in shown:
            shown[part] = [_reason(data, language) for data in shown[part] or ()]
    return shown


def _reason(data: Mapping[str, Any], language: Language) -> dict[str, Any]:
    reason = Reason(code=data["code"], field=data["field"], params=data["params"])
    return {"code": reason.code, "field": reason.field, "message": reason.message(language)}


def _field(value: FieldValue) -> dict[str, Any]:
    return {**_candidate(value), "others": [_candidate(other) for other in value.others]}


def _evidence(found: FieldValue | Candidate) -> str | None:
    """What else speaks for the value, besides the place that it was read from."""
    return f"layout memory ({found.remembered} invoices)" if found.remembered else None


def _candidate(found: FieldValue | Candidate) -> dict[str, Any]:
    value = found.value
    return {
        "value": [VatRow(*row)._asdict() for row in value] if isinstance(value, tuple) else value,
        "source": found.source,
        "page": found.page,
        "box": found.box,
        "text": found.text,
        "confidence": round(found.confidence, 3),
        "evidence": _evidence(found),
    }
