"""What the platform says of an invoice, and what it means here: statuses, who acts next, moves.

The list of statuses is closed (`codes.REMOTE_STATUSES`); a value that nobody listed is UNKNOWN and raises an alert,
never "pending". Recipients skip statuses and set them out of order: what the platform says is kept as it came, and no
rule here expects an order.

Source: docs/reference/chorus-pro-api.md 4.1.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from include.domain.codes import UNKNOWN_STATUS, remote_status
from include.domain.lifecycle import State
from include.domain.submission import RemoteInvoice

REJECTED = "REJETEE"
SUSPENDED = "SUSPENDUE"
TO_RECYCLE = "A_RECYCLER"

_CENT = Decimal("0.01")

RETURNED = frozenset({TO_RECYCLE, SUSPENDED, REJECTED})
"""The recipient gave it back: `submitted` -> `to_process`, and back when the platform's status moves on."""

FINAL = frozenset({"MISE_EN_PAIEMENT", "ABANDONNEE", "SUPPRIMEE", "REMPLACEE_PAR_A22", "DUPLIQUE_APRES_REFUS"})
"""Statuses that nothing follows. (REJETEE is an end too, but one that the supplier has to acknowledge.)"""

LAST_WITHOUT_PAYMENT = frozenset({"MANDATEE", "MISE_A_DISPOSITION_COMPTABLE", "COMPTABILISEE"})
"""Statuses that nothing need follow, of a body that never reports payment (`reports_payment` in the directory)."""

_SUPPLIER_ACTS = RETURNED | {
    # not deposited yet, or stopped before the recipient: read from the code, seen by no client of ours
    "BROUILLON",
    "INTERPRETEE_OCR",
    "A_COMPLETER",
    "NON_CONFORME",
    "EN_ATTENTE_RECYCLAGE_FOURNISSEUR",
    "A_ASSOCIER_FOURNISSEUR",
    "ERREUR_FOURNISSEUR_SUR_VALIDEUR",
    "ERREUR_COTRAITANT_SUR_VALIDEUR",
    "ERREUR_FOURNISSEUR_SUR_MOE",
    "ERREUR_FOURNISSEUR_SUR_MOA",
    "REFUSEE_1",
    "REFUSEE_2",
    "REFUSEE_MOE",
    "REFUSEE_MOA",
}

MADE_AVAILABLE = "MISE_A_DISPOSITION"
"""Status from which on the recipient's time to pay runs."""

TRACKED = frozenset({State.SUBMITTED, State.TO_PROCESS, State.CLOSED})
"""States that a status of the platform may change. A correction that is under way settles its own state."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whose invoices are stored: provider, the environment they stand in, and the supplier."""

    provider_key: str
    environment: str
    siret: str


class Actor(StrEnum):
    """Who has to act next."""

    SUPPLIER = "supplier"
    RECIPIENT = "recipient"
    NOBODY = "nobody"


class EntryKind(StrEnum):
    """The three lists of the platform's history (docs/reference/chorus-pro-api.md 3.8)."""

    STATUS = "status"
    ACTION = "action"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The person who set a status, as far as the platform says; personal data."""

    first_name: str | None = None
    last_name: str | None = None
    mail: str | None = None
    phone: str | None = None

    def removed_from(self, comment: str) -> str:
        """The comment without this person, without mail addresses and telephone numbers.

        Digits without gaps stay: engagement numbers look like telephone numbers.
        """
        known = [text for text in (self.mail, self.phone, self.first_name, self.last_name) if text and len(text) > 1]
        for text in known:
            comment = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", _REMOVED, comment, flags=re.IGNORECASE)
        return _CONTACT.sub(_REMOVED, comment)


_REMOVED = "\N{HORIZONTAL ELLIPSIS}"
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\d+])(?:\+33 ?|0)[1-9](?:[ .-]\d{2}){4}(?!\d)")


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One line of the platform's history; `entry_id` is the same whenever it is asked again."""

    kind: EntryKind
    entry_id: str
    code: str
    at: dt.datetime | None
    comment: str | None = None
    agent: Agent = Agent()


@dataclass(frozen=True, kw_only=True)
class RemoteHistory:
    """Everything that the platform kept of one invoice, oldest first."""

    chorus_id: int
    status: str | None
    entries: tuple[HistoryEntry, ...]

    def statuses(self) -> tuple[HistoryEntry, ...]:
        """The statuses it went through."""
        return tuple(entry for entry in self.entries if entry.kind is EntryKind.STATUS)


@dataclass(frozen=True, kw_only=True)
class RemoteAttachment:
    """A file that stands with an invoice on the platform."""

    attachment_id: int
    type_code: str | None
    name: str | None


