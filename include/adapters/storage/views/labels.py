"""Labels as documents carry them (port `LabelViews`)."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from include.adapters.storage.core.codec import Reasons, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import invoice_labels, listed
from include.adapters.storage.core.tables import invoices
from include.application.ports.label_views import MOST_LABELS, SeenLabel, UnknownBankLabel
from include.domain.lifecycle import State
from include.domain.rights import Viewer
from include.domain.values import fold

_UNKNOWN = "bank_label_unknown"
_WITH_REASONS = (State.TO_COMPLETE, State.READY, State.REFUSED)


class SqlLabelViews:
    """`LabelViews` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def user_labels(self, viewer: Viewer) -> list[SeenLabel]:
        """See `LabelViews`."""
        if not viewer.administers:
            return []
        count = sa.func.count()
        newest = sa.func.max(invoice_labels.c.invoice_id).label("newest")
        query = (
            sa.select(invoice_labels.c.label, count.label("number"), newest)
            .group_by(invoice_labels.c.label)
            .order_by(count.desc(), invoice_labels.c.label)
            .limit(MOST_LABELS)
        )
        written = invoices.c.draft["fields"]["user_label"]["value"].as_string()
        with self._database.read() as connection:
            found = connection.execute(query).all()
            spelt = sa.select(invoices.c.id, written.label("text")).where(
                invoices.c.id.in_([row.newest for row in found])
            )
            texts = {row.id: row.text or "" for row in connection.execute(spelt)}
        return [SeenLabel(label=_spelling(row.label, texts.get(row.newest, "")), invoices=row.number) for row in found]

    def unknown_bank_labels(self, viewer: Viewer) -> list[UnknownBankLabel]:
        """See `LabelViews`."""
        if not viewer.administers:
            return []
        query = (
            sa.select(invoices.c.provider_key, invoices.c.reasons)
            .join(listed, listed.c.invoice_id == invoices.c.id)
            .where(listed.c.state.in_(_WITH_REASONS), listed.c.reason_codes.contains(f"|{_UNKNOWN}|", autoescape=True))
            .order_by(invoices.c.id)
        )
        counted: Counter[tuple[str, str]] = Counter()
        spelling: dict[str, str] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                for reason in load(Reasons, row.reasons):
                    if reason.code == _UNKNOWN and row.provider_key is not None:
                        label = str(reason.params["label"])
                        counted[row.provider_key, fold(label)] += 1
                        spelling[fold(label)] = label
        return [
            UnknownBankLabel(provider_key=key, label=spelling[folded], invoices=number)
            for (key, folded), number in counted.most_common(MOST_LABELS)
        ]


def _spelling(folded: str, written: str) -> str:
    """As the invoice writes it; folded where its draft is packed away."""
    return next((one.strip() for one in written.split(";") if fold(one) == folded), folded)
