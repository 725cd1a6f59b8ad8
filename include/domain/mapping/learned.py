"""Lines learned from what was sent: wordings that meant a body, or a service of it, when an invoice was taken.

They come after the lines that a person set, and help only where the wording was sent to one body alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from include.domain.configuration import Recipient
from include.domain.fields import Candidate, Source
from include.domain.mapping.draft import Draft, FieldValue, LearnedLine, rank
from include.domain.mapping.wording import Known, Lines, bare, is_generic, known_bodies, match_wording
from include.domain.values import compact, fold

_PRINTED = frozenset({Source.METADATA, Source.FACTURX, Source.TEXT, Source.OCR})
"""Sources that show what stands on the invoice or beside it; a person's word teaches no wording."""

SURE = 0.5
"""Lowest confidence of a name from which something is learned."""

RIVAL = 0.75
"""Confidence from which on another name beside the best one leaves it open which of them is the recipient."""


class Learned:
    """The learned lines of one environment, indexed so that thousands of them cost nothing."""

    def __init__(self, lines: Iterable[LearnedLine] = ()) -> None:
        bodies: list[tuple[str, tuple[str, ...]]] = []
        services: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for line in lines:
            if line.service_code is None:
                bodies.append((line.siret, (line.wording,)))
            else:
                services.setdefault(line.siret, []).append((line.service_code, (line.wording,)))
        self._bodies = Known(bodies)
        self._services = {siret: Known(codes) for siret, codes in services.items()}

    def __bool__(self) -> bool:
        return bool(self._bodies.lines or self._services)

    @property
    def wordings(self) -> Lines:
        """Bodies with the wordings that were sent to them."""
        return self._bodies.lines

    def bodies(self, wording: str) -> tuple[str, ...]:
        """SIRETs that the wording was sent to: none, one, or several when it is ambiguous."""
        return self._bodies.match(wording)

    def services(self, siret: str, wording: str) -> tuple[str, ...]:
        """Service codes of the body that the wording was sent to."""
        known = self._services.get(siret)
        return known.match(wording) if known else ()


NOTHING_LEARNED = Learned()


def with_learned_lines(draft: Draft, recipients: Sequence[Recipient]) -> Draft:
    """The draft with what is to be learned once the platform has taken it so.

    Nothing is learned for a wording that a line of the configuration covers, nor from an invoice whose printed numbers
    or names contradict each other or what is sent.

    Source: docs/reference/connector-functions.md 1.7 and 2.4.
    """
    siret = draft.fields.get("recipient_siret")
    if siret is None:
        return draft
    lines = [_body_line(draft, siret, recipients), _service_line(draft, str(siret.value), recipients)]
    return dataclasses.replace(draft, learned_lines=tuple(line for line in lines if line is not None))


def _body_line(draft: Draft, siret: FieldValue, recipients: Sequence[Recipient]) -> LearnedLine | None:
    name = draft.fields.get("recipient_name")
    if name is None or not _teaches(name) or _contradicted(siret):
        return None
    wording = str(name.value)
    if known_bodies(recipients).match(wording):
        return None
    return LearnedLine(wording=wording, siret=str(siret.value))


def _service_line(draft: Draft, siret: str, recipients: Sequence[Recipient]) -> LearnedLine | None:
    name, code = draft.fields.get("service_name"), draft.fields.get("service_code")
    if name is None or code is None or name.source not in _PRINTED or _contradicted(code):
        return None
    wording = str(name.value)
    by_hand = [
        (service.code, service.wordings)
        for recipient in recipients
        if recipient.siret == siret
        for service in recipient.services
    ]
    if fold(wording) == fold(str(code.value)) or not bare(wording) or match_wording(wording, by_hand):
        return None
    return LearnedLine(wording=wording, siret=siret, service_code=str(code.value))


def _teaches(name: FieldValue) -> bool:
    """Whether a name was printed, surely enough, without a rival beside it, and names a body rather than a role."""
    if name.source not in _PRINTED or name.confidence < SURE or is_generic(str(name.value)):
        return False
    sure = (other for other in name.others if other.confidence >= RIVAL * name.confidence)
    return all(bare(str(other.value)) == bare(str(name.value)) for other in sure if other.source in _PRINTED)


def _contradicted(sent: FieldValue) -> bool:
    """Whether the best value of some printed source differs from what is sent; second guesses contradict nobody."""
    heads: dict[int, Candidate] = {}
    for candidate in (sent.chosen, *sent.others):
        if candidate.source in _PRINTED:
            heads.setdefault(rank(candidate.source), candidate)
    return any(compact(str(head.value)) != compact(str(sent.value)) for head in heads.values())
