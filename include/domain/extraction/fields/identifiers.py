"""Numbers and codes: of the invoice, the service, the engagement, and whatever else its labels announce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from include.domain.extraction.fields.evidence import candidate, ranked
from include.domain.extraction.fields.mentions import mentioned
from include.domain.extraction.layout.cells import Cell
from include.domain.extraction.layout.label_matching import VOCABULARY
from include.domain.extraction.layout.labelled_page import Announced, LabelledPage, Place
from include.domain.extraction.lexicon.labels import SAYS_IT
from include.domain.extraction.lexicon.language_words import LANGUAGE_WORDS
from include.domain.extraction.lexicon.patterns import Found, Text, amounts, dates, identifier, sirets
from include.domain.extraction.lexicon.tokens import SKIPPED, label_tokens, normal
from include.domain.fields import Candidate, Claim
from include.domain.fields.claims import heard
from include.domain.fields.registry import FIELDS, Kind
from include.domain.values import fold

LONGEST_NUMBER = 35
"""The reform's own limit for invoice numbers; Chorus Pro's is 20, which completeness checks."""

LONGEST_SERVICE = 50
SHORT_SERVICE = 5
"""`DSI`, `DRH`, `CCAS`: longer capitals without a digit may be a word."""

CLIENT_REFERENCES = {
    label_tokens("référence client"): tuple(map(label_tokens, ("code client", "n° client", "compte client"))),
    label_tokens("référence"): tuple(map(label_tokens, ("origine", "source"))),
}
"""What the client ordered with, where the page has one of these words for what it else would be."""

CORRESPONDENCE = frozenset(map(label_tokens, ("votre référence", "vos références", "vos réf", "votre réf", "v réf")))
_FILE = re.compile(r"[A-Za-z]+/[A-Za-z]+/\S+")
_OUR_REFERENCE = re.compile(r"\b(?:n(?:os|otre|/|\.)? ?/?(?:ref\b|references?))")
"""`Nos réf.` beside `Vos réf.`: a letter names the files of both sides, which need not be an order."""

NEUTRAL = frozenset(map(label_tokens, ("n°", "n°/date", "référence", "document", "n° de document", "document n°")))
NEUTRAL |= frozenset(map(label_tokens, ("n° de pièce", "pièce n°", "pièce", "n° du document")))
"""Labels that say no more than that a number follows: below or beside a title it is the invoice's."""

NUMBER = label_tokens("n°")
REFERENCE = label_tokens("référence")
CONTRACT = ("contrat",)
ORDER = label_tokens("commande")
LOWEST_HEAD = 0.4
"""Share of the page's height above which its title stands."""

LIST = 2
"""Lines of a list above and below a label that say what kind of list it is."""

TITLE_WEIGHTS = (0.48, 0.6)
"""Between these weights labels are titles: `Facture`, `Note d'honoraires`."""

AS_GOOD_AS_LABELS = frozenset(
    {Claim.NUMBER_BELOW_TITLE, Claim.NUMBER_IN_TITLE, Claim.NUMBER_BESIDE_TITLE, Claim.NUMBER_UNDER_TITLE}
)
SURELY_NUMBER = 4
"""Signs of a number beside `Facture`: a shorter one may be a count or a rate."""

_ENGAGEMENT = re.compile(r"(?:EJ|ENG|BC|BDC|CDE)[-_/. ]?[0-9]{4}")

LOWEST_TITLE = 0.55
"""Share of the page's height below which a title names another invoice."""

LONGEST_TITLE = 4
"""`Facture FA-12`: a label of one word whose cell holds the number and hardly more."""

