"""Who receives the invoice: numbers as printed, wordings translated by the configuration, then by what was learned."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence

from include.domain.configuration import Recipient
from include.domain.directory import DirectoryEntry
from include.domain.fields import Candidate
from include.domain.mapping.candidates import Gathered
from include.domain.mapping.draft import Draft, FieldValue, rank
from include.domain.mapping.learned import NOTHING_LEARNED, Learned
from include.domain.mapping.wording import Known, Similar, known_bodies, similar_wordings
from include.domain.reasons import Reason
from include.domain.values import fold

DOUBT_LEFT = 0.5
"""Share of the reader's doubt that stays where a name is that of a known line: a misread name is on no list."""


def translate_recipient(
    gathered: Gathered, recipients: Sequence[Recipient], learned: Learned = NOTHING_LEARNED
) -> tuple[Reason | None, tuple[Reason, ...]]:
    """Adds the SIRETs that wordings mean to the candidates of recipient_siret.

    In one source a printed number comes before the name beside it. A wording in the metadata that should hold the
    number must be understood, whatever the page says; a name on the page only where there is no number at all. Where a
    wording must be understood and no line of the configuration has it, a learned line may help. Answers the reason
    where nobody can be told, and the warning that a learned line was used.
    """
    known = known_bodies(recipients)
    if "recipient_siret" in gathered.cleared:
        return None, ()
    must = gathered.recipient_wordings
    unclear: list[Candidate] = []
    for wording in (*must, *gathered.fields.get("recipient_name", ())):
        found = known.match(str(wording.value))
        if len(found) == 1:
            gathered.add("recipient_siret", _understood(wording, found[0]))
        else:
            unclear.append(wording)
    candidates = gathered.fields.get("recipient_siret", [])
    candidates.sort(key=lambda candidate: rank(candidate.source))
    first = candidates[0] if candidates else None
    pressing = [wording for wording in unclear if wording in must or first is None]
    if not pressing or (first is not None and rank(first.source) < rank(pressing[0].source)):
        return None, ()
    siret = _learned_body(pressing, known, learned)
    if siret is None:
        return _unclear(str(pressing[0].value), known, learned), ()
    gathered.add("recipient_siret", _understood(pressing[0], siret))
    gathered.fields["recipient_siret"].sort(key=lambda candidate: rank(candidate.source))
    params = {"wording": str(pressing[0].value), "siret": siret}
    return None, (Reason(code="recipient_learned", field="recipient_siret", params=params),)


def _understood(wording: Candidate, siret: str) -> Candidate:
    confidence = round(1 - DOUBT_LEFT * (1 - wording.confidence), 3)
    return dataclasses.replace(wording, value=siret, text=_as_printed(wording), confidence=confidence)


def _as_printed(wording: Candidate) -> str:
    return wording.text or str(wording.value)


def _learned_body(pressing: Sequence[Candidate], known: Known, learned: Learned) -> str | None:
    """The one body that the best wording was sent to, unless a line of the configuration or another wording objects."""
    best, *others = (str(wording.value) for wording in pressing)
    meant = learned.bodies(best)
    if len(meant) != 1 or known.match(best):
        return None
    return meant[0] if all(learned.bodies(other) in ((), meant) for other in others) else None


def _unclear(wording: str, known: Known, learned: Learned) -> Reason:
    several = known.match(wording)
    if several:
        params = {"wording": wording, "sirets": ", ".join(several)}
        return Reason(code="recipient_wording_ambiguous", field="recipient_siret", params=params)
    sent_to = [Similar(key=siret, known=wording, score=100) for siret in learned.bodies(wording)]
    if sent_to:
        return _with_candidates("recipient_wording_sent_to_several", wording, sent_to)
    close = similar_wordings(wording, [*known.lines, *learned.wordings])
    if close:
        return _with_candidates("recipient_wording_close", wording, close)
    return Reason(code="recipient_wording_unknown", field="recipient_siret", params={"wording": wording})


def _with_candidates(code: str, wording: str, found: Sequence[Similar]) -> Reason:
    """The candidates in words, and as they are read back by `suggestions`."""
    shown = ", ".join(f"{similar.known} ({similar.key})" for similar in found)
    rows = json.dumps([[similar.key, similar.known, similar.score] for similar in found], ensure_ascii=False)
    params = {"wording": wording, "candidates": shown, "suggested": rows}
    return Reason(code=code, field="recipient_siret", params=params)


