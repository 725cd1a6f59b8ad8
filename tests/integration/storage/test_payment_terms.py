"""The last day to pay in lists: by the history, and by the term that the configuration says, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import tracked_statuses
from include.adapters.storage.store import Store
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.paging import PageRequest
from include.domain.lifecycle import State
from include.domain.rights import OWNER
from tests.factories import BODY, configuration
from tests.fakes.clock import START
from tests.integration.storage.seeded import seed

TODAY = START.date()
HOSPITAL, OTHER = BODY, "12345678200036"


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


@pytest.fixture
def seeded(store: Store) -> Store:
    """Two invoices made available ten days ago, the first one suspended for five days; one more that is paid."""
    with store.database.write() as connection:
        for number, (siret, status) in enumerate(
            [(HOSPITAL, "MANDATEE"), (OTHER, "MANDATEE"), (OTHER, "MISE_EN_PAIEMENT")]
        ):
            seed(connection, number + 1, state=State.SUBMITTED, status=status, recipient_siret=siret)
            entries = [(-40, "DEPOSEE"), (-40, "MISE_A_DISPOSITION")]
            if number == 0:
                entries += [(-30, "SUSPENDUE"), (-25, "COMPLETEE")]
            for entry, (days, code) in enumerate([*entries, (-1, status)]):
                at = START + dt.timedelta(days=days, minutes=entry)
                row = {"invoice_id": number + 1, "kind": "status", "entry": str(entry), "code": code, "at": at}
                connection.execute(tracked_statuses.insert(), row)
        list_again(connection, [1, 2, 3])
    return store


def last_days(store: Store) -> list[dt.date | None]:
    rows = store.invoice_views.rows(OWNER, InvoiceFilter())
    return [row.pay_by for row in rows]


def overdue(store: Store, on: dt.date) -> list[int]:
    wanted = InvoiceFilter(overdue_on=on)
    page = store.invoice_views.page(OWNER, wanted, PageRequest(sort="pay_by"))
    assert store.invoice_views.totals(OWNER, wanted).total == len(page.items)
    return [row.id for row in page.items]


def configure(store: Store, **changes: Any) -> None:
    revision, _ = store.configuration.current()
    store.configuration.save(
        configuration(**changes), expected_revision=revision, actor="a", source="s", at=START, changes=()
    )


def test_the_history_says_until_when_it_is_to_be_paid(seeded: Store) -> None:
    assert last_days(seeded) == [day(5), day(-10), day(-10)]
    assert overdue(seeded, day(-10)) == []
    assert overdue(seeded, day(-9)) == [2], "what is paid is not overdue"
    assert overdue(seeded, day(6)) == [2, 1]


def test_another_term_of_a_body_holds_at_once_and_for_its_invoices_only(seeded: Store) -> None:
    configure(seeded, recipients=[{"siret": HOSPITAL, "payment_days": 50}])
    assert last_days(seeded) == [day(-25 + 40), day(-10), day(-10)]
    configure(seeded, recipients=[{"siret": OTHER, "payment_days": 60}])
    assert last_days(seeded) == [day(5), day(20), day(20)]
    configure(seeded)
    assert last_days(seeded) == [day(5), day(-10), day(-10)]
