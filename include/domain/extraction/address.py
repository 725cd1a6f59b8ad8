"""The recipient's name: the first line of the address that the invoice is sent to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from include.domain.extraction.evidence import ranked, source_of
from include.domain.extraction.layout import Cell
from include.domain.extraction.parties import OTHER_WORDS, RECIPIENT_WORDS, SUPPLIER_WORDS
from include.domain.extraction.search import Document
from include.domain.fields import Candidate
from include.domain.text import union
from include.domain.values import fold

CITY = re.compile(
    r"^(?:f-|fr-)?[0-9]{5} [a-z]|^[0-9]{2} ?[0-9]{3} [a-z]|\b[0-9]{5} [a-z][a-z' -]+(?:cedex.*)?(?:, [a-z]{2})?$"
)
STREET = re.compile(
    r"^(?:[0-9]+[ ,]|.*\b(?:rue|avenue|boulevard|bd|place|impasse|allee|chemin|route|quai|cours|square|hotel de ville"
    r"|za|zi|zac|bp|cs|tsa|cedex|street|road)\b)"
)
_ADDRESS_OF = re.compile(r"^adresse (?:du |de l'|de la |de )(?!client\b|facturation\b)")
PERSON = re.compile(r"^(?:m|mr|mme|mlle|monsieur|madame|a l'attention|attn|att|contact|service)\b|\bcontact\b")
PUBLIC_BODY = re.compile(
    r"\b(?:commune|communaute|mairie|ville|ministere|prefecture|sous[- ]prefecture|departement|region|conseil|metropole"
    r"|centre hospitalier|chu|chru|hopital|hopitaux|universite|lycee|college|ecole|rectorat|academie|sdis|syndicat"
    r"|office public|etablissement public|agence|caisse|ccas|cias|ehpad|direction|dreal|ddt|collectivite|agglomeration"
    r"|tresor|chambre|crous|cnrs|inserm|tribunal|cour d'appel|gendarmerie|police|armee)\b"
)
NOT_A_NAME = re.compile(
    r"\b(?:siret|siren|tva|tel|fax|email|page|date|facture|gln|iban|bic|n|code)\b ?[:°n]|@|www\.|^adresse\b"
)
IMPRINT_WORDS = re.compile(r"\b(?:rcs|r\.c\.s|capital|ape|naf|siege social)\b")
MOST_LINES = 8
REST_OF_HEADING = 12
"""Signs that a heading may have besides its word: `Client facturé`, `Livraison : adresse`."""

BELOW_HEADING = 2.5
"""How far under its heading an address may begin, in heights of the heading."""


@dataclass(frozen=True, slots=True)
class Block:
    """Cells under one another at one left margin, with the heading over them if one names a role."""

    cells: tuple[Cell, ...]
    heading: str

    @property
    def text(self) -> str:
        """All its lines, folded."""
        return fold(" ".join(cell.text for cell in self.cells))


def recipient_names(document: Document) -> tuple[Candidate, ...]:
    """The name lines of address blocks, the recipient's block first."""
    found: list[Candidate] = []
    for block in (*_blocks(document), *_headed(document)):
        score = _recipient_score(document, block)
        name = _name_line(block)
        if score > 0 and name is not None:
            found.append(
                Candidate(
                    value=name.text,
                    source=source_of(name),
                    page=name.page,
                    box=name.box,
                    text=name.text,
                    confidence=round(min(0.95, score) * (0.5 + 0.5 * fmean(word.confidence for word in name.words)), 3),
                )
            )
    return ranked(found)


def _blocks(document: Document) -> Iterator[Block]:
    """Address blocks: a line with postal code and city, and the lines above it at the same margin."""
    for cell in document.layout.cells():
        if not CITY.search(fold(cell.text)):
            continue
        lines = [cell]
        heading = ""
        for above in _column_above(document, cell):
            folded = fold(above.text)
            if _is_heading(above):
                heading = folded
                break
            if NOT_A_NAME.search(folded) or CITY.search(folded) or len(lines) >= MOST_LINES:
                break
            lines.append(above)
        if len(lines) >= 2:
            yield Block(tuple(reversed(lines)), heading)


def _headed(document: Document) -> Iterator[Block]:
    """What stands under a heading like `Destinataire`, also when no postal code was recognised in it."""
    for cell in document.layout.cells():
        if not _is_heading(cell) or not RECIPIENT_WORDS.search(fold(cell.text)):
            continue
        lines: list[Cell] = []
        current = cell
        while len(lines) < MOST_LINES:
            below = [
                other
                for other in document.layout.below(current, 1.2 if lines else BELOW_HEADING)
                if abs(other.box[0] - cell.box[0]) < 3 * cell.height
            ]
            if not below or NOT_A_NAME.search(fold(below[0].text)) or _is_heading(below[0]):
                break
            current = below[0]
            lines.append(current)
        if lines:
            yield Block(tuple(lines), fold(cell.text))


def _is_heading(cell: Cell) -> bool:
    """Whether a cell says whose address follows, and hardly anything else (`Client :`, but not `LE CLIENT`)."""
    folded = _ADDRESS_OF.sub("", fold(cell.text).strip(" :"))
    matches = (words.match(folded) for words in (RECIPIENT_WORDS, SUPPLIER_WORDS, OTHER_WORDS))
    return len(cell.words) <= 5 and any(match and match.end() >= len(folded) - REST_OF_HEADING for match in matches)


def _column_above(document: Document, cell: Cell) -> Iterator[Cell]:
    """Cells directly over one another as long as the lines stay close and begin at about the same margin."""
    current = cell
    while True:
        candidates = [
            above for above in document.layout.above(current, 1.6) if abs(above.box[0] - cell.box[0]) < 3 * cell.height
        ]
        if not candidates:
            return
        current = candidates[0]
        yield current


def _recipient_score(document: Document, block: Block) -> float:
    width, height = document.layout.page_size(block.cells[0].page)
    box = union(cell.box for cell in block.cells)
    score = 0.2
    if RECIPIENT_WORDS.search(block.heading):
        score += 0.6
    elif SUPPLIER_WORDS.search(block.heading) or OTHER_WORDS.search(block.heading):
        score -= 0.8
    score += 0.3 * (box[0] > 0.42 * width and box[1] < 0.45 * height)
    score += 0.35 * bool(PUBLIC_BODY.search(block.text))
    score -= 0.5 * bool(IMPRINT_WORDS.search(block.text)) + 0.3 * (box[1] > 0.8 * height)
    score -= 0.3 * (box[1] < 0.2 * height and box[0] < 0.3 * width and not RECIPIENT_WORDS.search(block.heading))
    return score


def _name_line(block: Block) -> Cell | None:
    """The first line that is neither a person nor a street, and has letters."""
    names = [cell for cell in block.cells if _could_be_name(fold(cell.text))]
    for cell in names:
        if not PERSON.search(fold(cell.text)):
            return cell
    return names[0] if names else None


def _could_be_name(folded: str) -> bool:
    letters = sum(sign.isalpha() for sign in folded)
    street = STREET.search(folded) and (folded[0].isdigit() or not PUBLIC_BODY.search(folded))
    return letters >= 3 and 2 * letters >= len(folded) and not street and not CITY.search(folded)
