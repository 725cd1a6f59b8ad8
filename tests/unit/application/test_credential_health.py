"""How long logins hold: asked once a day, told before the end, each warning once."""

from __future__ import annotations

import datetime as dt

import pytest

from include.application.providers.credential_health import CredentialHealth, days_left
from include.application.providers.provider_listing import ProviderRow, list_providers
from include.application.providers.setup_hints import NO_PROVIDER
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConfigurationError
from include.domain.notification import describe
from tests.factories import PROVIDER_KEY, configuration
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import FakeClock
from tests.fakes.providers import FakeProviders

DAY = dt.timedelta(days=1)


class World:
    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.platform = FakePlatform(clock)
        self.chorus = FakeChorus(self.platform)
        self.providers = FakeProviders()
        self.configuration: Configuration = configuration()

    @property
    def provider(self) -> Provider:
        return self.configuration.providers[0]

    def check(self, *providers: Provider) -> None:
        CredentialHealth(chorus=self.chorus, providers=self.providers, clock=self.clock, first_warning_days=30).check(
            providers or self.configuration.providers
        )

    def told(self) -> list[tuple[str, str]]:
        return [(event.facts["code"], event.facts["days"]) for event in self.providers.alerts]

    def asked(self) -> int:
        return self.platform.calls["password_expires_at"]


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock)


def test_the_end_of_the_password_is_asked_once_a_day_and_stored(world: World) -> None:
    ends = world.platform.password_ends = world.clock.now() + 300 * DAY
    world.check()
    world.clock.advance(hours=23)
    world.check()
    assert world.asked() == 1
    world.clock.advance(hours=1)
    world.check()
    assert world.asked() == 2
    health = world.providers.health(PROVIDER_KEY)
    assert (health.password_expires_at, health.last_success_at) == (ends, world.clock.now())
    assert world.told() == []


def test_each_warning_is_told_once_as_its_day_comes(world: World) -> None:
    world.platform.password_ends = world.clock.now() + 32 * DAY
    for _ in range(34):
        for _ in range(3):
            world.check()
        world.clock.advance(days=1)
    assert world.told() == [("password_expires", days) for days in ("30", "15", "7", "1")]


def test_of_the_warnings_that_are_past_only_the_nearest_is_told(world: World) -> None:
    world.platform.password_ends = world.clock.now() + 5 * DAY
    world.check()
    assert world.told() == [("password_expires", "5")]


def test_a_renewed_password_is_warned_of_anew(world: World) -> None:
    world.platform.password_ends = world.clock.now() + DAY
    world.check()
    world.clock.advance(days=1)
    world.platform.password_ends = world.clock.now() + DAY
    world.check()
    assert world.told() == [("password_expires", "1")] * 2


def test_what_has_ended_is_not_told_as_ending(world: World) -> None:
    world.platform.password_ends = world.clock.now() - DAY
    world.check()
    assert world.told() == []


def test_the_first_warning_follows_the_setting(world: World) -> None:
    world.platform.password_ends = world.clock.now() + 12 * DAY
    CredentialHealth(chorus=world.chorus, providers=world.providers, clock=world.clock, first_warning_days=10).check(
        [world.provider]
    )
    assert world.told() == []


def test_the_end_of_a_certificate_is_told_too_without_any_call(world: World) -> None:
    world.chorus.certificates[world.provider.connection] = world.clock.now() + 6 * DAY
    world.check()
    calls = world.platform.calls.total()
    world.clock.advance(days=5)
    world.platform.fail("password_expires_at", Fault.UNAVAILABLE)
    world.check()
    assert world.told() == [("certificate_expires", "6"), ("certificate_expires", "1")]
    assert calls == 1


def test_a_platform_that_is_down_is_asked_again_after_an_hour_and_costs_nobody_else(world: World) -> None:
    other = world.provider.model_copy(update={"siret": "33254021516365", "name": "Other"})
    world.platform.fail("password_expires_at", Fault.UNAVAILABLE, supplier_siret=world.provider.siret, times=-1)
    world.check(world.provider, other)
    world.clock.advance(minutes=59)
    world.check(world.provider, other)
    assert world.asked() == 2
    world.clock.advance(minutes=1)
    world.check(world.provider, other)
    assert world.asked() == 3
    assert world.providers.health(other.key).last_success_at is not None