TITLE = re.compile(
    r"(?:(?:note|memoire|etat|decompte) (?:de frais et )?(?:d')?honoraires|note de credit|credit note|facture|avoir"
    r"|invoice)(?: (?:d'|de |en |- )?[a-z]+)?(?: / (?:invoice|credit note))?(?: (?:originale?|duplicata))?\W*$"
)
_OTHERS = re.compile(
    r"\b(?:acomptes?|avances?|deja|versee?s?|payee?s?|reglee?s?|recue?s?|precedente?s?|anterieure?s?|initiale?|origine"
    r"|deduction|deduire|annul\w+|remplac\w+|rectifi\w+|concern\w+|relati\w+|regularis\w+|rappel|sur|solde de)\b\W*$"
    r"|\($"
)
"""Words directly before a label by which its number is another invoice's: `acompte versé - facture FA-12`."""

_INVOICED_TO = re.compile(r"factur(?:é|ée|er) (?:à|a|au|aux)\b|facture a\W*$|facture à\W*$", re.IGNORECASE)
"""The heading over an address, which without its accents reads like `Facture`."""

_COUNT = re.compile(r"\W*[0-9]{1,2} (?:[-:|/,] |facture n\W? ?)(?=[A-Za-z]{0,4}[ -]?[0-9]{3})")
_DATED = re.compile(r"\s*,?(?: en date)? du [0-9]")
_MORE = re.compile(r"\s[A-Za-z]{0,2}[0-9]")
_MORE_PARTS = re.compile(r"\s[A-Za-z]{0,4}\s?[0-9]")
_CUT = re.compile(r"\s[A-Za-z]{1,4}(?=\W|$)")
_AFTER_NUMBER = re.compile(r"(?:du|de|des|en|le|la|et|au|aux|sur|pour|par|date|page|lot|ht|ttc|eur|on|of|for|dated?)\b")
_LABEL_GOES_ON = re.compile(r"\s*(?:(?:[A-Z]?[a-z]+|\(?[A-Za-z ]{1,20}\))[ ']?){1,4}\s?[:=]\s*")
_PART_ENDS = ("-", "|", "/", ":", ";", "·")
_PART_END = re.compile(r"\s*(?:$|[-|;·•,](?: |$))")
_LISTED = re.compile(r"[,;]| ?[|·]| [-\u2013\u2014] ")
_NEXT_PART = re.compile(r"[,;|]| [-/] (?=\S*(?: \S+)? [0-9]{9})")
"""`Bureau des achats, SIRET 123...`: where a text that names a service ends."""

_PHRASE = re.compile(r"((?:[a-z']+ ){1,4})(?=[A-Z0-9][A-Z0-9/_-]{4,}(?:$| [-|;·,]))")
_NOUN = re.compile(r"([A-Za-z]{3,}) (?=[A-Za-z]{0,4}[-/]?[0-9])")
_NONE = re.compile(r"(?:neant|sans|aucun|non|nc|so|n/a)\b")
_SIGNS = re.compile(r"[\s):#.=-]*")
_INSURED = re.compile(r"\b(?:assur\w+|decennale|responsabilite civile|rc pro\w*|police|mutuelle)\b")
_POSTAL = re.compile(r"(?:BP|CS|TSA) ?[0-9]")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")

_OWN_RULES = frozenset({"invoice_number", "service_code", "engagement_number"})
_LABELLED = tuple(
    field.name for field in FIELDS if field.read and field.kind is Kind.IDENTIFIER and field.name not in _OWN_RULES
)


def invoice_numbers(document: LabelledPage) -> tuple[Candidate, ...]:
    """What the labels of invoice numbers announce."""
    return ranked(
        _number(document, seen)
        for seen in document.announced("invoice_number", _invoice_number)
        if len(seen.found.value) <= LONGEST_NUMBER and not _INVOICED_TO.match(seen.label_cell.text)
    )


def _number(document: LabelledPage, seen: Announced[str]) -> Candidate:
    """The number: a label below a title is as good as the title, whatever it says by itself."""
    title = _beside_title(document, seen)
    sure = heard(seen.found.confidence) if title == (Claim.NUMBER_BELOW_TITLE,) else seen.said
    beside = seen.place.claims if set(title) & AS_GOOD_AS_LABELS else seen.claims
    return candidate(seen.found.value, seen.found, seen.cell, sure, *beside, *_unlike(document, seen), *title)


