"""Bank details of a provider as their form writes them: what chooses an account, and names that Chorus Pro lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData

from include.domain.configuration import Provider
from include.web.settings.providers import PROVIDERS

BANKS = replace(PROVIDERS, screen="bank_details")
"""The list of providers, edited on another page."""


def typed_of(provider: Provider) -> dict[str, Any]:
    """What stands in the form."""
    details = provider.bank_details
    return {"default": details.default or "", "labels": [(line.label, line.name) for line in details.labels]}


def typed_in(form: FormData) -> dict[str, Any]:
    """What somebody wrote: values and names as pairs of controls that follow each other."""
    labels, names = ([str(one).strip() for one in form.getlist(name)] for name in ("label", "name"))
    pairs = [pair for pair in zip(labels, names, strict=False) if pair[0]]
    return {"default": str(form.get("default") or "").strip(), "labels": pairs}


def values_of(typed: Mapping[str, Any], stored: Provider) -> dict[str, Any]:
    """The provider's values, of which only the bank details are others."""
    lines = [{"label": label, "name": name} for label, name in typed["labels"]]
    return {**stored.model_dump(mode="json"), "bank_details": {"default": typed["default"] or None, "labels": lines}}
