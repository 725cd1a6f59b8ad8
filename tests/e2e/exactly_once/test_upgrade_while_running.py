"""An upgrade of the database while a worker of the version before is in the middle of an invoice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from include.adapters.storage.core.tables import metadata
from include.domain.lifecycle import State
from tests.e2e.exactly_once.conftest import Field
from tests.integration.storage.test_additive_migrations import MIGRATIONS

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NEXT = "next"


def upgrade(field: Field) -> None:
    """All that a migration may do (tests/integration/storage/test_additive_migrations.py), to every table."""
    engine = sa.create_engine(field.environment["CHORUS_DATABASE_URL"])
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN of_the_next_version TEXT"))
            connection.execute(sa.text(f"CREATE INDEX ix_next_{table.name} ON {table.name} (of_the_next_version)"))
        connection.execute(sa.text("CREATE TABLE things_of_the_next_version (id integer PRIMARY KEY)"))
        connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{NEXT}'"))
    engine.dispose()


def version_of_the_next_code(field: Field) -> None:
    """From here on this code stands for the one that knows the new schema."""
    engine = sa.create_engine(field.environment["CHORUS_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :known"), {"known": head()})
    engine.dispose()


def head() -> str:
    """The newest migration that this code knows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    found = ScriptDirectory.from_config(config).get_current_head()
    assert found is not None
    return found


@pytest.mark.parametrize("step", ["upload-id-stored", "claimed", "answered"])
def test_an_old_worker_finishes_what_it_had_begun_on_the_new_schema(field: Field, step: str) -> None:
    [invoice_id] = field.add_many(["F-1"])
    old = field.worker(step, "stop")
    old.wait_until_stopped()
    upgrade(field)
    old.go_on()
    code, text = old.end()
    assert code == 0, text[-3000:]
    version_of_the_next_code(field)
    assert field.state(invoice_id) is State.SUBMITTED, "it needed nobody after it"
    field.passes_until_nothing_moves()
    field.each_exactly_once([invoice_id])


def test_an_old_worker_that_begins_on_the_new_schema_touches_nothing(field: Field) -> None:
    [invoice_id] = field.add_many(["F-1"])
    upgrade(field)
    code, text = field.worker().end()
    assert code != 0
    assert "DatabaseMissingError" in text and NEXT in text, text[-3000:]
    assert field.platform.held() == {}
    version_of_the_next_code(field)
    field.passes_until_nothing_moves()
    field.each_exactly_once([invoice_id])
