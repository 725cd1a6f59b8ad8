"""What the store promises about learned recipients (port `LearnedRecipients`)."""

from __future__ import annotations

from include.domain.mapping import LearnedLine
from tests.contracts.store.worlds import World
from tests.factories import BODY
from tests.fakes.clock import START

LINE = LearnedLine(wording="Mairie d'Annecy", siret=BODY, service_code=None)
OTHER = LearnedLine(wording="Cantine", siret=BODY, service_code="S1")


def test_a_line_means_something_in_its_environment_only(world: World) -> None:
    world.learned(LINE, "simulator")
    assert world.recipients.learned("simulator").bodies("MAIRIE D'ANNECY")
    assert not world.recipients.learned("production").bodies("MAIRIE D'ANNECY")


def test_lines_are_listed_with_what_is_kept_in_the_configuration(world: World) -> None:
    world.learned(LINE, "simulator")
    world.learned(OTHER, "simulator")
    first, second = world.recipients.lines()
    assert {first.wording, second.wording} == {"Mairie d'Annecy", "Cantine"} and not first.kept
    world.recipients.mark_kept([first.id])
    assert [line.kept for line in world.recipients.lines()] == [True, False]


def test_what_is_forgotten_means_nothing_any_more_and_raises_the_revision(world: World) -> None:
    world.learned(LINE, "simulator")
    world.learned(OTHER, "simulator")
    mine = next(line for line in world.recipients.lines() if line.wording == LINE.wording)
    assert world.recipients.forget([mine.id], actor="anna", now=START) == 2
    assert [line.wording for line in world.recipients.lines()] == ["Cantine"]
    assert not world.recipients.learned("simulator").bodies("MAIRIE D'ANNECY")


def test_nothing_new_takes_no_effect(world: World) -> None:
    assert world.recipients.take_effect(now=START) is None
