"""One way of writing per format; the heavy libraries are imported by the one that is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from include.adapters.spreadsheets.csv_file import csv_pieces, write_csv
from include.adapters.spreadsheets.excel_file import write_excel
from include.adapters.spreadsheets.parquet_file import write_parquet
from include.adapters.spreadsheets.whole_file import whole_file
from include.application.ports.spreadsheets import Batches, Column, Format

_WAYS = {Format.CSV: write_csv, Format.PARQUET: write_parquet, Format.EXCEL: write_excel}


class CsvStream:
    """`TableStream`."""

    def csv(self, columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
        """See `TableStream`."""
        return csv_pieces(columns, batches)


class FileTables:
    """`TableWriter` on the file system."""

    def write(self, target: Path, form: Format, columns: Sequence[Column], batches: Batches) -> int:
        """See `TableWriter`."""
        with whole_file(target) as file:
            return _WAYS[form](file, columns, batches)
