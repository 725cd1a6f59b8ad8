"""`chorus invoices list --csv`: the rows of the list and no others, as a French spreadsheet wants them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import sqlalchemy as sa
from typer.testing import CliRunner

from include.adapters.storage.tables import invoices, remote_invoices
from include.application.export_invoices import export_invoices, to_csv
from include.application.listing import viewer_of
from include.bootstrap import services
from include.cli import app
from include.domain.configuration import Configuration
from include.domain.wordings.export import COLUMNS
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START
from tests.integration.tracking.bench import TrackingBench


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def with_rights(bench: TrackingBench) -> Configuration:
    """anna uses the provider and sees only what carries the label North."""
    right = {"user": "anna", "label": "North"}
    [provider] = bench.configuration.providers
    used = provider.model_copy(update={"use": provider.notify})
    return Configuration.model_validate(
        {**bench.configuration.model_dump(), "providers": [used.model_dump()], "label_rights": [right]}
    )


def test_it_has_the_platforms_values_and_before_they_are_known_those_of_the_document(bench: TrackingBench) -> None:
    bench.submitted("2026-FA-1")
    bench.retrieve()
    bench.submitted("2026-FA-2")
    rows = export_invoices(bench.store.listings, bench.configuration, language="fr")
    first, second = read(to_csv(rows, "fr"))
    assert tuple(first) == tuple(fr for fr, _ in COLUMNS.values())
    assert (first["Numéro de facture"], second["Numéro de facture"]) == ("2026-FA-1", "2026-FA-2")
    assert first["Date de dépôt"] and not second["Date de dépôt"], "the platform has not told yet"
    for row in (first, second):
        assert (row["Montant HT"], row["Montant TTC"]) == ("1000,00", "1200,00")
        assert row["Statut"] == "Déposée" and row["Identifiant portail"].startswith("Factures/")
        assert row["Fournisseur"] == bench.provider.name and len(row["SIRET du destinataire"]) == 14
    assert [row["Invoice number"] for row in read(to_csv(rows, "en"))] == ["2026-FA-1", "2026-FA-2"]


def test_the_file_starts_with_a_bom_and_runs_nothing(bench: TrackingBench) -> None:
    bench.put("=cmd|'/C calc'!A1", "SUSPENDUE")
    bench.put("AV-1", "SUSPENDUE", credit_note=True)
    bench.retrieve()
    with bench.store.database.write() as connection:
        connection.execute(remote_invoices.update().values(status_comment='+1; "two"\r\nlines'))
    content = to_csv(export_invoices(bench.store.listings, bench.configuration, language="fr"), "fr")
    assert content.startswith(b"\xef\xbb\xbf")
    dangerous, credit = read(content)
    assert dangerous["Numéro de facture"] == "=\"=cmd|'/C calc'!A1\""
    assert dangerous["Commentaire"] == '="+1; ""two"" lines"'
    assert (dangerous["Montant TTC"], credit["Montant TTC"]) == ("1200,00", "-1200,00")


def test_filters_and_rights_of_the_list_are_those_of_the_file(bench: TrackingBench) -> None:
    for number, status in (("F-1", "SUSPENDUE"), ("F-2", "MANDATEE"), ("F-3", "MANDATEE")):
        bench.put(number, status)
    bench.retrieve()
    with bench.store.database.write() as connection:
        connection.execute(
            sa.update(invoices).where(invoices.c.invoice_number != "F-2").values(labels="|north|")  # folded
        )
    shown = with_rights(bench)

    def numbers(**wanted: str | dt.date) -> list[str]:
        rows = export_invoices(bench.store.listings, shown, language="fr", **wanted)  # type: ignore[arg-type]
        return [row["invoice_number"] for row in rows]

    assert numbers() == ["F-1", "F-2", "F-3"]
    assert numbers(user="anna") == ["F-1", "F-3"]
    assert numbers(user="anna", status="MANDATEE") == ["F-3"]
    assert numbers(user="stranger") == []
    assert numbers(from_date=START.date() + dt.timedelta(days=1)) == []
    ids = bench.store.listings.invoice_ids(["1", "2", "3"])
    assert len(bench.store.listings.invoice_details(viewer_of(shown, "anna"), ids)) == 2


def test_the_command_writes_the_file_or_says_why_not(own_home: Path, tmp_path: Path) -> None:
    store = services().store
    store.database.migrate()
    with store.database.write() as connection:
        connection.execute(
            invoices.insert().values(
                state="submitted",
                provider_key=PROVIDER_KEY,
                chorus_id=5,
                status="MANDATEE",
                invoice_number="F-1",
                environment="simulator",
                created_at=START,
                changed_at=START,
            )
        )
    store.database.close()
    target = tmp_path / "out.csv"
    done = CliRunner().invoke(app, ["invoices", "list", "--csv", str(target)])
    assert done.exit_code == 0 and done.stdout == "" and "1 rows" in done.stderr
    [row] = read(target.read_bytes())
    assert "5" in row.values()
    for wrong in (["--csv", str(tmp_path)], ["--csv", str(target), "--live"]):
        failed = CliRunner().invoke(app, ["invoices", "list", *wrong])
        assert type(failed.exception).__name__ == "InputError", failed.output
