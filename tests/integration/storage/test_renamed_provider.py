"""Invoices that hold a provider's name follow it with the very revision that renames it, on both databases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import invoices
from include.adapters.storage.store import Store
from include.domain.lifecycle import State
from tests.factories import SUPPLIER, configuration
from tests.fakes.clock import START
from tests.integration.storage.seeded import seed

OTHER = "12345678200051"
NONE_ALLOWED: list[list[str] | None] = [None, []]


def provider(name: str, siret: str = SUPPLIER) -> dict[str, str]:
    return {"name": name, "siret": siret, "environment": "simulator", "connection": "c"}


def named(store: Store, *providers: dict[str, str], expected: int) -> None:
    store.configuration.save(
        configuration(providers=list(providers)),
        expected_revision=expected,
        actor="boss",
        source="test",
        at=START,
        changes=(),
    )


def hold(store: Store, *scopes: Sequence[str] | None) -> None:
    with store.database.write() as connection:
        for number, scope in enumerate(scopes, start=1):
            seed(connection, number, state=State.READY)
            wanted = sa.null() if scope is None else list(scope)
            connection.execute(invoices.update().where(invoices.c.id == number).values(provider_scope=wanted))


def held(store: Store) -> list[list[str] | None]:
    with store.database.read() as connection:
        return list(connection.scalars(sa.select(invoices.c.provider_scope).order_by(invoices.c.id)))


@pytest.mark.parametrize("fresh", [False, True], ids=["same process", "another process"])
def test_the_names_of_providers_are_carried_along(store: Store, fresh: bool) -> None:
    named(store, provider("Durand"), provider("Atelier", OTHER), expected=1)
    hold(store, ["Durand"], ["Durand", "Atelier"], [SUPPLIER], None, [], ["L'Été"])
    saving = Store(store.database) if fresh else store
    named(saving, provider("Durand & L'Été"), provider("Atelier", OTHER), expected=2)
    assert held(store) == [["Durand & L'Été"], ["Durand & L'Été", "Atelier"], [SUPPLIER], *NONE_ALLOWED, ["L'Été"]]


def test_two_providers_may_change_their_names_with_each_other(store: Store) -> None:
    named(store, provider("A"), provider("B", OTHER), expected=1)
    hold(store, ["A"], ["B"], ["A", "B"])
    named(store, provider("B"), provider("A", OTHER), expected=2)
    assert held(store) == [["B"], ["A"], ["B", "A"]]


def test_a_provider_that_is_another_one_takes_no_name_over(store: Store) -> None:
    named(store, provider("A"), expected=1)
    hold(store, ["A"])
    named(store, provider("B", OTHER), expected=2)
    assert held(store) == [["A"]]
