"""Rules inside one section: its keys agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from include.domain.configuration import Configuration
from include.domain.configuration.payment import TERMS
from include.domain.configuration.schema import Path
from include.domain.configuration_rules.fault import Fault, nearest
from include.domain.fields.registry import FIELD_NAMES
from include.texts import Text


def faults(configuration: Configuration) -> Iterator[Fault]:
    """What contradicts itself, is incomplete or not yet supported."""
    yield from _portal(configuration)
    yield from _criteria(configuration)
    yield from _field_names(configuration)
    yield from _timing(configuration)
    yield from _terms(configuration)


def _portal(configuration: Configuration) -> Iterator[Fault]:
    portal, mail = configuration.portal, configuration.mail
    if portal is not None and portal.kind == "http" and portal.connection is None:
        yield Fault(
            path=("portal", "connection"),
            what=Text("fault.http_portal_without_connection"),
            allowed=Text("fault.an_airflow_connection"),
            todo=Text("fault.add_portal_connection"),
            absence=True,
        )
    elif portal is not None and portal.kind == "folder" and not portal.url:
        yield Fault(
            path=("portal", "url"),
            what=Text("fault.folder_portal_without_url"),
            allowed=Text("fault.a_folder_address"),
            todo=Text("fault.add_it"),
            absence=True,
        )
    addresses = {("portal", "url"): portal and portal.url, ("mail", "screens_url"): mail and mail.screens_url}
    for path, address in addresses.items():
        if address and "@" in address and _holds_password(address):
            yield Fault(
                path=path,
                what=Text("fault.password_in_address"),
                todo=Text("fault.take_password_out"),
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
            what=Text("fault.criterion_names_both" if given else "fault.criterion_names_nothing"),
            allowed=Text("fault.rule_or_folder"),
            todo=Text("fault.make_two_criteria" if given else "fault.add_one_of_them"),
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
    yield from (no_field(path, name) for path, name in named if name not in FIELD_NAMES)


def no_field(path: Path, name: str) -> Fault:
    """The fault of a name that no field of an invoice has, with the nearest one."""
    return Fault(
        path=path,
        what=Text("fault.no_field", {"name": name}),
        allowed=", ".join(FIELD_NAMES),
        todo=nearest(name, FIELD_NAMES) or Text("fault.one_of_these_names"),
    )


def _timing(configuration: Configuration) -> Iterator[Fault]:
    submission = configuration.submission
    least = 2 * submission.send_deadline_seconds
    if submission.lease_seconds < least:
        yield Fault(
            path=("submission", "lease_seconds"),
            what=Text(
                "fault.lease_too_short",
                {"lease": submission.lease_seconds, "deadline": submission.send_deadline_seconds},
            ),
            allowed=Text("fault.at_least", {"least": least}),
            todo=Text("fault.mend_lease"),
        )


def _terms(configuration: Configuration) -> Iterator[Fault]:
    """No contract gives a body more days than its kind has."""
    for position, body in enumerate(configuration.recipients):
        most = None if body.kind is None else TERMS[body.kind]
        if most is not None and body.payment_days is not None and body.payment_days > most:
            yield Fault(
                path=("recipients", position, "payment_days"),
                what=Text("fault.term_too_long", {"days": body.payment_days, "kind": body.kind}),
                allowed=Text("fault.at_most", {"most": most}),
                todo=Text("fault.shorten_term"),
            )
