"""A part of a text is found by an index where PostgreSQL lets us have one, and found all the same where it does not."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import listed
from include.adapters.storage.core.text_search import INDEXES
from include.adapters.storage.store import Store
from include.application.ports.document_views import DocumentFilter
from include.domain.rights import OWNER


@contextmanager
def migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def there(database: Database) -> set[str]:
    with database.read() as connection:
        names = connection.scalars(sa.text("SELECT relname FROM pg_class WHERE relkind = 'i'")).all()
    return set(INDEXES) & set(names)


def test_a_part_of_a_text_is_found_by_the_index(postgresql_database: str) -> None:
    query = sa.select(listed.c.invoice_id).where(listed.c.search_text.contains("ab_12", autoescape=True))
    with migrated(postgresql_database) as database, database.read() as connection:
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        connection.execute(sa.text("SET LOCAL enable_indexonlyscan = off"))
        asked = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.scalars(sa.text(f"EXPLAIN {asked}")))
    assert "ix_listed_invoices_trigrams" in plan


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_questions_are_planned_for_indexes_and_never_compiled(postgresql_database: str, driver: str) -> None:
    url = sa.make_url(postgresql_database).set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)
    with migrated(url) as database, database.read() as connection:
        assert connection.scalar(sa.text("SHOW random_page_cost")) == "1.1"
        assert connection.scalar(sa.text("SHOW jit")) == "off"


@pytest.fixture
def without_rights(postgresql_database: str) -> Iterator[str]:
    """The database for a role that may make tables in it, and add nothing to it."""
    url, role = sa.make_url(postgresql_database), f"owner_{secrets.token_hex(4)}"
    password = secrets.token_hex(16)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'"))
        connection.execute(sa.text(f"GRANT ALL ON SCHEMA public TO {role}"))
    yield url.set(username=role, password=password).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP OWNED BY {role} CASCADE"))
        connection.execute(sa.text(f"DROP ROLE {role}"))
    engine.dispose()


def test_without_the_right_to_add_an_extension_texts_are_searched_all_the_same(
    without_rights: str, postgresql_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), migrated(without_rights) as database:
        assert there(database) == set()
        assert "permission denied" in caplog.text
        assert Store(database).document_views.rows(OWNER, DocumentFilter(text="ab")) == []
    engine = sa.create_engine(postgresql_database)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE EXTENSION pg_trgm"))
    engine.dispose()
    with migrated(without_rights) as database:
        assert there(database) == set(INDEXES)
