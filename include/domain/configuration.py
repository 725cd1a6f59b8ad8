"""The configuration: one schema for the YAML file, the store and the rules (interfaces page, section 4).

These models are frozen values. Their field descriptions are the published documentation: the JSON schema, the commented
example and docs/configuration.md are made from them.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from include.domain.codes import Environment, InvoicingFramework, PaymentMode, VatType

Siret = Annotated[str, Field(strict=True, pattern=r"^\d{14}$", description="SIRET: 14 digits, quoted")]
Since = dt.date | Literal["always"] | None


class _Section(BaseModel):
    """Base of all sections: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class WriteBack(_Section):
    """Names of the metadata that receive our state and the Chorus Pro number."""

    state: str | None = None
    chorus_id: str | None = None


class Portal(_Section):
    """The document portal that is watched."""

    kind: Literal["folder", "http"] = Field("folder", description="folder: a tree of files; http: the Portal's web services")
    url: str | None = Field(None, description="fsspec URL of the folder tree (kind folder)")
    connection: str | None = Field(None, description="Airflow connection of the portal (kind http)")
    settle_seconds: float = Field(2, ge=0, description="a file is taken when size and time stood still that long")
    write_back: WriteBack = WriteBack()


class User(_Section):
    """A person; `name` is the Airflow user name."""

    name: str
    mail: str | None = Field(None, pattern=r"^[^@\s]+@[^@\s]+$")
    language: Literal["fr", "en"] = "fr"


class Group(_Section):
    """Several people under one name."""

    name: str
    users: tuple[str, ...] = ()


class People(_Section):
    """Users and groups that the other sections name."""

    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()


class Audience(_Section):
    """Some users and groups, by name."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Mail(_Section):
    """How mails leave; without this section they go to the local sink."""

    connection: str = Field(description="Airflow connection of the SMTP server")
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    screens_url: str | None = Field(None, description="address of our screens, for the links in mails")


class Defaults(_Section):
    """Values a provider uses where no source gives one."""

    invoicing_framework: InvoicingFramework = InvoicingFramework.A1_FACTURE_FOURNISSEUR
    vat_type: VatType = VatType.TVA_SUR_DEBIT
    payment_mode: PaymentMode = PaymentMode.VIREMENT


class BankLabel(_Section):
    """A metadata value and the bank details it stands for, named as the platform lists them for this supplier."""

    label: str
    name: str


class BankDetails(_Section):
    """Bank details of a provider: which by default, which for which label."""

    default: str | None = None
    labels: tuple[BankLabel, ...] = ()


class Provider(_Section):
    """One supplier establishment; its identity is (siret, environment)."""

    name: str
    siret: Siret
    environment: Environment
    connection: str = Field(description="Airflow connection that holds its secrets")
    authentication: Literal["oauth_piste", "certificate"] = "oauth_piste"
    automatic_submission: bool = Field(False, description="complete invoices are sent every ten minutes")
    send_attachments: bool = False
    loading: Literal["local", "remote"] = "remote"
    hold_on_conflict: bool = Field(False, description="invoices whose sources disagree wait for a person")
    remote_reading: Literal["never", "when_incomplete", "always"] = "never"
    trust_remote_reading: bool = False
    notify: Audience = Audience()
    use: Audience = Audience()
    defaults: Defaults = Defaults()
    bank_details: BankDetails = BankDetails()
    confidence: dict[str, float] = Field(default_factory=dict, description="lowest confidence per field for automatic sending")
    supplier_service: str | None = None

    @property
    def key(self) -> str:
        """Identity within the configuration."""
        return f"{self.environment}:{self.siret}"


class Criterion(_Section):
    """Which portal documents are invoices for us: by classification rule or by folder."""

    name: str
    classification_rule: str | None = None
    folder: str | None = Field(None, pattern=r"^/")
    subfolders: bool = False
    providers: tuple[str, ...] = Field((), description="names or SIRETs; empty: chosen by the supplier SIRET of the invoice")
    since: Since = Field(None, description="a date or always; left out: the time of the first apply of this name")


class Association(_Section):
    """For one classification rule: which metadata carries which field."""

    classification_rule: str
    fields: dict[str, str] = Field(description="field name -> metadata name")


class Service(_Section):
    """A service of a recipient and the wordings that mean it."""

    code: str = Field(strict=True)
    wordings: tuple[str, ...] = ()


class Recipient(_Section):
    """A public body and the wordings on invoices that mean it."""

    siret: Siret
    wordings: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()


class LabelRight(_Section):
    """The user sees only invoices that carry this label."""

    user: str
    label: str


class LinkPair(_Section):
    """Metadata of the invoice and of the attachment that must be equal."""

    invoice: str
    attachment: str


class LinkRule(_Section):
    """Documents of one rule that are attachments of invoices of another."""

    invoice_rule: str
    attachment_rule: str
    pairs: tuple[LinkPair, ...] = Field(min_length=1)
    type: str | None = Field(None, description="code of typespj; default: attachments.default_type")
    since: Since = None


class Attachments(_Section):
    """What is sent beside the invoice."""

    links: tuple[LinkRule, ...] = ()
    switch_value: str = "PJ"
    default_type: str | None = Field(None, description="code of typespj; none: the platform's first for invoices")


class Submission(_Section):
    """Timing of sending (exactly-once page)."""

    lease_seconds: int = Field(900, ge=10)
    send_deadline_seconds: int = Field(180, ge=5)
    search_again_after_seconds: int = Field(1800, ge=0)
    parallel: int = Field(4, ge=1, le=32)
    calls_per_second: float | None = Field(None, gt=0)


class ReadingLimits(_Section):
    """Limits of the reading station."""

    max_pages: int = Field(50, ge=1)
    max_megabytes: float = Field(20, gt=0)
    seconds: int = Field(120, ge=1)
    searchable_copy: Literal["never", "scans", "always"] = "never"


class DirectorySettings(_Section):
    """How long an entry of the platform's directory is believed."""

    refresh_hours: float = Field(24, gt=0)


class Watchdog(_Section):
    """When the hourly look-out raises an alarm."""

    no_run_minutes: int = Field(60, ge=1)
    stuck_hours: int = Field(24, ge=1)
    silence_days: int = Field(30, ge=1)
    password_days: int = Field(30, ge=1)


class Retention(_Section):
    """How long personal data is kept; evidence always stays."""

    agents_days: int = Field(730, ge=1)
    texts_days: int = Field(730, ge=1)
    events_days: int = Field(365, ge=1)


class Template(_Section):
    """An administrator's own wording of a mail."""

    event: str
    language: Literal["fr", "en"]
    subject: str
    body: str


class Configuration(_Section):
    """The whole configuration, version 1."""

    version: Literal[1] = 1
    portal: Portal | None = None
    people: People = People()
    administer: Audience = Audience()
    mail: Mail | None = None
    providers: tuple[Provider, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    metadata_association: tuple[Association, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    label_rights: tuple[LabelRight, ...] = ()
    attachments: Attachments = Attachments()
    submission: Submission = Submission()
    reading: ReadingLimits = ReadingLimits()
    directory: DirectorySettings = DirectorySettings()
    alerts: Audience | None = None
    watchdog: Watchdog = Watchdog()
    retention: Retention = Retention()
    templates: tuple[Template, ...] = ()

    def provider(self, name_or_siret: str) -> Provider | None:
        """The provider with this name, or the only one with this SIRET."""
        named = [p for p in self.providers if p.name == name_or_siret]
        same_siret = [p for p in self.providers if p.siret == name_or_siret]
        found = named or same_siret
        return found[0] if len(found) == 1 else None
