"""What many questions need is found once: the labels of a page, the plain form of a word."""

from __future__ import annotations

from dataclasses import replace

from include.domain.extraction.layout.labelled_page import document_of
from include.domain.values import strip_accents
from tests.unit.extraction.paper import page


def test_whoever_asks_next_about_the_same_pages_gets_the_same_document() -> None:
    first = page((40, 40, "Facture n° 17"))
    assert document_of((first,)) is document_of((replace(first),))
    assert document_of((first,)) is not document_of((page((40, 40, "Facture n° 18")),))


def test_a_word_is_made_plain_once() -> None:
    before = strip_accents.cache_info().hits
    assert strip_accents("éché-ance") == strip_accents("éché-ance") == "eche-ance"
    assert strip_accents.cache_info().hits > before