def _beside_title(document: LabelledPage, seen: Announced[str]) -> tuple[Claim, ...]:
    """What makes a weak label strong: a bare `N°` below a title, and a title that holds hardly more than the number."""
    if _OTHERS.search(_before(seen)):
        return (Claim.OF_ANOTHER_INVOICE,)
    if seen.label.tokens in NEUTRAL:
        if _is_below_title(document, seen) or _heads_the_document(document, seen):
            return (Claim.NUMBER_BELOW_TITLE,)
        return (Claim.BARE_REFERENCE,) if seen.label.tokens in CLIENT_REFERENCES else ()
    if not TITLE_WEIGHTS[0] < seen.label.weight <= TITLE_WEIGHTS[1]:
        return ()
    if seen.label_cell.box[1] > LOWEST_TITLE * document.layout.page_size(seen.label_cell.page)[1]:
        return (Claim.OF_ANOTHER_INVOICE,)
    alone = (len(seen.label_cell.words) <= LONGEST_TITLE or _fills_its_part(seen)) and not seen.after.strip(" :-")
    if seen.place is Place.INLINE and (alone or _is_dated_title(seen)):
        return (Claim.NUMBER_IN_TITLE,)
    whole = seen.cell.text.strip(" :") == seen.found.text and len(seen.found.value) >= SURELY_NUMBER
    if seen.place is Place.RIGHT and alone and whole:
        return (Claim.NUMBER_BESIDE_TITLE,)
    if seen.place.is_under and (_DATED.match(seen.rest) or (whole and _is_right_under_title(document, seen))):
        return (Claim.NUMBER_UNDER_TITLE,)
    return ()


def _fills_its_part(seen: Announced[str]) -> bool:
    """Whether title and number are a whole part of the line: `Situation n° 3 - FACTURE F26-0412 - émise le ...`."""
    before = _before(seen).rstrip()
    return (not before or before.endswith(_PART_ENDS)) and _PART_END.match(seen.rest) is not None


def _before(seen: Announced[str]) -> str:
    """What stands before the label in its cell, folded."""
    text = fold(seen.label_cell.text)
    return text[: max(0, text.find(seen.label.tokens[0]))]


def _is_right_under_title(document: LabelledPage, seen: Announced[str]) -> bool:
    """`Facture de vente` alone in its cell, and the value next under it at the same left or right edge, or centred."""
    title, value = seen.label_cell, seen.cell
    left, right = title.box[0] - value.box[0], title.box[2] - value.box[2]
    aligned = min(abs(left), abs(right), abs(left + right) / 2) < title.height
    return aligned and document.layout.below(title)[:1] == [value] and TITLE.match(fold(title.text)) is not None


def _is_dated_title(seen: Announced[str]) -> bool:
    """`Facture FA-12 du 3 mai` at the beginning of its cell."""
    begins = fold(seen.label_cell.text).startswith(seen.label.tokens[0])
    return begins and not seen.after.strip(" :-") and _DATED.match(seen.rest) is not None


def _is_below_title(document: LabelledPage, seen: Announced[str]) -> bool:
    """Whether a bare `N°` stands below or beside a title like `FACTURE`: then it is as good as `facture n°`."""
    neighbours = [*document.layout.above(seen.label_cell, 4.0), *document.layout.left_of(seen.label_cell)[:1]]
    return any(TITLE.match(fold(cell.text)) for cell in neighbours)


