"""Every migration only adds, so that a worker of the version before still finds what it knows (docs/releasing.md)."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import include.adapters.storage

MIGRATIONS = Path(include.adapters.storage.__file__).parent / "migrations"
BEFORE_THE_FIRST_RELEASE = {"0002": {"attempts.note", "moves.cause"}, "0007": {"readings.reading"}}
"""What two migrations took away before there was a release to upgrade from; the list does not grow."""


def schema(connection: sa.Connection) -> dict[str, tuple[str, bool, bool]]:
    """Each column with its type, whether it may be empty, and whether the database fills it by itself."""
    found, inspector = {}, sa.inspect(connection)
    for table in set(inspector.get_table_names()) - {"alembic_version"}:
        for column in inspector.get_columns(table):
            filled = column["default"] is not None or column.get("autoincrement") is True
            found[f"{table}.{column['name']}"] = (str(column["type"]), bool(column["nullable"]), filled)
    return found


def broken(before: dict[str, tuple[str, bool, bool]], after: dict[str, tuple[str, bool, bool]]) -> set[str]:
    """What an insert or a select of the version before would stumble over."""
    changed = {name for name, column in before.items() if after.get(name) != column}
    tables = {name.partition(".")[0] for name in before}
    demanded = {
        name
        for name, (_, nullable, filled) in after.items()
        if name not in before and name.partition(".")[0] in tables and not nullable and not filled
    }
    return changed | demanded


def test_a_migration_takes_nothing_away_from_a_worker_that_still_runs(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'chorus.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    steps = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    assert len(steps) >= 8
    found: dict[str, set[str]] = {}
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, steps[0])
        connection.commit()
        before = schema(connection)
        for revision in steps[1:]:
            command.upgrade(config, revision)
            connection.commit()
            after = schema(connection)
            found[revision] = broken(before, after)
            before = after
    engine.dispose()
    assert {revision: names for revision, names in found.items() if names} == BEFORE_THE_FIRST_RELEASE


def test_what_is_taken_away_or_demanded_is_seen() -> None:
    """The check itself."""
    before = {"t.kept": ("TEXT", True, False), "t.gone": ("TEXT", True, False)}
    after = {"t.kept": ("TEXT", True, False), "t.demanded": ("TEXT", False, False), "t.filled": ("TEXT", False, True)}
    assert broken(before, {**after, "other.demanded": ("TEXT", False, False)}) == {"t.gone", "t.demanded"}
