"""Layout memory: what is learned, when two documents share a layout, what a remembered place may and may not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from stdnum import luhn

from include.domain.extraction.layout_memory.example import Example, Memory, Standing
from include.domain.extraction.layout_memory.fingerprint import fingerprint_of, same_layout
from include.domain.extraction.layout_memory.index import Index
from include.domain.extraction.layout_memory.learn import Known, corrected_by, document_of, learn, surplus
from include.domain.extraction.layout_memory.shapes import pattern_of, pattern_of_value, shape_of
from include.domain.extraction.layout_memory.wording import key_of
from include.domain.extraction.read_fields import page_candidates
from include.domain.fields import Candidate, as_text, from_text
from include.domain.text import Page, TextSource
from tests.unit.extraction.paper import Placed, page

HEAD: list[Placed] = [
    (40, 40, "Carrières Taupin"),
    (40, 54, "Granulats depuis longtemps"),
    (40, 68, "Lieu dit Ormeaux"),
]
FOOT: list[Placed] = [(40, 780, "Carrières Taupin société anonyme Bernay"), (40, 794, "Conditions affichées au dépôt")]


def sheet(
    number: str = "K26/001234",
    *,
    where: tuple[float, float] = (480, 40),
    label: str = "Solde porté",
    total: str = "1 200,00 EUR",
    lines: int = 2,
    more: Sequence[Placed] = (),
    source: TextSource = TextSource.TEXT,
) -> Page:
    """An invoice of a family without any known label: the number alone in the corner, a total below the lines."""
    articles = [(40.0, 200.0 + 14 * row, f"Gravillon rond {row}0,00") for row in range(lines)]
    below = 240.0 + 14 * lines
    return page(
        *HEAD,
        (where[0], where[1], number),
        *articles,
        (300, below, label),
        (450, below, total),
        *more,
        *FOOT,
        source=source,
    )


def known(standing: Standing = Standing.CORRECTED, **values: str) -> dict[str, Known]:
    return {name: Known(value=from_text(name, value), standing=standing) for name, value in values.items()}


def taught(*pages: tuple[Page, Mapping[str, Known]]) -> Memory:
    """The memory after these documents, as the use case builds it."""
    memory: list[Example] = []
    for paper, facts in pages:
        document = document_of([paper])
        assert document is not None
        fingerprint = fingerprint_of(Index(document))
        memory = list(corrected_by(document, fingerprint, facts, memory))
        example = learn(document, facts)
        if example is not None:
            memory.insert(0, example)
    return tuple(memory)


def three(standing: Standing = Standing.CORRECTED) -> Memory:
    return taught(
        (
            sheet("K26/001234", total="1 200,00 EUR", lines=2),
            known(standing, invoice_number="K26/001234", total_incl_tax="1200.00"),
        ),
        (
            sheet("K26/001301", total="80,50 EUR", lines=5),
            known(standing, invoice_number="K26/001301", total_incl_tax="80.50"),
        ),
        (
            sheet("K26/001377", total="961,10 EUR", lines=1),
            known(standing, invoice_number="K26/001377", total_incl_tax="961.10"),
        ),
    )


def read(paper: Page, memory: Memory = ()) -> dict[str, tuple[Candidate, ...]]:
    return page_candidates([paper], memory=memory)


def best(paper: Page, memory: Memory, name: str) -> str | None:
    found = read(paper, memory).get(name)
    return str(found[0].value) if found else None


# ---------------------------------------------------------------- what it finds


def test_values_without_a_known_label_are_found_after_three_invoices_and_not_without_them() -> None:
    following = sheet("K26/002005", total="14 318,77 EUR", lines=11)
    assert not {"invoice_number", "total_incl_tax"} & read(following).keys()
    found = read(following, three())
    assert (found["invoice_number"][0].value, found["total_incl_tax"][0].amount) == (
        "K26/002005",
        Decimal("14318.77"),
    )
    assert found["invoice_number"][0].remembered == 3
    assert found["invoice_number"][0].confidence >= 0.9


def test_the_place_is_relative_to_the_label_not_to_the_page() -> None:
    memory = three()
    values = [best(sheet(total="77,77 EUR", lines=lines), memory, "total_incl_tax") for lines in (1, 7, 30)]
    assert values == ["77.77"] * 3


def test_the_fewer_vouch_for_a_place_the_less_it_claims() -> None:
    first = (sheet(), known(invoice_number="K26/001234"))
    second = (sheet("K26/001301"), known(invoice_number="K26/001301"))
    claims = [
        read(sheet("K26/009999"), taught(*some))["invoice_number"][0].confidence for some in ([first], [first, second])
    ]
    assert claims[0] < claims[1] < read(sheet("K26/009999"), three())["invoice_number"][0].confidence


def test_a_scan_of_the_same_layout_is_recognised_with_misread_words() -> None:
    scanned = sheet("K26/002005", source=TextSource.OCR, label="Soide porté")
    assert best(scanned, three(), "invoice_number") == "K26/002005"


# ---------------------------------------------------------------- what it must not do


def test_what_the_platform_merely_took_stays_unsure_and_leads_nothing() -> None:
    memory = three(Standing.ACCEPTED)
    alone = read(sheet("K26/002005"), memory)["invoice_number"][0]
    assert alone.confidence < 0.5
    labelled = sheet("K26/002005", more=[(40, 120, "Facture n° FA-77")])
    assert best(labelled, memory, "invoice_number") == "FA-77"
    surer = sheet("K26/002005", more=[(480, 26, "Facture n°")])
    assert read(surer, memory)["invoice_number"] == read(surer)["invoice_number"]


def test_one_accepted_invoice_proposes_nothing() -> None:
    memory = taught((sheet(), known(Standing.ACCEPTED, invoice_number="K26/001234")))
    assert best(sheet("K26/002005"), memory, "invoice_number") is None


def test_one_correction_takes_away_what_led_to_the_wrong_value() -> None:
    wrong = three()
    both = sheet("K26/002005", more=[(480, 120, "M/7001")])
    document = document_of([both])
    assert document is not None
    fingerprint = fingerprint_of(Index(document))
    left = tuple(corrected_by(document, fingerprint, known(invoice_number="M/7001"), wrong))
    assert all("invoice_number" not in example.learned for example in left)
    assert all("total_incl_tax" in example.learned for example in left)


def test_an_accepted_value_contradicts_nobody() -> None:
    document = document_of([sheet("K26/002005", more=[(480, 120, "M/7001")])])
    assert document is not None
    facts = known(Standing.ACCEPTED, invoice_number="M/7001")
    assert tuple(corrected_by(document, fingerprint_of(Index(document)), facts, three())) == three()


def test_another_look_is_left_alone() -> None:
    moved = page((200, 90, "Carrières Taupin"), (300, 110, "Granulats depuis longtemps"), (480, 40, "K26/002005"))
    more = [*((x + 130, y, text) for x, y, text in FOOT), (100.0, 300.0, "Solde porté"), (250.0, 300.0, "12,00 EUR")]
    changed = page(
        (200, 90, "Carrières Taupin"), (300, 110, "Granulats depuis longtemps"), (480, 40, "K26/002005"), *more
    )
    for paper in (moved, changed):
        assert read(paper, three()) == read(paper)


def test_a_number_that_moved_gives_no_other_number_in_its_place() -> None:
    lower = sheet("K26/002005", where=(480, 110), more=[(480, 40, "12 rue Haute")])
    assert best(lower, three(), "invoice_number") is None


def test_without_its_label_an_amount_is_nothing() -> None:
    assert best(sheet(label="Acompte reçu"), three(), "total_incl_tax") is None


def test_where_the_rules_are_sure_and_memory_differs_nobody_is() -> None:
    confirmed = three(Standing.CONFIRMED)
    found = read(sheet("K26/002005", more=[(40, 120, "Facture n° FA-77")]), confirmed)["invoice_number"]
    assert found[0].confidence < 0.5
    assert {candidate.value for candidate in found} == {"FA-77", "K26/002005"}


def test_where_people_corrected_just_this_rule_memory_is_believed() -> None:
    more = [(40.0, 120.0, "Facture n° FA-77")]
    memory = taught(*((sheet(f"K26/00{n}", more=more), known(invoice_number=f"K26/00{n}")) for n in (1234, 1301, 1377)))
    found = read(sheet("K26/002005", more=more), memory)["invoice_number"]
    assert (found[0].value, found[0].confidence > 0.9) == ("K26/002005", True)


# ---------------------------------------------------------------- checks beat memory

TOTALS = {"total_excl_tax": "Masse", "total_tax": "Part", "total_incl_tax": "Somme"}


def bill(net: str, tax: str, total: str, lines: int = 2, more: Sequence[Placed] = ()) -> Page:
    rows = [(300.0, 300.0 + 14 * lines + 14 * row, label) for row, label in enumerate(TOTALS.values())]
    values = [(450.0, 300.0 + 14 * lines + 14 * row, text) for row, text in enumerate((net, tax, total))]
    return page(*HEAD, *rows, *values, *more, *FOOT)


def taught_totals() -> Memory:
    return taught(
        (bill("100,00", "20,00", "120,00"), known(total_excl_tax="100.00", total_tax="20.00", total_incl_tax="120.00")),
        (bill("50,00", "10,00", "60,00", 5), known(total_excl_tax="50.00", total_tax="10.00", total_incl_tax="60.00")),
        (bill("10,00", "2,00", "12,00", 9), known(total_excl_tax="10.00", total_tax="2.00", total_incl_tax="12.00")),
    )


def test_totals_that_add_up_are_as_good_as_certain() -> None:
    found = read(bill("300,00", "60,00", "360,00", 4), taught_totals())
    assert [as_text(found[name][0].value) for name in TOTALS] == ["300.00", "60.00", "360.00"]
    assert min(found[name][0].confidence for name in TOTALS) > 0.95


def test_remembered_totals_that_do_not_add_up_are_none() -> None:
    found = read(bill("300,00", "60,00", "400,00", 4), taught_totals())
    assert not TOTALS.keys() & found.keys()


def test_printed_totals_that_add_up_beat_a_remembered_one() -> None:
    more = [(40.0, 600.0, "Total HT"), (140.0, 600.0, "300,00 €"), (40.0, 614.0, "TVA 20 %"), (140.0, 614.0, "60,00 €")]
    more += [(40.0, 628.0, "Total TTC"), (140.0, 628.0, "360,00 €")]
    memory = taught((bill("100,00", "20,00", "120,00"), known(total_incl_tax="120.00")))
    found = read(bill("-", "-", "999,00", 4, more), memory)
    assert found["total_incl_tax"][0].amount == Decimal("360.00")


SUMMED = [(40.0, 600.0, "Total HT"), (140.0, 600.0, "7,00 €"), (40.0, 614.0, "TVA 20 %"), (140.0, 614.0, "1,40 €")]
SUMMED += [(40.0, 628.0, "Total TTC"), (140.0, 628.0, "8,40 €")]


@pytest.mark.parametrize(("standing", "sure"), [(Standing.CORRECTED, True), (Standing.CONFIRMED, False)])
def test_of_two_sums_that_hold_the_corrected_one_is_believed(standing: Standing, sure: bool) -> None:
    facts = [("100", "20", "120"), ("50", "10", "60"), ("10", "2", "12")]
    memory = taught(
        *(
            (
                bill(f"{net},00", f"{tax},00", f"{total},00", more=SUMMED),
                known(standing, total_excl_tax=f"{net}.00", total_tax=f"{tax}.00", total_incl_tax=f"{total}.00"),
            )
            for net, tax, total in facts
        )
    )
    found = read(bill("300,00", "60,00", "360,00", more=SUMMED), memory)
    assert [as_text(found[name][0].value) for name in TOTALS] == ["300.00", "60.00", "360.00"]
    assert (min(found[name][0].confidence for name in TOTALS) > 0.95) is sure
    assert sure or max(found[name][0].confidence for name in TOTALS) < 0.5


def test_memory_makes_nothing_less_sure_by_agreeing() -> None:
    paper = sheet("K26/002005", label="Total TTC", total="77,00 €")
    memory = taught(
        *(
            (sheet(f"K26/00{n}", label="Total TTC", total=f"{n},00 €"), known(total_incl_tax=f"{n}.00"))
            for n in (11, 12, 13)
        )
    )
    alone, agreed = read(paper)["total_incl_tax"][0], read(paper, memory)["total_incl_tax"][0]
    assert (agreed.value, agreed.remembered) == (alone.value, 3)
    assert agreed.confidence >= max(alone.confidence, 0.8)


def test_what_is_to_be_paid_is_not_learned_where_it_is_the_total() -> None:
    facts = known(total_incl_tax="1200.00", amount_due="1200.00")
    assert taught((sheet(total="1 200,00 EUR"), facts))[0].learned.keys() == {"total_incl_tax"}


def test_an_amount_that_no_sum_proves_is_not_sure() -> None:
    assert read(sheet("K26/002005"), three())["total_incl_tax"][0].confidence < 0.6


BARE = "3325402151635"
RIGHT = BARE + luhn.calc_check_digit(BARE)
WRONG = BARE + str((int(RIGHT[-1]) + 1) % 10)


def body(siret: str) -> Page:
    return page(*HEAD, (300, 150, "Identité visée"), (420, 150, siret), *FOOT)


def taught_bodies() -> Memory:
    values = ("12345678200051", "12345678200036", "12345678200044")
    return taught(*((body(value), known(recipient_siret=value)) for value in values))


@pytest.mark.parametrize(("siret", "sure"), [(RIGHT, True), (WRONG, False)])
def test_a_siret_whose_check_digit_is_wrong_is_never_sure_by_its_place(siret: str, sure: bool) -> None:
    found = read(body(siret), taught_bodies()).get("recipient_siret", ())
    assert bool(found and found[0].confidence > 0.9) is sure


def dated(issued: str, due: str) -> Page:
    return page(*HEAD, (40, 150, "Arrêtée"), (140, 150, issued), (40, 178, "Échéance :"), (140, 178, due), *FOOT)


def test_a_remembered_date_behind_the_due_date_is_not_taken() -> None:
    days = [("03/05/2026", "03/06/2026"), ("11/05/2026", "11/06/2026"), ("21/05/2026", "21/06/2026")]
    memory = taught(*((dated(first, due), known(issue_date=f"2026-05-{first[:2]}")) for first, due in days))
    assert best(dated("05/07/2026", "05/08/2026"), memory, "issue_date") == "2026-07-05"
    late = read(dated("05/07/2026", "05/06/2026"), memory)["issue_date"][0]
    assert late.confidence < 0.8
    assert not late.remembered


# ---------------------------------------------------------------- what is kept


def test_only_words_of_invoices_are_kept_in_plain() -> None:
    assert key_of("total") == "total"
    assert key_of("martin").startswith("#")
    assert "martin" not in key_of("martin")


def test_no_value_and_no_name_is_kept() -> None:
    paper = sheet(more=[(300, 150, "Pour Madame Berthe Oiselay"), (300, 170, "18 rue Haute")])
    example = taught((paper, known(invoice_number="K26/001234", total_incl_tax="1200.00")))[0]
    kept = repr(example).lower()
    assert not [word for word in ("oiselay", "berthe", "haute", "001234", "1200", "taupin") if word in kept]


def test_a_value_that_the_page_does_not_print_teaches_nothing() -> None:
    assert taught((sheet(), known(invoice_number="K26/009999"))) == ()


def test_look_alikes_of_a_scan_do_not_change_the_fingerprint() -> None:
    one, other = (document_of([sheet(source=source)]) for source in TextSource)
    assert one is not None
    assert other is not None
    assert same_layout(fingerprint_of(Index(one)), fingerprint_of(Index(other)))


def test_surplus_examples_of_one_look_go() -> None:
    examples = [three()[0]] * 7
    assert list(surplus(examples)) == [5, 6]


@pytest.mark.parametrize(
    ("shapes", "fits", "fails"),
    [
        (["FA-9999-99"], ["FA-2027-123", "FA-2027-1"], ["FB-2027-12", "FA-2027-12/3", "XFA-2027-12"]),
        (["A9999/99", "B9999/99"], ["C2026/18"], ["CC2026/18", "C2026"]),
        (["9999"], ["123", "12345"], ["12", "123456", "1234-5"]),
    ],
)
def test_shapes_match_what_looks_like_the_numbers_known(shapes: list[str], fits: list[str], fails: list[str]) -> None:
    pattern = pattern_of(shapes)
    assert pattern is not None
    assert [text for text in fits if (found := pattern.search(text)) and found.group() == text] == fits
    assert [text for text in fails if pattern.search(text)] == []


def test_the_shape_of_a_number_holds_none_of_its_digits() -> None:
    assert shape_of("fa-2026-00123") == "FA-9999-99999"


def test_a_known_value_is_found_however_it_is_spaced_and_on_scans_misread() -> None:
    assert pattern_of_value("BC 2026 015", scanned=False).search("BC2026 015")
    assert pattern_of_value("BC20S1", scanned=True).search("8C2051")
    assert not pattern_of_value("BC20S1", scanned=False).search("8C2051")
    assert not pattern_of_value("2026/15", scanned=False).search("A2026/15/2")
