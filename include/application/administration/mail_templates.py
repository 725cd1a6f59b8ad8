"""Administrators' own wordings of mails: shown, set through the configuration, tried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from include.application.administration.configure import Applied, LookAround, change
from include.application.administration.item_editing import FaultyItemError
from include.application.ports.clock import Clock
from include.application.ports.configuration import ConfigurationStore
from include.application.ports.mail import Message, Renderer
from include.application.ports.outbox import Delivery
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration, Template, User
from include.domain.configuration_rules import Fault
from include.domain.errors import InputError
from include.domain.notification import Event, EventKind, invoice_facts
from include.domain.rights import Viewer
from include.texts import LANGUAGES, Language, Text, translate

VARIABLES = ("count", "others", "provider", "providers", "screens_url", "table", "rows")
"""What a template may use."""

ROW = ("document", "number", "recipient", "total", "state", "chorus_id", "comment", "reasons", "provider", "at")
"""What each of `rows` has."""

FaultsOf = Callable[[Template], Sequence[Text]]
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
            yield Fault(path=("templates", position, "body"), what=text)


def set_template(
    store: ConfigurationStore,
    template: Template,
    faults_of: FaultsOf,
    clock: Clock,
    *,
    actor: str,
    viewer: Viewer,
    look_around: LookAround,
    expected: int | None = None,
) -> Applied:
    """Puts it in the place of the one for its event and language; audited, and a revision like every other change.

    InputError, and nothing is stored, when it cannot be rendered: the mail would leave in our wording. NotThereError
    for who does not administer; StaleError when the revision is not the `expected` one that a form was opened with.
    """
    check_administers(viewer)
    faults = faults_of(template)
    if faults:
        raise InputError("template_faulty", faults=tuple(faults))

    def put(current: Configuration) -> Configuration:
        others = [known for known in current.templates if known.identity != template.identity]
        return Configuration(templates=(*others, template))

    return change(
        store,
        put,
        clock,
        actor=actor,
        source="chorus templates set",
        look_around=look_around,
        viewer=viewer,
        expected=expected,
    )


def try_template(
    renderer: Renderer, event: EventKind, language: Language, recipient: str | None, clock: Clock
) -> Message:
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


def standard_template(event: EventKind, language: Language) -> Template:
    """The product's own wording as a template, to begin one's own with; it renders to the same words."""
    colon = translate("mail.colon", language)
    headline, intro = (_counted(f"mail.{part}.{event}", language) for part in ("headline", "intro"))
    return Template(
        event=event.value,
        language=language,
        subject=f"Chorus Pro{colon}{headline}{{% if provider %}} - {{{{ provider }}}}{{% endif %}}",
        body=f"{intro}\n\n{{{{ table }}}}",
    )


def _counted(code: str, language: Language) -> str:
    """Both forms of a text that counts, with the choice between them."""
    one, several = translate(code, language, count=1), translate(code, language, count=2)
    return f"{{% if count == 1 %}}{one}{{% else %}}{several.replace('2', '{{ count }}')}{{% endif %}}"


def check_template(template: Template, faults_of: FaultsOf) -> None:
    """FaultyItemError that names the part, subject or body, which cannot be rendered, and says why."""
    faults = faults_of(template)
    if not faults:
        return
    in_subject = faults_of(template.model_copy(update={"body": "-"}))
    part = "subject" if in_subject else "body"
    cause = (in_subject or faults)[0].params.get("cause", "")
    fault = Fault(
        path=("templates", 0, part),
        what=Text("fault.template_part", {"cause": cause}),
        allowed=", ".join(VARIABLES),
    )
    raise FaultyItemError({part: fault})