def _heads_the_document(document: LabelledPage, seen: Announced[str]) -> bool:
    """`Numéro`, `Date`, `Échéance` over one line of values on a page with the title `Facture`: its own number.

    So is `N° de pièce` there, and in a list of labels with `Date d'échéance` at the same left edge.
    """
    of_document = seen.label.weight > TITLE_WEIGHTS[1]
    if seen.place is Place.UNDER_HEAD and (of_document or seen.label.tokens == NUMBER):
        headed = _fields_headed(document, seen.label_cell)
    elif seen.place is Place.RIGHT and of_document:
        headed = _fields_listed(document, seen.label_cell)
    else:
        return False
    dated = headed & {"issue_date", "due_date"}
    height = document.layout.page_size(seen.cell.page)[1]
    titled = any(
        TITLE.match(fold(cell.text)) and cell.page == seen.cell.page and cell.box[1] < LOWEST_HEAD * height
        for cell in document.layout.cells()
    )
    return bool(dated) and titled


def _fields_headed(document: LabelledPage, head: Cell) -> set[str]:
    """The fields that the cells of a line of heads announce."""
    row = {id(cell) for cell in document.layout.row_of(head)}
    return {label.field for at in document.announcements if id(at.cell) in row for label in at.labels}


def _fields_listed(document: LabelledPage, label: Cell) -> set[str]:
    """The fields that a list of labels announces, on the lines next to one of them."""
    near = range(label.row - LIST, label.row + LIST + 1)
    return {
        found.field
        for at in document.announcements
        if at.cell.page == label.page and at.cell.row in near and abs(at.cell.box[0] - label.box[0]) < label.height / 2
        for found in at.labels
    }


def _unlike(document: LabelledPage, seen: Announced[str]) -> tuple[Claim, ...]:
    """A year, or one or two digits, is seldom an invoice number; where more follows, a part may be missing."""
    value = seen.found.value
    if _YEAR.fullmatch(value):
        return (Claim.NUMBER_IS_A_YEAR,)
    if len(value) <= 2:
        return (Claim.NUMBER_IS_SHORT,)
    if seen.place.is_under and _heads_a_list(document, seen.label_cell):
        return (Claim.NUMBER_IN_A_LIST,)
    if _CUT.match(seen.rest) and not _AFTER_NUMBER.match(fold(seen.rest)):
        return (Claim.MORE_FOLLOWS,)
    goes_on = _MORE.match(seen.rest) and not any(True for _ in dates(seen.cell.written))
    return (Claim.MORE_FOLLOWS,) if goes_on else ()


def _heads_a_list(document: LabelledPage, label: Cell) -> bool:
    """Whether a label heads a column beside one of totals with amounts: a list of other invoices, as in reminders."""
    beside = {id(cell) for cell in document.layout.row_of(label) if cell is not label}
    return any(
        id(at.cell) in beside
        and any(found.field in ("total_incl_tax", "amount_due") for found in at.labels)
        and any(cell.amounts for cell in document.layout.below(at.cell))
        for at in document.announcements
    )


def engagement_numbers(document: LabelledPage) -> tuple[Candidate, ...]:
    """Engagement numbers and purchase orders, which Chorus Pro takes in the same field."""
    return ranked(_codes(document, "engagement_number")) or mentioned(document, "engagement_number")


def labelled_codes(document: LabelledPage) -> dict[str, tuple[Candidate, ...]]:
    """Every identifier that needs no rule of its own: what its labels announce."""
    return {name: ranked(_codes(document, name)) for name in _LABELLED}


