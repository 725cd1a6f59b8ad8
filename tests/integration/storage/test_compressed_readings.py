"""Readings are stored compressed; a migration converts those that are there, on both databases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from include.adapters.storage.core.codec import dump, load
from include.adapters.storage.core.database import _MIGRATIONS, Database
from include.adapters.storage.core.tables import readings
from include.adapters.storage.store import Store
from include.application.ports.ledger import SendWork
from include.domain.reading import DocumentKind, Reading
from include.domain.text import Line, Page, TextSource, Word
from tests.factories import reading

AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
BEFORE = "0004"


def long_reading() -> Reading:
    """A page as full as invoices are."""
    words = tuple(Word(text=f"Désignation{n % 37}", box=(10.0 + n, 20.5, 40.25 + n, 30.0)) for n in range(400))
    lines = tuple(Line(words=words[start : start + 8]) for start in range(0, len(words), 8))
    page = Page(number=1, width=595.0, height=842.0, source=TextSource.TEXT, lines=lines)
    return Reading(kind=DocumentKind.DIGITAL, pages=(page,), searchable_copy="c" * 64)


def migrated_to(url: str, revision: str) -> sa.Engine:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    return engine


def test_readings_of_an_older_version_are_converted(bare_url: str) -> None:
    engine = migrated_to(bare_url, BEFORE)
    whole = dump(Reading, long_reading())
    refused = {"code": "encrypted", "field": None, "params": {}}
    rows: list[dict[str, Any]] = [
        {"content_sha256": f"{number:064x}", "reading": json.dumps(whole), "unreadable": False} for number in range(450)
    ]
    rows.append({"content_sha256": "f" * 64, "reading": json.dumps(refused), "unreadable": True})
    old = sa.Table("readings", sa.MetaData(), autoload_with=engine)
    with engine.begin() as connection:
        for row in rows:
            row |= {"reading": json.loads(row["reading"]), "stale": False, "read_at": AT}
        connection.execute(old.insert(), rows)
    engine.dispose()
    database = Database(bare_url)
    database.migrate()
    with database.read() as connection:
        found = connection.execute(sa.select(readings).order_by(readings.c.content_sha256)).all()
    database.close()
    assert len(found) == len(rows)
    assert {load(Reading, row.reading) == long_reading() for row in found[:-1]} == {True}
    assert {(row.kind, row.searchable_copy) for row in found[:-1]} == {("digital", "c" * 64)}
    assert (found[-1].reading, found[-1].kind, found[-1].unreadable) == (refused, None, True)


def test_a_reading_takes_a_fraction_of_its_text(store: Store, make_ready: Callable[..., SendWork]) -> None:
    make_ready()
    whole = dump(Reading, long_reading())
    with store.database.write() as connection:
        connection.execute(readings.update().values(reading=whole))
        stored = connection.scalar(sa.select(sa.func.length(sa.type_coerce(readings.c.reading, sa.LargeBinary))))
        assert connection.scalar(sa.select(readings.c.reading)) == whole
    assert stored is not None
    assert stored * 6 < len(json.dumps(whole))


def test_boxes_are_stored_in_hundredths_of_a_point() -> None:
    word = Word(text="Total", box=(111.3499984741211, 43.7900390625, 147.35000610351562, 54.3800048828125))
    page = Page(number=1, width=595.0, height=842.0, source=TextSource.TEXT, lines=(Line(words=(word,)),))
    loaded = load(Reading, dump(Reading, Reading(kind=DocumentKind.DIGITAL, pages=(page,))))
    assert loaded.pages[0].lines[0].words[0].box == (111.35, 43.79, 147.35, 54.38)


def test_kind_and_searchable_copy_stand_in_columns(store: Store, make_ready: Callable[..., SendWork]) -> None:
    make_ready()
    with store.database.read() as connection:
        row = connection.execute(sa.select(readings)).one()
    assert (row.kind, row.searchable_copy) == (reading().kind, reading().searchable_copy)
    assert load(Reading, row.reading) == reading()
