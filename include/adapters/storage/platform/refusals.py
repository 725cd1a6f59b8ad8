"""What the platform refused, submissions and corrections alike (port `Refusals`)."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import attempts
from include.application.ports.refusals import Refusal


class SqlRefusals:
    """`Refusals` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refusals(self) -> list[Refusal]:
        """See `Refusals`."""
        query = sa.select(attempts).where(attempts.c.refusal_label.is_not(None)).order_by(attempts.c.id)
        with self._database.read() as connection:
            return [
                Refusal(
                    invoice_id=row.invoice_id,
                    kind=row.kind,
                    number=row.refusal_number,
                    label=row.refusal_label,
                    at=row.closed_at or row.claimed_at,
                )
                for row in connection.execute(query)
            ]
