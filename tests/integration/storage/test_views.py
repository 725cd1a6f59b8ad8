"""What people see: filters, rights, counts, and rows that are as what is stored, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core import listed as module
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.core.listed import cents, list_again
from include.adapters.storage.core.tables import documents, invoices
from include.adapters.storage.store import Store
from include.application.mapping.edit_document import (
    Conflict,
    DocumentEditing,
    EditConflictError,
    discard,
    hold,
    release,
    reread,
    set_fields,
)
from include.application.ports.document_views import DocumentFilter
from include.application.ports.invoice_views import InvoiceFilter
from include.application.views.filters import document_filter, returned_filter, viewer_of
from include.domain.causes import free_text
from include.domain.configuration import Configuration
from include.domain.errors import InputError, NotThereError, StaleError
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer
from tests.factories import PROVIDER_KEY, SUPPLIER, configuration
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.seeded import as_stored, seed
from tests.sending_bench import NOT_USED

PEOPLE = {"users": [{"name": name} for name in ("anna", "bob", "boss", "nobody")]}


def with_people(**provider: Any) -> Configuration:
    """Anna uses the provider; Bob too, with a label right; the boss administers; nobody does nothing."""
    one = {"name": "Durand", "siret": SUPPLIER, "environment": "simulator", "connection": "c", "loading": "local"}
    return configuration(
        people=PEOPLE,
        administer={"users": ["boss"]},
        providers=[{**one, **provider, "use": {"users": ["anna", "bob"]}}],
        label_rights=[{"user": "bob", "label": "Nord"}],
    )


@pytest.fixture
def seeded(store: Store) -> Store:
    """Two of the provider, one of them with a label; one of another; one of none."""
    with store.database.write() as connection:
        seed(connection, 1, invoice_number="FÀ-001", recipient_name="Mairie d'Évry", recipient_siret="12345678200051")
        seed(connection, 2, state=State.READY, labels=("Nord",), total_incl_tax="12.50", type="credit_note")
        seed(connection, 3, provider_key="other", reasons=("engagement_missing",), total_incl_tax="100.00")
        seed(connection, 4, provider_key=None, arrived_at=START - dt.timedelta(days=2))
        seed(connection, 5, state=State.TO_PROCESS, status="SUSPENDUE", total_incl_tax="7.00", invoice_number="S-5")
    return store


@pytest.mark.parametrize(
    ("user", "seen"), [(None, [1, 2, 3, 4, 5]), ("anna", [1, 2, 4, 5]), ("bob", [2]), ("boss", [4]), ("nobody", [])]
)
def test_the_viewers_rights_are_in_every_question(seeded: Store, user: str | None, seen: list[int]) -> None:
    viewer = viewer_of(with_people(), user)
    views, every = seeded.document_views, DocumentFilter()
    assert [row.id for row in views.rows(viewer, every)] == seen
    assert list(views.ids(viewer, every, limit=9)) == seen
    assert views.totals(viewer, every).total == len(seen)
    assert [number for number in range(1, 6) if views.detail(viewer, number)] == seen
    assert views.rows(viewer, DocumentFilter(ids=(1,))) == [
        row for row in views.rows(OWNER, every) if row.id in {1} & {*seen}
    ]
    sent = [number for number in (5,) if number in seen]
    assert [row.document_id for row in seeded.invoice_views.rows(viewer, InvoiceFilter())] == sent
    assert bool(seeded.invoice_views.detail(viewer, "cpro:1005")) is bool(sent)
    assert seeded.invoice_views.in_order(viewer, InvoiceFilter()) == sent
    assert [row.id for row, _ in seeded.invoice_views.exported(viewer, (5, 4, 99))] == sent


def test_a_label_right_holds_for_remote_mode_no_more_than_before(seeded: Store) -> None:
    bob = viewer_of(with_people(loading="remote"), "bob")
    assert [row.id for row in seeded.document_views.rows(bob, DocumentFilter())] == [1, 2, 5]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": "fa-0"}, [1]),
        ({"text": "MAIRIE D'EVRY"}, [1]),
        ({"text": "123 456 782 00051"}, [1]),
        ({"text": "2.PDF"}, [2]),
        ({"text": "1005"}, [5]),
        ({"text": "%"}, []),
        ({"text": "_"}, []),
        ({"text": " "}, [1, 2, 3, 4, 5]),
        ({"recipient": "evry"}, [1]),
        ({"recipient": "123 456 782 00051"}, [1]),
        ({"recipient": "1234"}, []),
        ({"reasons": ("engagement_missing", "other")}, [3]),
        ({"reasons": ("engagement",)}, []),
        ({"provider": "none"}, [4]),
        ({"provider": "Durand"}, [1, 2, 5]),
        ({"tab": "todo"}, [1, 3, 4]),
        ({"tab": "all"}, [1, 2, 3, 4]),
        ({"tab": "ignored"}, []),
        ({"states": ("ready", "to_process")}, [2, 5]),
        ({"arrived": (START.date(), None)}, [1, 2, 3, 5]),
        ({"arrived": (None, START.date() - dt.timedelta(days=1))}, [4]),
        ({"arrived": (START.date(), dt.date.max)}, [1, 2, 3, 5]),
    ],
)
def test_filters_of_documents(seeded: Store, asked: dict[str, Any], found: list[int]) -> None:
    wanted = document_filter(with_people(), **asked)
    assert [row.id for row in seeded.document_views.rows(OWNER, wanted)] == found
    totals = seeded.document_views.totals(OWNER, wanted)
    assert totals.total == len(found)


@pytest.mark.parametrize(
    "asked", [{"tab": "nonsense"}, {"states": ("nonsense",)}, {"provider": "nobody"}, {"provider": "NONE"}]
)
def test_a_filter_that_there_is_not_is_told(asked: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        document_filter(with_people(), **asked)
    with pytest.raises(InputError):
        returned_filter("nonsense")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (InvoiceFilter(), [5]),
        (InvoiceFilter(statuses=("SUSPENDUE",)), [5]),
        (InvoiceFilter(statuses=("MANDATEE",)), []),
        (InvoiceFilter(total_min=Decimal("7.00"), total_max=Decimal("7")), [5]),
        (InvoiceFilter(total_min=Decimal("7.01")), []),
        (InvoiceFilter(deposited_from=START.date(), deposited_to=START.date()), [5]),
        (InvoiceFilter(status_to=START.date() - dt.timedelta(days=1)), []),
        (InvoiceFilter(returned=True), [5]),
        (InvoiceFilter(overdue_on=dt.date.max), []),
        (returned_filter("to_recycle"), []),
        (returned_filter("suspended"), [5]),
    ],
)
def test_filters_of_invoices(seeded: Store, wanted: InvoiceFilter, found: list[int]) -> None:
    assert [row.document_id for row in seeded.invoice_views.rows(OWNER, wanted)] == found
    assert seeded.invoice_views.totals(OWNER, wanted).total == len(found)


def test_counts_are_by_tab_and_the_amount_subtracts_credit_notes(seeded: Store) -> None:
    ready = seeded.document_views.totals(OWNER, DocumentFilter(states=(State.READY,)))
    assert (ready.total, ready.amount) == (1, Decimal("-12.50"))
    assert ready.counts == {"todo": 3, "ready": 1, "moving": 0, "held": 0, "discarded": 0, "all": 4, "ignored": 0}
    everything = seeded.document_views.totals(OWNER, DocumentFilter())
    assert everything.amount == Decimal("94.50")
    searched = seeded.document_views.totals(OWNER, DocumentFilter(text="evry", states=(State.READY,)))
    assert (searched.total, searched.counts["todo"], searched.counts["ready"]) == (0, 1, 0)


def test_each_kind_of_write_leaves_the_lists_as_what_is_stored(store: Store, make_ready: Callable[..., Any]) -> None:
    work = make_ready("F-1")
    as_stored(store)
    [row] = store.document_views.rows(OWNER, DocumentFilter())
    assert (row.state, row.invoice_number, row.provider_key) == (State.READY, "F-1", PROVIDER_KEY)
    before = row.version
    store.assessments.edit(work.row_version.invoice_id, {"comment": "x"}, actor="anna", now=START)
    as_stored(store)
    store.assessments.shelve(work.row_version.invoice_id, State.HELD, reason="wait", actor="anna", now=START)
    as_stored(store)
    [row] = store.document_views.rows(OWNER, DocumentFilter(states=(State.HELD,)))
    assert row.version > before and row.held_reason == free_text("wait")
    with store.database.write() as connection:
        connection.execute(invoices.update().values(labels="|sud|nord|"))
        connection.execute(documents.update().values(name="Autre nom.pdf"))
        list_again(connection, [row.invoice_id])
    as_stored(store)
    assert store.document_views.rows(OWNER, DocumentFilter(text="AUTRE"))
    assert store.document_views.rows(
        Viewer(provider_keys=frozenset({PROVIDER_KEY}), labels=frozenset({"nord"})), DocumentFilter()
    )


def form(store: Store, viewer: Viewer = OWNER, actor: str = "bob") -> DocumentEditing:
    return DocumentEditing(
        assessments=store.assessments,
        documents=store.document_views,
        files=FsspecFiles("memory://views"),
        viewer=viewer,
        chorus=NOT_USED,
        configuration=configuration(),
        revision=1,
        clock=FakeClock(),
        actor=actor,
    )


def test_what_somebody_does_not_see_is_not_there_to_be_changed(store: Store, make_ready: Callable[..., Any]) -> None:
    make_ready("F-1")
    [row] = store.document_views.rows(OWNER, DocumentFilter())
    for viewer in (Viewer(), viewer_of(with_people(), "bob"), viewer_of(with_people(), "boss")):
        editing = form(store, viewer)
        calls: list[Callable[[], object]] = [
            lambda editing=editing: set_fields(editing, row.id, {"comment": "x"}),
            lambda editing=editing: hold(editing, row.id, reason="x"),
            lambda editing=editing: discard(editing, row.id, reason="x"),
            lambda editing=editing: release(editing, row.id, reason="x"),
            lambda editing=editing: reread(editing, row.id, reason="x"),
        ]
        for call in calls:
            with pytest.raises(NotThereError) as unseen:
                call()
            with pytest.raises(NotThereError) as missing:
                hold(editing, 999, reason="x")
            assert str(unseen.value) == str(missing.value).replace("999", str(row.id))
    assert store.document_views.rows(OWNER, DocumentFilter()) == [row]


def test_a_form_that_is_older_than_what_is_stored_changes_nothing_and_says_who_was_first(
    store: Store, make_ready: Callable[..., Any]
) -> None:
    make_ready("F-1")
    [row] = store.document_views.rows(OWNER, DocumentFilter())
    set_fields(form(store, actor="anna"), row.id, {"comment": "hers"}, expected=row.version)
    [after] = store.document_views.rows(OWNER, DocumentFilter())
    assert after.version > row.version
    with pytest.raises(EditConflictError) as caught:
        set_fields(form(store), row.id, {"comment": "his", "invoice_number": "F-2"}, expected=row.version)
    assert caught.value.version == after.version
    assert caught.value.conflicts == {
        "comment": Conflict(stored="hers", yours="his", by="anna", at=START),
        "invoice_number": Conflict(stored="F-1", yours="F-2", by=None, at=None),
    }
    for action in (hold, discard, reread):
        with pytest.raises(StaleError):
            action(form(store), row.id, reason="x", expected=row.version)
    assert store.document_views.rows(OWNER, DocumentFilter()) == [after]
    hold(form(store), row.id, reason="x", expected=after.version)
    with pytest.raises(StaleError):
        release(form(store), row.id, reason="x", expected=after.version)


def test_what_is_rolled_back_lists_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.database.write() as connection:
        seed(connection, 1)
        raise RuntimeError
    with store.database.write() as connection:
        seed(connection, 2)
    as_stored(store)


def test_a_row_that_cannot_be_made_never_takes_the_transaction_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_row", lambda fact: {"invoice_id": None})
    with store.database.write() as connection:
        seed(connection, 1)
    with store.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(invoices)) == 1
    assert "as they were before" in caplog.text
    monkeypatch.undo()
    with store.database.write() as connection:
        module.list_missing(connection)
    as_stored(store)


def test_a_row_that_cannot_be_made_keeps_no_other_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = module._row

    def row(fact: Any, statuses: Any) -> dict[str, Any]:
        if fact.id == 2:
            raise ValueError("nobody foresaw this")
        return made(fact, statuses)

    monkeypatch.setattr(module, "_row", row)
    with store.database.write() as connection:
        for number in (1, 2, 3):
            seed(connection, number)
    with store.database.read() as connection:
        assert connection.scalars(sa.select(module.listed.c.invoice_id).order_by("invoice_id")).all() == [1, 3]
    assert "Lists may show invoices [2] as they were before" in caplog.text
    monkeypatch.undo()
    with store.database.write() as connection:
        module.list_again(connection, [2])
    as_stored(store)


@pytest.mark.parametrize(
    ("amount", "found"),
    [("12.50", 1250), ("-12.50", 1250), (None, 0), ("", 0), ("1,5", 0), ("NaN", 0), ("1e400", 10**17), ("0.005", 1)],
)
def test_an_amount_in_cents(amount: str | None, found: int) -> None:
    assert cents(amount) == found
