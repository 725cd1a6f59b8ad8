"""The directory asked anew, what changed in it, and which invoices it blocks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from include.application.administration.directory_refresh import RefreshReport, list_directory, refresh_directory
from include.application.progress import Reached, Step, Watch, unwatched
from include.domain.configuration import Configuration
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.errors import InputError
from include.domain.lifecycle import RowVersion, State
from include.domain.rights import OWNER, Viewer
from tests.factories import BODY, PROVIDER_KEY, SUPPLIER, complete_draft, configuration, portal_document
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import START, FakeClock
from tests.fakes.directory_book import FakeDirectoryBook
from tests.fakes.providers import FakeProviders
from tests.fakes.store import MemoryInvoice, MemoryStore

OTHER = "12345678200036"
OTHER_SUPPLIER = "33254021516365"
VOIRIE = DirectoryService(code="ST01", name="Voirie", active=True)
SCHOOLS = DirectoryService(code="ST02", name="Écoles", active=True)


class World:
    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.platform = FakePlatform(clock)
        self.platform.add_body(BODY, VOIRIE)
        self.rows = MemoryStore()
        self.cache = self.rows.directory
        self.book = FakeDirectoryBook(self.rows)
        self.providers = FakeProviders()
        self.configuration: Configuration = configuration()

    def refresh(self, *sirets: str, watch: Watch = unwatched) -> RefreshReport:
        return refresh_directory(
            cache=self.cache,
            book=self.book,
            providers=self.providers,
            chorus=FakeChorus(self.platform),
            configuration=self.configuration,
            clock=self.clock,
            sirets=sirets,
            watch=watch,
        )

    def uses(self, siret: str, service: str | None = None, *, provider_key: str = PROVIDER_KEY) -> None:
        """An unsent invoice to this body."""
        number = len(self.rows.invoices) + 1
        values = {
            "environment": "simulator",
            "provider_key": provider_key,
            "recipient_siret": siret,
            "draft": complete_draft(**({"service_code": service} if service else {})),
        }
        held = RowVersion(invoice_id=number, state=State.READY, version=1)
        self.rows.invoices[number] = MemoryInvoice(held, portal_document(), values=values)

    def hold(self, siret: str = BODY, **changes: Any) -> DirectoryEntry:
        """An entry that we know already."""
        values = {"structure_id": 7, "name": "Annecy", "active": True, "services": (VOIRIE,), "fetched_at": START}
        entry = DirectoryEntry(siret=siret, **{**values, **changes})
        self.cache.put("simulator", entry, now=START)
        return entry


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock)


def test_a_named_body_is_asked_anew_whatever_its_age(world: World) -> None:
    [first] = world.refresh(BODY).bodies
    assert (first.new, first.known, first.changes) == (True, True, ())
    world.platform.add_body(BODY, dataclasses.replace(VOIRIE, active=False), SCHOOLS, service_required=True)
    [second] = world.refresh(BODY, BODY).bodies
    told = {(change.service, change.what): (change.before, change.after) for change in second.changes}
    assert told == {
        (None, "service_required"): (False, True),
        ("ST01", "active"): (True, False),
        ("ST02", "listed"): (False, True),
    }
    stored = world.cache.get("simulator", BODY)
    assert stored is not None
    assert stored.service_required


def test_without_names_every_body_in_use_is_asked(world: World) -> None:
    world.platform.add_body(OTHER)
    world.hold(BODY)
    world.hold("99999999999999", structure_id=0, active=False)  # a misread number of an invoice long gone
    world.uses(OTHER)
    assert [body.siret for body in world.refresh().bodies] == [OTHER, BODY]


def test_a_body_that_the_platform_lists_no_more_is_unknown_and_inactive(world: World) -> None:
    world.hold(OTHER)
    [body] = world.refresh(OTHER).bodies
    assert not body.known
    assert ("active", True, False) in [(change.what, change.before, change.after) for change in body.changes]


def test_another_provider_of_the_environment_asks_where_the_first_cannot(world: World) -> None:
    first = configuration().providers[0].model_dump()
    second = {**first, "name": "Reliure", "siret": OTHER_SUPPLIER}
    world.configuration = configuration(providers=[first, second])
    world.platform.fail("*", Fault.ACCOUNT_REFUSED, times=-1, supplier_siret=SUPPLIER)
    report = world.refresh(BODY)
    assert [body.known for body in report.bodies] == [True]
    assert [error.code for error in report.failures] == ["login_refused"]
    assert world.providers.health(PROVIDER_KEY).open_since is not None


def test_an_outage_leaves_the_old_entry_and_is_told(world: World) -> None:
    before = world.hold(BODY)
    world.platform.fail("*", Fault.UNAVAILABLE, times=-1)
    report = world.refresh(BODY)
    [body] = report.bodies
    assert (body.entry, body.changes) == (None, ())
    assert len(report.failures) == 1
    assert world.cache.get("simulator", BODY) == before


def test_without_provider_nobody_can_ask(world: World) -> None:
    world.configuration = Configuration()
    with pytest.raises(InputError, match="No provider is configured"):
        world.refresh(BODY)


def test_a_closed_body_blocks_all_its_unsent_invoices(world: World) -> None:
    world.hold(BODY, active=False)
    world.uses(BODY)
    world.uses(BODY, "ST01")
    world.clock.advance(7200)
    [held] = list_directory(world.book, world.clock, OWNER)
    assert [use.invoice_id for use in held.blocked] == [1, 2]
    assert (held.age, held.uses, held.blocked_services) == (dt.timedelta(hours=2), 2, ())


def test_a_closed_or_unlisted_service_blocks_the_invoices_that_name_it(world: World) -> None:
    world.hold(BODY, services=(VOIRIE, dataclasses.replace(SCHOOLS, active=False)))
    for service in ("st01", "ST02", "ST09", None):
        world.uses(BODY, service)
    [held] = list_directory(world.book, world.clock, OWNER)
    assert [use.invoice_id for use in held.blocked] == [2, 3]
    assert held.blocked_services == ("ST02", "ST09")


def test_a_person_sees_the_bodies_of_visible_invoices_only(world: World) -> None:
    world.hold(BODY)
    world.hold(OTHER)
    world.uses(OTHER)
    world.uses(BODY, provider_key="simulator:other")
    mine = Viewer(provider_keys=frozenset({PROVIDER_KEY}))
    assert [held.entry.siret for held in list_directory(world.book, world.clock, mine)] == [OTHER]
    assert len(list_directory(world.book, world.clock, OWNER)) == 2


def test_who_watches_hears_how_many_bodies_were_asked(world: World) -> None:
    world.hold()
    heard: list[Reached] = []
    world.refresh(watch=heard.append)
    assert heard == [Reached(step=Step.DIRECTORY, done=done, total=1) for done in range(2)]
