"""Rules inside one section: its keys agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from include.domain.codes import FIELD_NAMES
from include.domain.configuration import Configuration
from include.domain.configuration.schema import Path
from include.domain.configuration_rules.fault import Fault, nearest


def faults(configuration: Configuration) -> Iterator[Fault]:
    """What contradicts itself, is incomplete or not yet supported."""
    yield from _portal(configuration)
    yield from _criteria(configuration)
    yield from _field_names(configuration)
    yield from _timing(configuration)


def _portal(configuration: Configuration) -> Iterator[Fault]:
    portal, mail = configuration.portal, configuration.mail
    if portal is not None and portal.kind == "http" and portal.connection is None:
        yield Fault(
            path=("portal", "connection"),
            what="is missing, and a portal of kind http has no other address",
            allowed="the id of an Airflow connection",
            todo="add it; docs/portal.md says what the connection holds",
            absence=True,
        )
    elif portal is not None and portal.kind == "folder" and not portal.url:
        yield Fault(
            path=("portal", "url"),
            what="is missing, and a portal of kind folder has no other address",
            allowed="an address such as file:///srv/portal",
            todo="add it",
            absence=True,
        )
    addresses = {("portal", "url"): portal and portal.url, ("mail", "screens_url"): mail and mail.screens_url}
    for path, address in addresses.items():
        if address and "@" in address and _holds_password(address):
            yield Fault(
                path=path,
                what="the address holds a password, and this text is stored and exported",
                todo="take it out of the address: secrets belong into Airflow connections or the environment",
            )


def _holds_password(address: str) -> bool:
    try:
        return urlsplit(address).password is not None
    except ValueError:
        return True


def _criteria(configuration: Configuration) -> Iterator[Fault]:
    for position, criterion in enumerate(configuration.criteria):
        given = [name for name in ("classification_rule", "folder") if getattr(criterion, name) is not None]
        if len(given) == 1:
            continue
        yield Fault(
            path=("criteria", position, *given[1:]),
            what="a criterion names " + ("both classification_rule and folder" if given else "what it takes"),
            allowed="exactly one of classification_rule and folder",
            todo="make two criteria of it" if given else "add one of them",
            absence=not given,
        )


def _field_names(configuration: Configuration) -> Iterator[Fault]:
    named: list[tuple[Path, str]] = [
        (("metadata_association", position, "fields", name), name)
        for position, association in enumerate(configuration.metadata_association)
        for name in association.fields
    ]
    named += [
        (("providers", position, "confidence", name), name)
        for position, provider in enumerate(configuration.providers)
        for name in provider.confidence
    ]
    for path, name in named:
        if name not in FIELD_NAMES:
            yield Fault(
                path=path,
                what=f"there is no field {name}",
                allowed=", ".join(FIELD_NAMES),
                todo=nearest(name, FIELD_NAMES) or "write one of these names",
            )


def _timing(configuration: Configuration) -> Iterator[Fault]:
    submission = configuration.submission
    least = 2 * submission.send_deadline_seconds
    if submission.lease_seconds < least:
        yield Fault(
            path=("submission", "lease_seconds"),
            what=f"a lease of {submission.lease_seconds} s is shorter than twice the deadline of a sending "
            f"({submission.send_deadline_seconds} s): another worker could take over a call that still runs",
            allowed=f"at least {least}",
            todo="make lease_seconds longer or send_deadline_seconds shorter",
        )
