"""The administrator's list of recipients: wordings and what they mean, set by hand, learned, or merely proposed.

Every change goes through the configuration's own use case, so that it is checked, audited and raises one revision.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from include.application.administration.configure import Applied, change
from include.application.ports.clock import Clock
from include.application.ports.configuration import ConfigurationStore
from include.application.ports.recipients import LearnedRecipients, OpenWording, StoredLine
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration, Recipient, Service
from include.domain.configuration_rules import Fault
from include.domain.errors import ConnectorError, InputError
from include.domain.mapping import bare, match_wording, suggestions
from include.domain.rights import OWNER, Viewer
from include.domain.values import fold, normalise_siret

Recipients = tuple[Recipient, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the list: a wording that means a body, a wording that means a service of it, or both."""

    siret: str
    wording: str = ""
    service_code: str = ""
    service_wording: str = ""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A body that an unknown wording may mean; without candidate only the wording is told.

    `id` stays the same as long as wording and body do.
    """

    wording: str
    invoice_ids: tuple[int, ...]
    document_ids: tuple[int, ...]
    id: str | None = None
    siret: str | None = None
    known: str | None = None
    score: int | None = None


@dataclass(frozen=True, kw_only=True)
class RecipientEditing:
    """Changes the list of recipients; `actor` is named in the audit, `viewer` is that person."""

    configuration: ConfigurationStore
    learned: LearnedRecipients
    clock: Clock
    actor: str
    viewer: Viewer

    def edit(
        self,
        made: Callable[[Recipients], Recipients],
        *,
        source: str,
        refuse: Callable[[Sequence[Fault]], ConnectorError] | None = None,
    ) -> Applied:
        """Stores the list that `made` makes of the one stored now; InputError where that one would be faulty."""
        return change(
            self.configuration,
            lambda current: Configuration(recipients=made(current.recipients)),
            self.clock,
            actor=self.actor,
            source=source,
            look_around=lambda _result: None,  # recipients change no address
            refuse=refuse or _refused,
            viewer=self.viewer,
        )


def _refused(found: Sequence[Fault]) -> ConnectorError:
    each_once = tuple({fault.text: fault.what for fault in found}.values())
    return InputError("recipients_faulty", cause=each_once, cure=found[0].todo)


def confirm(editing: RecipientEditing, asked: str, siret: str | None = None, *, service: str | None = None) -> Applied:
    """Makes a wording mean a body from now on; `asked` is the wording, or without SIRET the id of a suggestion.

    With a service the wording means that service of the body too, where an invoice names no other.
    """
    check_administers(editing.viewer)
    if siret is None:
        found = next(
            (proposed for proposed in list_suggestions(editing.learned, editing.viewer) if proposed.id == asked), None
        )
        if found is None or found.siret is None:
            raise InputError("no_such_suggestion", asked=asked)
        asked, siret = found.wording, found.siret
    digits = checked_siret(siret)
    if not asked.strip():
        raise InputError("wording_empty")
    rows = [Row(siret=digits, wording=asked.strip())]
    if service:
        rows.append(Row(siret=digits, service_code=service.strip(), service_wording=asked.strip()))
    return editing.edit(lambda stored: with_rows(stored, rows), source="recipients confirm")


def keep(editing: RecipientEditing, wording: str, siret: str | None = None) -> Applied:
    """Takes the learned lines of this wording into the configuration, where only a person changes them."""
    lines = _learned_lines(editing, wording, siret)
    meanings = {(line.siret, line.service_code) for line in lines}
    if len({line.siret for line in lines}) > 1 or len({code for _, code in meanings if code}) > 1:
        sirets = ", ".join(sorted(f"{found} {code or ''}".strip() for found, code in meanings))
        raise InputError("wording_of_several", wording=wording, recipients=sirets)
    rows = [_row(line) for line in lines]
    applied = editing.edit(lambda stored: with_rows(stored, rows), source="recipients keep")
    editing.learned.mark_kept([line.id for line in lines])
    return applied


def forget(editing: RecipientEditing, wording: str, siret: str | None = None) -> int:
    """Deletes the learned lines of this wording; the new revision."""
    lines = _learned_lines(editing, wording, siret)
    return editing.learned.forget([line.id for line in lines], actor=editing.actor, now=editing.clock.now())


def _learned_lines(editing: RecipientEditing, wording: str, siret: str | None) -> list[StoredLine]:
    check_administers(editing.viewer)
    wanted = None if siret is None else checked_siret(siret)
    found = [line for line in editing.learned.lines() if bare(line.wording) == bare(wording)]
    found = [line for line in found if wanted in (None, line.siret)]
    if not found:
        raise InputError("no_learned_line_of_siret" if wanted else "no_learned_line", wording=wording, siret=wanted)
    return found


def checked_siret(text: str) -> str:
    """The 14 digits; InputError when there are not 14."""
    digits = normalise_siret(text)
    if digits is None:
        raise InputError("no_siret", text=text)
    return digits


# -- the list ----------------------------------------------------------------------------------------------------


def rows_of(recipients: Iterable[Recipient]) -> list[Row]:
    """The list as lines; a body or service without wording has a line too."""
    rows: list[Row] = []
    for recipient in recipients:
        siret = recipient.siret
        bodies = [Row(siret=siret, wording=wording) for wording in recipient.wordings]
        services = [
            Row(siret=siret, service_code=service.code, service_wording=wording)
            for service in recipient.services
            for wording in service.wordings or ("",)
        ]
        rows += [*bodies, *services] or [Row(siret=siret)]
    return rows


def with_rows(
    recipients: Sequence[Recipient], rows: Iterable[Row], *, known: Sequence[Recipient] | None = None
) -> Recipients:
    """The list with these lines added; what is known already, in whatever spelling, stays as it is.

    What else is set for a body is that of `known`; None: of the list.
    """
    bodies: dict[str, _Body] = {}
    for row in (*rows_of(recipients), *rows):
        bodies.setdefault(row.siret, _Body()).add(row)
    stored = {body.siret: body for body in (recipients if known is None else known)}
    return tuple(body.recipient(stored.get(siret, Recipient(siret=siret))) for siret, body in bodies.items())


class _Body:
    """One recipient while its lines come in: wordings and codes by their folded form, in the order of arrival."""

    def __init__(self) -> None:
        self._wordings: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._services: dict[str, dict[str, str]] = {}

    def add(self, row: Row) -> None:
        if row.wording:
            self._wordings.setdefault(fold(row.wording), row.wording)
        if row.service_code:
            code = fold(row.service_code)
            self._codes.setdefault(code, row.service_code)
            wordings = self._services.setdefault(code, {})
            if row.service_wording:
                wordings.setdefault(fold(row.service_wording), row.service_wording)

    def recipient(self, known: Recipient) -> Recipient:
        services = [
            Service(code=self._codes[code], wordings=tuple(words.values())) for code, words in self._services.items()
        ]
        return known.model_copy(update={"wordings": tuple(self._wordings.values()), "services": tuple(services)})


# -- learned and proposed lines ----------------------------------------------------------------------------------


def _row(line: StoredLine) -> Row:
    if line.service_code is None:
        return Row(siret=line.siret, wording=line.wording)
    return Row(siret=line.siret, service_code=line.service_code, service_wording=line.wording)


def with_learned(configuration: Configuration, lines: Sequence[StoredLine]) -> Configuration:
    """The configuration with every learned line that mapping would use, as if each had been kept."""
    usable = [_row(line) for line in lines if use_of(line, lines, configuration.recipients) == "used"]
    return configuration.model_copy(update={"recipients": with_rows(configuration.recipients, usable)})


USES = ("used", "configured", "ambiguous", "doubtful")
"""What becomes of a learned line."""


def use_of(line: StoredLine, lines: Iterable[StoredLine], recipients: Iterable[Recipient]) -> str:
    """`used` by mapping; or not, because it is `configured` by hand, `ambiguous` or `doubtful`."""
    if line.service_code is None:
        by_hand = [(recipient.siret, recipient.wordings) for recipient in recipients]
    else:
        own = (recipient for recipient in recipients if recipient.siret == line.siret)
        by_hand = [(service.code, service.wordings) for recipient in own for service in recipient.services]
    if match_wording(line.wording, by_hand):
        return "configured"
    if line.doubtful:
        return "doubtful"
    rivals = (other for other in lines if _same_question(line, other) and not other.doubtful)
    return "ambiguous" if any(_meaning(other) != _meaning(line) for other in rivals) else "used"


def _meaning(line: StoredLine) -> tuple[str, str | None]:
    return line.siret, line.service_code


def _same_question(one: StoredLine, other: StoredLine) -> bool:
    """Whether two lines answer for the same wording of the same kind, for a service of the same body."""
    same_kind = (one.service_code is None) == (other.service_code is None)
    same_body = one.service_code is None or one.siret == other.siret
    return same_kind and same_body and bare(one.wording) == bare(other.wording)


def list_suggestions(learned: LearnedRecipients, viewer: Viewer) -> list[Suggestion]:
    """For every unknown wording of an unsent invoice the bodies that it may mean, the closest first.

    Who administers is told all wordings: what one means is decided for every invoice that has it.
    """
    asking = OWNER if viewer.administers else viewer
    return [proposed for wording in learned.open_wordings(asking) for proposed in _proposed(wording)]


def _proposed(asked: OpenWording) -> list[Suggestion]:
    nothing = Suggestion(wording=asked.wording, invoice_ids=asked.invoice_ids, document_ids=asked.document_ids)
    found = [
        dataclasses.replace(
            nothing,
            id=hashlib.sha256(f"{bare(asked.wording)}|{similar.key}".encode()).hexdigest()[:8],
            siret=similar.key,
            known=similar.known,
            score=similar.score,
        )
        for similar in suggestions(asked.reason)
    ]
    return found or [nothing]
