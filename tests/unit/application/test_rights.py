"""What changes the settings is not there for who does not administer, and says whose form it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from include.application.administration import recipients
from include.application.administration.configure import apply
from include.application.administration.mail_templates import set_template
from include.application.administration.recipients import RecipientEditing
from include.application.intake.include_older import take_older
from include.application.intake.link_documents import make_older_links
from include.domain.configuration import Configuration, Template
from include.domain.errors import InputError, NotThereError, StaleError
from include.domain.rights import OWNER, Viewer
from tests.factories import BODY, PROVIDER_KEY
from tests.fakes.clock import FakeClock
from tests.fakes.configuration_store import FakeConfigurationStore
from tests.fakes.recipients import FakeLearnedRecipients

UNTOUCHED: Any = None
"""A store that is not asked anything."""

Use = Callable[[FakeConfigurationStore, Viewer], object]
TEMPLATE = Template(event="submitted", language="fr", subject="S", body="B")


def editing(store: FakeConfigurationStore, viewer: Viewer) -> RecipientEditing:
    return RecipientEditing(
        configuration=store, learned=FakeLearnedRecipients(), clock=FakeClock(), actor="ben", viewer=viewer
    )


def put_template(store: FakeConfigurationStore, viewer: Viewer = OWNER, **how: Any) -> object:
    template = how.pop("template", TEMPLATE)
    return set_template(
        store, template, lambda _one: (), FakeClock(), actor="ben", viewer=viewer, look_around=lambda _: None, **how
    )


USES: dict[str, Use] = {
    "apply": lambda store, viewer: apply(
        store, Configuration(), FakeClock(), actor="ben", source="s", look_around=lambda _: None, viewer=viewer
    ),
    "confirm": lambda store, viewer: recipients.confirm(editing(store, viewer), "Mairie", BODY),
    "keep": lambda store, viewer: recipients.keep(editing(store, viewer), "Mairie"),
    "forget": lambda store, viewer: recipients.forget(editing(store, viewer), "Mairie"),
    "template": lambda store, viewer: put_template(store, viewer),
    "older documents": lambda _store, viewer: take_older(UNTOUCHED, [], "c", FakeClock(), actor="ben", viewer=viewer),
    "older links": lambda _store, viewer: make_older_links(UNTOUCHED, [], FakeClock(), actor="ben", viewer=viewer),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("viewer", [Viewer(), Viewer(everything=True), Viewer(provider_keys=frozenset({PROVIDER_KEY}))])
def test_who_does_not_administer_finds_nothing_to_change(use: Use, viewer: Viewer) -> None:
    store = FakeConfigurationStore()
    with pytest.raises(NotThereError):
        use(store, viewer)
    assert store.current()[0] == 0


def test_a_template_is_put_in_the_place_of_the_one_that_the_form_showed() -> None:
    store = FakeConfigurationStore()
    put_template(store, expected=0)
    other = Template(event="alert", language="fr", subject="S", body="B")
    with pytest.raises(StaleError):
        put_template(store, expected=0, template=other)
    assert [template.event for template in store.current()[1].templates] == ["submitted"]
    put_template(store, template=other)
    assert {template.event for template in store.current()[1].templates} == {"submitted", "alert"}


def test_a_template_that_cannot_be_rendered_is_not_stored() -> None:
    store = FakeConfigurationStore()
    with pytest.raises(InputError):
        set_template(
            store,
            TEMPLATE,
            lambda _one: ("broken",),
            FakeClock(),
            actor="ben",
            viewer=OWNER,
            look_around=lambda _: None,
        )
    assert store.current()[0] == 0