def _codes(document: LabelledPage, field: str) -> Iterator[Candidate]:
    for seen in document.announced(field, _code_behind_words):
        if seen.place is Place.BELOW and sum(len(cell.amounts) for cell in document.layout.row_of(seen.cell)) > 1:
            continue  # the article's number in a line of the table, far under a label whose line goes on
        if _is_of_one_item(field, seen):
            continue
        if len(seen.found.value) >= 3 and not _is_of_another(document, seen):
            named = _names_itself(field, seen)
            more: list[Claim] = [Claim.NUMBER_NAMES_ITSELF] if named else []
            if not named and (_is_alone_beside_order(seen) or _is_order_beside_service(document, seen)):
                more.append(Claim.CODE_ALONE_BESIDE_ORDER)
            if _may_be_cut(seen):
                more.append(Claim.PART_MAY_BE_MISSING)
            elif not named and _is_of_correspondence(document, seen):
                more.append(Claim.OF_CORRESPONDENCE)
            yield candidate(seen.found.value, seen.found, seen.cell, seen.said, *seen.claims, *more)
        elif _is_headed_reference(document, field, seen):
            named = _names_itself(field, seen)
            sure, claim = (0.0, Claim.NUMBER_NAMES_ITSELF) if named else (1.0, Claim.ONLY_MENTIONED)
            yield candidate(seen.found.value, seen.found, seen.cell, sure, claim)


def _is_of_one_item(field: str, seen: Announced[str]) -> bool:
    """`LE GALL Maëlys - contrat 077/4418 - aide à domicile`: the contract of whom a line speaks of."""
    bare = seen.label.tokens == CONTRACT and ":" not in seen.after
    amid = seen.place is Place.INLINE and bool(_before(seen)) and bool(seen.rest.strip())
    return field == "contract_number" and bare and amid


def _names_itself(field: str, seen: Announced[str]) -> bool:
    """`Votre référence : EJ30612480`: a number that says what it is behind a label that does not quite."""
    return field == "engagement_number" and seen.found.confidence == 1.0 and bool(_ENGAGEMENT.match(seen.found.value))


def _is_alone_beside_order(seen: Announced[str]) -> bool:
    """`Commande` alone in its cell and a code alone in the next: as good as `N° de commande`, nearly."""
    whole = seen.label_cell.text.strip(" :") == seen.label_cell.words[0].text.strip(" :")
    alone = seen.place in (Place.RIGHT, Place.UNDER_HEAD) and seen.cell.text.strip(" :") == seen.found.text
    return seen.label.tokens == ORDER and whole and alone


def _is_order_beside_service(document: LabelledPage, seen: Announced[str]) -> bool:
    """`Commande : 4512-A` alone in a line right over or under that of the service's code: the buyer's order."""
    alone = seen.label.tokens == ORDER and seen.place is Place.INLINE and not seen.rest.strip() and not _before(seen)
    beside = [*document.layout.above(seen.cell, 1.2)[:1], *document.layout.below(seen.cell, 1.2)[:1]]
    return alone and any(
        at.cell in beside and any(label.field == "service_code" and label.weight >= SAYS_IT for label in at.labels)
        for at in document.announcements
    )


def _is_headed_reference(document: LabelledPage, field: str, seen: Announced[str]) -> bool:
    """`Référence` among the heads of the document, beside its number or date: what the client ordered with, perhaps."""
    if field != "engagement_number" or seen.label.tokens != REFERENCE or len(seen.found.value) < SURELY_NUMBER:
        return False
    headed = _fields_headed(document, seen.label_cell)
    return seen.place is Place.UNDER_HEAD and "invoice_number" in headed and bool(headed & {"issue_date", "due_date"})


def _is_of_correspondence(document: LabelledPage, seen: Announced[str]) -> bool:
    """Whether `your reference` is a file with its writers (`DAF/LM/27-4`), or stands beside a line with ours."""
    if seen.label.tokens not in CORRESPONDENCE:
        return False
    if _FILE.fullmatch(seen.found.value):
        return True
    near = [cell for step in (-1, 0, 1) for cell in document.layout.row_at(seen.cell.page, seen.label_cell.row + step)]
    return any(_OUR_REFERENCE.search(fold(cell.text)) for cell in near)


def _is_of_another(document: LabelledPage, seen: Announced[str]) -> bool:
    """A client's reference that may be his account, or the contract of an insurance."""
    others = CLIENT_REFERENCES.get(seen.label.tokens)
    if others is not None:
        return not any(label.tokens in others for at in document.announcements for label in at.labels)
    return _INSURED.search(_before(seen)) is not None


