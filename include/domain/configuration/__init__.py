"""The configuration: one schema for the YAML file, the store and the rules.

These models are frozen values. Their field descriptions are the published documentation: the JSON schema, the commented
example, the messages about faults and docs/configuration.md are made from them.
"""

from __future__ import annotations

from include.domain.configuration.base import Audience, Since, Siret, starts_at
from include.domain.configuration.operation import (
    DirectorySettings,
    ReadingLimits,
    Retention,
    Submission,
    Template,
    Watchdog,
)
from include.domain.configuration.payment import TERMS, BodyKind, LatePayment, ReferenceRate
from include.domain.configuration.provider import BankDetails, BankLabel, Defaults, Provider
from include.domain.configuration.root import NOT_IN_THE_FILE, Configuration
from include.domain.configuration.routing import (
    Association,
    Attachments,
    Criterion,
    LabelRight,
    LinkPair,
    LinkRule,
    Recipient,
    Service,
)
from include.domain.configuration.surroundings import Group, Mail, People, Portal, User, WriteBack

__all__ = [
    "NOT_IN_THE_FILE",
    "TERMS",
    "Association",
    "Attachments",
    "Audience",
    "BankDetails",
    "BankLabel",
    "BodyKind",
    "Configuration",
    "Criterion",
    "Defaults",
    "DirectorySettings",
    "Group",
    "LabelRight",
    "LatePayment",
    "LinkPair",
    "LinkRule",
    "Mail",
    "People",
    "Portal",
    "Provider",
    "ReadingLimits",
    "Recipient",
    "ReferenceRate",
    "Retention",
    "Service",
    "Since",
    "Siret",
    "Submission",
    "Template",
    "User",
    "Watchdog",
    "WriteBack",
    "starts_at",
]
