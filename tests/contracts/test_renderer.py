"""What turning a digest into a mail promises (port `Renderer`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.adapters.notification.render import MailRenderer
from include.application.ports.mail import Message, Renderer
from include.application.ports.outbox import Delivery
from include.domain.configuration import User
from include.domain.notification import EventKind
from tests.fakes.renderer import FakeRenderer
from tests.unit.notification.people import DURAND, MARTIN, SILENT, configuration, invoice_event, stored


@pytest.fixture(params=["fake", "templates"])
def renderer(request: pytest.FixtureRequest) -> Renderer:
    renderers: dict[str, Callable[[], Renderer]] = {
        "fake": FakeRenderer,
        "templates": lambda: MailRenderer(configuration()),
    }
    return renderers[request.param]()


def mail(renderer: Renderer, person: User, *, count: int = 2) -> Message:
    """The digest of `count` events, of which two are shown."""
    delivery = Delivery(
        id=1, user=person.name, kind=EventKind.SUBMITTED, message_id="<1@imprimerie.example>", count=count
    )
    return renderer.render(delivery, [stored(invoice_event(invoice_id=i), i) for i in (1, 2)], person)


def test_the_mail_goes_to_its_person_under_the_message_id_of_the_digest(renderer: Renderer) -> None:
    made = mail(renderer, DURAND)
    assert (made.recipient, made.message_id) == (DURAND.mail, "<1@imprimerie.example>")


def test_the_same_digest_is_the_same_mail_when_it_is_sent_again(renderer: Renderer) -> None:
    assert mail(renderer, DURAND) == mail(renderer, DURAND)


def test_it_is_in_the_persons_language(renderer: Renderer) -> None:
    assert mail(renderer, DURAND).text != mail(renderer, MARTIN).text


def test_its_subject_is_one_line_that_says_how_many_there_are(renderer: Renderer) -> None:
    subject = mail(renderer, DURAND, count=417).subject
    assert "417" in subject
    assert len(subject.splitlines()) == 1


def test_who_has_no_address_gets_a_mail_without_a_recipient(renderer: Renderer) -> None:
    assert mail(renderer, SILENT).recipient == ""