def _may_be_cut(seen: Announced[str]) -> bool:
    """Whether what follows may be a part of the identifier: set apart, or on the next line behind a hyphen."""
    if seen.found.words and seen.found.words[-1].text.endswith(("-", "/")) and not seen.rest.strip(" -/"):
        return True
    more = _MORE_PARTS.match(seen.rest) and not _AFTER_NUMBER.match(fold(seen.rest))
    return bool(more) and not any(True for _ in dates(seen.cell.written))


def service_codes(document: LabelledPage) -> tuple[Candidate, ...]:
    """Codes of the recipient's services: `UF4521`, `DSI`, in a strong label's cell any short text."""
    found: list[Candidate] = []
    for seen in document.announced("service_code", _service_text):
        if _NONE.match(fold(seen.found.value)) and not _looks_like_code(seen.found.value.split()[0]):
            continue  # `non communiqué`, and not `SO-TECH`
        value = _service_code(seen)
        if value is not None:
            found.append(candidate(value, seen.found, seen.cell, seen.said, *seen.claims))
        elif _may_be_code(seen):
            among = _is_among_identifiers(document, seen)
            sure, claims = (seen.said, seen.claims) if among else (1.0, (Claim.ONLY_MENTIONED,))
            found.append(candidate(seen.found.value, seen.found, seen.cell, sure, *claims))
        elif _is_announced_name(document, seen):
            name = _NEXT_PART.split(seen.found.value)[0].strip()
            found.append(candidate(name, seen.found, seen.cell, 1.0, Claim.ONLY_MENTIONED))
    return ranked(found) or mentioned(document, "service_code")


def _may_be_code(seen: Announced[str]) -> bool:
    """`Service DSI` and nothing else in the line: a code, or the name of a service in an address."""
    value = seen.found.value
    alone = seen.place is Place.INLINE and not seen.rest.strip() and len(value) <= SHORT_SERVICE
    return alone and _looks_like_code(value) and not seen.label_cell.text.isupper()


def _is_announced_name(document: LabelledPage, seen: Announced[str]) -> bool:
    """`Code service : Finances`, `Service : TRAVAUX`: an ordinary word by its look, but said to be a code."""
    value = _NEXT_PART.split(seen.found.value)[0].strip()
    said = seen.label.weight >= SAYS_IT or (value.isupper() and " " not in value)
    whole = seen.label.weight >= SAYS_IT or len(seen.label.tokens) > 1
    telling = whole and value.isupper() and " " not in value
    inline = seen.place is Place.INLINE and (telling or ":" in seen.label_cell.text)
    placed = inline or seen.place is Place.RIGHT
    return said and placed and not _NONE.match(fold(value))


def _is_among_identifiers(document: LabelledPage, seen: Announced[str]) -> bool:
    """Whether the line above or below holds a SIRET or an engagement number, as lines for Chorus Pro do."""
    beside = [*document.layout.above(seen.cell, 1.2)[:1], *document.layout.below(seen.cell, 1.2)[:1]]
    engaged = (found.cell for found in document.announcements if "engagement_number" in {x.field for x in found.labels})
    return any(any(True for _ in sirets(cell.written)) for cell in beside) or any(cell in beside for cell in engaged)


def _service_code(seen: Announced[str]) -> str | None:
    """The code in the announced text: its first word if that looks like one, else the whole after a strong label."""
    whole = seen.found.value
    first = whole.split()[0].rstrip(".,;")
    if _looks_like_code(first):
        telling = any(sign.isdigit() or sign in "_-" for sign in first)
        announced = ":" in seen.after or seen.label.weight >= SAYS_IT
        alone = seen.place is not Place.INLINE and first == whole
        return first if telling or announced or alone or _is_short(seen, first) else None
    words = _NEXT_PART.split(whole)[0]
    if seen.label.weight >= SAYS_IT and len(words) <= LONGEST_SERVICE and len(words.split()) > 1:
        return words
    return None


