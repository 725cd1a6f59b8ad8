"""Pages by keys: every row exactly once, forwards and backwards, under every sort and filter, on both databases."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.invoice_rows import announce
from include.adapters.storage.store import Store
from include.application.ports import document_views, invoice_views
from include.application.ports.configuration import Action, ConfigurationChange
from include.application.ports.document_views import DocumentFilter
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.paging import MOST_ROWS, Cursor, Page, PageRequest, cursor
from include.domain.configuration import Configuration
from include.domain.errors import InputError
from include.domain.lifecycle import State
from include.domain.notification import Digest, EventKind, NewEvent
from include.domain.rights import OWNER, Viewer
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START
from tests.integration.storage.seeded import seed

COUNT = 43
STATES = (State.TO_COMPLETE, State.READY, State.SUBMITTED, State.TO_PROCESS, State.DETECTED)
VIEWERS = (
    OWNER,
    Viewer(provider_keys=frozenset({PROVIDER_KEY}), without_provider=True),
    Viewer(provider_keys=frozenset({PROVIDER_KEY}), labels=frozenset({"nord"})),
    Viewer(),
)


@pytest.fixture(params=["sqlite_url", "server_url"], ids=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Few different values, so that most rows share theirs with others."""
    database = Database(request.getfixturevalue(request.param))
    rng = random.Random(7)
    with database.write() as connection:
        for number in range(COUNT):
            some = {"invoice_number": rng.choice(("F-1", "É-2", "f-1")), "recipient_name": rng.choice(("Ény", "b"))}
            some = {name: value for name, value in some.items() if rng.random() < 0.8}
            if rng.random() < 0.8:
                some["total_incl_tax"] = rng.choice(("10.00", "9.50", "1000.00"))
            seed(
                connection,
                number,
                state=rng.choice(STATES),
                provider_key=rng.choice((PROVIDER_KEY, "other", None)),
                status=rng.choice(("DEPOSEE", "SUSPENDUE")),
                labels=rng.choice(((), ("Nord",), ("Nord", "Sud"))),
                arrived_at=START + dt.timedelta(hours=rng.randrange(3)),
                due_date=rng.choice(("2026-12-01", "2026-12-31", "")),
                **some,
            )
    yield Store(database)
    database.close()


def walk(page: Callable[[PageRequest], Page[Any]], sort: str, limit: int) -> list[Page[Any]]:
    """All pages from the first to the last; then back again, where the same ones must come."""
    forwards = [page(PageRequest(sort=sort, limit=limit))]
    while forwards[-1].after:
        forwards.append(page(PageRequest(sort=sort, limit=limit, after=forwards[-1].after)))
    backwards = [forwards[-1]]
    while backwards[-1].before:
        backwards.append(page(PageRequest(sort=sort, limit=limit, before=backwards[-1].before)))
    assert backwards[::-1] == forwards
    return forwards


sorts = {
    "documents": [f"{minus}{name}" for minus in ("", "-") for name in document_views.SORTS],
    "invoices": [f"{minus}{name}" for minus in ("", "-") for name in (*invoice_views.SORTS, "deadline")],
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), limit=st.integers(1, 50), viewer=st.sampled_from(VIEWERS))
def test_every_row_comes_exactly_once_in_both_directions(
    store: Store, data: st.DataObject, limit: int, viewer: Viewer
) -> None:
    noun = data.draw(st.sampled_from(list(sorts)))
    sort = data.draw(st.sampled_from(sorts[noun]))
    text = data.draw(st.sampled_from((None, "f-", "eny", "nothing")))
    if noun == "documents":
        wanted = DocumentFilter(text=text)
        pages = walk(lambda request: store.document_views.page(viewer, wanted, request), sort, limit)
        expected: Any = store.document_views.rows(viewer, wanted)
        total = store.document_views.totals(viewer, wanted).total
    else:
        asked = InvoiceFilter(text=text)
        pages = walk(lambda request: store.invoice_views.page(viewer, asked, request), sort, limit)
        expected = store.invoice_views.rows(viewer, asked)
        total = store.invoice_views.totals(viewer, asked).total
    found = [row for page in pages for row in page.items]
    assert sorted(row.id for row in found) == sorted(row.id for row in expected)
    assert total == len(expected)
    assert all(len(page.items) == limit for page in pages[:-1])
    assert (pages[0].before, pages[-1].after) == (None, None)
    if sort.removeprefix("-") == "total":
        totals = [row.total_incl_tax or Decimal() for row in found]
        assert totals == sorted(totals, reverse=sort.startswith("-"))
    if sort == "arrived":
        assert [row.arrived_at for row in found] == sorted(row.arrived_at for row in found)


