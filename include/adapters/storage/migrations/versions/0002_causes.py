"""Causes of moves, notes of attempts and what searches decided: codes with parameters instead of English sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)

_SENTENCES = {
    "found": "found",
    "vanished": "vanished",
    "vanished from the portal": "vanished_held",
    "returned to the portal": "returned",
    "no criterion takes it": "no_criterion",
    "new content": "new_content",
    "layout forgotten": "layout_forgotten",
    "complete": "complete",
    "values changed": "values_changed",
    "opened again": "reopened",
    "released": "released",
    "restored": "restored",
    "read again": "reread",
    "claimed": "claimed",
    "taken by Chorus Pro": "taken",
    "the lease ran out": "lease_ran_out",
    "lease ran out": "lease_ran_out",
    "the sender failed during the call": "sender_failed",
    "refused by the platform": "refused",
    "refused, an earlier attempt is unresolved": "refused_earlier_unresolved",
    "an earlier attempt was taken": "earlier_taken",
    "found on the platform as sent": "found_as_sent",
    "found by a search": "found_by_search",
    "the platform has this number with other values": "found_with_other_values",
    "not found, which is no proof yet": "not_found_yet",
    "not found twice after the delay": "not_found_twice",
    "found on Chorus Pro, not sent by this connector": "foreign",
    "the lease of the correction ran out": "correction_lease_ran_out",
    "answered, not verified yet": "correction_answered",
    "not seen on the platform yet": "correction_not_seen_yet",
}
_PATTERNS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (r"criteria: (?P<criteria>.*)", "criteria_matched", {}),
    (r"back-fill of criterion (?P<criterion>.+)", "backfilled", {}),
    (r"links by back-fill: (?P<documents>.+)", "links_backfilled", {}),
    (r"read from (?P<kind>digital|scan|facturx)", "read", {}),
    (r"unreadable: (?P<reasons>[a-z0-9_]+)", "unreadable", {}),
    (r"incomplete: (?P<reasons>[a-z0-9_]+(?:, [a-z0-9_]+)*)", "incomplete", {}),
    (r"Chorus Pro: (?P<status>\w+)", "status", {}),
    (r"the platform gave its number (?P<chorus_id>\d+) to invoice (?P<invoice>\d+)", "number_given_to", {}),
    (r"the platform gave its number (?P<chorus_id>\d+) to another invoice", "number_given_away", {}),
    (r"followed by invoice (?P<invoice>\d+)", "followed_by", {}),
    (r"correction: (?P<correction>recycle|complete|reject_handled)", "correction", {}),
    (r"(?P<correction>recycle|complete|reject_handled): refused", "correction_refused", {}),
    (r"(?P<correction>recycle|complete|reject_handled): seen on the platform", "correction_taken", {}),
    (
        r"(?P<correction>recycle|complete|reject_handled): the platform's status moved on without it",
        "correction_moved_on",
        {},
    ),
    (
        r"(?P<correction>recycle|complete|reject_handled): the platform still shows the invoice as before",
        "correction_not_taken",
        {},
    ),
    (r"(?:not sent: )?(?:Nothing was sent: )?the claim was too old to be used\.?", "claim_too_old", {}),
    (r"Chorus Pro answered (?P<status>\d+) without a readable result\.", "answer_unreadable", {}),
    (r"The connection broke after the invoice was sent\.", "answer_lost", {}),
    (r"(?:not sent: )?PISTE refused the client of .*", "login_refused", {"half": "piste"}),
    (r"(?:not sent: )?Chorus Pro refused the technical account of .*", "login_refused", {"half": "account"}),
    (r"(?:not sent: )?Chorus Pro refused the client certificate of .*", "login_refused", {"half": "certificate"}),
    (r"(?:not sent: )?Chorus Pro \(.*\) says: too many calls \(429\)\.", "rate_limited", {}),
    (r"(?:not sent: )?Chorus Pro \(.*\) forbids this call \((?P<status>403)\)\.", "turned_away", {}),
    (r"(?:not sent: )?The login was refused \((?P<status>401)\); nothing was taken\.", "turned_away", {}),
    (r"(?:not sent: )?Chorus Pro refused a fresh token \((?P<status>401)\)\.", "turned_away", {}),
    (r"(?:not sent: )?PISTE found no token in the call \((?P<status>400)\)\.", "turned_away", {}),
    (r"(?:not sent: )?The address .* does not answer: .*", "never_left", {}),
    (
        r"(?:not sent: )?(?:Nothing was sent: )?PISTE's token service at .* (?:does not answer|broke off): .*",
        "never_left",
        {},
    ),
    (r"(?:not sent: )?Nothing was sent: .*", "never_left", {}),
)
_NOT_SENDABLE = frozenset(
    {
        "already_sent",
        "attachment_missing",
        "attachment_type_unknown",
        "bank_details_ambiguous",
        "bank_details_not_on_platform",
        "content_missing",
        "frozen_supplier_siret",
        "supplier_service_unknown",
        "upload_refused",
    }
)
"""Reasons that were found right before a claim: their codes alone were the sentence."""

_OF_CORRECTIONS = {
    "seen on the platform": "correction_taken",
    "the platform's status moved on without it": "correction_moved_on",
    "the platform still shows the invoice as before": "correction_not_taken",
}
"""Notes of attempts; the kind of the attempt says which correction it was."""


def upgrade() -> None:
    """Every stored sentence becomes data; one that nobody knows stays as the text of `free_text`."""
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id, cause FROM moves")).all():
        _store(connection, "moves", "cause", row.id, cause_of(row.cause))
    for row in connection.execute(sa.text("SELECT id, kind, note FROM attempts WHERE note IS NOT NULL")).all():
        code = _OF_CORRECTIONS.get(row.note)
        cause = _cause(code, {"correction": row.kind}) if code else cause_of(row.note)
        _store(connection, "attempts", "note", row.id, cause)
    for row in connection.execute(sa.text("SELECT id, decided FROM searches")).all():
        code = _SENTENCES.get(row.decided, "free_text")
        connection.execute(sa.text("UPDATE searches SET decided = :code WHERE id = :id"), {"code": code, "id": row.id})
    for table, column, nullable in (("moves", "cause", False), ("attempts", "note", True)):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                column,
                existing_type=sa.Text(),
                type_=_JSON,
                existing_nullable=nullable,
                postgresql_using=f"{column}::json",
            )


def cause_of(sentence: str) -> dict[str, Any]:
    """The cause that this sentence said."""
    if sentence in _SENTENCES:
        return _cause(_SENTENCES[sentence])
    for pattern, code, fixed in _PATTERNS:
        if found := re.fullmatch(pattern, sentence, re.DOTALL):
            params = {**found.groupdict(), **fixed}
            reasons = params.pop("reasons", None)
            return _cause(code, params, reasons.split(", ") if reasons else ())
    if _NOT_SENDABLE.issuperset(codes := sentence.split(", ")):
        return _cause("not_sendable", reasons=codes)
    return _cause("free_text", {"text": sentence})


def _cause(code: str, params: Mapping[str, str] = MappingProxyType({}), reasons: Sequence[str] = ()) -> dict[str, Any]:
    found: list[dict[str, Any]] = [{"code": reason, "field": None, "params": {}} for reason in reasons]
    return {"code": code, "params": dict(params), "reasons": found}


def _store(connection: sa.Connection, table: str, column: str, row_id: int, cause: dict[str, Any]) -> None:
    statement = sa.text(f"UPDATE {table} SET {column} = :cause WHERE id = :id")
    connection.execute(statement, {"cause": json.dumps(cause), "id": row_id})
