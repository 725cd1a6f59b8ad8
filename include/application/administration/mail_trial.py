"""A mail to oneself, by settings that need not be stored: whether mails leave, before anybody waits for one."""

from __future__ import annotations

from include.application.administration.mail_templates import try_template
from include.application.ports.clock import Clock
from include.application.ports.mail import Mailer, Message, Renderer
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from include.domain.notification import EventKind
from include.domain.rights import Viewer


def send_to_oneself(
    configuration: Configuration, viewer: Viewer, name: str, renderer: Renderer, mailer: Mailer, clock: Clock
) -> Message:
    """Sends who administers the mail of two invented invoices, in their language.

    InputError for who has no address; the errors of sending; NotThereError for who does not administer.
    """
    check_administers(viewer)
    person = next((one for one in configuration.people.users if one.name == name), None)
    if person is None or person.mail is None:
        raise InputError("no_address_of_yours", name=name)
    message = try_template(renderer, EventKind.SUBMITTED, person.reads_mails_in, person.mail, clock)
    mailer.send(message)
    return message
