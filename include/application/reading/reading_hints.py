"""What the reader is told beforehand: who invoices, whom we know as a body, and which services a body has."""

from __future__ import annotations

from collections.abc import Mapping

from include.application.ports.reader import ReadingHints
from include.domain.configuration import Configuration

Services = Mapping[str, frozenset[str]]
"""Codes of services by the SIRET of their body."""


def reading_hints(configuration: Configuration, directory: Services) -> ReadingHints:
    """Evidence for choosing among what a page prints, never values of its own.

    `directory` are the bodies that the platform's directory has answered for, with their services: the configuration
    names few of them, because it is written by hand.
    """
    configured = {
        recipient.siret: frozenset(service.code for service in recipient.services)
        for recipient in configuration.recipients
    }
    codes = {
        siret: configured.get(siret, frozenset()) | directory.get(siret, frozenset())
        for siret in {*configured, *directory}
    }
    return ReadingHints(
        supplier_sirets=frozenset(provider.siret for provider in configuration.providers),
        recipient_sirets=frozenset(codes),
        service_codes={siret: known for siret, known in codes.items() if known},
    )
