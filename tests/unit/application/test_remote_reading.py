"""The platform's own reading as one more source: when it is asked, what it gives, and what it never does."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from include.application.mapping.map_fields import MapCounts
from include.application.ports.assessments import AssessmentWork
from include.application.reading.remote_reading import RemoteReader
from include.domain.errors import ContentMissingError
from include.domain.fields import Candidate, Source
from include.domain.reading import DocumentKind
from include.domain.reasons import Reason
from tests.factories import PROVIDER_KEY, configuration, portal_document, typed
from tests.fakes.chorus import FakeGateway, Fault
from tests.fakes.clock import FakeClock
from tests.fakes.files import FakeFiles
from tests.fakes.remote_readings import FakeRemoteReadings
from tests.unit.application.map_world import World as MappingWorld
from tests.unit.application.map_world import complete_reading

SHA = "0" * 64
PDF = b"%PDF-1.7 native text"


class OneContent(FakeFiles):
    """The same bytes under every digest."""

    gone = False

    def get(self, sha256: str) -> bytes:
        if self.gone:
            raise ContentMissingError("gone")
        return PDF


class World(MappingWorld):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.files = OneContent()
        self.readings = FakeRemoteReadings()
        self.wants("when_incomplete")

    def wants(self, mode: str, **changes: Any) -> None:
        provider = {**configuration().providers[0].model_dump(), "remote_reading": mode, **changes}
        self.configuration = configuration(providers=[provider])

    def reads(self, **values: str) -> None:
        self.platform.read_by_platform = {
            name: Candidate(value=typed(name, value), source=Source.REMOTE, confidence=0.5)
            for name, value in values.items()
        }

    def map(self, *, ask: bool = True, seconds: float = 240) -> MapCounts:
        reader = RemoteReader(
            readings=self.readings,
            providers=self.providers,
            files=self.files,
            chorus=self.chorus,
            clock=self.clock,
            ask=ask,
            seconds=seconds,
        )
        return self.run(remote=lambda _ask: reader)

    def without(self, *names: str, invoice_id: int = 1, **changes: Any) -> AssessmentWork:
        reading = complete_reading(**{"invoice_number": f"F{invoice_id}", **dict.fromkeys(names)})
        return self.invoice(invoice_id, reading=reading, **changes)

    def asked(self) -> int:
        return self.platform.calls["analyse"]

    def warnings(self, invoice_id: int = 1) -> list[str]:
        return [warning.code for warning in self.assessments.recorded[invoice_id].warnings]


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock)


# ---------------------------------------------------------------- when it is asked


@pytest.mark.parametrize(
    ("mode", "missing", "asked"),
    [
        ("never", ["invoice_number"], 0),
        ("when_incomplete", ["invoice_number"], 1),
        ("when_incomplete", [], 0),
        ("always", ["invoice_number"], 1),
        ("always", [], 1),
    ],
)
def test_it_is_asked_as_the_provider_wants(world: World, mode: str, missing: list[str], asked: int) -> None:
    world.wants(mode)
    world.without(*missing)
    world.map()
    assert world.asked() == asked


def test_the_same_bytes_are_analysed_once_for_a_provider(world: World) -> None:
    for invoice_id in (1, 2):
        world.without("invoice_number", invoice_id=invoice_id)
    world.map()
    world.revision += 1
    world.map()
    assert world.asked() == 1
    assert list(world.readings.kept) == list(world.readings.store.uploads) == [(PROVIDER_KEY, SHA)]


def test_something_missing_that_it_cannot_read_is_no_need(world: World) -> None:
    world.platform.entries.clear()
    world.invoice()
    world.map()
    assert world.codes() == ["recipient_unknown"]
    assert world.asked() == 0


def test_scans_are_left_out_unless_always(world: World) -> None:
    work = world.without("invoice_number")
    assert not isinstance(work.reading, Reason)
    scan = dataclasses.replace(work.reading, kind=DocumentKind.SCAN)
    world.invoice(reading=scan)
    world.map()
    assert world.asked() == 0
    world.wants("always")
    world.revision += 1
    world.map()
    assert world.asked() == 1


def test_without_a_provider_there_is_nobody_to_ask(world: World) -> None:
    world.without("invoice_number", "supplier_siret")
    world.map()
    assert world.asked() == 0


def test_a_criterion_that_names_the_provider_is_enough(world: World) -> None:
    world.reads(supplier_siret="11111111111111", invoice_number="R-1")
    world.without("invoice_number", "supplier_siret", provider_scope=("Imprimerie Durand",))
    world.map()
    assert world.asked() == 1
    assessment = world.assessments.recorded[1]
    assert assessment.provider_key == PROVIDER_KEY
    assert assessment.draft.text("supplier_siret") == "33254021516357"


def test_what_could_not_be_read_here_is_left_to_the_person_who_types_it(world: World) -> None:
    world.wants("always")
    world.invoice(reading=Reason(code="too_slow", params={"seconds": "9"}))
    world.map()
    assert world.asked() == 0


def test_a_file_that_is_too_large_for_it_is_not_sent(world: World) -> None:
    world.without("invoice_number", document=portal_document("a.pdf", size=10_000_000))
    world.map()
    assert world.asked() == 0


# ---------------------------------------------------------------- what it gives


def test_a_field_that_only_it_gives_asks_a_person_where_it_is_not_trusted(world: World) -> None:
    world.reads(invoice_number="R-1")
    world.without("invoice_number")
    world.map()
    assert world.codes() == ["untrusted_invoice_number"]
    assert world.assessments.recorded[1].draft.fields["invoice_number"].source is Source.REMOTE


def test_a_trusted_reading_makes_the_invoice_ready(world: World) -> None:
    world.wants("when_incomplete", trust_remote_reading=True)
    world.reads(invoice_number="R-1")
    world.without("invoice_number")
    assert world.map().ready == 1
    assert world.assessments.recorded[1].draft.text("invoice_number") == "R-1"


def test_without_automatic_submission_a_person_sees_it_anyway(world: World) -> None:
    world.wants("when_incomplete", automatic_submission=False)
    world.reads(invoice_number="R-1")
    world.without("invoice_number")
    assert world.map().ready == 1


def test_it_stands_behind_every_other_source_and_a_contradiction_shows(world: World) -> None:
    world.wants("always")
    world.reads(total_incl_tax="9999.00")
    world.invoice()
    assert world.map().ready == 1
    field = world.assessments.recorded[1].draft.fields["total_incl_tax"]
    assert (field.amount, [other.source for other in field.others]) == (Decimal("1200.00"), [Source.REMOTE])
    assert "conflict_total_incl_tax" in world.warnings()


def test_what_it_did_not_read_stays_missing(world: World) -> None:
    world.reads(type="invoice")
    world.without("invoice_number")
    world.map()
    assert world.codes() == ["missing_invoice_number"]


# ---------------------------------------------------------------- what it never does


def test_a_dry_run_asks_nothing_and_the_next_pass_does(world: World) -> None:
    world.reads(invoice_number="R-1")
    world.without("invoice_number")
    world.map(ask=False)
    assert (world.asked(), world.codes()) == (0, ["missing_invoice_number"])
    assert world.assessments.recorded[1].again
    world.map()
    assert world.asked() == 1


def test_a_dry_run_uses_what_was_read_before(world: World) -> None:
    world.reads(invoice_number="R-1")
    world.without("invoice_number")
    world.map()
    world.revision += 1
    world.map(ask=False)
    assert world.codes() == ["untrusted_invoice_number"]
    assert not world.assessments.recorded[1].again


def test_a_platform_that_is_down_is_a_warning_and_is_asked_again(world: World) -> None:
    world.platform.fail("analyse", Fault.UNAVAILABLE, times=-1)
    for invoice_id in (1, 2):
        world.without("invoice_number", invoice_id=invoice_id, content_sha256=str(invoice_id) * 64)
    counts = world.map()
    assert (counts.failures, counts.to_complete) == ([], 2)
    assert world.asked() == 1, "one failure is enough for a pass"
    assert world.warnings(2) == ["remote_reading_down"]
    world.platform.heal()
    world.reads(invoice_number="R-1")
    world.map()
    assert world.codes(2) == ["untrusted_invoice_number"]
    assert world.warnings(2) == []


def test_a_complete_invoice_goes_without_it_when_it_is_down(world: World) -> None:
    world.wants("always")
    world.platform.fail("analyse", Fault.UNAVAILABLE)
    world.invoice()
    assert world.map().ready == 1
    assessment = world.assessments.recorded[1]
    assert (world.warnings(), assessment.again) == (["remote_reading_down"], False)


def test_what_could_not_be_analysed_is_a_warning_and_is_not_asked_twice(world: World) -> None:
    world.platform.fail("analyse", Fault.BUSINESS_REFUSAL)
    world.without("invoice_number")
    world.map()
    world.revision += 1
    world.map()
    assert (world.asked(), world.codes(), world.warnings()) == (
        1,
        ["missing_invoice_number"],
        ["remote_reading_refused"],
    )
    assert not world.assessments.recorded[1].again
    assert world.readings.store.uploads == {}


def test_a_refused_login_stops_the_provider_and_a_stopped_one_is_not_asked(world: World) -> None:
    world.platform.fail("analyse", Fault.ACCOUNT_REFUSED, times=-1)
    world.without("invoice_number")
    world.map()
    assert world.providers.health(PROVIDER_KEY).half == "account"
    # the directory is known, so that nothing else asks the platform
    world.map()
    assert world.asked() == 1
    assert world.warnings() == ["remote_reading_down"]


def test_a_pass_does_not_spend_its_time_on_a_backlog(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    analyse = FakeGateway.analyse

    def slowly(self: FakeGateway, name: str, content: bytes, *, signed: bool) -> Any:
        world.clock.advance(100)
        return analyse(self, name, content, signed=signed)

    monkeypatch.setattr(FakeGateway, "analyse", slowly)
    for invoice_id in range(1, 6):
        world.without("invoice_number", invoice_id=invoice_id, content_sha256=str(invoice_id) * 64)
    world.map(seconds=150)
    assert world.asked() == 2
    assert [world.assessments.recorded[n].again for n in range(1, 6)] == [False, False, True, True, True]
    world.map(seconds=1000)
    assert world.asked() == 5


def test_stored_bytes_that_are_gone_are_left_to_sending(world: World) -> None:
    world.files.gone = True
    world.without("invoice_number")
    world.map()
    assert (world.asked(), world.codes()) == (0, ["missing_invoice_number"])


def test_the_reasons_of_the_platform_can_be_read_in_both_languages() -> None:
    refused = Reason(code="remote_reading_refused", params={"number": "20001", "label": "non lisible"})
    down = Reason(code="remote_reading_down", params={"why": "No connection."})
    for reason, part in ((refused, "non lisible"), (down, "No connection.")):
        assert all(part in reason.message(language) for language in ("fr", "en"))


def test_a_row_that_is_asked_again_never_keeps_out_those_behind_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.application.mapping.map_fields.BATCH", 2)
    world.platform.fail("analyse", Fault.UNAVAILABLE, times=-1)
    for invoice_id in range(1, 8):
        world.without("invoice_number", invoice_id=invoice_id)
    world.map()
    assert sorted(world.assessments.recorded) == list(range(1, 8))
