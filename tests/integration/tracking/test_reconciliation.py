"""The nightly comparison on both databases: found, stored, told once, closed when it is gone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import findings, invoices, remote_invoices
from include.application import progress
from include.application.ports.reconciliation import Compared, StandingDifference
from include.application.tracking.reconcile import ListedDifference, columns, list_findings, reconcile
from include.domain.notification import EventKind
from include.domain.reconciliation import FindingKind
from include.texts import LANGUAGES, translate
from tests.fakes.clock import START
from tests.integration.storage.seeded import list_all
from tests.integration.tracking.bench import TrackingBench


def compare(bench: TrackingBench) -> Compared:
    return reconcile(bench.provider, bench.store.findings, bench.clock, bench.store.internal_errors)


def standing(bench: TrackingBench) -> list[tuple[Any, ...]]:
    rows = [one.row("en") for one in list_findings(bench.store.findings, [bench.provider])]
    assert all(row["todo"] and row["provider"] == bench.provider.name for row in rows)
    return [(row["invoice_number"], row["kind"], row["ours"], row["theirs"]) for row in rows]


def change(bench: TrackingBench, query: Any) -> None:
    with bench.store.database.write() as connection:
        connection.execute(query)
        list_all(connection)


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


def test_a_long_night_says_in_the_log_how_many_were_compared(
    night: TrackingBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)
    with caplog.at_level("INFO"):
        compare(night)
    assert "Comparing with the list of Chorus Pro: 3 done." in caplog.messages


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
    for language in LANGUAGES:
        assert "1" in translate("alert.reconciliation", language, **facts)


def test_many_invoices_are_read_in_batches(night: TrackingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    from include.adapters.storage.tracking import findings as module

    monkeypatch.setattr(module, "_BATCH", 1)
    assert len(list(night.store.findings.pairs(night.provider.key))) == 3


def listed(kind: FindingKind, *, ours: str, theirs: str | None) -> ListedDifference:
    found = StandingDifference(
        provider_key="p",
        kind=kind,
        invoice_id=1,
        chorus_id=None,
        invoice_number="F-1",
        ours=ours,
        theirs=theirs,
        first_seen_at=START,
    )
    return ListedDifference("Durand", found)


def test_as_a_file_for_people_a_difference_has_words_and_no_codes() -> None:
    status = listed(FindingKind.STATUS_DIFFERS, ours="SUSPENDUE", theirs="MANDATEE")
    amount = listed(FindingKind.AMOUNT_DIFFERS, ours="120.00", theirs=None)
    said = status.row_in_words("fr")
    assert (said["kind"], said["ours"], said["theirs"]) == ("statut différent", "Suspendue", "Mandatée")
    assert [amount.row_in_words(language)["ours"] for language in ("fr", "en")] == ["120,00", "120.00"]
    assert [column.heading for column in columns("fr")][1] == "Écart"
    assert {column.name for column in columns("fr")} == {column.name for column in columns("en")}
