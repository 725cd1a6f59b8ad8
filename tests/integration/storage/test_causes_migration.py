"""Sentences that older versions stored become causes, on both databases; what nobody knows keeps its text."""

from __future__ import annotations

import datetime as dt
import importlib

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import attempts, moves, searches
from include.domain.causes import Cause, CauseCode, cause, free_text
from include.domain.lifecycle import State
from include.domain.reasons import Reason

from alembic import command  # isort: skip
from alembic.config import Config  # isort: skip

AT = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)


def with_reasons(code: CauseCode, *codes: str) -> Cause:
    return cause(code, [Reason(code=each) for each in codes])


PLAIN = {
    "found": CauseCode.FOUND,
    "vanished": CauseCode.VANISHED,
    "vanished from the portal": CauseCode.VANISHED_HELD,
    "returned to the portal": CauseCode.RETURNED,
    "no criterion takes it": CauseCode.NO_CRITERION,
    "new content": CauseCode.NEW_CONTENT,
    "layout forgotten": CauseCode.LAYOUT_FORGOTTEN,
    "complete": CauseCode.COMPLETE,
    "values changed": CauseCode.VALUES_CHANGED,
    "opened again": CauseCode.REOPENED,
    "released": CauseCode.RELEASED,
    "restored": CauseCode.RESTORED,
    "read again": CauseCode.REREAD,
    "claimed": CauseCode.CLAIMED,
    "taken by Chorus Pro": CauseCode.TAKEN,
    "the lease ran out": CauseCode.LEASE_RAN_OUT,
    "the sender failed during the call": CauseCode.SENDER_FAILED,
    "The connection broke after the invoice was sent.": CauseCode.ANSWER_LOST,
    "refused by the platform": CauseCode.REFUSED,
    "refused, an earlier attempt is unresolved": CauseCode.REFUSED_EARLIER_UNRESOLVED,
    "an earlier attempt was taken": CauseCode.EARLIER_TAKEN,
    "found on the platform as sent": CauseCode.FOUND_AS_SENT,
    "the platform has this number with other values": CauseCode.FOUND_WITH_OTHER_VALUES,
    "not found, which is no proof yet": CauseCode.NOT_FOUND_YET,
    "not found twice after the delay": CauseCode.NOT_FOUND_TWICE,
    "found on Chorus Pro, not sent by this connector": CauseCode.FOREIGN,
    "the lease of the correction ran out": CauseCode.CORRECTION_LEASE_RAN_OUT,
    "not seen on the platform yet": CauseCode.CORRECTION_NOT_SEEN_YET,
    "not sent: the claim was too old to be used": CauseCode.CLAIM_TOO_OLD,
    "not sent: Nothing was sent: the claim was too old to be used.": CauseCode.CLAIM_TOO_OLD,
    "not sent: The address https://cpro.invalid does not answer: its name is not found.": CauseCode.NEVER_LEFT,
    "not sent: PISTE's token service at piste.invalid does not answer: x.": CauseCode.NEVER_LEFT,
    "not sent: Nothing was sent: the deadline passed while the login was renewed.": CauseCode.NEVER_LEFT,
    "not sent: Chorus Pro (PISTE) says: too many calls (429).": CauseCode.RATE_LIMITED,
}
MOVES: dict[str, Cause] = {
    **{sentence: cause(code) for sentence, code in PLAIN.items()},
    "criteria: sales, purchases": cause(CauseCode.CRITERIA_MATCHED, criteria="sales, purchases"),
    "back-fill of criterion new": cause(CauseCode.BACKFILLED, criterion="new"),
    "links by back-fill: a.pdf, b.pdf": cause(CauseCode.LINKS_BACKFILLED, documents="a.pdf, b.pdf"),
    "read from scan": cause(CauseCode.READ, kind="scan"),
    "unreadable: encrypted": with_reasons(CauseCode.UNREADABLE, "encrypted"),
    "incomplete: missing_field, already_sent": with_reasons(CauseCode.INCOMPLETE, "missing_field", "already_sent"),
    "already_sent": with_reasons(CauseCode.NOT_SENDABLE, "already_sent"),
    "attachment_missing, attachment_type_unknown": with_reasons(
        CauseCode.NOT_SENDABLE, "attachment_missing", "attachment_type_unknown"
    ),
    "Chorus Pro: A_RECYCLER": cause(CauseCode.STATUS, status="A_RECYCLER"),
    "the platform gave its number 7 to invoice 2": cause(CauseCode.NUMBER_GIVEN_TO, chorus_id=7, invoice=2),
    "the platform gave its number 7 to another invoice": cause(CauseCode.NUMBER_GIVEN_AWAY, chorus_id=7),
    "followed by invoice 9": cause(CauseCode.FOLLOWED_BY, invoice=9),
    "correction: reject_handled": cause(CauseCode.CORRECTION, correction="reject_handled"),
    "recycle: refused": cause(CauseCode.CORRECTION_REFUSED, correction="recycle"),
    "recycle: seen on the platform": cause(CauseCode.CORRECTION_TAKEN, correction="recycle"),
    "complete: the platform's status moved on without it": cause(CauseCode.CORRECTION_MOVED_ON, correction="complete"),
    "complete: the platform still shows the invoice as before": cause(
        CauseCode.CORRECTION_NOT_TAKEN, correction="complete"
    ),
    "Chorus Pro answered 502 without a readable result.": cause(CauseCode.ANSWER_UNREADABLE, status=502),
    "not sent: Chorus Pro (PISTE) forbids this call (403).": cause(CauseCode.TURNED_AWAY, status=403),
    "not sent: The login was refused (401); nothing was taken.": cause(CauseCode.TURNED_AWAY, status=401),
    "not sent: PISTE refused the client of connection 'x' 5 times.": cause(CauseCode.LOGIN_REFUSED, half="piste"),
    "not sent: Chorus Pro refused the technical account of connection 'x'.": cause(
        CauseCode.LOGIN_REFUSED, half="account"
    ),
    "le client a rappelé": free_text("le client a rappelé"),
    "not sent: something that nobody wrote": free_text("not sent: something that nobody wrote"),
    'quotes " and \\ and a\nline': free_text('quotes " and \\ and a\nline'),
}
NOTES = {
    ("submission", "lease ran out"): cause(CauseCode.LEASE_RAN_OUT),
    ("submission", "found by a search"): cause(CauseCode.FOUND_BY_SEARCH),
    ("submission", "The address https://a does not answer: the connection is refused."): cause(CauseCode.NEVER_LEFT),
    ("recycle", "seen on the platform"): cause(CauseCode.CORRECTION_TAKEN, correction="recycle"),
    ("recycle", "answered, not verified yet"): cause(CauseCode.CORRECTION_ANSWERED),
    ("complete", "strange"): free_text("strange"),
    ("complete", None): None,
}
DECIDED = {"found on the platform as sent": CauseCode.FOUND_AS_SENT, "refused by the platform": CauseCode.REFUSED}


