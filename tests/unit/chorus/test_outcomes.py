"""An answer is measured as one of a few words."""

from __future__ import annotations

import pytest

from include.adapters.chorus.failures import outcome_of
from include.adapters.http.exchange import Answer


@pytest.mark.parametrize(
    ("status", "text", "told"),
    [
        (200, '{"codeRetour": 0}', "ok"),
        (200, '{"codeRetour": 20001, "libelle": "no"}', "refused"),
        (400, '{"codeRetour": 20001}', "refused"),
        (400, "<html>", "other"),
        (413, "", "refused"),
        (401, "", "turned_away"),
        (403, "", "turned_away"),
        (429, "", "rate_limited"),
        (503, "<html>", "server_error"),
        (302, "", "other"),
        (200, '{"codeRetour": 1, "x": "' + "x" * 70_000 + '"}', "ok"),
    ],
)
def test_the_outcome_is_one_of_a_few_words(status: int, text: str, told: str) -> None:
    assert outcome_of(Answer(status=status, text=text)) == told
