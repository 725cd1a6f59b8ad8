"""The whole configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from include.domain.configuration.base import Audience, Section
from include.domain.configuration.operation import (
    DirectorySettings,
    ReadingLimits,
    Retention,
    Submission,
    Template,
    Watchdog,
)
from include.domain.configuration.payment import LatePayment
from include.domain.configuration.provider import Provider
from include.domain.configuration.routing import Association, Attachments, Criterion, LabelRight, Recipient
from include.domain.configuration.surroundings import Mail, People, Portal

NOT_IN_THE_FILE = frozenset({"retired_providers"})
"""Kept by us beside what the file says; the file may not name them."""


class Configuration(Section):
    """The whole configuration, version 1. A section that is left out of a file is left alone."""

    version: Literal[1] = Field(default=1, description="Version of this schema.", examples=[1])
    portal: Portal | None = Field(default=None, description="The document portal that is watched.")
    people: People = Field(default=People(), description="Users and groups that the other sections name.")
    administer: Audience = Field(
        default=Audience(),
        description=(
            "Who may administer the connector, which alone gives no use of a provider; empty: Airflow's admin role."
        ),
    )
    mail: Mail | None = Field(default=None, description="How mails leave; null: to the local sink.")
    providers: tuple[Provider, ...] = Field(
        default=(),
        description=(
            "The supplier's establishments. One that is removed and has submissions is retired: it stops sending "
            "and stays tracked."
        ),
    )
    criteria: tuple[Criterion, ...] = Field(default=(), description="Which portal documents are invoices for us.")
    metadata_association: tuple[Association, ...] = Field(
        default=(), description="Which metadata carries which field, by classification rule."
    )
    recipients: tuple[Recipient, ...] = Field(
        default=(),
        description=(
            "Public bodies and the wordings that mean them. Lines learned from submissions are kept apart and "
            "never removed by apply."
        ),
    )
    label_rights: tuple[LabelRight, ...] = Field(default=(), description="Users who see only invoices with a label.")
    attachments: Attachments = Field(default=Attachments(), description="What is sent beside the invoice.")
    submission: Submission = Field(default=Submission(), description="Timing of sending.")
    reading: ReadingLimits = Field(default=ReadingLimits(), description="Limits of reading.")
    directory: DirectorySettings = Field(default=DirectorySettings(), description="Age of directory entries.")
    alerts: Audience | None = Field(default=None, description="Who gets alarms; null: who administers.")
    watchdog: Watchdog = Field(default=Watchdog(), description="When the monitoring raises an alarm.")
    late_payment: LatePayment = Field(default=LatePayment(), description="What late interest is reckoned with.")
    retention: Retention = Field(default=Retention(), description="How long personal data is kept.")
    templates: tuple[Template, ...] = Field(default=(), description="Own wordings of mails.")
    retired_providers: tuple[Provider, ...] = Field(
        default=(),
        description=(
            "Removed providers that have submissions: they send nothing, and are still tracked. Not in the file."
        ),
    )

    def provider(self, name_or_siret: str) -> Provider | None:
        """The provider with this name, or the only one with this SIRET."""
        named = [p for p in self.providers if p.name == name_or_siret]
        same_siret = [p for p in self.providers if p.siret == name_or_siret]
        found = named or same_siret
        return found[0] if len(found) == 1 else None

    def provider_by_key(self, key: str) -> Provider | None:
        """The provider with this identity, retired ones too: for tracking and searching, never for sending."""
        return next((p for p in (*self.providers, *self.retired_providers) if p.key == key), None)
