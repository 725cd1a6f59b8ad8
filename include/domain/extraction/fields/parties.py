"""Who sells and who buys: SIRETs with their roles, and the recipient's name.

Evidence is added up, nothing vetoes: known SIRETs of the configuration, words beside the number, the heading above it,
where on the page it stands, and the first digit (public bodies have SIRENs that begin with 1 or 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from stdnum.fr import siren, tva

from include.domain.extraction.fields.evidence import candidate, ranked
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.extraction.lexicon.patterns import Found, Text, looks_like_siret, misread_sirets, sirets
from include.domain.fields import Candidate, Claim
from include.domain.fields.claims import heard
from include.domain.text import TextSource
from include.domain.values import fold, siret_checks

RECIPIENT_WORDS = re.compile(
    r"\b(?:destinataire|client|acheteur|factur(?:ee?|er) a|adressee? a|destinee? a|adresse de facturation"
    r"|adresse du client|vos identifiants|siret (?:du )?factur(?:ee?|ation)|entite facturee|payeur"
    r"|a l'attention|bill(?:ed)? to|buyer|customer|sold to|debiteur|donneur d'ordre|maitre d'ouvrage"
    r"|pouvoir adjudicateur|chorus|collectivite|abonnee?|usager)\b|^doit\b|^(?:pour|to)\W*$"
)
SUPPLIER_WORDS = re.compile(
    r"\b(?:emetteur|fournisseur|vendeur|prestataire|titulaire|creancier|seller|supplier|vendor|notre siret|emis par)\b"
    r"|^(?:de|from)\W*$"
)
OTHER_WORDS = re.compile(
    r"\b(?:livraison|livre a|lieu|chantier|deliver|ship(?:ped)? to|representant fiscal|beneficiaire|factor|affacturage"
    r"|sous[- ]traitant|mandataire|payee|cotraitant|subrog\w+|liberatoire|a l'ordre de|cession de creance"
    r"|cessionnaire|etablissement secondaire)\b"
)
LEGAL_WORDS = re.compile(r"\b(?:rcs|r\.c\.s|capital|ape|naf|tva|sarl|sas|sasu|eurl|snc|siege social)\b")

_SIREN = re.compile(r"(?:\bFR ?[0-9A-Z]{2} ?|\b)([0-9]{3} ?[0-9]{3} ?[0-9]{3})(?![ .]?[0-9])")
_VAT_NUMBER = re.compile(r"\bFR ?[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?![ .]?[0-9])")
_FIRM_NUMBER = re.compile(r"(?<![0-9])[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}(?![ .]?[0-9])")
_SIRET_WORD = re.compile(r"\bsiret(?![0-9])")
_SIRET_ALONE = re.compile(r"\W*(?:n\W*|numero )?(?:de )?siret\W*")
_GLUED = re.compile(r"\bsiret(?=[a-z]{3})")
_REGISTER = re.compile(r"\W*r\.?c\.?s\b")
_REGISTERED = re.compile(r"\br\.?c\.?s\.?(?: [a-z][a-z-]*){0,3}\W*$")
CLEARLY = 0.85
"""Below it, two roles are about equally likely."""

OWN_FIRM = 1.5
"""What speaks against a buyer with the SIREN of a configured supplier: it is a place of that firm."""

HEADING_REACH = 14
"""How far above a number its heading may stand, in heights of the number's cell: an address has four to eight lines."""


Role = Literal["supplier", "recipient"]


@dataclass(frozen=True, slots=True)
class Number:
    """A SIRET on a page, with what speaks for each role."""

    found: Found[str]
    cell: Cell
    supplier: float
    recipient: float


def siret_candidates(
    document: LabelledPage, *, supplier_sirets: frozenset[str], recipient_sirets: frozenset[str]
) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """Candidates for the supplier's and the recipient's SIRET, no number in both."""
    firms = frozenset(siret[:9] for siret in supplier_sirets)
    numbers = _merged(
        Number(
            found,
            cell,
            supplier=_supplier_evidence(document, found, cell) + (3.0 if found.value in supplier_sirets else 0.0),
            recipient=_recipient_evidence(document, found, cell)
            + (3.0 if found.value in recipient_sirets else 0.0)
            - (OWN_FIRM if found.value[:9] in firms else 0.0),
        )
        for found, cell in _numbers(document, supplier_sirets | recipient_sirets)
    )
    seller, buyer = _assigned(numbers)
    rest = [number for number in numbers if number not in (seller, buyer)]
    sold = _with_role(seller, rest, "supplier") or _by_firm(document, supplier_sirets)
    others = [number for number in rest if number.found.value[:9] not in firms]
    return sold, _alone(_with_role(buyer, rest, "recipient"), others)


