"""What a pack of evidence says of moves: every state and every sentence of ours has French words."""

from __future__ import annotations

import pytest

from include.domain.lifecycle import State
from include.domain.wordings.moves import STATES_ON_THE_WAY, cause_in_french
from include.domain.wordings.notification import STATES


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_french_name_in_one_place(state: State) -> None:
    assert (state in STATES) != (state in STATES_ON_THE_WAY)


@pytest.mark.parametrize(
    ("cause", "french"),
    [
        ("not found twice after the delay", "deux fois introuvable sur Chorus Pro après le délai"),
        ("criteria: ventes, achats", "critère : ventes, achats"),
        ("read from facturx", "lue dans le XML Factur-X"),
        ("le client a rappelé", "le client a rappelé"),
    ],
)
def test_a_cause_is_said_in_french_and_what_a_person_wrote_as_it_stands(cause: str, french: str) -> None:
    assert cause_in_french(cause) == french
