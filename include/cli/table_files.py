"""`--csv`, `--parquet`, `--excel`: what a listing shows, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from include.application.ports.spreadsheets import Format
from include.cli.output import say
from include.domain.errors import InputError

if TYPE_CHECKING:
    from include.application.ports.spreadsheets import Batches, Column

Csv = Annotated[Path | None, typer.Option("--csv", help="Write the rows to this file: UTF-8 with BOM, `;`.")]
Parquet = Annotated[Path | None, typer.Option("--parquet", help="Write the rows to this file, for other programs.")]
Excel = Annotated[Path | None, typer.Option("--excel", help="Write the rows to this workbook (.xlsx).")]


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """The file that was asked for."""

    form: Format
    path: Path

    def write(self, columns: Sequence[Column], batches: Batches) -> None:
        """Writes it, and says on stderr how many rows it has."""
        from include.bootstrap import table_writer

        count = table_writer().write(self.path, self.form, columns, batches)
        say("rows_written", err=True, count=count, path=self.path)


def asked_for(*, csv: Path | None, parquet: Path | None, excel: Path | None) -> TableFile | None:
    """The one file that was asked for, if any."""
    given = {Format.CSV: csv, Format.PARQUET: parquet, Format.EXCEL: excel}
    found = [TableFile(form=form, path=path) for form, path in given.items() if path is not None]
    if len(found) > 1:
        names = ", ".join(f"--{one.form}" for one in found)
        raise InputError("one_file_at_a_time", names=names)
    return found[0] if found else None
