"""Mapping with a directory that may know more than the page, or may not answer."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from include.application.ports.providers import ProviderHealth
from include.domain.directory import DirectoryService
from include.domain.errors import SecretMissingError
from include.domain.lifecycle import State
from include.domain.transitions.mapping import Edit
from tests.factories import BODY, PROVIDER_KEY, SUPPLIER, configuration
from tests.fakes.chorus import Fault
from tests.fakes.clock import FakeClock
from tests.unit.application.map_world import OTHER_BODY, OTHER_SUPPLIER, World, complete_reading
from tests.unit.extraction.paper import column, page


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock)


def test_the_service_of_the_address_is_taken_unless_a_person_said_that_there_is_none(world: World) -> None:
    world.platform.add_body(
        BODY, DirectoryService(code="FIN01", name="Finances", active=True), service_required=True, name="COMMUNE DE X"
    )
    address = page(*column(320, 120, "COMMUNE DE X", "Service finances", "1 place de la Mairie", "35200 X"))
    none = {"service_code": Edit(value="", actor="mdurand", at=world.clock.now())}
    for invoice_id, edits in ((1, {}), (2, none)):
        reading = dataclasses.replace(complete_reading(invoice_number=f"F{invoice_id}"), pages=(address,))
        world.invoice(invoice_id, reading, edits=edits)
    world.run()
    assert world.assessments.recorded[1].draft.text("service_code") == "FIN01"
    assert (world.codes(1), world.codes(2)) == ([], ["service_required"])


def test_a_recipient_is_asked_once_in_a_pass_and_kept(world: World) -> None:
    for number in range(5):
        world.invoice(number)
    assert world.run().ready == 5
    assert world.platform.calls["find"] == 1
    world.revision = 2
    world.run()
    assert world.platform.calls["find"] == 1


def test_an_old_entry_is_asked_again(world: World) -> None:
    world.invoice()
    world.run()
    world.clock.advance(hours=25)
    world.platform.add_body(BODY, active=False)
    world.revision = 2
    world.run()
    assert world.platform.calls["find"] == 2
    assert world.codes() == ["recipient_inactive"]


def test_a_body_that_the_platform_does_not_know_is_a_reason_and_remembered(world: World) -> None:
    world.invoice(reading=complete_reading(recipient_siret=OTHER_BODY))
    world.run()
    assert world.codes() == ["recipient_unknown"]
    world.revision = 2
    world.run()
    assert world.platform.calls["find"] == 1


def test_while_the_directory_is_down_an_invoice_stays_where_it_is(world: World) -> None:
    world.invoice()
    world.platform.fail("find", Fault.UNAVAILABLE, times=-1)
    counts = world.run()
    assert (counts.ready, counts.to_complete, counts.postponed, len(counts.failures)) == (0, 0, 1, 1)
    assert world.assessments.state(1) is State.READ
    world.platform.heal()
    assert world.run().ready == 1


def test_an_old_entry_is_better_than_none_and_says_so(world: World) -> None:
    world.invoice()
    world.run()
    world.clock.advance(hours=25)
    world.platform.fail("find", Fault.UNAVAILABLE, times=-1)
    world.revision = 2
    world.run()
    assessment = world.assessments.recorded[1]
    assert assessment.reasons == ()
    assert [warning.code for warning in assessment.warnings] == ["directory_old"]


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.NEVER_LEFT, Fault.RATE_LIMITED, Fault.FORBIDDEN])
def test_a_platform_that_does_not_answer_is_asked_no_more_in_this_pass(world: World, fault: Fault) -> None:
    for number, body in enumerate([BODY, OTHER_BODY, "12345678200028"]):
        world.invoice(number, reading=complete_reading(recipient_siret=body))
    world.platform.fail("find", fault, times=-1)
    assert world.run().postponed == 3
    assert world.platform.calls["find"] == 1


def test_one_provider_s_outage_does_not_stop_the_others(world: World) -> None:
    providers = [
        {"name": name, "siret": siret, "environment": "simulator", "connection": "chorus_test"}
        for name, siret in (("Durand", SUPPLIER), ("Martin", OTHER_SUPPLIER))
    ]
    world.configuration = configuration(providers=providers)
    world.invoice(1)
    world.invoice(2, reading=complete_reading(supplier_siret=OTHER_SUPPLIER))
    world.platform.fail("find", Fault.UNAVAILABLE, times=-1, supplier_siret=SUPPLIER)
    counts = world.run()
    assert (counts.ready, counts.postponed) == (1, 1)


def test_a_look_up_that_the_platform_refuses_is_a_reason(world: World) -> None:
    world.invoice(1)
    world.invoice(2, reading=complete_reading(recipient_siret=OTHER_BODY))
    world.platform.add_body(OTHER_BODY)
    world.platform.fail("find", Fault.BUSINESS_REFUSAL)
    assert world.run().to_complete == 1
    assert world.codes(1) == ["recipient_lookup_refused"]
    assert world.codes(2) == []


def test_a_refused_look_up_is_not_repeated_for_every_invoice(world: World) -> None:
    world.invoice(1)
    world.invoice(2)
    world.platform.fail("find", Fault.BUSINESS_REFUSAL, times=-1)
    world.run()
    assert world.platform.calls["find"] == 1
    assert world.codes(2) == ["recipient_lookup_refused"]


def test_a_missing_secret_postpones_and_is_told_once(world: World) -> None:
    world.invoice(1)
    world.invoice(2)
    world.chorus.refuse = SecretMissingError("Connection chorus_test is not defined.")
    counts = world.run()
    assert (counts.postponed, len(counts.failures)) == (2, 1)


def test_an_environment_nobody_can_tell_postpones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def undefined(_provider: object) -> str:
        raise SecretMissingError("Connection chorus_test is not defined.")

    monkeypatch.setattr(world.chorus, "effective_environment", undefined)
    world.invoice(1)
    world.invoice(2, reading=complete_reading(recipient_siret=None))
    counts = world.run()
    assert (counts.postponed, counts.to_complete, len(counts.failures)) == (1, 1, 1)
    assert world.codes(2) == ["missing_recipient_siret"]


# ---------------------------------------------------------------- circuit


def test_a_refused_login_opens_the_circuit_and_is_not_tried_again(world: World) -> None:
    world.invoice()
    world.platform.fail("find", Fault.ACCOUNT_REFUSED, times=-1)
    assert world.run().postponed == 1
    health = world.providers.health(PROVIDER_KEY)
    assert (health.half, health.next_probe_at) == ("account", world.clock.now() + dt.timedelta(hours=1))
    world.run()
    assert world.platform.calls["find"] == 1


def test_while_a_circuit_is_open_nobody_calls(world: World) -> None:
    later = world.clock.now() + dt.timedelta(minutes=30)
    world.providers.circuits[PROVIDER_KEY] = ProviderHealth(
        provider_key=PROVIDER_KEY, open_since=world.clock.now(), half="piste", next_probe_at=later
    )
    world.invoice()
    counts = world.run()
    assert (counts.postponed, counts.failures) == (1, [])
    assert sum(world.platform.calls.values()) == 0


def test_a_due_probe_closes_the_circuit_so_that_invoices_become_ready_again(world: World) -> None:
    now = world.clock.now()
    world.providers.circuits[PROVIDER_KEY] = ProviderHealth(
        provider_key=PROVIDER_KEY, open_since=now, half="piste", next_probe_at=now
    )
    world.invoice()
    assert world.run().ready == 1
    assert world.providers.health(PROVIDER_KEY).open_since is None


def test_a_probe_that_fails_waits_another_hour(world: World) -> None:
    now = world.clock.now()
    world.providers.circuits[PROVIDER_KEY] = ProviderHealth(
        provider_key=PROVIDER_KEY, open_since=now, half="piste", next_probe_at=now
    )
    world.platform.fail("check", Fault.PISTE_REFUSED, times=-1)
    world.invoice()
    assert world.run().postponed == 1
    assert world.providers.health(PROVIDER_KEY).next_probe_at == now + dt.timedelta(hours=1)
    assert world.platform.calls["find"] == 0
