"""What the store promises about providers and the directory (ports `Providers`, `DirectoryCache`)."""

from __future__ import annotations

import dataclasses
import datetime as dt

from include.application.ports.providers import ProviderHealth
from include.domain.directory import BankAccount, DirectoryEntry, DirectoryService, FoundBody, SupplierAccount
from include.domain.notification import EventKind, NewEvent
from tests.contracts.store.worlds import World
from tests.factories import BODY, PROVIDER_KEY, SUPPLIER
from tests.fakes.clock import START

HOUR = dt.timedelta(hours=1)
ACCOUNT = SupplierAccount(structure_id=1, siret=SUPPLIER, name="US", bank_accounts=(BankAccount(id=1, name="Main"),))
ENTRY = DirectoryEntry(
    siret=BODY,
    structure_id=9,
    name="COMMUNE",
    active=True,
    services=(
        DirectoryService(code="S1", name="One", active=True),
        DirectoryService(code="S2", name="Two", active=False),
    ),
    fetched_at=START,
)


def open_circuit(world: World, now: dt.datetime) -> bool:
    return world.providers.open_circuit(PROVIDER_KEY, half="piste", reason="no", probe_after=HOUR, now=now)


def test_a_provider_that_was_never_asked_is_healthy(world: World) -> None:
    assert world.providers.health(PROVIDER_KEY) == ProviderHealth(provider_key=PROVIDER_KEY)


def test_a_circuit_is_opened_and_told_once_and_each_refusal_moves_the_next_probe(world: World) -> None:
    assert open_circuit(world, START) is True
    assert open_circuit(world, START + HOUR) is False
    health = world.providers.health(PROVIDER_KEY)
    assert (health.open_since, health.next_probe_at, health.half) == (START, START + 2 * HOUR, "piste")
    assert world.told() == [("alert", "login_refused")]


def test_a_login_closes_it_and_the_next_refusal_is_told_again(world: World) -> None:
    open_circuit(world, START)
    world.providers.close_circuit(PROVIDER_KEY, now=START)
    health = world.providers.health(PROVIDER_KEY)
    assert (health.open_since, health.next_probe_at, health.last_success_at) == (None, None, START)
    assert open_circuit(world, START) is True
    assert len(world.told()) == 2


def test_how_long_a_login_holds_is_kept_beside_the_circuit_and_told_once(world: World) -> None:
    open_circuit(world, START)
    alert = NewEvent(kind=EventKind.ALERT, at=START, facts={"code": "password_expires"}, once="password:1")
    ends = ProviderHealth(provider_key=PROVIDER_KEY, password_expires_at=START + HOUR)
    for _ in range(2):
        world.providers.keep_credentials(ends, [alert])
    health = world.providers.health(PROVIDER_KEY)
    assert (health.password_expires_at, health.open_since) == (START + HOUR, START)
    assert world.told() == [("alert", "login_refused"), ("alert", "password_expires")]


def test_an_account_is_kept_with_its_age_and_only_a_change_counts(world: World) -> None:
    assert world.providers.account(PROVIDER_KEY) is None
    assert world.providers.keep_account(PROVIDER_KEY, ACCOUNT, now=START) is True
    assert world.providers.keep_account(PROVIDER_KEY, ACCOUNT, now=START + HOUR) is False
    known = world.providers.account(PROVIDER_KEY)
    assert known is not None and (known.account, known.fetched_at) == (ACCOUNT, START + HOUR)
    other = dataclasses.replace(ACCOUNT, bank_accounts=())
    assert world.providers.keep_account(PROVIDER_KEY, other, now=START) is True


def test_an_entry_of_the_directory_is_kept_per_environment_and_its_age_alone_is_no_change(world: World) -> None:
    assert world.directory.get("simulator", BODY) is None
    assert world.directory.put("simulator", ENTRY, now=START) is False
    later = dataclasses.replace(ENTRY, fetched_at=START + HOUR)
    assert world.directory.put("simulator", later, now=START) is False
    assert world.directory.get("simulator", BODY) == later and world.directory.get("production", BODY) is None
    assert world.directory.put("simulator", dataclasses.replace(later, active=False), now=START) is True


def test_only_active_bodies_and_services_are_offered(world: World) -> None:
    world.directory.put("simulator", ENTRY, now=START)
    assert dict(world.directory.services()) == {BODY: frozenset({"S1"})}
    world.directory.put("simulator", dataclasses.replace(ENTRY, active=False), now=START)
    assert dict(world.directory.services()) == {}


def test_the_bodies_that_the_platform_knows_are_listed_by_environment(world: World) -> None:
    world.directory.put("simulator", dataclasses.replace(ENTRY, town="Évian"), now=START)
    world.directory.put("production", dataclasses.replace(ENTRY, siret=SUPPLIER), now=START)
    nobody = dataclasses.replace(ENTRY, siret="99999999999999", structure_id=0, name="", active=False)
    world.directory.put("simulator", nobody, now=START)
    assert list(world.directory.bodies("simulator")) == [
        FoundBody(siret=BODY, name="COMMUNE", town="Évian", active=True, fetched_at=START)
    ]


def test_a_town_that_is_told_later_changes_no_assessment(world: World) -> None:
    world.directory.put("simulator", ENTRY, now=START)
    assert not world.directory.put("simulator", dataclasses.replace(ENTRY, town="Évian"), now=START)
    assert world.directory.put("simulator", dataclasses.replace(ENTRY, active=False), now=START)
