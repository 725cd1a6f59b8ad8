"""What becomes of an item that met an error of this program."""

from __future__ import annotations

import pytest

from include.domain.internal_errors import Item
from include.domain.transitions.internal_error import InternalFault, internal_error_told
from include.texts import Language, translate
from tests.fakes.clock import START


@pytest.mark.parametrize(("language", "words"), [("fr", "facture 1"), ("en", "invoice 1")])
def test_the_alert_names_the_item_in_the_readers_language(language: Language, words: str) -> None:
    fault = InternalFault(stage="map", reference="ab12", item=Item("invoice", 1))
    facts = internal_error_told(fault, START).facts
    assert words in translate(f"alert.{facts['code']}", language, **facts)
