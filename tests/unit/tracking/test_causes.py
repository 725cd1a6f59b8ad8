"""Why an invoice moved: every state and every cause can be said, and nothing that is written is a sentence."""

from __future__ import annotations

import string

import pytest

from include.adapters.http.network_errors import REFUSED, SLOW
from include.domain import errors
from include.domain.causes import Cause, CauseCode, cause, free_text, not_taken, outcome_unknown
from include.domain.lifecycle import State
from include.domain.reading import DocumentKind
from include.domain.reasons import Language, Reason
from include.texts import LANGUAGES
from tests.catalogues import table

CAUSES = table("move")


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_name(state: State) -> None:
    assert all(table("state")[state])


def test_there_are_words_for_every_cause_and_for_nothing_else() -> None:
    assert set(CAUSES) == set(CauseCode)


@pytest.mark.parametrize("code", list(CauseCode))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_can_be_said_with_all_that_it_carries(code: CauseCode, language: Language) -> None:
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in CAUSES[code]]
    assert names[0] == names[1], "the same parameters in both languages"
    params = {name: f"<{name}>" for name in names[0] if name != "reasons"}
    reason = Reason(code="already_sent", field="invoice_number")
    said = Cause(code=code, params=params, reasons=(reason,)).text(language)
    assert (said and "?" not in said.replace("?.", "")) or "reasons" in names[0]
    assert all(value in said for value in params.values())
    assert "already_sent" not in said, "a reason is said, in both languages"


@pytest.mark.parametrize(
    ("why", "french", "english"),
    [
        (cause(CauseCode.NOT_FOUND_TWICE), "deux fois introuvable sur Chorus Pro après le délai", None),
        (cause(CauseCode.CRITERIA_MATCHED, criteria="ventes, achats"), "critère\u00a0: ventes, achats", None),
        (cause(CauseCode.READ, kind=DocumentKind.FACTURX), "lue dans le XML Factur-X", "read from the Factur-X data"),
        (cause(CauseCode.STATUS, status="SUSPENDUE"), "Chorus Pro\u00a0: Suspendue", "Chorus Pro: Suspended"),
        (cause(CauseCode.STATUS, status="INVENTED"), "Chorus Pro\u00a0: INVENTED", None),
        (
            cause(CauseCode.CORRECTION, correction="recycle"),
            "correction\u00a0: réacheminement",
            "correction: recycling",
        ),
        (free_text("le client {a} rappelé"), "le client {a} rappelé", "le client {a} rappelé"),
    ],
)
def test_codes_are_said_in_both_languages(why: Cause, french: str, english: str | None) -> None:
    assert why.text("fr") == french
    assert english is None or why.text("en") == english


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_of_reading_has_french_words(kind: DocumentKind) -> None:
    assert all(table("move.kind")[kind])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NeverLeftError("no connection"), CauseCode.NEVER_LEFT),
        (errors.TurnedAwayError("forbidden", status=403), CauseCode.TURNED_AWAY),
        (errors.RateLimitedError("too fast", status=429), CauseCode.RATE_LIMITED),
        (errors.LoginRefusedError("no", half="piste"), CauseCode.LOGIN_REFUSED),
    ],
)
def test_what_was_surely_not_taken_says_why(
    error: errors.NeverLeftError | errors.TurnedAwayError, code: CauseCode
) -> None:
    assert not_taken(error).code is code


@pytest.mark.parametrize(
    ("error", "french", "english"),
    [
        (
            errors.NeverLeftError("not_reached", address="https://x", host="chorus.example", cause=REFUSED),
            "pas partie\u00a0: aucune connexion avec Chorus Pro (chorus.example\u00a0: la connexion est refusée)",
            "not sent: no connection to Chorus Pro (chorus.example: the connection is refused)",
        ),
        (
            errors.NeverLeftError(
                "nothing_sent",
                cause=errors.RemoteUnavailableError("token_service_broke_off", host="piste.example", cause=SLOW),
            ),
            "piste.example\u00a0: aucune réponse n'est venue dans le délai",
            "piste.example: no answer came before the deadline",
        ),
    ],
)
def test_what_never_left_says_which_host_did_not_answer_and_why(
    error: errors.NeverLeftError, french: str, english: str
) -> None:
    why = not_taken(error)
    assert french in why.text("fr") and english in why.text("en")


def test_an_answer_that_nobody_can_read_is_told_from_one_that_never_came() -> None:
    assert outcome_unknown(errors.OutcomeUnknownError("lost")).code is CauseCode.ANSWER_LOST
    assert outcome_unknown(errors.OutcomeUnknownError("torn", status=502)) == cause(
        CauseCode.ANSWER_UNREADABLE, status=502
    )
