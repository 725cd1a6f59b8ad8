"""Remembered values among the candidates that the rules found.

A remembered place is a strong candidate and no more. It never stands before another value when a check fails that the
other one passes, it never makes a value sure that only the platform's silence stands behind, and where it and a rule
that is sure of itself disagree, neither is sure, unless a person corrected just this rule before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from stdnum import iban

from include.domain.extraction.fields.evidence import source_of
from include.domain.extraction.fields.guesses import CENTS, Guess
from include.domain.extraction.fields.vat import HIGHEST_RATE
from include.domain.extraction.layout_memory.example import kind_of
from include.domain.extraction.layout_memory.recall import Recalled
from include.domain.extraction.layout_memory.regions import same
from include.domain.extraction.lexicon.patterns import Found
from include.domain.fields import Candidate, Claim, Value, as_text
from include.domain.fields.claims import believed
from include.domain.fields.registry import TOTALS, Kind
from include.domain.values import siret_checks, strip_accents

Candidates = tuple[Candidate, ...]

ENOUGH = 2
"""Documents that must vouch for a place before it goes before a value that the rules are surer of."""

RULE_IS_SURE = 0.8
"""Confidence of what the rules found from which on memory does not overrule it."""

PROVEN = 0.95
"""Confidence of totals that add up and were read well, from which on memory has nothing to add or to take."""

MOST = 5


def remembered_amounts(
    recalled: Mapping[str, Recalled], fields: Mapping[str, Candidates]
) -> dict[str, tuple[Guess, ...]]:
    """The remembered amounts as guesses, to be weighed among the labelled ones by whether they add up.

    Remembered totals that contradict each other are none: a label has changed its meaning. There is nothing to weigh
    where they are what the rules chose.
    """
    known = {name: found for name, found in recalled.items() if kind_of(name) is Kind.AMOUNT}
    if not _can_be_true(*(known.get(name) for name in TOTALS)):
        known = {name: found for name, found in known.items() if name not in TOTALS}
    if all(fields.get(name) and _is(found, fields[name][0]) for name, found in known.items()):
        return {}
    return {name: (_guess(found),) for name, found in known.items()}


def _can_be_true(excl: Recalled | None, tax: Recalled | None, incl: Recalled | None) -> bool:
    """Whether three totals add up; whether two of them could be parts of a sum."""
    net, vat, total = (found.amount if found else None for found in (excl, tax, incl))
    if net is not None and vat is not None and total is not None:
        return abs(net + vat - total) <= CENTS
    too_much = vat is not None and net is not None and vat > net * HIGHEST_RATE / 100 + CENTS
    above = total is not None and max(net or total, vat or total) > total
    return not too_much and not above


def _guess(found: Recalled) -> Guess:
    place = found.place
    words = tuple(word for word in place.cell.words if word.box[0] < place.box[2] and word.box[2] > place.box[0])
    value = found.amount * (-1 if place.negative else 1)
    # above any label (which has 1 at most), below a sum that holds
    score = 1.5 * found.confidence if found.documents >= ENOUGH else found.confidence
    return Guess(value, score, place.cell, Found(value, place.text, 0, len(place.text), words), found.claims)


def with_memory(
    fields: Mapping[str, Candidates], recalled: Mapping[str, Recalled], amounts: Mapping[str, Candidates]
) -> dict[str, Candidates]:
    """The candidates of every field with what memory says; `amounts` are those chosen with what it remembers."""
    chosen = amounts or {name: found for name, found in fields.items() if kind_of(name) is Kind.AMOUNT}
    merged = {**fields, **_amounts(fields, recalled, chosen)}
    for name, found in recalled.items():
        if kind_of(name) is not Kind.AMOUNT:
            merged[name] = _merged(name, found, fields.get(name, ()))
    for failed in _CHECKS:
        for name in failed(merged):
            if name in recalled:  # as the rules had it, the remembered value behind
                merged[name] = _behind(name, recalled[name], fields.get(name, ()))
    return {name: candidates for name, candidates in merged.items() if candidates}


def _candidate(found: Recalled) -> Candidate:
    place = found.place
    return Candidate(
        value=found.value,
        source=source_of(place.cell),
        page=place.cell.page,
        box=place.box,
        text=place.text,
        confidence=round(found.confidence, 3),
        remembered=found.documents or found.accepted,
        claims=found.claims,
    )


def _merged(name: str, found: Recalled, before: Candidates) -> Candidates:
    mine = _candidate(found)
    passes = _passes(name, found.value)
    if not before:
        return (mine if passes else mine.but(Claim.REMEMBERED_FAILS_CHECK),)
    best = before[0]
    if same(name, best.value, found.value):
        return (_supported(best, found) if passes else best, *before[1:])
    rest = tuple(other for other in before if not same(name, other.value, found.value))
    if not passes or not _leads(found, best):
        return _behind(name, found, before)
    if best.confidence >= RULE_IS_SURE and not found.corrected:
        mine = mine.but(Claim.MEMORY_DIFFERS)
    return (mine, *rest)[:MOST]


def _supported(best: Candidate, found: Recalled) -> Candidate:
    """The same value, surer where people vouch for its place; what the platform merely took adds nothing."""
    if not found.documents:
        return best
    sure = max(best.confidence, believed(found.confidence, Claim.MEMORY_AGREES, Claim.NEVER_CERTAIN))
    claims = (*best.claims, Claim.MEMORY_AGREES)
    return replace(best, confidence=round(sure, 3), remembered=found.documents, claims=claims)


def _leads(found: Recalled, best: Candidate) -> bool:
    """Whether it goes before what the rules found."""
    if not found.documents:
        return False
    return (found.documents >= ENOUGH and not found.against) or found.confidence > best.confidence


def _behind(name: str, found: Recalled, before: Candidates) -> Candidates:
    """As the rules had it; a value that they did not have stands last."""
    if any(same(name, other.value, found.value) for other in before):
        return before
    return (*before[: MOST - 1], _candidate(found).but(Claim.MEMORY_DIFFERS))


def _is_proven(fields: Mapping[str, Candidates]) -> bool:
    """Whether the three totals are printed and add up."""
    return all(fields.get(name) and fields[name][0].confidence >= PROVEN for name in TOTALS)


def _amounts(
    fields: Mapping[str, Candidates], recalled: Mapping[str, Recalled], amounts: Mapping[str, Candidates]
) -> dict[str, Candidates]:
    """The amounts chosen with memory. What the rules had too is as sure as they were; else only a sum makes it sure."""
    proven = _is_proven(amounts)
    merged = {}
    for name, (best, *rest) in amounts.items():
        before, found = fields.get(name, ()), recalled.get(name)
        if before and before[0].value == best.value:
            best = max(best, before[0], key=lambda one: one.confidence) if proven else before[0]
            if found and _is(found, best) and found.documents >= ENOUGH and not found.against:
                best = best.but(Claim.MEMORY_VOUCHES)
        elif not proven:
            best = best.but(Claim.MEMORY_UNPROVEN)
        elif before and before[0].confidence >= RULE_IS_SURE and not (found and found.corrected):
            best = best.but(Claim.MEMORY_DIFFERS)
        merged[name] = (_told(best, found, proven=proven) if found else best, *rest)
    return merged


def _told(best: Candidate, found: Recalled, *, proven: bool) -> Candidate:
    """The amount with what memory says of it."""
    if _is(found, best):
        return replace(best, remembered=found.documents or found.accepted)
    if proven or found.documents < ENOUGH or found.against:
        return best
    return best.but(Claim.MEMORY_DIFFERS)


def _is(found: Recalled, candidate: Candidate) -> bool:
    return abs(candidate.amount) == found.amount


# ---------------------------------------------------------------- checks that a remembered value must pass


def _passes(name: str, value: Value) -> bool:
    if kind_of(name) is Kind.SIRET:
        return siret_checks(as_text(value))
    return iban.is_valid(as_text(value)) if kind_of(name) is Kind.IBAN else True


def _best(fields: Mapping[str, Candidates], name: str) -> Candidate | None:
    found = fields.get(name)
    return found[0] if found else None


def _due_before_issue(fields: Mapping[str, Candidates]) -> tuple[str, ...]:
    issued, due = _best(fields, "issue_date"), _best(fields, "due_date")
    if issued is None or due is None or as_text(due.value) >= as_text(issued.value):
        return ()
    return tuple(name for name, one in (("issue_date", issued), ("due_date", due)) if one.remembered)


def _one_siret_twice(fields: Mapping[str, Candidates]) -> tuple[str, ...]:
    seller, buyer = _best(fields, "supplier_siret"), _best(fields, "recipient_siret")
    if seller is None or buyer is None or seller.value != buyer.value:
        return ()
    return tuple(name for name, one in (("supplier_siret", seller), ("recipient_siret", buyer)) if one.remembered)


def _negative_invoice(fields: Mapping[str, Candidates]) -> tuple[str, ...]:
    """A remembered kind of invoice says nothing where the total has a minus."""
    kind, total = _best(fields, "type"), _best(fields, "total_incl_tax")
    printed = strip_accents(total.text or "") if total is not None else ""
    return ("type",) if kind is not None and kind.remembered and printed.startswith(("-", "(")) else ()


def _number_twice(fields: Mapping[str, Candidates]) -> tuple[str, ...]:
    """The number of the invoice is not that of its order or contract."""
    number = _best(fields, "invoice_number")
    others = [(name, _best(fields, name)) for name in ("engagement_number", "contract_number", "service_code")]
    twice = [
        (name, one) for name, one in others if number is not None and one is not None and one.value == number.value
    ]
    suspects = [*twice, ("invoice_number", number)] if twice else []
    return tuple(name for name, one in suspects if one is not None and one.remembered)


_CHECKS: tuple[Callable[[Mapping[str, Candidates]], tuple[str, ...]], ...] = (
    _due_before_issue,
    _one_siret_twice,
    _number_twice,
    _negative_invoice,
)
