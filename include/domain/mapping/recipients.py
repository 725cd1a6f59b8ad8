"""Who receives the invoice: numbers as printed, wordings translated by the lines of the configuration."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from include.domain.configuration import Recipient
from include.domain.directory import DirectoryEntry
from include.domain.fields import Candidate
from include.domain.mapping.candidates import Gathered
from include.domain.mapping.draft import Draft, FieldValue, rank
from include.domain.mapping.wording import Lines, closest_wording, match_wording
from include.domain.reasons import Reason
from include.domain.values import fold


def translate_recipient(gathered: Gathered, recipients: Sequence[Recipient]) -> Reason | None:
    """Adds the SIRETs that wordings mean to the candidates of recipient_siret; a reason where nobody can be told.

    In one source a printed number comes before the name beside it. A wording in the metadata that should hold the
    number must be understood, whatever the page says; a name on the page only where there is no number at all.
    """
    lines = [(recipient.siret, recipient.wordings) for recipient in recipients]
    if "recipient_siret" in gathered.cleared:
        return None
    must = gathered.recipient_wordings
    unclear: list[Candidate] = []
    for wording in (*must, *gathered.fields.get("recipient_name", ())):
        found = match_wording(str(wording.value), lines)
        if len(found) == 1:
            gathered.add("recipient_siret", dataclasses.replace(wording, value=found[0], text=_as_printed(wording)))
        else:
            unclear.append(wording)
    candidates = gathered.fields.get("recipient_siret", [])
    candidates.sort(key=lambda candidate: rank(candidate.source))
    first = candidates[0] if candidates else None
    pressing = [wording for wording in unclear if wording in must or first is None]
    if pressing and (first is None or rank(first.source) >= rank(pressing[0].source)):
        return _unclear(str(pressing[0].value), lines)
    return None


def _as_printed(wording: Candidate) -> str:
    return wording.text or str(wording.value)


def _unclear(wording: str, lines: Lines) -> Reason:
    several = match_wording(wording, lines)
    if several:
        params = {"wording": wording, "sirets": ", ".join(several)}
        return Reason(code="recipient_wording_ambiguous", field="recipient_siret", params=params)
    close = closest_wording(wording, lines)
    if close:
        params = {"wording": wording, "siret": close[0], "known": close[1]}
        return Reason(code="recipient_wording_close", field="recipient_siret", params=params)
    return Reason(code="recipient_wording_unknown", field="recipient_siret", params={"wording": wording})


def translate_service(gathered: Gathered, recipients: Iterable[Recipient]) -> None:
    """Replaces service wordings of the chosen recipient by the codes they mean."""
    siret = gathered.best("recipient_siret")
    line = next((recipient for recipient in recipients if siret and recipient.siret == siret.value), None)
    if line is None or "service_code" in gathered.cleared:
        return
    codes = {fold(service.code): service.code for service in line.services}
    lines = [(service.code, service.wordings) for service in line.services]
    translated = [
        _with_code(candidate, codes, lines) or candidate for candidate in gathered.fields.get("service_code", ())
    ]
    for candidate in gathered.fields.get("service_name", ()):
        named = _with_code(candidate, codes, lines)
        if named is not None:
            translated.append(named)
    translated.sort(key=lambda candidate: rank(candidate.source))
    if translated:
        gathered.fields["service_code"] = translated


def _with_code(candidate: Candidate, codes: dict[str, str], lines: Lines) -> Candidate | None:
    wording = str(candidate.value)
    found = (codes[fold(wording)],) if fold(wording) in codes else match_wording(wording, lines)
    if len(found) != 1:
        return None
    return dataclasses.replace(candidate, value=found[0], text=_as_printed(candidate))


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
        value = dataclasses.replace(name, value=known, text=name.text or str(name.value), others=())
        return draft.with_field("service_code", value)
    if code is None:
        return draft
    service = entry.service(str(code.value))
    spelled = service.code if service else _named(entry, str(code.value))
    return draft.with_field("service_code", dataclasses.replace(code, value=spelled)) if spelled else draft


def _named(entry: DirectoryEntry, name: str) -> str | None:
    same = [service.code for service in entry.services if service.active and fold(service.name) == fold(name)]
    return same[0] if len(same) == 1 else None