def test_every_known_sentence_becomes_a_cause_and_an_unknown_one_keeps_its_text(bare_url: str) -> None:
    engine = sa.create_engine(bare_url)
    with engine.begin() as connection:
        migrated_to_the_first(connection)
        connection.execute(
            sa.text(
                "INSERT INTO invoices (state, version, ever_unknown, empty_searches, rerouted, created_at, changed_at)"
                " VALUES ('held', 1, :no, 0, :no, :at, :at)"
            ),
            {"no": False, "at": AT},
        )
        invoice_id = connection.scalar(sa.text("SELECT id FROM invoices"))
        for sentence in MOVES:
            old(connection, "moves", invoice_id=invoice_id, at=AT, after=State.HELD, cause=sentence, actor="a")
        for kind, note in NOTES:
            sent = {"state": "open", "environment": "e", "provider_key": "p", "owner": "o", "submission": "{}"}
            old(connection, "attempts", invoice_id=invoice_id, kind=kind, body="", claimed_at=AT, note=note, **sent)
        for decided in DECIDED:
            answer = {"first_at": AT, "last_at": AT, "times": 1, "asked": "[]", "found": "[]"}
            old(connection, "searches", invoice_id=invoice_id, decided=decided, **answer)
    engine.dispose()
    database = Database(bare_url)
    database.migrate()
    with database.read() as connection:
        assert list(connection.scalars(sa.select(moves.c.cause).order_by(moves.c.id))) == list(MOVES.values())
        assert list(connection.scalars(sa.select(attempts.c.note).order_by(attempts.c.id))) == list(NOTES.values())
        assert list(connection.scalars(sa.select(searches.c.decided).order_by(searches.c.id))) == list(DECIDED.values())
    database.close()


@pytest.mark.parametrize(
    "sentence",
    [s for s, c in MOVES.items() if not (c.params or c.reasons or s.startswith("not sent: ") or s[-1] == ".")],
)
def test_english_says_it_as_before_where_no_code_stood_in_it(sentence: str) -> None:
    """What was a code in the old sentence is said in words now; programs read the codes themselves."""
    assert MOVES[sentence].text("en") == sentence


def migrated_to_the_first(connection: sa.Connection) -> None:
    migrations = importlib.import_module("include.adapters.storage.core.database")._MIGRATIONS
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


def old(connection: sa.Connection, table: str, **values: object) -> None:
    """One row as the first schema has it."""
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)
