"""One way of writing per format; the heavy libraries are imported by the one that is used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from include.adapters.tables.csv_file import write_csv
from include.adapters.tables.excel_file import write_excel
from include.adapters.tables.parquet_file import write_parquet
from include.adapters.tables.whole_file import whole_file
from include.application.table_port import Batches, Column, Format

_WAYS = {Format.CSV: write_csv, Format.PARQUET: write_parquet, Format.EXCEL: write_excel}


class FileTables:
    """`TableWriter` on the file system."""

    def write(self, target: Path, form: Format, columns: Sequence[Column], batches: Batches) -> int:
        """See `TableWriter`."""
        with whole_file(target) as file:
            return _WAYS[form](file, columns, batches)
