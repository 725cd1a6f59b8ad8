"""A provider as its form writes it, its secrets apart, and what its login says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData, UploadFile

from include.application.administration.item_editing import FaultyItemError, ItemList
from include.application.administration.provider_credentials import Credentials, ProviderCredentials
from include.domain.codes import Environment, InvoicingFramework, PaymentMode, VatType
from include.domain.configuration import Audience, Configuration, Provider
from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.configuration_rules import Fault
from include.domain.errors import NotThereError
from include.domain.values import normalise_siret
from include.texts import Text
from include.web.guards.person import Person
from include.web.host import Host
from include.web.settings.file import editing_of

PROVIDERS = ItemList(section="providers", kind=Provider, screen="providers")

CHOICES: Mapping[str, Sequence[str]] = {
    "environment": tuple(Environment),
    "loading": ("remote", "local"),
    "authentication": ("oauth_piste", "certificate"),
    "remote_reading": ("never", "when_incomplete", "always"),
}
"""Fields with a closed list of values."""

DEFAULTS: Mapping[str, Sequence[str]] = {
    "invoicing_framework": tuple(InvoicingFramework),
    "vat_type": tuple(VatType),
    "payment_mode": tuple(PaymentMode),
}
EXEMPTION = "defaults.vat_exemption_reason"
SWITCHES = ("automatic_submission", "send_attachments", "hold_on_conflict", "trust_remote_reading")
AUDIENCES = ("use", "notify")
WORDS = ("name", "siret", "connection", "supplier_service", *CHOICES)
SECRETS = ("host", "login", "password", "piste_client_id", "piste_client_secret", "certificate_format",
           "certificate_password")  # fmt: skip
LOGINS_A_MINUTE = 5
"""Tries of a login that one person may ask for: each wrong one counts against the account."""

_LARGEST_CERTIFICATE = 1_000_000


def key_of(provider: Provider, configuration: Configuration) -> str:
    """Its SIRET as the end of an address, with its environment where two share the SIRET."""
    alone = sum(one.siret == provider.siret for one in configuration.providers) < 2
    return provider.siret if alone else f"{provider.siret}-{provider.environment}"


def provider_at(configuration: Configuration, key: str) -> Provider:
    """The provider of an address; NotThereError when there is none."""
    siret, _, environment = key.partition("-")
    found = [one for one in configuration.providers if one.siret == siret and environment in ("", str(one.environment))]
    if len(found) != 1:
        raise NotThereError("no_such_item", name=key)
    return found[0]


def typed_of(provider: Provider | None) -> dict[str, Any]:
    """What stands in the form; a new provider begins with what the product does by default."""
    blank = {"name": "", "siret": "", "connection": "", "supplier_service": "", "environment": "qualification"}
    shown = provider or Provider(name="-", siret="0" * 14, environment=Environment.QUALIFICATION, connection="-")
    typed: dict[str, Any] = {name: str(getattr(shown, name) or "") for name in WORDS}
    typed |= {name: getattr(shown, name) for name in SWITCHES}
    typed |= {name: ", ".join((*getattr(shown, name).groups, *getattr(shown, name).users)) for name in AUDIENCES}
    typed |= {f"defaults.{name}": str(getattr(shown.defaults, name)) for name in DEFAULTS}
    typed[EXEMPTION] = shown.defaults.vat_exemption_reason or ""
    asked = shown.confidence
    typed |= {f"confidence.{name}": f"{asked[name]:g}" if name in asked else "" for name in DEFAULT_CONFIDENCE}
    return typed if provider else {**typed, **blank}


def typed_in(form: FormData) -> dict[str, Any]:
    """What somebody wrote, secrets left out: a page that comes back does not repeat them."""
    dotted = [*(f"defaults.{name}" for name in DEFAULTS), *(f"confidence.{name}" for name in DEFAULT_CONFIDENCE)]
    names = (*WORDS, *AUDIENCES, *dotted, EXEMPTION, "host")
    typed: dict[str, Any] = {name: str(form.get(name) or "").strip() for name in names}
    typed["siret"] = normalise_siret(typed["siret"]) or typed["siret"]
    typed["connection"] = typed["connection"] or f"chorus_{typed['siret']}"
    return {**typed, **{name: bool(form.get(name)) for name in SWITCHES}}


async def credentials_in(form: FormData) -> Credentials:
    """The secrets that somebody wrote; FaultyItemError for a file that is no certificate."""
    words = {name: str(form.get(name) or "").strip() or None for name in SECRETS}
    file = form.get("certificate_file")
    content = await file.read(_LARGEST_CERTIFICATE + 1) if isinstance(file, UploadFile) and file.filename else None
    if content is not None and not 0 < len(content) <= _LARGEST_CERTIFICATE:
        raise FaultyItemError(
            {"certificate_file": Fault(path=("certificate_file",), what=Text("fault.certificate_size"))}
        )
    if content is None and not words["certificate_password"]:
        words["certificate_format"] = None  # the form always sends one
    return Credentials(**words, certificate_file=content)


def values_of(typed: Mapping[str, Any], stored: Provider | None, configuration: Configuration) -> dict[str, Any]:
    """The provider's values; what the form does not show stays."""
    values = {} if stored is None else stored.model_dump(mode="json")
    values |= {name: typed[name] for name in (*WORDS, *SWITCHES)}
    values["supplier_service"] = typed["supplier_service"] or None
    values |= {name: _audience(typed[name], configuration) for name in AUDIENCES}
    chosen = {name: typed[f"defaults.{name}"] for name in DEFAULTS}
    values["defaults"] = {**chosen, "vat_exemption_reason": typed[EXEMPTION] or None}
    kept = {name: value for name, value in values.get("confidence", {}).items() if name not in DEFAULT_CONFIDENCE}
    asked = {name: typed[f"confidence.{name}"].replace(",", ".") for name in DEFAULT_CONFIDENCE}
    values["confidence"] = {**kept, **{name: value for name, value in asked.items() if value}}
    return values


def _audience(text: str, configuration: Configuration) -> Audience:
    """Names with commas between them; one that both a group and a user have means the group."""
    names = [one.strip() for one in text.split(",") if one.strip()]
    groups = {group.name for group in configuration.people.groups}
    return Audience(
        groups=tuple(one for one in names if one in groups), users=tuple(one for one in names if one not in groups)
    )


def credentials_of(host: Host, person: Person) -> ProviderCredentials:
    """The secrets of providers in the hands of this person."""
    return ProviderCredentials(
        connections=host.connections,
        secrets=host.services.secrets,
        check_certificate=host.services.check_certificate,
        editing=editing_of(host.services, person),
    )
