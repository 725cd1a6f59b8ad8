"""Parquet for data people: names instead of headings, codes instead of words, exact amounts, times in UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import IO, Any

from include.application.ports.spreadsheets import Batches, Column, Kind

_CENT = Decimal("0.01")


def write_parquet(file: IO[bytes], columns: Sequence[Column], batches: Batches) -> int:
    """One row group per batch; the number of rows."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        Kind.TEXT: pa.string(),
        Kind.ID: pa.int64(),
        Kind.COUNT: pa.int64(),
        Kind.AMOUNT: pa.decimal128(38, 2),
        Kind.DATE: pa.date32(),
        Kind.TIME: pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(column.name, types[column.kind]) for column in columns])
    names = [column.name for column in columns]
    count = 0
    with pq.ParquetWriter(file, schema) as writer:
        for batch in batches:
            cells = [[_cell(row[column.name], column.kind) for column in columns] for row in batch]
            # as objects, so that pandas makes no floating point numbers of ids that are sometimes missing
            frame = pd.DataFrame(cells, columns=names, dtype=object)
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))
            count += len(batch)
    return count


def _cell(value: Any, kind: Kind) -> Any:
    if kind is Kind.AMOUNT:
        return value.quantize(_CENT, ROUND_HALF_UP) if isinstance(value, Decimal) else None
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return value if value is None or kind is not Kind.TEXT else str(value)
