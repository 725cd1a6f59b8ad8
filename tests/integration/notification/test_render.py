"""Digests as mails: what they say, and what data and administrators' templates can never do to them."""

from __future__ import annotations

import dataclasses
import logging
import re
from html.parser import HTMLParser
from typing import ClassVar

import pytest

from include.adapters.notification import sandbox_process
from include.adapters.notification.render import MailRenderer
from include.application.ports.mail import Message
from include.application.ports.outbox import Delivery
from include.domain.configuration import Configuration, Mail, Template
from include.domain.notification import Event, EventKind, NewEvent
from include.domain.reasons import Reason
from tests.catalogues import add_text
from tests.unit.notification.people import (
    DURAND,
    MARTIN,
    alert,
    configuration,
    invoice_event,
    provider,
    stored,
)
from tests.unit.notification.reaching import REACHING

EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{% for x in () %}'


class Page(HTMLParser):
    """The tags, attributes and words of a mail, as a mail program sees them."""

    VOID: ClassVar[set[str]] = {"br", "meta", "img"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def mail(config: Configuration, *events: NewEvent, language: str = "fr", count: int | None = None) -> Message:
    numbered: list[Event] = [stored(event, n) for n, event in enumerate(events, 1)]
    delivery = Delivery(
        id=1,
        user="durand",
        kind=events[0].kind,
        message_id="<1@imprimerie.example>",
        count=count if count is not None else len(events),
    )
    return MailRenderer(config).render(delivery, numbered, DURAND if language == "fr" else MARTIN)


def own(subject: str, body: str, event: str = "submitted", language: str = "fr") -> Configuration:
    return configuration(
        templates=(Template.model_validate({"event": event, "language": language, "subject": subject, "body": body}),)
    )


SAMPLES = {
    EventKind.AWAITING_SUBMISSION: invoice_event(EventKind.AWAITING_SUBMISSION, state="to_complete"),
    EventKind.SUBMITTED: invoice_event(chorus_id=4711),
    EventKind.STATUS_CHANGED: invoice_event(
        EventKind.STATUS_CHANGED, status="SUSPENDUE", status_before="DEPOSEE", comment="Bon signé ?"
    ),
    EventKind.ALERT: alert(provider="Durand", half="piste"),
}


@pytest.mark.parametrize("kind", list(EventKind))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_has_a_mail_in_both_languages_and_both_forms(kind: EventKind, language: str) -> None:
    message = mail(configuration(), SAMPLES[kind], language=language)
    page = Page(message.html)
    assert not page.open
    assert ("lang", language) in page.attributes
    assert message.subject.startswith("Chorus Pro : 1 " if language == "fr" else "Chorus Pro: 1 ")
    for form in (page.text, message.text):
        assert "{{" not in form
        if kind is not EventKind.ALERT:
            assert "2026-1" in form
            assert "Mairie d'Annecy (12345678200051)" in form
            assert "f-1.pdf" in form
            assert ("1 800,00 €" if language == "fr" else "€1,800.00") in re.sub(r"[\u00a0\u202f]", " ", form)


def test_the_two_languages_differ_in_every_kind() -> None:
    for event in SAMPLES.values():
        french, english = (mail(configuration(), event, language=language) for language in ("fr", "en"))
        assert french.subject != english.subject
        assert french.text != english.text


def test_a_mail_carries_no_picture_no_script_and_nothing_from_elsewhere() -> None:
    for event in SAMPLES.values():
        page = Page(mail(configuration(), event).html)
        assert not {"img", "script", "link", "style", "iframe"} & set(page.tags)
        assert not [value for name, value in page.attributes if name in ("src", "href", "background")]


def test_number_and_address_come_from_the_delivery_and_the_person() -> None:
    message = mail(configuration(), SAMPLES[EventKind.SUBMITTED])
    assert (message.message_id, message.recipient) == ("<1@imprimerie.example>", DURAND.mail)


def test_the_number_of_invoices_stands_in_the_subject_and_what_is_not_shown_is_counted() -> None:
    events = [invoice_event(invoice_id=n) for n in (1, 2)]
    message = mail(configuration(), *events, count=30)
    assert message.subject == "Chorus Pro : 30 factures déposées - Imprimerie Durand (simulateur)"
    assert "28 autres" in message.text
    assert "28 autres" in Page(message.html).text
    assert "autre" not in mail(configuration(), *events).text


def test_reasons_are_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    add_text(monkeypatch, "reason.x", "Il manque {what}. Ajoutez-le.", "{what} is missing. Add it.")
    event = invoice_event(
        EventKind.AWAITING_SUBMISSION, state="to_complete", reasons=[Reason(code="x", params={"what": "le service"})]
    )
    message = mail(configuration(), event)
    for form in (message.text, Page(message.html).text):
        assert "À compléter" in form
        assert "Il manque le service. Ajoutez-le." in form


def test_a_change_of_status_tells_before_after_comment_and_what_to_do() -> None:
    message = mail(configuration(), SAMPLES[EventKind.STATUS_CHANGED])
    for form in (message.text, Page(message.html).text):
        for piece in ("Suspendue", "Statut précédent : Déposée", "Bon signé ?", "complétez la facture"):
            assert piece in form


def test_an_invoice_with_several_events_is_one_row_with_the_latest() -> None:
    changes = [invoice_event(EventKind.STATUS_CHANGED, status=status) for status in ("MANDATEE", "COMPTABILISEE")]
    message = mail(configuration(), *changes, count=1)
    assert "Comptabilisée" in message.text
    assert "Mandatée" not in message.text


def test_the_environment_of_a_test_is_said_and_production_is_not() -> None:
    assert "Durand (simulateur)" in mail(configuration(), SAMPLES[EventKind.SUBMITTED]).subject
    real = provider(environment="production")
    subject = mail(configuration(real), invoice_event(provider_key=real.key)).subject
    assert subject == "Chorus Pro : 1 facture déposée - Imprimerie Durand"


def test_several_providers_are_named_at_each_invoice() -> None:
    other = provider("Autre", "55203253400646")
    config = configuration(provider(), other)
    message = mail(config, invoice_event(), invoice_event(invoice_id=2, provider_key=other.key))
    assert message.subject == "Chorus Pro : 2 factures déposées"
    assert "Fournisseur : Autre (simulateur)" in message.text
    assert "Fournisseur : Imprimerie Durand (simulateur)" in Page(message.html).text


def test_an_alert_names_the_provider_and_not_its_key() -> None:
    event = dataclasses.replace(alert(provider=provider().key, half="piste"), provider_key=provider().key)
    message = mail(configuration(), event)
    assert "du fournisseur Imprimerie Durand (simulateur)" in message.text
    assert provider().key not in message.text + message.html


def test_the_screens_are_linked_where_their_address_is_known() -> None:
    def links(url: str | None) -> list[str | None]:
        config = configuration(mail=Mail(connection="c", sender="a@b.example", screens_url=url))
        page = Page(mail(config, SAMPLES[EventKind.SUBMITTED]).html)
        return [value for name, value in page.attributes if name == "href"]

    assert links("https://airflow.example/chorus?a=1&b=2") == ["https://airflow.example/chorus?a=1&b=2"]
    assert links(None) == []


def test_an_amount_that_is_not_one_is_shown_as_it_came() -> None:
    assert "douze" in mail(configuration(), invoice_event(total_incl_tax="douze")).text
    assert "NaN" in mail(configuration(), invoice_event(total_incl_tax="NaN")).text
    assert "12" in mail(configuration(), invoice_event(total_incl_tax="12.00", currency="<b>")).text


@pytest.mark.parametrize("fact", ["document", "number", "recipient_name", "comment", "total_incl_tax", "status_before"])
def test_markup_and_template_syntax_in_data_are_shown_and_never_obeyed(fact: str) -> None:
    sample = SAMPLES[EventKind.STATUS_CHANGED]
    message = mail(configuration(), dataclasses.replace(sample, facts={**sample.facts, fact: EVIL}))
    page = Page(message.html)
    assert not {"script", "img"} & set(page.tags)
    assert EVIL in page.text
    assert EVIL in message.text
    assert "49" not in message.text


def test_markup_in_a_reason_and_in_a_providers_name_is_shown_and_never_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    add_text(monkeypatch, "reason.x", "Lu : {what}", "Read: {what}")
    event = invoice_event(EventKind.AWAITING_SUBMISSION, reasons=[Reason(code="x", params={"what": EVIL})])
    config = configuration(provider(EVIL))
    for page in (Page(mail(config, event).html), Page(mail(config, alert(text=EVIL, code="other")).html)):
        assert not {"script", "img"} & set(page.tags)
        assert EVIL in page.text


def test_a_line_break_in_data_forges_neither_header_nor_line() -> None:
    evil = "X\r\nBcc: thief@x.example\r\n\r\n* Facture 2026-9"
    config = configuration(provider(name=evil))
    message = mail(config, invoice_event(number=evil, recipient_name=evil))
    assert len(message.subject.splitlines()) == 1
    assert not [line for line in message.text.splitlines() if line.startswith(("Bcc", "* Facture 2026-9"))]
    assert "\r" not in message.text + message.html


def test_the_subject_has_a_longest_length() -> None:
    assert len(mail(configuration(provider("x" * 500)), invoice_event()).subject) == 200


def test_an_own_template_takes_the_place_of_ours_in_its_language_only() -> None:
    config = own("{{ count }} partie(s)", "Bonjour,\n{{ provider }} :\n{{ table }}\nCordialement <la compta>")
    message = mail(config, SAMPLES[EventKind.SUBMITTED])
    assert message.subject == "1 partie(s)"
    page = Page(message.html)
    for form in (message.text, page.text):
        assert "Bonjour" in form
        assert "Imprimerie Durand (simulateur) :" in form
        assert "2026-1" in form
        assert "Cordialement <la compta>" in form
        assert "table-" not in form
    assert page.tags.count("th") == 2
    assert "took" in mail(config, SAMPLES[EventKind.SUBMITTED], language="en").text


def test_an_own_template_may_go_through_the_rows() -> None:
    body = (
        "{% for row in rows %}{{ loop.index }}. {{ row.number | upper }}{% if not loop.last %}, {% endif %}{% endfor %}"
    )
    message = mail(own("s", body), invoice_event(number="a1"), invoice_event(invoice_id=2, number="b2"))
    assert "1. A1, 2. B2" in message.text


def test_data_in_an_own_template_is_shown_and_never_obeyed() -> None:
    config = own("{{ rows[0].number }}", "{{ rows[0].number }}\n{{ table }}")
    message = mail(config, invoice_event(number=EVIL + "\r\nBcc: x@y.example"))
    page = Page(message.html)
    assert not {"script", "img"} & set(page.tags)
    assert EVIL in message.text
    assert EVIL in page.text
    assert "49" not in message.text
    assert len(message.subject.splitlines()) == 1


@pytest.mark.parametrize("body", REACHING)
def test_an_own_template_that_reaches_too_far_is_a_fault_and_ours_is_mailed(
    body: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = own("sujet", body)
    events = [invoice_event(invoice_id=n) for n in (1, 2)]
    with caplog.at_level(logging.ERROR):
        message = mail(config, *events)
    assert message.subject.startswith("Chorus Pro : 2 factures déposées")
    assert "faulty" in caplog.text


def test_faults_of_own_templates_are_found_before_they_are_needed() -> None:
    renderer = MailRenderer(configuration())
    good = Template(event="submitted", language="fr", subject="{{ count }}", body="{{ table }}")
    assert renderer.faults(good) == []
    assert "unheard_of" in str(renderer.faults(good.model_copy(update={"body": "{{ unheard_of }}"}))[0])
    assert "there is no event 'sent'" in str(renderer.faults(good.model_copy(update={"event": "sent"}))[0])
    assert len(renderer.faults(good.model_copy(update={"subject": "{{ ''.__class__ }}"}))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "{% for a in table %}" * 8 + "{% endfor %}" * 8,
        "{% set a = 'x' * 9 %}",
        "{% set a = table ~ table %}" + "{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}" * 40,
    ],
    ids=["loops", "operator", "doubling"],
)
def test_a_template_that_never_ends_or_grows_is_ended_and_ours_is_mailed(
    body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_process, "PROCESSOR_SECONDS", 1)
    message = mail(own("sujet", body), invoice_event())
    assert message.subject.startswith("Chorus Pro")


def test_a_template_has_a_time_limit_by_the_wall_too() -> None:
    with pytest.raises(sandbox_process.TemplateTooSlowError):
        sandbox_process.render_apart({"subject": "s"}, {"rows": []}, seconds=0.001)
