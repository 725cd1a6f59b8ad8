"""A portal full of documents that are known already, for the pass that finds nothing new.

They are really there as files and were really collected and assessed by the product: as documents that no criterion
takes. To have a store like that of an old deployment, half of them are then made submitted ones in the database, with
the values, readings and attempts of invoices that this world has really sent; sending 50,000 would tell nothing more.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.world import IN_A_FOLDER, World

if TYPE_CHECKING:
    import sqlalchemy as sa

_ELSEWHERE = Path("Archives")


def fill_up(made: World, total: int) -> dict[str, int]:
    """Documents up to this total; how many are of which kind."""
    sent = sum(made.numbers_on_the_platform().values())
    more = max(0, total - sent)
    for index in range(more):
        folder = made.portal / _ELSEWHERE / f"{index // IN_A_FOLDER:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"A-{index:06d}.pdf").write_bytes(b"%%PDF-1.7 archived %d" % index)
    made.pass_over()
    copied = _as_if_sent(made.database_url, more // 2)
    return {"sent": sent, "made_submitted_in_the_database": copied, "taken_by_no_criterion": more - copied}


def _as_if_sent(url: str, count: int) -> int:
    """Gives `count` ignored invoices the values, readings and attempts of sent ones; how many it were."""
    import sqlalchemy as sa

    from include.adapters.storage.core.tables import attempts, documents, invoices, readings
    from include.domain.lifecycle import State

    engine = sa.create_engine(url)
    with engine.begin() as connection:
        models = connection.execute(sa.select(invoices).where(invoices.c.state == State.SUBMITTED).limit(100)).all()
        chosen = connection.execute(
            sa.select(invoices.c.id, documents.c.content_sha256)
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(invoices.c.state == State.IGNORED)
            .order_by(invoices.c.id)
            .limit(count)
        ).all()
        for place, row in enumerate(chosen):
            model = models[place % len(models)]._mapping
            same = {name: model[name] for name in model if name not in _OWN}
            own = {"content_sha256": row.content_sha256, "chorus_id": -row.id}
            connection.execute(invoices.update().where(invoices.c.id == row.id), {**same, **own})
            _copy(connection, readings, "content_sha256", model["content_sha256"], row.content_sha256)
            _copy(connection, attempts, "invoice_id", model["id"], row.id)
    engine.dispose()
    return len(chosen)


_OWN = frozenset({"id", "document_id", "content_sha256", "chorus_id", "created_at", "changed_at"})
"""What stays the invoice's own."""


def _copy(connection: sa.Connection, table: sa.Table, key: str, of_model: Any, value: Any) -> None:
    """The rows of one invoice or content, once more for another one."""
    import sqlalchemy as sa

    columns = [column for column in table.columns if column.name not in ("id", key)]
    rows = sa.select(sa.literal(value), *columns).where(table.c[key] == of_model)
    connection.execute(table.insert().from_select([key, *(column.name for column in columns)], rows))
