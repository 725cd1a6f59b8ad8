"""Killed while an invoice that a retrieval met as foreign turns out to be ours: one row, one invoice, nothing sent."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import attempts, invoices, moves, reserved_keys
from include.domain.lifecycle import State
from tests.e2e.exactly_once.conftest import Field
from tests.e2e.exactly_once.control import SUBMIT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

STEPS = ("before-meeting", "twin-absorbed", "adoption-not-committed", "met")


def forget(field: Field, invoice_id: int, state: State) -> None:
    """As if our database were older than its sending."""
    with field.store.database.write() as connection:
        for table in (attempts, moves, reserved_keys):
            connection.execute(table.delete().where(table.c.invoice_id == invoice_id))
        before = {"state": state, "chorus_id": None, "status": None, "status_at": None, "judged_revision": None}
        connection.execute(invoices.update().where(invoices.c.id == invoice_id).values(**before))
        list_again(connection, [invoice_id])


@pytest.mark.parametrize("step", STEPS)
def test_a_sender_killed_while_it_adopts_leaves_one_row_and_sends_nothing(field: Field, step: str) -> None:
    invoice_id = field.add("F-1")
    field.one_pass()
    forget(field, invoice_id, State.MATCHED)  # a retrieval takes nothing for ours whose values are not settled
    field.night()
    assert len(field.states()) == 2, "a foreign twin"
    forget(field, invoice_id, State.READ)
    calls = field.platform.calls(SUBMIT)
    field.worker(step).wait_until_killed()
    field.passes_until_nothing_moves()
    assert field.states() == {invoice_id: State.SUBMITTED}
    assert field.platform.calls(SUBMIT) == calls
    field.each_exactly_once([invoice_id])
    with field.store.database.read() as connection:
        numbered = sa.select(sa.func.count()).select_from(invoices).where(invoices.c.number_key == "F-1")
        assert connection.scalar(numbered) == 1
