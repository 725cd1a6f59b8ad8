"""Administrators' own wordings of mails: shown, set through the configuration, tried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from include.application.configuration_port import ConfigurationStore
from include.application.configure import Applied, LookAround, apply
from include.application.outbox_port import Delivery, Renderer
from include.application.ports import Clock, Message
from include.domain.configuration import Configuration, Template, User
from include.domain.configuration_rules import Fault
from include.domain.errors import InputError
from include.domain.notification import Event, EventKind, invoice_facts
from include.domain.reasons import Language

LANGUAGES: tuple[Language, ...] = ("fr", "en")

FaultsOf = Callable[[Template], Sequence[str]]
"""What is wrong with a template, found by rendering it with sample invoices."""


def list_templates(configuration: Configuration) -> Iterator[dict[str, Any]]:
    """Every mail there is, with the administrator's own wording where there is one."""
    own = {(template.event, template.language): template for template in configuration.templates}
    for event in EventKind:
        for language in LANGUAGES:
            template = own.get((event.value, language))
            yield {
                "event": event.value,
                "language": language,
                "own": template is not None,
                "subject": template.subject if template else None,
                "body": template.body if template else None,
            }


def template_faults(configuration: Configuration, faults_of: FaultsOf) -> Iterator[Fault]:
    """Templates of a configuration that cannot be rendered."""
    for position, template in enumerate(configuration.templates):
        for text in faults_of(template):
            yield Fault(path=("templates", position, "body"), what=text.removeprefix("templates: "))


def set_template(
    store: ConfigurationStore,
    template: Template,
    faults_of: FaultsOf,
    clock: Clock,
    *,
    actor: str,
    look_around: LookAround,
) -> Applied:
    """Puts it in the place of the one for its event and language; audited, and a revision like every other change.

    InputError, and nothing is stored, when it cannot be rendered: the mail would leave in our wording.
    """
    faults = faults_of(template)
    if faults:
        raise InputError(
            "; ".join(faults),
            why="Nothing was stored: mails of this event would keep leaving in the product's own wording.",
            todo="Correct the template; docs/configuration.md names what it may use.",
        )
    others = [known for known in store.current()[1].templates if known.identity != template.identity]
    wanted = Configuration(templates=(*others, template))
    return apply(store, wanted, clock, actor=actor, source="chorus templates set", look_around=look_around)


def try_template(renderer: Renderer, event: EventKind, language: Language, recipient: str, clock: Clock) -> Message:
    """The mail of this event as it would leave now, about two invented invoices."""
    person = User(name="test", mail=recipient, language=language)
    now = clock.now()
    delivery = Delivery(
        id=0, user=person.name, kind=event, message_id=f"<test-{event}-{language}-{now:%Y%m%d%H%M%S}@chorus>", count=2
    )
    return renderer.render(delivery, [_sample(event, number, now) for number in (1, 2)], person)


def _sample(event: EventKind, number: int, now: dt.datetime) -> Event:
    facts = invoice_facts(
        document=f"facture-{number}.pdf",
        number=f"TEST-{number}",
        recipient_name="Commune d'Exemple",
        recipient_siret="12345678200051",
        total_incl_tax="1800.00",
        user_label=None,
        state="to_complete" if event is EventKind.AWAITING_SUBMISSION else None,
        chorus_id=number,
        status="MISE_EN_PAIEMENT" if event is EventKind.STATUS_CHANGED else None,
        status_before="DEPOSEE" if event is EventKind.STATUS_CHANGED else None,
    )
    if event is EventKind.ALERT:
        facts = {"code": "other", "text": f"TEST-{number}"}
    return Event(id=number, kind=event, at=now, invoice_id=number, facts=facts)