def suggestions(reason: Reason) -> tuple[Similar, ...]:
    """What this reason offers for its wording."""
    rows = json.loads(reason.params.get("suggested", "[]"))
    return tuple(Similar(key=key, known=known, score=score) for key, known, score in rows)


def translate_service(
    gathered: Gathered, recipients: Iterable[Recipient], learned: Learned = NOTHING_LEARNED
) -> tuple[Reason, ...]:
    """Replaces service wordings of the chosen recipient by the codes they mean; warns where a learned line was used.

    Where the invoice names no service at all, the recipient's own name may be the wording of one.
    """
    siret = gathered.best("recipient_siret")
    if siret is None or "service_code" in gathered.cleared:
        return ()
    line = next((recipient for recipient in recipients if recipient.siret == siret.value), None)
    services = _ServiceLines(str(siret.value), line, learned)
    given, names = gathered.fields.get("service_code", ()), gathered.fields.get("service_name", ())
    translated = [services.coded(candidate) or candidate for candidate in given]
    translated += [coded for name in names if (coded := services.coded(name)) is not None]
    if not given and not names:
        bodies = gathered.fields.get("recipient_name", ())
        translated += [coded for name in bodies if (coded := services.by_hand(name)) is not None]
    translated.sort(key=lambda candidate: rank(candidate.source))
    if not translated:
        return ()
    gathered.fields["service_code"] = translated
    return tuple(services.used) if translated[0] in services.by_learning else ()


class _ServiceLines:
    """Wordings of one body's services: those of the configuration, then the learned ones."""

    def __init__(self, siret: str, line: Recipient | None, learned: Learned) -> None:
        services = line.services if line else ()
        self._siret = siret
        self._codes = {fold(service.code): service.code for service in services}
        self._known = Known((service.code, service.wordings) for service in services)
        self._learned = learned
        self.by_learning: list[Candidate] = []
        self.used: list[Reason] = []

    def coded(self, candidate: Candidate) -> Candidate | None:
        """The candidate with the code it means, or None."""
        found = self.by_hand(candidate)
        if found is not None or self._known.match(str(candidate.value)):
            return found
        meant = self._learned.services(self._siret, str(candidate.value))
        if len(meant) != 1:
            return None
        found = _with_value(candidate, meant[0])
        self.by_learning.append(found)
        params = {"wording": str(candidate.value), "service": meant[0], "siret": self._siret}
        self.used.append(Reason(code="service_learned", field="service_code", params=params))
        return found

    def by_hand(self, candidate: Candidate) -> Candidate | None:
        """The same by the lines of the configuration alone."""
        wording = str(candidate.value)
        found = (self._codes[fold(wording)],) if fold(wording) in self._codes else self._known.match(wording)
        return _with_value(candidate, found[0]) if len(found) == 1 else None


def _with_value(candidate: Candidate, value: str) -> Candidate:
    return dataclasses.replace(candidate, value=value, text=_as_printed(candidate))


def untranslated_service(draft: Draft) -> FieldValue | None:
    """The name of a service that stands higher than the service code, so that it has no code of its own."""
    name, code = draft.fields.get("service_name"), draft.fields.get("service_code")
    if name is None or (code is not None and rank(code.source) <= rank(name.source)):
        return None
    return name


def with_directory_service(draft: Draft, entry: DirectoryEntry | None) -> Draft:
    """The service as the directory spells it; the exact name of one active service becomes its code."""
    if entry is None:
        return draft
    code, name = draft.fields.get("service_code"), untranslated_service(draft)
    if name is not None:
        known = _named(entry, str(name.value))
        if known is None:
            return draft
        coded = dataclasses.replace(name.chosen, value=known, text=_as_printed(name.chosen))
        return draft.with_field("service_code", FieldValue(chosen=coded))
    if code is None:
        return draft
    service = entry.service(str(code.value))
    spelled = service.code if service else _named(entry, str(code.value))
    return draft.with_field("service_code", code.reworded(spelled)) if spelled else draft


def _named(entry: DirectoryEntry, name: str) -> str | None:
    same = [service.code for service in entry.services if service.active and fold(service.name) == fold(name)]
    return same[0] if len(same) == 1 else None
