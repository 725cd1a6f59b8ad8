"""The recipient's name: the first line of the address that the invoice is sent to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from include.domain.extraction.fields.evidence import ranked, source_of
from include.domain.extraction.fields.parties import OTHER_WORDS, RECIPIENT_WORDS, SUPPLIER_WORDS
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.labelled_page import LabelledPage
from include.domain.fields import Candidate, Claim
from include.domain.fields.claims import believed, heard
from include.domain.text import union
from include.domain.values import fold

CITY = re.compile(
    r"^(?:f-|fr-)?[0-9]{5} [a-z]|^[0-9]{2} ?[0-9]{3} [a-z]|\b[0-9]{5} [a-z][a-z' -]+(?:cedex.*)?(?:, [a-z]{2})?$"
)
STREET = re.compile(
    r"^(?:[0-9]+[ ,]|.*\b(?:rue|avenue|boulevard|bd|place|impasse|allee|chemin|route|quai|cours|square|hotel de ville"
    r"|za|zi|zac|bp|cs|tsa|cedex|street|road)\b)"
)
_ADDRESS_OF = re.compile(
    r"^(?:adresse (?:du |de l'|de la |de )(?!client\b|facturation\b)|(?:livree?|expediee?) et (?=factur))"
)
PERSON = re.compile(
    r"^(?:m|mr|mme|mlle|monsieur|madame|a l'attention|attn|att|contact)\b|\bcontact\b"
    r"|^service\b(?! (?:departemental|regional|public)\b)"
)
_ROLE = re.compile(r"^(?:doit|client|destinataire|pour|factur[ée]e? à|adress[ée]e? à)\s?: ?", re.IGNORECASE)
_NUMBER_OF_IT = re.compile(r"\W+siret\b.*", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:\b(?:d[eu]|des|la|les?|l'|d'|et|en|sur|sous|pour)|[-'])$")
"""How a line of a name ends that the next one goes on with."""
PUBLIC_BODY = re.compile(
    r"\b(?:commune|communaute|mairie|ville|ministere|prefecture|sous[- ]prefecture|departement|region|conseil|metropole"
    r"|centre hospitalier|chu|chru|hopital|hopitaux|universite|lycee|college|ecole|rectorat|academie|sdis|syndicat"
    r"|office public|etablissement public|agence|caisse|ccas|cias|ehpad|direction|dreal|ddt|collectivite|agglomeration"
    r"|tresor|chambre|crous|cnrs|inserm|tribunal|cour d'appel|gendarmerie|police|armee)\b"
)
NOT_A_NAME = re.compile(
    r"\b(?:siret|siren|tva|tel|fax|email|page|date|facture|gln|iban|bic|n|code|references?)\b ?[:°n]|@|www\.|^adresse\b"
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


def recipient_names(document: LabelledPage) -> tuple[Candidate, ...]:
    """The name lines of address blocks, the recipient's block first."""
    found: list[Candidate] = []
    for block in (*_blocks(document), *_headed(document)):
        score = _recipient_score(document, block)
        lines = _name_lines(block)
        if score > 0 and lines:
            name = _NUMBER_OF_IT.sub("", _ROLE.sub("", " ".join(line.text for line in lines)))
            read = fmean(word.confidence for line in lines for word in line.words)
            found.append(
                Candidate(
                    value=name,
                    source=source_of(lines[0]),
                    page=lines[0].page,
                    box=union(line.box for line in lines),
                    text=name,
                    confidence=round(believed(score, Claim.LINE_OF_ADDRESS) * heard(read), 3),
                    claims=(Claim.LINE_OF_ADDRESS,),
                )
            )
    return ranked(found)


def recipient_lines(document: LabelledPage) -> tuple[Cell, ...]:
    """All lines of the block of address that is the recipient's, by all signs; none where no block is."""
    blocks = [*_blocks(document), *_headed(document)]
    best = max(blocks, key=lambda block: _recipient_score(document, block), default=None)
    return best.cells if best is not None and _recipient_score(document, best) > 0 else ()


def _blocks(document: LabelledPage) -> Iterator[Block]:
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


def _headed(document: LabelledPage) -> Iterator[Block]:
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


def _column_above(document: LabelledPage, cell: Cell) -> Iterator[Cell]:
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


def _recipient_score(document: LabelledPage, block: Block) -> float:
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


def _name_lines(block: Block) -> tuple[Cell, ...]:
    """The first line that is neither a person nor a street, and has letters; with the next one where it goes on."""
    names = [cell for cell in block.cells if _could_be_name(fold(cell.text))]
    first = next((cell for cell in names if not PERSON.search(fold(cell.text))), names[0] if names else None)
    if first is None:
        return ()
    following = block.cells[block.cells.index(first) + 1 :][:1]
    goes_on = _GOES_ON.search(fold(first.text)) and following and _could_be_name(fold(following[0].text))
    return (first, following[0]) if goes_on else (first,)


def _could_be_name(folded: str) -> bool:
    letters = sum(sign.isalpha() for sign in folded)
    street = STREET.search(folded) and (folded[0].isdigit() or not PUBLIC_BODY.search(folded))
    return letters >= 3 and 2 * letters >= len(folded) and not street and not CITY.search(folded)
