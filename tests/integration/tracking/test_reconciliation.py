"""The nightly comparison on both databases: found, stored, told once, closed when it is gone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.tables import findings, invoices, remote_invoices
from include.application.reconcile import columns, in_words, list_findings, reconcile
from include.application.reconcile_port import Compared
from include.domain.notification import EventKind
from include.domain.wordings.notification import ALERTS
from tests.integration.tracking.bench import TrackingBench


def compare(bench: TrackingBench) -> Compared:
    return reconcile(bench.provider, bench.store.findings, bench.clock)


def standing(bench: TrackingBench) -> list[tuple[str, str, str | None, str | None]]:
    rows = list_findings(bench.store.findings, [bench.provider], "en")
    assert all(row["todo"] and row["provider"] == bench.provider.name for row in rows)
    return [(row["invoice_number"], row["kind"], row["ours"], row["theirs"]) for row in rows]


def change(bench: TrackingBench, query: Any) -> None:
    with bench.store.database.write() as connection:
        connection.execute(query)


def of(bench: TrackingBench, number: str) -> int:
    [(found,)] = bench.rows(invoices.c.id, of=number)
    return int(found)


def alerts(bench: TrackingBench) -> list[dict[str, str]]:
    return [facts for facts in bench.events(EventKind.ALERT) if facts["code"] == "reconciliation"]


@pytest.fixture
def night(bench: TrackingBench) -> TrackingBench:
    """Two invoices of ours, older ones of others, all retrieved."""
    bench.put("OLD-1", "MISE_EN_PAIEMENT")
    bench.clock.advance(days=1)
    bench.submitted("F-1")
    bench.submitted("F-2")
    bench.loaded()
    assert bench.retrieve().complete
    return bench


def test_a_night_without_differences_finds_none_however_old_the_account(night: TrackingBench) -> None:
    assert compare(night) == Compared(open=0)
    assert standing(night) == [] and alerts(night) == []


def test_what_the_platform_never_showed_is_missed(night: TrackingBench) -> None:
    night.submitted("F-3")
    night.platform.invoices.pop()
    assert compare(night).open == 0, "sent after the last retrieval"
    night.clock.advance(days=2)
    assert night.retrieve().complete
    compare(night)
    assert standing(night) == [("F-3", "missing_there", "submitted", None)]


def test_what_others_send_beside_us_is_named(night: TrackingBench) -> None:
    night.put("P-1", "MANDATEE")
    assert night.retrieve().complete
    compare(night)
    assert standing(night) == [("P-1", "missing_here", None, "MANDATEE")]


def test_status_and_amount_are_compared_with_what_was_sent(night: TrackingBench) -> None:
    change(night, invoices.update().where(invoices.c.id == of(night, "F-1")).values(status="MANDATEE"))
    other = remote_invoices.update().where(remote_invoices.c.invoice_id == of(night, "F-2"))
    change(night, other.values(total_incl_tax="1200.01"))
    compare(night)
    assert sorted(standing(night)) == [
        ("F-1", "status_differs", "submitted, MANDATEE", "DEPOSEE"),
        ("F-2", "amount_differs", "1200.00", "1200.01"),
    ]


def test_each_difference_is_told_once_until_it_changes_and_closes_when_it_is_gone(night: TrackingBench) -> None:
    mine = remote_invoices.update().where(remote_invoices.c.invoice_id == of(night, "F-2"))
    change(night, mine.values(total_incl_tax="1.00"))
    for _ in range(3):
        compare(night)
        night.clock.advance(days=1)
    assert len(alerts(night)) == 1 and alerts(night)[0]["count"] == "1"
    change(night, mine.values(total_incl_tax="2.00"))
    assert len(compare(night).fresh) == 1
    night.clock.advance(days=1)
    change(night, mine.values(total_incl_tax="1200.00"))
    assert compare(night) == Compared(open=0, closed=1)
    assert standing(night) == []
    night.clock.advance(days=1)
    change(night, mine.values(total_incl_tax="2.00"))
    compare(night)
    assert len(alerts(night)) == 3, "it came back"
    with night.store.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(findings)) == 1


def test_the_alert_can_be_said(night: TrackingBench) -> None:
    change(night, invoices.update().where(invoices.c.id == of(night, "F-1")).values(status="MANDATEE"))
    compare(night)
    [facts] = alerts(night)
    for text in ALERTS["reconciliation"]:
        assert "1" in text.format(**facts)


def test_many_invoices_are_read_in_batches(night: TrackingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    from include.adapters.storage import findings as module

    monkeypatch.setattr(module, "_BATCH", 1)
    assert len(list(night.store.findings.pairs(night.provider.key))) == 3


def test_as_a_file_for_people_a_difference_has_words_and_no_codes() -> None:
    status = {"kind": "status_differs", "ours": "SUSPENDUE", "theirs": "MANDATEE", "todo": "x"}
    amount = {"kind": "amount_differs", "ours": "120.00", "theirs": None, "todo": "x"}
    said = in_words(status, "fr")
    assert (said["kind"], said["ours"], said["theirs"]) == ("statut différent", "Suspendue", "Mandatée")
    assert in_words(amount, "fr")["ours"] == "120,00" and in_words(amount, "en")["ours"] == "120.00"
    assert [column.heading for column in columns("fr")][1] == "Écart"
    assert {column.name for column in columns("fr")} == {column.name for column in columns("en")}
