"""What speaks for or against a value that was read, each in one word, and what that is worth.

A candidate says which claims hold for it. Its confidence is what its label says and how well its words were read, after
each claim has acted on it in turn. Rules choose among candidates by the worths that people gave the claims; what was
chosen is then as sure as was measured. Both stand in `worths.py`, which `make calibrate` writes (docs/reading.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum, unique
from types import MappingProxyType

from include.domain.fields.worths import WORTHS


@unique
class Claim(StrEnum):
    """Each has its line in the table of worths (`worths.py`)."""

    # where a value stands beside its label, and how well both were read
    VALUE_RIGHT_OF_LABEL = "value_right_of_label"
    VALUE_UNDER_HEAD = "value_under_head"
    VALUE_BELOW_LABEL = "value_below_label"
    VALUE_BEFORE_LABEL = "value_before_label"
    VALUE_ABOVE_LABEL = "value_above_label"
    VALUE_BETWEEN_LABELS = "value_between_labels"
    LABEL_SAYS_LITTLE = "label_says_little"
    SCAN_READ_POORLY = "scan_read_poorly"
    FOUND_AGAIN = "found_again"
    SEVERAL_CANDIDATES = "several_candidates"
    ONLY_MENTIONED = "only_mentioned"
    # numbers and codes
    NUMBER_IN_TITLE = "number_in_title"
    NUMBER_BESIDE_TITLE = "number_beside_title"
    NUMBER_UNDER_TITLE = "number_under_title"
    NUMBER_BELOW_TITLE = "number_below_title"
    BARE_REFERENCE = "bare_reference"
    OF_ANOTHER_INVOICE = "of_another_invoice"
    NUMBER_IS_A_YEAR = "number_is_a_year"
    NUMBER_IS_SHORT = "number_is_short"
    NUMBER_IN_A_LIST = "number_in_a_list"
    MORE_FOLLOWS = "more_follows"
    PART_MAY_BE_MISSING = "part_may_be_missing"
    OF_CORRESPONDENCE = "of_correspondence"
    NUMBER_NAMES_ITSELF = "number_names_itself"
    CODE_ALONE_BESIDE_ORDER = "code_alone_beside_order"
    ON_THE_RECIPIENTS_LIST = "on_the_recipients_list"
    MENDED_BY_LIST = "mended_by_list"
    # dates
    DATE_BESIDE_NUMBER = "date_beside_number"
    DATE_BEHIND_NUMBER = "date_behind_number"
    DATE_BESIDE_TITLE = "date_beside_title"
    DATELINE = "dateline"
    DATE_WITHOUT_LABEL = "date_without_label"
    ONLY_DATE = "only_date"
    # parties
    BY_VAT_NUMBER = "by_vat_number"
    BY_SIREN = "by_siren"
    CHECK_DIGIT_WRONG = "check_digit_wrong"
    ROLE_UNCLEAR = "role_unclear"
    IN_NO_ROLE = "in_no_role"
    ONLY_PUBLIC_BODY = "only_public_body"
    LINE_OF_ADDRESS = "line_of_address"
    # amounts
    CALLED_AFTERWARDS = "called_afterwards"
    ANOTHER_SUM_MEANT = "another_sum_meant"
    IN_TOTAL_ROW = "in_total_row"
    PRINTED_AS_DUE = "printed_as_due"
    SUM_ADDS_UP = "sum_adds_up"
    SUM_DOES_NOT_ADD_UP = "sum_does_not_add_up"
    ROWS_ADD_UP = "rows_add_up"
    NOT_CHOSEN = "not_chosen"
    DUE_FOR_TOTAL = "due_for_total"
    PRINTED_WITHOUT_LABEL = "printed_without_label"
    WORKED_OUT_OF_SUM = "worked_out_of_sum"
    WORKED_OUT = "worked_out"
    ROW_WORKED_OUT = "row_worked_out"
    OTHER_TOTAL_PRINTED = "other_total_printed"
    DIFFERENCE_PRINTED = "difference_printed"
    DUE_IS_THE_TOTAL = "due_is_the_total"
    SAID_TWICE = "said_twice"
    DUE_AS_PRINTED = "due_as_printed"
    DUE_NOT_PRINTED = "due_not_printed"
    NEVER_CERTAIN = "never_certain"
    # what the document is, and how it is paid
    TYPE_BY_NUMBER_LABEL = "type_by_number_label"
    TYPE_MENTIONED = "type_mentioned"
    TYPE_NOT_SAID = "type_not_said"
    BELOW_AN_INVOICE = "below_an_invoice"
    CURRENCY_SIGN = "currency_sign"
    PAYMENT_LABELLED = "payment_labelled"
    PAYMENT_STATED = "payment_stated"
    NOTICE = "notice"
    IBAN_WITHOUT_LABEL = "iban_without_label"
    IBAN_MENDED = "iban_mended"
    IBAN_CHECK_WRONG = "iban_check_wrong"
    # the second reader
    SECOND_READER_AGREES = "second_reader_agrees"
    SECOND_READER_MISSING = "second_reader_missing"
    SECOND_READER_DIFFERS = "second_reader_differs"
    SECOND_READER_SEES_ALIKE = "second_reader_sees_alike"
    SIGNS_LOOK_ALIKE = "signs_look_alike"
    LETTER_AMONG_DIGITS = "letter_among_digits"
    ONLY_SECOND_READER = "only_second_reader"
    SECOND_READER_CHECKS = "second_reader_checks"
    # the layout memory
    REMEMBERED_ONCE = "remembered_once"
    REMEMBERED_TWICE = "remembered_twice"
    REMEMBERED_OFTEN = "remembered_often"
    REMEMBERED_UNSEEN = "remembered_unseen"
    REMEMBERED_ELSEWHERE = "remembered_elsewhere"
    PLACE_UNCLEAR = "place_unclear"
    MEMORY_AGREES = "memory_agrees"
    MEMORY_VOUCHES = "memory_vouches"
    MEMORY_DIFFERS = "memory_differs"
    MEMORY_UNPROVEN = "memory_unproven"
    REMEMBERED_FAILS_CHECK = "remembered_fails_check"


def lowers(sure: float, worth: float) -> float:
    """How most claims act."""
    return sure * worth


def _adds(sure: float, worth: float) -> float:
    return sure + worth


def _removes_doubt(sure: float, worth: float) -> float:
    return sure + (1 - sure) * worth


def _lifts(sure: float, worth: float) -> float:
    return max(sure, min(worth, sure + 0.25))


def _is(_sure: float, worth: float) -> float:
    return worth


Act = Callable[[float, float], float]

ACTS: MappingProxyType[Claim, Act] = MappingProxyType(
    {
        **dict.fromkeys(Claim, lowers),
        **dict.fromkeys((Claim.FOUND_AGAIN, Claim.DUE_AS_PRINTED, Claim.MEMORY_AGREES), _adds),
        Claim.SECOND_READER_AGREES: _removes_doubt,
        Claim.ONLY_PUBLIC_BODY: _lifts,
        **dict.fromkeys((Claim.SECOND_READER_CHECKS, Claim.MENDED_BY_LIST), _is),
        **dict.fromkeys(
            (
                Claim.SEVERAL_CANDIDATES,
                Claim.IN_NO_ROLE,
                Claim.LINE_OF_ADDRESS,
                Claim.SUM_DOES_NOT_ADD_UP,
                Claim.NOT_CHOSEN,
                Claim.OTHER_TOTAL_PRINTED,
                Claim.BELOW_AN_INVOICE,
                Claim.NEVER_CERTAIN,
                Claim.SECOND_READER_MISSING,
                Claim.SECOND_READER_DIFFERS,
                Claim.SECOND_READER_SEES_ALIKE,
                Claim.SIGNS_LOOK_ALIKE,
                Claim.LETTER_AMONG_DIGITS,
                Claim.PLACE_UNCLEAR,
                Claim.MEMORY_DIFFERS,
                Claim.REMEMBERED_FAILS_CHECK,
                Claim.MEMORY_UNPROVEN,
            ),
            min,
        ),
        **dict.fromkeys(
            (
                Claim.NUMBER_NAMES_ITSELF,
                Claim.CODE_ALONE_BESIDE_ORDER,
                Claim.ON_THE_RECIPIENTS_LIST,
                Claim.ONLY_DATE,
                Claim.DIFFERENCE_PRINTED,
                Claim.SAID_TWICE,
                Claim.MEMORY_VOUCHES,
            ),
            max,
        ),
    }
)
"""How a claim acts: most multiply by their worth; others leave at most or at least that much, or add to it."""


def worth(claim: Claim) -> float:
    """What a person gave a claim: by this the rules weigh one candidate against another."""
    return WORTHS[claim].prior


def believed(sure: float, *claims: Claim) -> float:
    """A confidence after claims have acted on it, in their order."""
    for claim in claims:
        sure = ACTS[claim](sure, worth(claim))
    return sure


def is_fitted(claim: Claim) -> bool:
    """Whether a claim makes values less sure: those that make them surer stay below what was seen, as they are."""
    return ACTS[claim] in (lowers, min) and worth(claim) <= 1


def acting(sure: float, claims: Sequence[Claim]) -> tuple[float, tuple[Claim, ...]]:
    """What label and words alone said of a value, and the claims that lowered it to this confidence.

    A claim that leaves at most its worth acts alone where the value was surer, and not at all where it was not.
    """
    acted = list[Claim]()
    for claim in reversed(claims):
        if ACTS[claim] is min and sure >= worth(claim) - 0.001:
            return 1.0, (*acted, claim)
        if ACTS[claim] is lowers and is_fitted(claim):
            acted.append(claim)
            sure /= worth(claim)
        elif ACTS[claim] is not min and sure > 0:
            break  # raised: what came before does not show any more
    return min(1.0, sure), tuple(acted)


def measured(sure: float, claims: Sequence[Claim]) -> float:
    """A confidence that the rules came to, as far as what was measured of its claims bears it out."""
    said, acted = acting(sure, claims)
    return said * math.prod(WORTHS[claim].fitted for claim in acted) if acted else sure


def heard(sure: float) -> float:
    """What is left of a label's claim where the reader was only so sure of the words: half of it at least."""
    return 0.5 + 0.5 * sure


HOW_FOUND = frozenset(
    {
        Claim.VALUE_RIGHT_OF_LABEL,
        Claim.VALUE_UNDER_HEAD,
        Claim.NUMBER_IN_TITLE,
        Claim.NUMBER_BESIDE_TITLE,
        Claim.NUMBER_UNDER_TITLE,
        Claim.NUMBER_BELOW_TITLE,
        Claim.LINE_OF_ADDRESS,
        Claim.SUM_ADDS_UP,
        Claim.ROWS_ADD_UP,
        Claim.NEVER_CERTAIN,
        Claim.CURRENCY_SIGN,
        Claim.PAYMENT_LABELLED,
        Claim.NOTICE,
        Claim.REMEMBERED_TWICE,
        Claim.REMEMBERED_OFTEN,
    }
)
"""They say how a value was found; that nothing is certain is no reason for a person to look."""

DOUBTS = tuple(claim for claim in Claim if ACTS[claim] in (lowers, min) and claim not in HOW_FOUND)
"""What a person is told who looks at a doubtful value; each has an entry `claim.` in the texts."""


def doubts(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Those of some claims that speak against a value, each once, the gravest first."""
    return tuple(sorted(dict.fromkeys(one for one in claims if one in DOUBTS), key=worth))