def _by_firm(document: LabelledPage, configured: frozenset[str]) -> tuple[Candidate, ...]:
    """The one configured establishment of the firm whose VAT number or SIREN is printed, where no SIRET was read.

    Nothing where the firm has several, where numbers of two firms are printed, or beside words of another role.
    """
    found: dict[str, Candidate] = {}
    for cell in document.layout.cells():
        for firm, at, claim in _firms(cell):
            establishments = [siret for siret in configured if siret[:9] == firm]
            role = f"{_near(document, at, cell)} {_heading(document, cell)}"
            if len(establishments) != 1 or RECIPIENT_WORDS.search(role) or OTHER_WORDS.search(role):
                continue
            known = candidate(establishments[0], at, cell, heard(at.confidence), claim)
            found[establishments[0]] = max(known, found.get(establishments[0], known), key=lambda one: one.confidence)
    return tuple(found.values()) if len(found) == 1 else ()


def _firms(cell: Cell) -> Iterator[tuple[str, Found[str], Claim]]:
    """SIRENs in a cell that their check digits prove, within a VAT number or alone, and which of the two."""
    for match in _VAT_NUMBER.finditer(cell.written.plain):
        number = "".join(match.group().split())
        if tva.is_valid(number):
            yield number[4:], cell.written.found(number, match.start(), match.end()), Claim.BY_VAT_NUMBER
    for match in _FIRM_NUMBER.finditer(cell.written.plain):
        number = re.sub(r"\D", "", match.group())
        if siren.is_valid(number):
            yield number, cell.written.found(number, match.start(), match.end()), Claim.BY_SIREN


def _alone(found: tuple[Candidate, ...], rest: Sequence[Number]) -> tuple[Candidate, ...]:
    """A public body's number beside the supplier's and no other can hardly be anybody else's."""
    if not found or rest or str(found[0].value)[0] not in "12" or not siret_checks(str(found[0].value)):
        return found
    return (found[0].but(Claim.ONLY_PUBLIC_BODY), *found[1:])


def _assigned(numbers: Sequence[Number]) -> tuple[Number | None, Number | None]:
    """The pair for which most speaks, each with something in its favour; either may be missing."""
    pairs = [
        (seller, buyer)
        for seller in (None, *numbers)
        for buyer in (None, *numbers)
        if seller is None or buyer is None or seller is not buyer
    ]
    return max(pairs, key=lambda pair: (pair[0].supplier if pair[0] else 0.0) + (pair[1].recipient if pair[1] else 0.0))


def _with_role(chosen: Number | None, others: Sequence[Number], role: Role) -> tuple[Candidate, ...]:
    """The chosen number first, then the ones that took no role and could be it."""
    if chosen is None:
        return ()
    first = _candidate(chosen, role)
    rest = [_candidate(other, role) for other in others if getattr(other, role) > 0]
    return (first, *(other.but(Claim.IN_NO_ROLE) for other in ranked(rest, most=3)))


def _candidate(number: Number, role: Role) -> Candidate:
    """The wider one role leads, the surer; a check digit that is wrong costs some confidence, never the value."""
    mine, other = number.supplier, number.recipient
    if role == "recipient":
        mine, other = other, mine
    sure = min(1.0, 0.6 + 0.25 * (mine - other))
    wrong = () if siret_checks(number.found.value) else (Claim.CHECK_DIGIT_WRONG,)
    unclear = (Claim.ROLE_UNCLEAR,) if sure < CLEARLY else ()
    sure *= heard(number.found.confidence)
    return candidate(number.found.value, number.found, number.cell, sure, *unclear, *wrong)


def _merged(numbers: Iterator[Number]) -> list[Number]:
    """One entry for each SIRET, with the sum of what its places say."""
    by_value: dict[str, Number] = {}
    for number in numbers:
        known = by_value.get(number.found.value)
        if known is None:
            by_value[number.found.value] = number
        else:
            by_value[number.found.value] = Number(
                known.found, known.cell, known.supplier + number.supplier, known.recipient + number.recipient
            )
    return list(by_value.values())


