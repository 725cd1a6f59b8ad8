from __future__ import annotations

import math
import random

import pytest

from include.domain.extraction.confidence.text_quality import Verdict, assess, known_share
from include.domain.extraction.confidence.warnings import has_several_invoices, hides_figures
from include.domain.extraction.layout.cells import Layout
from include.domain.extraction.layout.rows import lines_of, lines_of_scan
from include.domain.extraction.lexicon.language_words import LANGUAGE_WORDS
from include.domain.text import Page, TextSource, Word
from tests.unit.extraction.paper import page, words

FRENCH = "Facture établie pour la fourniture de matériel selon votre commande du mois, total à payer avant échéance"


def test_words_of_different_sizes_stand_on_one_line() -> None:
    big = Word(text="FACTURE", box=(40, 50, 140, 70))
    small = Word(text="n°", box=(150, 57, 160, 66))
    dash = Word(text="-", box=(165, 60, 170, 61))
    last = Word(text="12", box=(175, 56, 185, 66))
    assert [line.text for line in lines_of([last, small, dash, big])] == ["FACTURE n° - 12"]


def test_lines_of_a_page_scanned_askew() -> None:
    slope = math.tan(math.radians(2))
    texts = [(40.0, 100.0 + 13 * index, f"Ligne {index}") for index in range(8)]
    texts += [(480.0, 100.0 + 13 * index, f"{index}00,00") for index in range(8)]
    skewed = [
        Word(text=word.text, box=(x0, y0 + slope * x0, x1, y1 + slope * x0))
        for text in texts
        for word in words(*text)
        for x0, y0, x1, y1 in [word.box]
    ]
    random.Random(4).shuffle(skewed)
    assert [line.text for line in lines_of_scan(skewed, slope)] == [f"Ligne {index} {index}00,00" for index in range(8)]


def test_cells_are_cut_where_the_blank_is_wide() -> None:
    layout = Layout([page((40, 50, "Total HT"), (300, 50, "1 500,00 €"))])
    assert [cell.text for cell in layout.cells()] == ["Total HT", "1 500,00 €"]


def test_what_stands_below_stays_within_reach_and_column() -> None:
    layout = Layout([page((40, 50, "Date"), (300, 64, "ailleurs"), (40, 66, "12/05/2026"), (40, 300, "plus bas"))])
    assert [cell.text for cell in layout.below(next(layout.cells()))] == ["12/05/2026"]


def test_a_page_of_french_is_trusted_and_gibberish_is_not() -> None:
    gibberish = "X9#kq Zwv7 Qprt Hhjk Lmxz Wqst Vbnm Plkj Xcvt Rtzw Qwrt Zxcv Mnbq Trwq"
    assert assess(page((40, 50, FRENCH)), image_share=0, objects=1, drawn_letters=0) == Verdict.TRUST
    assert assess(page((40, 50, gibberish)), image_share=0, objects=1, drawn_letters=0) == Verdict.RECOGNISE


def test_a_page_without_text_is_recognised_if_anything_is_on_it() -> None:
    assert assess(page(), image_share=1, objects=1, drawn_letters=0) == Verdict.RECOGNISE
    assert assess(page(), image_share=0, objects=0, drawn_letters=0) == Verdict.EMPTY


def test_a_stamp_on_a_scan_is_not_its_text_but_a_letterhead_behind_text_does_no_harm() -> None:
    stamp = page((40, 50, "Reçu le 12 mai"))
    assert assess(stamp, image_share=1.0, objects=2, drawn_letters=0) == Verdict.RECOGNISE
    assert assess(stamp, image_share=0.0, objects=2, drawn_letters=900) == Verdict.RECOGNISE
    written = page(*[(40.0, 50.0 + 14 * index, FRENCH) for index in range(4)])
    assert assess(written, image_share=1.0, objects=60, drawn_letters=0) == Verdict.TRUST


@pytest.mark.parametrize("text", ["1/1", "SARL au capital de 10 000 EUR - RCS Annecy - SIRET 33254021516357"])
def test_a_page_of_drawn_letters_is_recognised_whatever_little_text_it_has(text: str) -> None:
    assert assess(page((40, 50, text)), image_share=0, objects=340, drawn_letters=540) == Verdict.RECOGNISE
    assert assess(page((40, 50, text)), image_share=0, objects=340, drawn_letters=30) == Verdict.TRUST, "a logo"


def test_numbers_without_a_word_mean_that_the_letters_are_lost() -> None:
    numbers = page(*[(40.0, 50.0 + 14 * index, "12,00 34,00 5") for index in range(8)])
    assert assess(numbers, image_share=0, objects=30, drawn_letters=0) == Verdict.RECOGNISE


def test_a_few_specks_are_no_words_of_a_language_and_a_page_of_french_is() -> None:
    assert known_share(page((40, 50, "Th D am oe"))) < 0.5 <= known_share(page((40, 50, FRENCH)))
    assert known_share(page((40, 50, "facture total xyzzy plugh"))) == 0.5


def test_words_of_languages_are_written_as_pages_are_folded() -> None:
    assert [word for word in LANGUAGE_WORDS if not word.isascii() or word != word.lower()] == []


def invoice(number: str, *, of: int) -> Page:
    return page(
        (40, 50, f"Facture n° {number}"),
        (330, 500, "Total HT"),
        (500, 500, "100,00 €"),
        (330, 514, "TVA"),
        (500, 514, "20,00 €"),
        (330, 528, "Total TTC"),
        (500, 528, "120,00 €"),
        number=of,
    )


def test_two_numbers_each_with_a_total_are_two_invoices() -> None:
    assert has_several_invoices([invoice("F-1", of=1), invoice("F-2", of=2)])


def test_a_second_page_of_the_same_invoice_is_not_another_one() -> None:
    assert not has_several_invoices([invoice("F-1", of=1), invoice("F-1", of=2)])
    assert not has_several_invoices([invoice("F-1", of=1), page((40, 50, "Facture n° F-2 citée en annexe"), number=2)])
    assert not has_several_invoices([invoice("F-1", of=1)])


def test_hidden_figures_are_told_from_hidden_words() -> None:
    shown = page((40, 50, "Net à payer 12,00 € SIRET 12345678200051"))
    assert hides_figures("IBAN FR76 3000 6000 0112 3456 7890 189", shown)
    assert hides_figures("Net à payer 99,00 €", shown)
    assert not hides_figures("Page 1 sur 2 champ de saisie", shown)


def test_a_hidden_copy_of_what_is_printed_is_harmless() -> None:
    shown = page((40, 50, "Net à payer 12,00 € SIRET 123 456 782 00051"))
    assert not hides_figures("12,00 12345678200051", shown)


def test_words_of_scans_pass_their_doubt_on_to_the_value() -> None:
    from tests.unit.extraction.paper import candidates

    sure = candidates(page((40, 50, "Facture n° F-12"), source=TextSource.OCR))["invoice_number"][0]
    unsure = candidates(page((40, 50, "Facture n° F-12"), source=TextSource.OCR, confidence=0.3))["invoice_number"][0]
    assert unsure.confidence < 0.75 * sure.confidence
