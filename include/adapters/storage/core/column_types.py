"""Types of columns that the database does not have by itself."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import Any

import sqlalchemy as sa

from include.adapters.storage.core.codec import dump, load
from include.domain.causes import Cause


class UtcDateTime(sa.TypeDecorator[dt.datetime]):
    """Aware datetimes, stored in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[dt.datetime]:
        """What a value is."""
        return dt.datetime

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Refuses naive times: they would be somebody's guess."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without zone may not be stored")
        return value.astimezone(dt.UTC) if value else None

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dt.datetime | None:
        """UTC, aware."""
        if value is None:
            return None
        aware: dt.datetime = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)


class CauseJson(sa.TypeDecorator[Cause]):
    """A cause as code, parameters and reasons."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Cause | None, dialect: sa.Dialect) -> Any:
        """The cause as JSON data."""
        return None if value is None else dump(Cause, value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Cause | None:
        """The cause from JSON data."""
        cause: Cause | None = None if value is None else load(Cause, value)
        return cause


class CompressedJson(sa.TypeDecorator[Any]):
    """JSON that the database never looks into, as bytes of zlib: an eighth of its text for words with boxes."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> bytes | None:
        """The data as bytes."""
        return None if value is None else _packed(value)

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> Any:
        """The data from its bytes."""
        return None if value is None else json.loads(zlib.decompress(value))


def _packed(value: Any) -> bytes:
    """What is stored of JSON data."""
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
