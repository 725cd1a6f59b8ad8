"""What a status of the platform means: who acts, which moves follow, what is told."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pytest

from include.domain.codes import REMOTE_STATUSES, UNKNOWN_STATUS
from include.domain.lifecycle import State, allowed
from include.domain.tracking import (
    FINAL,
    LAST_WITHOUT_PAYMENT,
    RETURNED,
    TRACKED,
    Actor,
    Agent,
    Known,
    awaits_news,
    first_news_of,
    moves_between,
    news_of,
    next_actor,
    state_of,
)
from tests.catalogues import table
from tests.factories import found_as_sent

STATUSES, STATUS_ACTIONS, ACTORS = (table(start) for start in ("status", "status.todo", "status.actor"))
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
INVENTED = ["PAYEE_PAR_CHEQUE", "", "deposee", "UNKNOWN"]


@pytest.mark.parametrize("status", sorted(REMOTE_STATUSES))
def test_every_listed_status_has_words_in_both_languages_and_somebody_or_nobody_who_acts(status: str) -> None:
    french, english = STATUSES[status]
    assert french and english and "_" not in french + english
    assert next_actor(status) is not None
    assert state_of(status) in TRACKED


def test_no_two_statuses_are_called_the_same() -> None:
    for language in (0, 1):
        labels = [pair[language] for pair in STATUSES.values()]
        assert len(set(labels)) == len(labels)


def test_words_are_only_there_for_what_exists() -> None:
    assert set(STATUSES) == REMOTE_STATUSES | {UNKNOWN_STATUS}
    assert set(STATUS_ACTIONS) == RETURNED | {UNKNOWN_STATUS}
    assert set(ACTORS) == set(Actor)
    assert RETURNED | FINAL | LAST_WITHOUT_PAYMENT <= REMOTE_STATUSES


@pytest.mark.parametrize("status", INVENTED)
def test_a_status_that_nobody_listed_moves_nothing_and_is_never_pending(status: str) -> None:
    assert state_of(status) is None
    assert next_actor(status) is None
    for before in TRACKED:
        news = news_of(Known(state=before, status="DEPOSEE"), found_as_sent(status=status))
        assert (news.status, news.moves, news.told) == (UNKNOWN_STATUS, (), True)


@pytest.mark.parametrize(
    ("status", "actor"),
    [
        ("DEPOSEE", Actor.RECIPIENT),
        ("MISE_A_DISPOSITION", Actor.RECIPIENT),
        ("COMPLETEE", Actor.RECIPIENT),
        ("COMPTABILISEE", Actor.RECIPIENT),
        ("SUSPENDUE", Actor.SUPPLIER),
        ("A_RECYCLER", Actor.SUPPLIER),
        ("REJETEE", Actor.SUPPLIER),
        ("MISE_EN_PAIEMENT", Actor.NOBODY),
        ("SUPPRIMEE", Actor.NOBODY),
    ],
)
def test_who_acts_next(status: str, actor: Actor) -> None:
    assert next_actor(status) is actor


def test_nobody_acts_on_a_rejection_that_was_dealt_with() -> None:
    assert next_actor("REJETEE", rejection_handled=True) is Actor.NOBODY
    assert state_of("REJETEE", rejection_handled=True) is State.CLOSED


@pytest.mark.parametrize("status", sorted(LAST_WITHOUT_PAYMENT))
def test_a_body_that_never_reports_payment_is_not_taken_to_be_silent(status: str) -> None:
    assert awaits_news(status)
    assert not awaits_news(status, reports_payment=False)
    assert awaits_news("MISE_A_DISPOSITION", reports_payment=False), "before that it is as silent as any other"


def test_silence_means_something_only_while_the_recipient_acts() -> None:
    assert awaits_news("PAYEE_PAR_CHEQUE"), "a status that nobody knows is no end"
    assert not any(awaits_news(status) for status in FINAL | RETURNED)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(sorted(TRACKED), repeat=2)))
def test_a_status_leads_only_through_moves_of_the_table(before: State, after: State) -> None:
    made = moves_between(before, after)
    assert (made[-1] if made else before) is after
    for here, there in itertools.pairwise((before, *made)):
        assert allowed(here, there)


@pytest.mark.parametrize("state", sorted(set(State) - TRACKED))
def test_a_status_moves_nothing_that_is_not_tracked(state: State) -> None:
    assert moves_between(state, State.TO_PROCESS) == ()


def test_a_returned_invoice_goes_to_the_people_and_back_by_itself() -> None:
    known = Known(state=State.SUBMITTED, status="MISE_A_DISPOSITION", remote_at=NOON)
    suspended = found_as_sent(status="SUSPENDUE", status_at=NOON)
    assert news_of(known, suspended).moves == (State.TO_PROCESS,)
    after = Known(state=State.TO_PROCESS, status="SUSPENDUE", remote_at=NOON)
    assert news_of(after, replace(suspended, status="COMPLETEE")).moves == (State.SUBMITTED,)


def test_a_closed_one_is_reopened_by_a_new_status() -> None:
    known = Known(state=State.CLOSED, status="REJETEE", remote_at=NOON)
    assert news_of(known, found_as_sent(status="REJETEE", rejection_handled=True)).moves == ()
    assert news_of(known, found_as_sent(status="A_RECYCLER")).moves == (State.TO_PROCESS,)
    assert news_of(known, found_as_sent(status="MANDATEE")).moves == (State.TO_PROCESS, State.SUBMITTED)


def test_statuses_out_of_order_are_taken_as_they_come() -> None:
    known = Known(state=State.SUBMITTED, status="MISE_EN_PAIEMENT", remote_at=NOON)
    earlier = found_as_sent(status="MANDATEE", status_at=NOON - dt.timedelta(days=1))
    assert (news_of(known, earlier).status, news_of(known, earlier).told) == ("MANDATEE", True)


def test_the_same_status_is_told_again_only_when_the_supplier_is_asked_anew() -> None:
    later = NOON + dt.timedelta(hours=1)
    asked = Known(state=State.TO_PROCESS, status="SUSPENDUE", remote_at=NOON)
    assert news_of(asked, found_as_sent(status="SUSPENDUE", status_at=later)).told
    assert not news_of(asked, found_as_sent(status="SUSPENDUE", status_at=NOON)).told
    waiting = Known(state=State.SUBMITTED, status="DEPOSEE", remote_at=NOON)
    assert not news_of(waiting, found_as_sent(status="DEPOSEE", status_at=later)).told
    just_sent = Known(state=State.SUBMITTED, status="DEPOSEE")
    assert not news_of(just_sent, found_as_sent(status="DEPOSEE", status_at=later)).told


def test_an_invoice_that_we_never_sent_is_told_only_if_it_came_back() -> None:
    assert first_news_of(found_as_sent(status="SUSPENDUE")).told
    assert first_news_of(found_as_sent(status="SUSPENDUE")).moves == (State.TO_PROCESS,)
    assert not first_news_of(found_as_sent(status="MANDATEE")).told
    handled = first_news_of(found_as_sent(status="REJETEE", rejection_handled=True))
    assert (handled.moves, handled.told) == ((State.CLOSED,), False)
    assert first_news_of(found_as_sent(status="INVENTED")).moves == (State.SUBMITTED,)


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("Voir Mme Martineau, poste 12", "Voir Mme \N{HORIZONTAL ELLIPSIS}, poste 12"),
        ("ANNE MARTINEAU", "\N{HORIZONTAL ELLIPSIS} \N{HORIZONTAL ELLIPSIS}"),
        ("Annexe manquante", "Annexe manquante"),
        (
            "ecrire a p.durand@mairie.example ou 04 50 11 22 33",
            "ecrire a \N{HORIZONTAL ELLIPSIS} ou \N{HORIZONTAL ELLIPSIS}",
        ),
        ("+33 4.50.11.22.33", "\N{HORIZONTAL ELLIPSIS}"),
        ("Engagement 0412345678, SIRET 12345678200051", "Engagement 0412345678, SIRET 12345678200051"),
    ],
)
def test_a_comment_without_its_agent_keeps_what_it_says(comment: str, left: str) -> None:
    assert Agent(first_name="Anne", last_name="Martineau").removed_from(comment) == left
