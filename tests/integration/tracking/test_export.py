"""`chorus invoices list --csv|--parquet|--excel`: the rows of the list and no others, each value as what it is."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import invoices, remote_invoices
from include.application.ports.invoice_views import InvoiceFilter
from include.application.ports.paging import Totals
from include.application.ports.spreadsheets import Format
from include.application.views import export_invoices as module
from include.application.views.export_invoices import COLUMNS, columns, export_invoices
from include.application.views.filters import viewer_of
from include.bootstrap import services, table_writer
from include.cli import app
from include.domain.configuration import Configuration
from include.domain.reasons import Language
from include.domain.rights import OWNER
from tests.catalogues import table
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START
from tests.integration.tracking.bench import TrackingBench

NAMES = COLUMNS
TODAY = START.date()
HEADINGS = [table("export")[name][0] for name in COLUMNS]


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def written(bench: TrackingBench, path: Path, form: Format, language: Language = "fr") -> bytes:
    words = language if form.for_people else None
    rows = export_invoices(bench.store.invoice_views, bench.configuration, OWNER, InvoiceFilter(), words, today=TODAY)
    table_writer().write(path / "out", form, columns(language), rows)
    return (path / "out").read_bytes()


def numbers(bench: TrackingBench, shown: Configuration, user: str | None = None, **wanted: Any) -> list[str]:
    wanted_ones = InvoiceFilter(**wanted)
    batches = export_invoices(bench.store.invoice_views, shown, viewer_of(shown, user), wanted_ones, "fr", today=TODAY)
    return [row["invoice_number"] for batch in batches for row in batch]


def with_rights(bench: TrackingBench) -> Configuration:
    """anna uses the provider and sees only what carries the label North."""
    right = {"user": "anna", "label": "North"}
    [provider] = bench.configuration.providers
    used = provider.model_copy(update={"use": provider.notify})
    return Configuration.model_validate(
        {**bench.configuration.model_dump(), "providers": [used.model_dump()], "label_rights": [right]}
    )


@pytest.fixture
def hostile(bench: TrackingBench) -> TrackingBench:
    """Numbers of foreign origin that a spreadsheet would run, cut or take for a date."""
    bench.put("=cmd|'/C calc'!A1", "SUSPENDUE")
    bench.put("AV-1", "SUSPENDUE", credit_note=True)
    bench.put("000123", "SUSPENDUE")
    bench.put("2026-11", "SUSPENDUE")
    bench.retrieve()
    with bench.store.database.write() as connection:
        connection.execute(
            remote_invoices.update().values(status_comment='+1; "two"\r\nlines', service_code="MARS 3", issue_date=None)
        )
        list_again(connection, connection.scalars(sa.select(invoices.c.id)))
    return bench


def test_it_has_the_platforms_values_and_before_they_are_known_those_of_the_document(
    bench: TrackingBench, tmp_path: Path
) -> None:
    bench.submitted("2026-FA-1")
    bench.retrieve()
    bench.submitted("2026-FA-2")
    first, second = read(written(bench, tmp_path, Format.CSV))
    assert list(first) == HEADINGS
    assert (first["Numéro de facture"], second["Numéro de facture"]) == ("2026-FA-1", "2026-FA-2")
    assert first["Date de dépôt"] and not second["Date de dépôt"], "the platform has not told yet"
    for row in (first, second):
        assert (row["Montant HT"], row["Montant TTC"]) == ("1000,00", "1200,00")
        assert row["Statut"] == "Déposée" and row["Identifiant portail"].startswith("Factures/")
        assert row["Fournisseur"] == bench.provider.name
        assert len(row["SIRET du destinataire"]) == len('="12345678200051"')
    english = read(written(bench, tmp_path, Format.CSV, "en"))
    assert [row["Invoice number"] for row in english] == ["2026-FA-1", "2026-FA-2"]


def test_a_csv_starts_with_a_bom_runs_nothing_and_keeps_what_looks_like_a_number(
    hostile: TrackingBench, tmp_path: Path
) -> None:
    content = written(hostile, tmp_path, Format.CSV)
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\xef\xbb\xbf") == 1
    dangerous, credit, zeros, month = read(content)
    assert dangerous["Numéro de facture"] == "=\"=cmd|'/C calc'!A1\""
    assert dangerous["Commentaire"] == '="+1; ""two"" lines"'
    assert (zeros["Numéro de facture"], month["Numéro de facture"]) == ('="000123"', '="2026-11"')
    assert credit["Code service"] == '="MARS 3"', "Excel would make the third of March of it"
    assert credit["Numéro de facture"] == "AV-1", "a plain text needs no guard"
    assert (dangerous["Montant TTC"], credit["Montant TTC"]) == ("1200,00", "-1200,00")


def test_a_workbook_holds_texts_real_amounts_real_dates_and_no_formula(hostile: TrackingBench, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written(hostile, tmp_path, Format.EXCEL))).active
    headings, *rows = [list(row) for row in sheet.iter_rows()]
    assert [cell.value for cell in headings] == HEADINGS
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d"}, "f would be a formula"
    dangerous, credit, zeros, month = [dict(zip(NAMES, row, strict=True)) for row in rows]
    assert dangerous["invoice_number"].value == "=cmd|'/C calc'!A1"
    assert dangerous["status_comment"].value == '+1; "two" lines'
    assert (zeros["invoice_number"].value, month["invoice_number"].value) == ("000123", "2026-11")
    for name in ("recipient_siret", "chorus_id", "invoice_number"):
        assert isinstance(zeros[name].value, str) and zeros[name].number_format == "@", name
    assert credit["total_incl_tax"].value == -1200 and credit["total_incl_tax"].number_format == "#,##0.00"
    assert zeros["deposited_on"].is_date and zeros["issue_date"].value is None
    assert f"{zeros['status_at'].value:%Y-%m-%d %H:%M}" == "2026-11-20 09:00", "Paris, as people read it"
    assert sheet.freeze_panes == "A2"


def test_parquet_has_names_codes_exact_amounts_and_times_in_utc(hostile: TrackingBench, tmp_path: Path) -> None:
    written(hostile, tmp_path, Format.PARQUET)
    table = pq.read_table(tmp_path / "out")
    assert tuple(table.column_names) == NAMES
    types = {field.name: str(field.type) for field in table.schema}
    assert {types[name] for name in ("total_excl_tax", "total_incl_tax", "amount_due")} == {"decimal128(38, 2)"}
    assert (types["issue_date"], types["deposited_on"]) == ("date32[day]", "date32[day]")
    assert (types["status_at"], types["chorus_id"]) == ("timestamp[us, tz=UTC]", "int64")
    assert {types[name] for name in ("recipient_siret", "invoice_number", "service_code")} == {"string"}
    dangerous, credit, zeros, _ = table.to_pylist()
    assert dangerous["invoice_number"] == "=cmd|'/C calc'!A1", "no guard: no spreadsheet opens it"
    assert zeros["invoice_number"] == "000123" and zeros["status"] == "SUSPENDUE"
    assert credit["total_incl_tax"] == Decimal("-1200.00")
    assert zeros["status_at"] == START and zeros["issue_date"] is None
    assert zeros["deposited_on"] == START.date()


def test_filters_and_rights_of_the_list_are_those_of_the_file_and_of_the_counts(bench: TrackingBench) -> None:
    for number, status in (("F-1", "SUSPENDUE"), ("F-2", "MANDATEE"), ("F-3", "MANDATEE")):
        bench.put(number, status)
    bench.retrieve()
    with bench.store.database.write() as connection:
        connection.execute(
            sa.update(invoices).where(invoices.c.invoice_number != "F-2").values(labels="|north|")  # folded
        )
        list_again(connection, [1, 2, 3])
    shown = with_rights(bench)
    assert numbers(bench, shown) == ["F-1", "F-2", "F-3"]
    assert numbers(bench, shown, "anna") == ["F-1", "F-3"]
    assert numbers(bench, shown, "anna", statuses=("MANDATEE",)) == ["F-3"]
    assert numbers(bench, shown, "stranger") == []
    assert numbers(bench, shown, deposited_from=START.date() + dt.timedelta(days=1)) == []
    views = bench.store.invoice_views
    assert views.ids(["1", "2", "3"]) == [1, 2, 3]
    found = views.totals(viewer_of(shown, "anna"), InvoiceFilter())
    assert (found.total, found.counts) == (2, {"SUSPENDUE": 1, "MANDATEE": 1})
    assert views.totals(viewer_of(shown, "stranger"), InvoiceFilter()) == Totals(total=0, amount=Decimal(0))
    assert views.totals(viewer_of(shown, None), InvoiceFilter()).total == 3


@pytest.mark.parametrize("form", list(Format))
def test_a_list_longer_than_a_batch_comes_whole_and_once(
    bench: TrackingBench, form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    for number in range(7):
        bench.put(f"N-{number}", "MANDATEE")
    bench.retrieve()
    content = written(bench, tmp_path, form)
    found: Iterator[str]
    if form is Format.CSV:
        found = (row["Numéro de facture"] for row in read(content))
    elif form is Format.PARQUET:
        found = (row["invoice_number"] for row in pq.read_table(tmp_path / "out").to_pylist())
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        found = (str(row[1]) for row in sheet.iter_rows(min_row=2, values_only=True))
    assert list(found) == [f"N-{number}" for number in range(7)]


class TestCommand:
    @pytest.fixture(autouse=True)
    def one_invoice(self, own_home: Path) -> None:
        store = services().store
        store.database.migrate()
        row = {
            "state": "submitted",
            "provider_key": PROVIDER_KEY,
            "chorus_id": 5,
            "status": "MANDATEE",
            "invoice_number": "F-1",
            "environment": "simulator",
            "created_at": START,
            "changed_at": START,
        }
        with store.database.write() as connection:
            list_again(connection, [connection.scalar(invoices.insert().values(row).returning(invoices.c.id))])
        store.database.close()

    def run(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, ["invoices", *arguments])

    @pytest.mark.parametrize(
        ("option", "start"), [("--csv", b"\xef\xbb\xbf"), ("--parquet", b"PAR1"), ("--excel", b"PK")]
    )
    def test_it_writes_the_file_and_says_how_many_rows_it_has(self, tmp_path: Path, option: str, start: bytes) -> None:
        target = tmp_path / "out"
        done = self.run("list", option, str(target))
        assert done.exit_code == 0 and done.stdout == "" and "1 rows" in done.stderr
        assert target.read_bytes().startswith(start)
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".out", "out"))] == ["out"]

    @pytest.mark.parametrize("option", ["--csv", "--parquet", "--excel"])
    def test_the_comparison_is_written_too_with_its_headings_alone_where_nothing_differs(
        self, tmp_path: Path, option: str
    ) -> None:
        done = self.run("compare", option, str(tmp_path / "out"))
        assert done.exit_code == 0 and "0 rows" in done.stderr
        assert (tmp_path / "out").stat().st_size > 0

    def test_a_place_that_cannot_be_written_and_a_call_that_makes_no_sense_are_said(self, tmp_path: Path) -> None:
        target = str(tmp_path / "out")
        for wrong in (
            ["--csv", str(tmp_path)],
            ["--parquet", str(tmp_path / "none" / "out")],
            ["--excel", target, "--live"],
            ["--csv", target, "--excel", target],
            ["--csv", target, "--provider", "Nobody"],
        ):
            failed = self.run("list", *wrong)
            assert type(failed.exception).__name__ == "InputError", failed.output
        assert not Path(target).exists()