@dataclass(frozen=True, kw_only=True)
class RemoteDetail:
    """One invoice in full; the platform gives no date of its status here."""

    invoice: RemoteInvoice
    comment: str | None = None
    attachments: tuple[RemoteAttachment, ...] = ()


def amount_text(value: Decimal | None, *, unsigned: bool = False) -> str | None:
    """Two decimals, more only where the platform has more; `unsigned` as our listings show credit notes."""
    if value is None:
        return None
    shown = abs(value) if unsigned else value
    return f"{shown:.2f}" if shown == shown.quantize(_CENT) else f"{shown:f}"


def amount_from(text: str | None) -> Decimal | None:
    """The amount from that text."""
    return None if text is None else Decimal(text)


def next_actor(status: str | None, *, rejection_handled: bool = False, reports_payment: bool = True) -> Actor | None:
    """Who has to act next; None where nobody can tell (a status outside the list, or none yet)."""
    if status is None or remote_status(status) == UNKNOWN_STATUS:
        return None
    if status in FINAL or (status == REJECTED and rejection_handled):
        return Actor.NOBODY
    if status in LAST_WITHOUT_PAYMENT and not reports_payment:
        return Actor.NOBODY
    return Actor.SUPPLIER if status in _SUPPLIER_ACTS else Actor.RECIPIENT


def awaits_news(status: str | None, *, rejection_handled: bool = False, reports_payment: bool = True) -> bool:
    """Whether silence about this invoice means something: only while the recipient has to act."""
    actor = next_actor(status, rejection_handled=rejection_handled, reports_payment=reports_payment)
    return actor in (None, Actor.RECIPIENT)


FEWEST_MOVES = 20
"""Fewest moves of a body from which its habit can be told; below it the general limit counts."""

USUAL_SHARE = 0.95
"""Share of a body's moves that counts as usual; the slowest ones were failures of their own."""

SHORTEST_SILENCE = 7
"""Fewest days of silence before anybody is told, however quick that body usually is."""


def usual_days(moves: Mapping[int, int]) -> int | None:
    """Within how many days a body usually makes the next move; None where too few moves are known.

    `moves` counts them by the whole days that they took.
    """
    total = sum(moves.values())
    if total < FEWEST_MOVES:
        return None
    wanted, seen = math.ceil(total * USUAL_SHARE), 0
    for days in sorted(moves):
        seen += moves[days]
        if seen >= wanted:
            break
    return days


def days_of_silence(usual: int | None, general: int) -> int:
    """After how many days without news a body is silent: half as long again as usual, else the general limit."""
    return general if usual is None else max(SHORTEST_SILENCE, math.ceil(usual * 1.5))


def state_of(status: str, *, rejection_handled: bool = False) -> State | None:
    """Our state for a status; None for UNKNOWN, which moves nothing."""
    if remote_status(status) == UNKNOWN_STATUS:
        return None
    if status == REJECTED and rejection_handled:
        return State.CLOSED
    return State.TO_PROCESS if status in RETURNED else State.SUBMITTED


def moves_between(before: State, after: State | None) -> tuple[State, ...]:
    """The moves of the table that lead there, one after the other; none where a status may not move the invoice."""
    if after is None or after is before or before not in TRACKED:
        return ()
    if State.TO_PROCESS in (before, after):
        return (after,)
    return (State.TO_PROCESS, after)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What we knew of an invoice before the platform was asked.

    `status` is the one shown. `remote_at` is the date that the platform gave with it, if it was ever asked.
    """

    state: State
    status: str | None
    remote_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class News:
    """What a row of the platform means for an invoice: status as kept, moves to make, whether people hear of it."""

    status: str
    moves: tuple[State, ...] = ()
    told: bool = False


def news_of(known: Known, row: RemoteInvoice) -> News:
    """Compares what the platform says now with what we knew; the order of statuses means nothing.

    Told: another status, a return to `to_process`, or the same demand made anew (suspended, completed and suspended
    again between two looks).
    """
    status = remote_status(row.status)
    moves = moves_between(known.state, state_of(status, rejection_handled=row.rejection_handled))
    returned = status in RETURNED and not row.rejection_handled
    again = returned and known.remote_at is not None and row.status_at is not None and row.status_at > known.remote_at
    told = status != known.status or again or moves[-1:] == (State.TO_PROCESS,)
    return News(status=status, moves=moves, told=told)


def first_news_of(row: RemoteInvoice) -> News:
    """What a row means that we never sent (typed on the portal, sent by other software): told only if it came back."""
    status = remote_status(row.status)
    state = state_of(status, rejection_handled=row.rejection_handled) or State.SUBMITTED
    return News(status=status, moves=(state,), told=state is State.TO_PROCESS)