def test_a_torn_cursor_is_told_and_never_guessed_at(store: Store) -> None:
    first = store.document_views.page(OWNER, DocumentFilter(), PageRequest(sort="arrived", limit=5))
    assert first.after is not None
    torn = [first.after[:-1], first.after[1:], first.after + "A", "", "é", "null", "W10", first.after[::-1]]
    huge = str(Cursor(sort="total", value=2**70, id=1))
    for text in torn:
        with pytest.raises(InputError):
            store.document_views.page(OWNER, DocumentFilter(), PageRequest(sort="arrived", after=text))
    for sort, text in (("changed", first.after), ("-arrived", first.after), ("total", huge), ("nonsense", first.after)):
        with pytest.raises(InputError):
            store.document_views.page(OWNER, DocumentFilter(), PageRequest(sort=sort, before=text))


@pytest.mark.parametrize("kind", [str, int, dt.date, dt.datetime])
def test_a_cursor_is_read_as_it_was_written(kind: type[Any]) -> None:
    values = {str: "é|\n", int: 12, dt.date: dt.date(2026, 11, 20), dt.datetime: START}
    made = Cursor(sort="-x", value=values[kind], id=5)
    assert cursor(str(made), "-x", kind) == made
    with pytest.raises(InputError):
        cursor(str(made), "x", kind)
    if kind is not str:  # a time is written as a text
        for other in {int, dt.date, dt.datetime} - {kind}:
            with pytest.raises(InputError):
                cursor(str(made), "-x", other)


@pytest.mark.parametrize("limit", [0, -1, MOST_ROWS + 1])
def test_a_page_has_bounds(limit: int) -> None:
    with pytest.raises(InputError):
        PageRequest(sort="arrived", limit=limit)
    with pytest.raises(InputError):
        PageRequest(sort="arrived", after="a", before="b")


def test_totals_are_exact_so_far_and_then_at_least(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = store.document_views.rows(OWNER, DocumentFilter())
    exact = store.document_views.totals(OWNER, DocumentFilter())
    assert (exact.total, exact.at_least) == (COUNT, False)
    assert exact.amount == sum(row.total_incl_tax or Decimal() for row in rows)
    monkeypatch.setattr("include.adapters.storage.views.paging.EXACT_TOTAL", 10)
    more = store.document_views.totals(OWNER, DocumentFilter())
    assert (more.total, more.at_least, more.amount) == (10, True, exact.amount)
    assert more.counts == exact.counts
    by_state = {s: len(list(g)) for s, g in itertools.groupby(sorted(row.state for row in rows))}
    assert exact.counts["todo"] == by_state[State.TO_COMPLETE]
    assert exact.counts["all"] == sum(by_state[s] for s in (State.TO_COMPLETE, State.READY, State.DETECTED))


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_the_history_is_paged_for_who_administers(store: Store, limit: int) -> None:
    for number in range(7):
        change = ConfigurationChange(section="criteria", action=Action.ADDED, item=str(number))
        store.configuration.save(
            Configuration(), expected_revision=number, actor="boss", source="form", at=START, changes=(change,)
        )
    pages = walk(lambda request: store.history_views.page(OWNER, request), "-revision", limit)
    found = [revision for page in pages for revision in page.items]
    assert [(one.number, one.changes[0].item) for one in found] == [(n + 1, str(n)) for n in reversed(range(7))]
    user = Viewer(provider_keys=frozenset({PROVIDER_KEY}), without_provider=True)
    assert store.history_views.page(user, PageRequest(sort="-revision")) == Page(items=())


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_what_somebody_was_told_is_paged_and_nothing_else(store: Store, limit: int) -> None:
    with store.database.write() as connection:
        for number in range(6):
            at = START + dt.timedelta(hours=number // 3)
            announce(connection, NewEvent(kind=EventKind.ALERT, at=at, facts={"code": f"c{number}"}))
    events = store.outbox.undistributed(after=0, limit=9)
    hers = [event for event in events if event.id % 2]
    ids = tuple(event.id for event in hers)
    digest = Digest(user="anna", kind=EventKind.ALERT, event_ids=ids, mailed=False, message_id="m", count=3)
    store.outbox.distribute([digest], [event.id for event in events], now=START)
    for user, expected in (("anna", hers), (None, events), ("bob", [])):
        pages = walk(lambda request, user=user: store.notification_views.page(user, request), "-at", limit)
        assert [row.event for page in pages for row in page.items] == list(reversed(expected))