def _numbers(document: LabelledPage, known: frozenset[str]) -> Iterator[tuple[Found[str], Cell]]:
    """Numbers that the word SIRET announces, unannounced ones that look like one in every respect, known ones."""
    sirens = _sirens(document)
    for cell in document.layout.cells():
        text = cell.written
        for found in sirets(text):
            before = fold(text.plain[: found.start])
            if (
                _is_announced(document, cell, before)
                or _stands_alone(found, before, sirens)
                or (RECIPIENT_WORDS.search(before) and found.value[0] in "12" and siret_checks(found.value))
                or (looks_like_siret(found) and (found.value in known or _is_registered(text, found)))
            ):
                yield found, cell
        if cell.source == TextSource.OCR:
            for found in misread_sirets(text):
                if _is_announced(document, cell, fold(text.plain[: found.start])):
                    yield found, cell


def _is_announced(document: LabelledPage, cell: Cell, before: str) -> bool:
    return _SIRET_WORD.search(before) is not None or _announced_beside(document, cell, before)


def _announced_beside(document: LabelledPage, cell: Cell, before: str) -> bool:
    """The word SIRET in the cell to the left, in the one above, or alone in the one right below."""
    if before.strip(" :.-"):
        return False
    neighbours = [*document.layout.left_of(cell)[:2], *document.layout.above(cell, 2.0)[:1]]
    under = [other for other in document.layout.below(cell, 1.0)[:1] if _SIRET_ALONE.fullmatch(fold(other.text))]
    return bool(under) or any(_SIRET_WORD.search(fold(other.text)) for other in neighbours)


def _stands_alone(found: Found[str], before: str, sirens: frozenset[str]) -> bool:
    """Without the word SIRET: right in form, nothing else announced, and its SIREN known from elsewhere or public."""
    known = found.value[:9] in sirens or (found.value[0] in "12" and " " in found.text)
    return known and looks_like_siret(found) and not before.strip(" :.-")


def _is_registered(text: Text, found: Found[str]) -> bool:
    """`91234567800017 RCS Albi`: a SIRET where the register of commerce is named and its SIREN would do."""
    behind, before = fold(text.plain[found.end :]), fold(text.plain[: found.start])
    return bool(_REGISTER.match(behind) or _REGISTERED.search(before))


def _sirens(document: LabelledPage) -> frozenset[str]:
    """Every SIREN on the pages, alone or within a VAT number."""
    return frozenset(
        re.sub(r"\D", "", match.group(1))
        for cell in document.layout.cells()
        for match in _SIREN.finditer(cell.written.plain)
    )


def _near(document: LabelledPage, found: Found[str], cell: Cell) -> str:
    """The words before the number in its cell, and the cell to the left."""
    before = cell.written.plain[: found.start].strip(" :")
    left = document.layout.left_of(cell)[:2]
    return _apart(" ".join([*(other.text for other in left if not before.strip()), before]))


def _apart(text: str) -> str:
    """Folded; `SIRETCLIENT`, as a text layer without its blanks has it, is two words."""
    return _GLUED.sub("siret ", fold(text))


def _heading(document: LabelledPage, cell: Cell) -> str:
    """The nearest heading over a number: the first cell above that names a role."""
    for above in document.layout.above(cell, HEADING_REACH):
        folded = _apart(above.text)
        if len(above.words) <= 6 and any(
            words.search(folded) for words in (RECIPIENT_WORDS, SUPPLIER_WORDS, OTHER_WORDS)
        ):
            return folded
    return ""


def _supplier_evidence(document: LabelledPage, found: Found[str], cell: Cell) -> float:
    near, heading = _near(document, found, cell), _heading(document, cell)
    width, height = document.layout.page_size(cell.page)
    score = 0.4
    score += 2.0 * bool(SUPPLIER_WORDS.search(near)) + 1.5 * bool(SUPPLIER_WORDS.search(heading))
    score -= 1.0 * bool(OTHER_WORDS.search(near)) + 1.5 * bool(OTHER_WORDS.search(heading))
    score += 0.8 * bool(LEGAL_WORDS.search(fold(cell.text)))
    score += 0.8 * (cell.box[1] > 0.85 * height)
    score += 0.5 * (cell.box[1] < 0.3 * height and cell.box[0] < 0.45 * width)
    return score - 0.6 * (found.value[0] in "12")


def _recipient_evidence(document: LabelledPage, found: Found[str], cell: Cell) -> float:
    near, heading = _near(document, found, cell), _heading(document, cell)
    width, height = document.layout.page_size(cell.page)
    score = 0.2
    score += 2.0 * bool(RECIPIENT_WORDS.search(near)) + 1.5 * bool(RECIPIENT_WORDS.search(heading))
    score -= 1.0 * bool(OTHER_WORDS.search(near)) + 1.5 * bool(OTHER_WORDS.search(heading))
    score += 0.5 * (cell.box[1] < 0.5 * height and cell.box[0] > 0.45 * width)
    return score + 0.8 * (found.value[0] in "12")