def test_a_refused_login_opens_the_circuit_and_a_stopped_provider_is_not_asked(world: World) -> None:
    world.platform.fail("*", Fault.ACCOUNT_REFUSED, times=-1)
    world.check()
    health = world.providers.health(PROVIDER_KEY)
    assert (health.half, health.open_since) == ("account", world.clock.now())
    world.clock.advance(days=2)
    world.check()
    assert world.asked() == 1


def test_a_connection_that_cannot_be_read_is_passed_over(world: World) -> None:
    world.chorus.refuse = ConfigurationError("no such file")
    world.check()
    assert world.told() == []


def test_the_warning_says_whose_when_and_what_to_do_in_both_languages(world: World) -> None:
    world.platform.password_ends = world.clock.now() + 7 * DAY
    world.chorus.certificates[world.provider.connection] = world.clock.now() + 7 * DAY
    world.check()
    for event in world.providers.alerts:
        for language in ("fr", "en"):
            text = describe(event, language)  # type: ignore[arg-type]
            assert all(
                part in text for part in ("Imprimerie Durand", "27/11/2026" if language == "fr" else "27 Nov 2026", "7")
            )
            assert "?" not in text


def test_days_are_those_of_the_calendar_in_paris() -> None:
    late = dt.datetime(2026, 11, 20, 22, 59, tzinfo=dt.UTC)
    just_after_midnight_in_paris = dt.datetime(2026, 11, 20, 23, 1, tzinfo=dt.UTC)
    assert days_left(just_after_midnight_in_paris, late) == 1
    assert days_left(just_after_midnight_in_paris, just_after_midnight_in_paris) == 0
    assert days_left(None, late) is None


# ---------------------------------------------------------------- the listing


def rows(world: World, user: str | None = None) -> list[ProviderRow]:
    return list_providers(world.providers, world.configuration, now=world.clock.now(), user=user)


def test_the_listing_shows_circuit_last_success_and_both_ends(world: World) -> None:
    world.platform.password_ends = world.clock.now() + 100 * DAY
    world.chorus.certificates[world.provider.connection] = world.clock.now() + 6 * DAY
    world.check()
    [row] = rows(world)
    assert (row.name, row.siret, row.environment) == ("Imprimerie Durand", "33254021516357", "simulator")
    assert (row.authentication, row.automatic_submission) == ("oauth_piste", True)
    assert (row.stopped_since, row.last_success_at) == (None, world.clock.now())
    assert (row.password_expires_on, row.password_expires_in_days) == (dt.date(2027, 2, 28), 100)
    assert (row.certificate_expires_on, row.certificate_expires_in_days) == (dt.date(2026, 11, 26), 6)
    world.providers.open_circuit(PROVIDER_KEY, half="piste", reason="refused", probe_after=DAY, now=world.clock.now())
    [row] = rows(world)
    assert (row.stopped_since, row.stopped_half, row.stopped_reason) == (world.clock.now(), "piste", "refused")


def test_a_person_sees_the_providers_that_they_may_use(world: World) -> None:
    assert rows(world, "anna") == []
    people = {"users": [{"name": "anna"}]}
    allowed = {**world.provider.model_dump(), "use": {"users": ["anna"]}}
    world.configuration = configuration(people=people, providers=[allowed])
    assert [row.name for row in rows(world, "anna")] == ["Imprimerie Durand"]


def test_from_the_start_there_is_one_unconfigured_provider_that_says_so_and_has_no_siret(world: World) -> None:
    world.configuration = Configuration()
    [row] = rows(world)
    assert (row.configured, row.siret, row.message) == (False, None, str(NO_PROVIDER))
    world.configuration = configuration()
    assert rows(world)[0].configured
