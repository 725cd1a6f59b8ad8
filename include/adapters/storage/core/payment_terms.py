"""Terms of payment beside the lists, which are sorted and filtered by the last day to pay."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.list_tables import payment_terms
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import invoices
from include.domain.configuration import Configuration

_AT_ONCE = 500


def keep_terms(connection: Connection, configuration: Configuration) -> None:
    """The terms that a new configuration says; invoices of the bodies that have another one now are listed again."""
    wanted = {body.siret: body.term for body in configuration.recipients if body.term is not None}
    stored = {row.recipient_siret: row.days for row in connection.execute(sa.select(payment_terms))}
    changed = sorted(siret for siret in wanted.keys() | stored.keys() if wanted.get(siret) != stored.get(siret))
    for start in range(0, len(changed), _AT_ONCE):
        some = changed[start : start + _AT_ONCE]
        connection.execute(payment_terms.delete().where(payment_terms.c.recipient_siret.in_(some)))
        rows = [{"recipient_siret": siret, "days": wanted[siret]} for siret in some if siret in wanted]
        if rows:
            connection.execute(payment_terms.insert(), rows)
        list_again(connection, connection.scalars(sa.select(invoices.c.id).where(invoices.c.recipient_siret.in_(some))))
