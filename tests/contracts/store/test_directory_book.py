"""What the store promises about the directory and who needs it (port `DirectoryBook`)."""

from __future__ import annotations

from include.domain.directory import DirectoryEntry
from include.domain.rights import OWNER, Viewer
from tests.contracts.store.returned import OTHER_BODY, submitted
from tests.contracts.store.worlds import World, ready
from tests.factories import BODY, PROVIDER_KEY
from tests.fakes.clock import START


def entry(siret: str) -> DirectoryEntry:
    return DirectoryEntry(siret=siret, structure_id=1, name="Ville", active=True, fetched_at=START)


def test_entries_are_listed_by_environment_and_siret(world: World) -> None:
    for environment, siret in (("simulator", OTHER_BODY), ("production", OTHER_BODY), ("simulator", BODY)):
        world.directory.put(environment, entry(siret), now=START)
    listed = [(one.environment, one.entry.siret) for one in world.book.entries()]
    assert listed == [("production", OTHER_BODY), ("simulator", BODY), ("simulator", OTHER_BODY)]


def test_unsent_invoices_use_the_body_and_the_service_that_they_go_to(world: World) -> None:
    work = ready(world, "F-1", service_code="S1")
    submitted(world, "F-2", 8)
    [use] = world.book.uses(OWNER)
    assert (use.environment, use.siret, use.service_code) == ("simulator", BODY, "S1")
    assert (use.invoice_id, use.document_id) == (work.row_version.invoice_id, work.document_id)


def test_a_person_sees_the_uses_of_visible_invoices_only(world: World) -> None:
    ready(world, "F-1", user_label="Mairie")
    ready(world, "F-2")
    mine = frozenset({PROVIDER_KEY})
    assert world.book.uses(Viewer()) == []
    assert len(world.book.uses(Viewer(provider_keys=mine))) == 2
    labelled = Viewer(provider_keys=mine, labels=frozenset({"mairie"}))
    assert [use.invoice_id for use in world.book.uses(labelled)] == [1]
    remote = Viewer(provider_keys=mine, labels=frozenset({"mairie"}), unfiltered=mine)
    assert len(world.book.uses(remote)) == 2