def _is_short(seen: Announced[str], first: str) -> bool:
    """Whether capitals inside ordinary text stand between signs, as in `SIRET 123, service DSI, engagement 45`."""
    whole = seen.found.value
    listed = _LISTED.match(whole[len(first) :]) is not None or (
        whole == first and seen.place is Place.INLINE and not fold(seen.label_cell.text).startswith("service")
    )
    return listed and len(first) <= SHORT_SERVICE and not seen.label_cell.text.isupper()


def _looks_like_code(word: str) -> bool:
    if any(sign.isdigit() for sign in word) or "_" in word:
        return True
    return len(word) >= 2 and word == word.upper() and fold(word) not in LANGUAGE_WORDS


def _service_text(text: Text) -> list[Found[str]]:
    """The text behind the label; `à facturer :` still belongs to the label."""
    start = _LABEL_GOES_ON.match(text.plain) or _SIGNS.match(text.plain)
    begin = start.end() if start else 0
    value = " ".join(word.text for word in text.found("", begin, len(text.plain)).words).strip(" :#.=-")
    return [text.found(value, begin, len(text.plain))] if value and value[0].isalnum() else []


def _code_with_digit(text: Text) -> list[Found[str]]:
    """The identifier at the beginning, if it holds a digit and is neither date, amount nor rate."""
    found = identifier(text)
    if found is None or not any(sign.isdigit() for sign in found.value) or _POSTAL.match(found.value):
        return []
    if _is_part_of_any(found, [*dates(text)]) or _is_part_of_any(found, [*amounts(text)]):
        return []
    return [] if text.plain[found.end :].lstrip().startswith("%") else [found]


def _code_behind_words(text: Text) -> list[Found[str]]:
    """The code; also where the label goes on up to a colon: `engagement comptable : 4512`."""
    goes_on = _LABEL_GOES_ON.match(text.plain)
    if goes_on is None:
        return _code_with_digit(text) or _code_behind_phrase(text)
    return _code_with_digit(Text(text.words[len(goes_on.group().split()) :]))


def _code_behind_phrase(text: Text) -> list[Found[str]]:
    """`Marché de maîtrise d'oeuvre 25M0417-OUL`: capitals and digits behind a few small words, up to the part's end."""
    phrase = _PHRASE.match(text.plain)
    if phrase is None or {normal(word) for word in fold(phrase[1]).split()} & VOCABULARY - SKIPPED:
        return []
    found = _code_with_digit(Text(text.words[len(phrase[1].split()) :]))
    return [one for one in found if any(map(str.isupper, one.value))]


def _invoice_number(text: Text) -> list[Found[str]]:
    """The identifier; behind a mere count (`situation n° 2 - FA 2026/17`) the one that follows it."""
    found = _code_with_digit(text) or _code_behind_noun(text)
    count = _COUNT.match(text.plain)
    if not found or count is None:
        return found
    rest = Text(text.words[count.group().count(" ") :])
    return [*_code_with_digit(rest), *found][:1]


def _code_behind_noun(text: Text) -> list[Found[str]]:
    """`Facture atelier FA-26/1140`: behind a word that is no label of anything."""
    noun = _NOUN.match(text.plain)
    if noun is None or normal(fold(noun[1])) in VOCABULARY:
        return []
    return [found for found in _code_with_digit(Text(text.words[1:])) if len(found.value) > SURELY_NUMBER]


def _is_part_of_any(found: Found[str], others: Sequence[Found[Any]]) -> bool:
    """Whether the identifier is really the beginning of a date or amount; digits alone may be both (`20260815`)."""
    return any(
        other.start <= found.start < other.end and (not found.value.isdigit() or other.end > found.end)
        for other in others
    )
