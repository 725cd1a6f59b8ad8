"""Letters and digits that recognition takes for each other, and the repairs that something else proves right.

`O` and `0` look alike in most fonts: what was meant can be known only where a list of possible codes, or a check digit,
leaves one answer. A repair that is merely likely is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from include.domain.fields import Candidate, Claim, Source

_LIKE = str.maketrans("OQDIL|SBZG", "0001115826")


def shape(text: str) -> str:
    """One spelling for everything that looks the same; blanks and signs between the parts do not count."""
    return "".join(sign for sign in text.upper() if sign.isalnum() or sign == "|").translate(_LIKE)


def the_one_meant(text: str, known: Iterable[str]) -> str | None:
    """The known code that the text is, or the only one that it looks like; None where several or none do."""
    codes = set(known)
    same = [code for code in codes if code.casefold() == text.strip().casefold()]
    if len(same) == 1:
        return same[0]
    alike = [code for code in codes if shape(code) == shape(text)]
    return alike[0] if len(alike) == 1 else None


def listed_service(
    fields: Mapping[str, tuple[Candidate, ...]], lists: Mapping[str, frozenset[str]]
) -> tuple[Candidate, ...]:
    """The candidates for the service code, held against the list of the body that the invoice is for."""
    found = fields.get("service_code", ())
    recipient = fields.get("recipient_siret", ())
    known = lists.get(str(recipient[0].value)) if recipient else None
    return held_against(found, known) if found and known else found


def held_against(found: tuple[Candidate, ...], known: frozenset[str]) -> tuple[Candidate, ...]:
    """Candidates for a service code, of which there is at least one, beside the codes that a body has.

    A code that the list has is confirmed, and comes before others that it does not have. One of a scan that looks like
    a single code of the list becomes it, and what was read stays behind it as evidence. What no list has stays as read:
    lists are evidence, and may be old.
    """
    listed = [candidate for candidate in found if the_one_meant(str(candidate.value), known) == candidate.value]
    if len(listed) == 1:
        rest = tuple(candidate for candidate in found if candidate is not listed[0])
        return (_confirmed(listed[0], known), *rest)
    return _repaired(found, known) if found[0].source is Source.OCR and not listed else found


def _confirmed(best: Candidate, known: frozenset[str]) -> Candidate:
    """Surer, unless a scan may mean its double, which the list has too."""
    if best.source is Source.OCR and sum(shape(code) == shape(str(best.value)) for code in known) > 1:
        return best
    return best.but(Claim.ON_THE_RECIPIENTS_LIST)


def _repaired(found: tuple[Candidate, ...], known: frozenset[str]) -> tuple[Candidate, ...]:
    best = found[0]
    meant = the_one_meant(str(best.value), known)
    if meant is None:
        return found
    rest = tuple(candidate for candidate in found if candidate.value != meant)
    return (replace(best, value=meant).but(Claim.MENDED_BY_LIST), *rest)
