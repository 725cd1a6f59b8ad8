"""What claims are worth: how it is fitted to what was seen, and that the committed table is that fit."""

from __future__ import annotations

import pytest

from include.domain.configuration.thresholds import DEFAULT_CONFIDENCE
from include.domain.fields import Candidate, Claim, Source
from include.domain.fields.claims import acting, is_fitted
from include.domain.fields.worths import WORTHS
from tests.families.calibration import PRIOR, Seen, at_most, fitted, needed, read_seen, table_of

BELOW = Claim.VALUE_BELOW_LABEL
LITTLE = Claim.LABEL_SAYS_LITTLE
GIVEN = WORTHS[BELOW].prior


def seen(*claims: Claim, right: bool = True, said: float = 1.0, weight: float = 30.0) -> Seen:
    return Seen(claims=claims, said=said, right=right, values=int(weight), weight=weight)


def test_the_committed_table_is_the_fit_to_what_was_seen() -> None:
    known = read_seen()
    assert table_of(fitted(known), known) == {Claim(name): one for name, one in WORTHS.items()}


def test_one_claim_alone_is_worth_its_share_of_right_values_and_of_the_prior() -> None:
    found = fitted([seen(BELOW), seen(BELOW, right=False, weight=10.0)])
    assert found[BELOW] == pytest.approx((GIVEN * PRIOR + 30) / (PRIOR + 40), abs=0.001)


def test_a_claim_that_was_never_seen_keeps_what_a_person_gave_it() -> None:
    found = fitted([seen(BELOW)])
    assert {claim: one for claim, one in found.items() if claim is not BELOW} == {
        claim: one.prior for claim in Claim if (one := WORTHS[claim]) and is_fitted(claim) and claim is not BELOW
    }


def test_claims_share_the_cost_of_wrong_values() -> None:
    alone = fitted([seen(BELOW), seen(BELOW, right=False)])
    found = fitted([seen(BELOW), seen(BELOW, LITTLE, right=False)])
    assert GIVEN > found[BELOW] > alone[BELOW]
    assert found[LITTLE] < WORTHS[LITTLE].prior


def test_no_claim_is_worth_more_than_one_however_often_values_were_right() -> None:
    assert GIVEN < fitted([seen(BELOW, said=0.5, weight=1e6)])[BELOW] <= 1


def test_a_claim_that_keeps_values_back_stays_below_every_threshold() -> None:
    found = fitted([seen(Claim.SECOND_READER_DIFFERS, weight=1e6)])[Claim.SECOND_READER_DIFFERS]
    assert WORTHS[Claim.SECOND_READER_DIFFERS].prior < found < min(DEFAULT_CONFIDENCE.values())


def test_a_claim_that_leaves_at_most_its_worth_acts_alone_or_not_at_all() -> None:
    differs = Claim.SECOND_READER_DIFFERS
    assert acting(GIVEN, (BELOW,)) == (1.0, (BELOW,))
    assert acting(WORTHS[differs].prior, (BELOW, differs)) == (1.0, (differs,))
    assert acting(0.2 * GIVEN, (BELOW, differs)) == (pytest.approx(0.2), (BELOW,))
    assert acting(0.9, (BELOW, Claim.SECOND_READER_AGREES)) == (0.9, ())


def test_what_was_chosen_is_as_sure_as_was_measured() -> None:
    found = Candidate(value="FA-1", source=Source.OCR, confidence=0.9).but(BELOW)
    assert found.confidence == pytest.approx(0.9 * GIVEN)
    assert found.measured().confidence == pytest.approx(0.9 * WORTHS[BELOW].fitted, abs=0.001)
    assert found.measured().claims == found.claims
    raised = found.but(Claim.SECOND_READER_AGREES)
    assert raised.measured() == raised


def test_few_values_without_a_wrong_one_say_little() -> None:
    assert at_most(0, 50) == pytest.approx(1 - 0.05 ** (1 / 50), abs=1e-4)
    assert at_most(1, 50) > at_most(0, 50) > at_most(0, 500)
    assert at_most(0, needed()) <= 0.001 < at_most(0, needed() - 1)
