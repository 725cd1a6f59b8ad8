"""Amounts that follow from others, and those that must not be touched."""

from __future__ import annotations

from decimal import Decimal

import pytest

from include.domain.fields import Candidate, Source
from include.domain.mapping import Draft, settle_amounts, totals_agree
from tests.unit.mapping.drafts import Given, amounts, candidate, codes, draft_of, facturx, field, read, rows, settled

ONE_RATE = rows(("20.00", "1250.00", "250.00"))
TWO_RATES = rows(("20.00", "1000.00", "200.00"), ("10.00", "250.00", "25.00"))
PAGE = {"total_excl_tax": "1250.00", "total_tax": "250.00", "total_incl_tax": "1500.00"}


# ---------------------------------------------------------------- the product's example


def test_the_metadata_s_1800_goes_out_with_the_amounts_that_follow_from_it() -> None:
    draft = settled(read(**PAGE, amount_due="1500.00", vat=ONE_RATE), metadata={"total_incl_tax": "1 800,00"})
    assert amounts(draft) == ("1500.00", "300.00", "1800.00", "1800.00")
    assert draft.vat_rows() == rows(("20.00", "1500.00", "300.00"))
    assert draft.reasons == ()
    assert codes(draft.warnings) == ["conflict_total_incl_tax", "amounts_computed"]


def test_the_metadata_s_1800_goes_out_with_the_metadata_that_go_with_it() -> None:
    given = {"total_incl_tax": "1800", "total_excl_tax": "1500", "total_tax": "300"}
    draft = settled(read(**PAGE, vat=ONE_RATE), metadata=given)
    assert amounts(draft)[:3] == ("1500.00", "300.00", "1800.00")
    assert draft.vat_rows() == rows(("20.00", "1500.00", "300.00"))
    assert "amounts_computed" not in codes(draft.warnings)


@pytest.mark.parametrize("vat", [TWO_RATES, ()])
def test_with_several_rates_or_none_known_nothing_is_computed(vat: tuple[object, ...]) -> None:
    reading = read(**PAGE, vat=vat) if vat else read(**PAGE)  # type: ignore[arg-type]
    draft = settled(reading, metadata={"total_incl_tax": "1800"})
    assert amounts(draft)[:3] == ("1250.00", "250.00", "1800.00")
    assert not totals_agree(draft)


def test_several_rates_compute_nothing_even_where_no_total_is_printed() -> None:
    draft = settled(read(vat=TWO_RATES), metadata={"total_incl_tax": "1800"})
    assert amounts(draft)[:3] == (None, None, "1800.00")


def test_one_rate_that_the_printed_amounts_deny_computes_nothing() -> None:
    lost_a_row = rows(("20.00", "1000.00", "200.00"))
    page = {"total_excl_tax": "1250.00", "total_tax": "225.00", "total_incl_tax": "1475.00"}
    draft = settled(read(**page, vat=lost_a_row), metadata={"total_incl_tax": "1800"})
    assert amounts(draft)[:3] == ("1250.00", "225.00", "1800.00")


def test_a_total_without_tax_decides_too() -> None:
    draft = settled(read(**PAGE, vat=ONE_RATE), metadata={"total_excl_tax": "1500"})
    assert amounts(draft)[:3] == ("1500.00", "300.00", "1800.00")


def test_the_tax_alone_decides_nothing() -> None:
    draft = settled(read(**PAGE, vat=ONE_RATE), metadata={"total_tax": "300"})
    assert amounts(draft)[:3] == ("1250.00", "300.00", "1500.00")


def test_computed_amounts_are_rounded_to_the_cent_and_add_up() -> None:
    draft = settled(read(vat=rows(("20.00", "1.00", "0.20"))), metadata={"total_incl_tax": "100"})
    assert amounts(draft)[:3] == ("83.33", "16.67", "100.00")
    assert totals_agree(draft)


def test_a_computed_amount_says_from_what_and_keeps_what_it_replaced() -> None:
    draft = settled(read(**PAGE, vat=ONE_RATE), metadata={"total_incl_tax": "1800"})
    found = draft.fields["total_excl_tax"]
    assert (found.source, found.text) == (Source.METADATA, "1800.00, 20 %")
    assert [(other.value, other.source) for other in found.others] == [(Decimal("1250.00"), Source.TEXT)]


# ---------------------------------------------------------------- what agrees is left alone


@pytest.mark.parametrize(
    ("metadata", "page"),
    [
        ({}, PAGE),
        ({"total_incl_tax": "1500"}, {**PAGE, "vat": ONE_RATE}),
        ({"total_tax": "250", "total_excl_tax": "1250"}, {"total_incl_tax": "1500.00"}),
    ],
)
def test_totals_that_agree_are_left_alone_whoever_gave_them(metadata: dict[str, str], page: dict[str, Given]) -> None:
    before = draft_of(read(**page), metadata=metadata)
    after = settle_amounts(before)
    assert amounts(after)[:3] == ("1250.00", "250.00", "1500.00")
    assert {n: after.fields[n] for n in PAGE} == {n: before.fields[n] for n in PAGE}
    assert after.warnings == ()


def test_totals_of_one_source_that_disagree_are_left_for_a_person() -> None:
    page = {"total_excl_tax": "1250.00", "total_tax": "250.00", "total_incl_tax": "1800.00"}
    assert amounts(settled(read(**page, vat=ONE_RATE)))[:3] == ("1250.00", "250.00", "1800.00")


# ---------------------------------------------------------------- the third total


@pytest.mark.parametrize("rate", ["250.00", "125.00", "68.75", "26.25"])
def test_a_missing_tax_follows_where_its_rate_is_a_french_one(rate: str) -> None:
    total = f"{1250 + float(rate):.2f}"
    draft = settled(read(total_excl_tax="1250.00", total_incl_tax=total))
    assert draft.shown("total_tax") == rate
    assert codes(draft.warnings) == ["amounts_computed"]


@pytest.mark.parametrize("total", ["1400.00", "1250.00", "1000.00", "2500.00"])
def test_two_amounts_of_a_page_that_imply_no_french_rate_give_no_third(total: str) -> None:
    assert "total_tax" not in settled(read(total_excl_tax="1250.00", total_incl_tax=total)).fields


def test_two_amounts_of_a_trusted_source_give_the_third() -> None:
    assert settled(metadata={"total_excl_tax": "1250", "total_incl_tax": "1400"}).shown("total_tax") == "150.00"
    assert settled(metadata={"total_excl_tax": "1250", "total_tax": "150"}).shown("total_incl_tax") == "1400.00"
    assert settled(read(total_tax=facturx("150.00"), total_incl_tax=facturx("1400.00"))).shown("total_excl_tax") == (
        "1250.00"
    )


def test_no_source_is_trusted_with_more_tax_than_there_can_be() -> None:
    assert "total_tax" not in settled(metadata={"total_excl_tax": "1250", "total_incl_tax": "1800"}).fields


def test_two_sources_that_do_not_belong_together_give_no_third() -> None:
    draft = settled(read(total_tax="250.00"), metadata={"total_excl_tax": "1250"}, edits={"total_incl_tax": "1400.00"})
    assert amounts(draft)[:3] == ("1250.00", "250.00", "1400.00")


def test_two_trusted_totals_correct_the_third_on_the_page() -> None:
    draft = settled(read(**PAGE), metadata={"total_excl_tax": "1500", "total_incl_tax": "1800"})
    assert amounts(draft)[:3] == ("1500.00", "300.00", "1800.00")


def test_a_discount_is_counted() -> None:
    draft = settled(metadata={"total_excl_tax": "1250", "total_tax": "250", "discount": "50"})
    assert draft.shown("total_incl_tax") == "1450.00"
    assert draft.fields["total_incl_tax"].text == "1250.00 + 250.00 - 50.00"
    assert totals_agree(draft)


def test_missing_totals_follow_from_a_vat_table_that_adds_up() -> None:
    draft = settled(read(total_incl_tax="1475.00", vat=TWO_RATES))
    assert amounts(draft)[:3] == ("1250.00", "225.00", "1475.00")
    assert draft.fields["total_excl_tax"].text == "1000.00 + 250.00"


def test_a_vat_table_that_does_not_add_up_gives_nothing() -> None:
    draft = settled(read(total_incl_tax="1500.00", vat=TWO_RATES))
    assert amounts(draft)[:3] == (None, None, "1500.00")


def test_a_vat_table_never_corrects_the_total_of_its_own_page() -> None:
    draft = settled(read(total_incl_tax="1800.00", vat=ONE_RATE))
    assert amounts(draft)[:3] == (None, None, "1800.00")
    assert draft.vat_rows() == ONE_RATE


# ---------------------------------------------------------------- VAT


@pytest.mark.parametrize("regime", ["SANS_TVA", "EXONERATION"])
def test_without_vat_the_total_is_the_same_with_and_without_tax(regime: str) -> None:
    draft = settled(read(total_incl_tax="100.00"), metadata={"vat_type": regime})
    assert amounts(draft) == ("100.00", "0.00", "100.00", "100.00")


def test_without_vat_the_less_trusted_total_follows() -> None:
    page = {"total_excl_tax": "1500.00", "total_incl_tax": "1500.00"}
    draft = settled(read(**page), metadata={"vat_type": "SANS_TVA", "total_incl_tax": "1800"})
    assert amounts(draft) == ("1800.00", "0.00", "1800.00", "1800.00")
    assert "amounts_computed" in codes(draft.warnings)
    draft = settled(read(**page), metadata={"vat_type": "SANS_TVA", "total_excl_tax": "1800", "discount": "50"})
    assert amounts(draft)[:3] == ("1800.00", "0.00", "1750.00")


def test_without_vat_two_totals_of_one_page_that_differ_are_for_a_person() -> None:
    page = {"total_excl_tax": "1500.00", "total_incl_tax": "1600.00"}
    assert amounts(settled(read(**page), metadata={"vat_type": "SANS_TVA"}))[:3] == ("1500.00", "0.00", "1600.00")


def test_a_printed_tax_is_not_taken_away_by_a_regime_without_vat() -> None:
    draft = settled(read(**PAGE), metadata={"vat_type": "SANS_TVA", "total_incl_tax": "1800"})
    assert amounts(draft)[:3] == ("1250.00", "250.00", "1800.00")


def test_several_rows_of_a_table_are_never_recomputed() -> None:
    given = {"total_incl_tax": "1800", "total_excl_tax": "1500", "total_tax": "300"}
    assert settled(read(**PAGE, vat=TWO_RATES), metadata=given).vat_rows() == TWO_RATES


def test_a_row_whose_rate_the_new_totals_deny_is_not_recomputed() -> None:
    given = {"total_incl_tax": "1650", "total_excl_tax": "1500", "total_tax": "150"}
    assert settled(read(**PAGE, vat=ONE_RATE), metadata=given).vat_rows() == ONE_RATE


def test_a_row_of_the_same_source_as_the_totals_is_never_recomputed() -> None:
    other = rows(("20.00", "1000.00", "200.00"))
    assert settled(read(**PAGE, vat=other)).vat_rows() == other


# ---------------------------------------------------------------- signs


def test_amounts_of_a_credit_note_are_positive() -> None:
    given = {"type": "avoir", "total_excl_tax": "-1250", "total_tax": "-250", "total_incl_tax": "-1 500,00"}
    draft = settled(metadata={**given, "vat": "20 : -1250 : -250"})
    assert amounts(draft) == ("1250.00", "250.00", "1500.00", "1500.00")
    assert draft.vat_rows() == ONE_RATE


def test_a_rebate_in_the_vat_table_of_a_credit_note_keeps_its_sign() -> None:
    mixed = rows(("20.00", "1350.00", "270.00"), ("20.00", "-100.00", "-20.00"))
    assert settled(read(**PAGE, vat=mixed, type="credit_note")).vat_rows() == mixed


def test_negative_amounts_of_another_type_stay_negative() -> None:
    assert settled(metadata={"type": "facture", "total_incl_tax": "-10"}).shown("total_incl_tax") == "-10.00"


# ---------------------------------------------------------------- amount due


def test_an_amount_due_that_is_not_printed_is_the_total() -> None:
    found = settled(read(**PAGE)).fields["amount_due"]
    assert (found.value, found.source, found.text) == (Decimal("1500.00"), Source.TEXT, "= TTC")


def test_a_printed_rest_to_pay_is_kept() -> None:
    assert settled(read(**PAGE, amount_due="1000.00")).shown("amount_due") == "1000.00"


def test_a_rest_to_pay_is_kept_where_its_page_agrees_on_the_total() -> None:
    draft = settled(read(**PAGE, amount_due="1000.00"), metadata={"total_incl_tax": "1500"})
    assert (draft.shown("amount_due"), draft.reasons) == ("1000.00", ())


def test_the_amount_due_of_the_metadata_is_never_touched() -> None:
    draft = settled(read(**PAGE, vat=ONE_RATE), metadata={"total_incl_tax": "1800", "amount_due": "900"})
    assert draft.shown("amount_due") == "900.00"


@pytest.mark.parametrize("page", [{**PAGE, "vat": ONE_RATE}, {"vat": ONE_RATE}])
def test_a_rest_to_pay_that_no_longer_goes_with_the_total_is_for_a_person(page: dict[str, object]) -> None:
    draft = settled(read(**page, amount_due="1000.00"), metadata={"total_incl_tax": "1800"})  # type: ignore[arg-type]
    (reason,) = draft.reasons
    assert (reason.code, reason.field) == ("due_unclear", "amount_due")


def test_nothing_is_due_of_what_is_already_paid() -> None:
    draft = settled(read(**PAGE, amount_due="1500.00"), metadata={"invoicing_framework": "A2"})
    assert draft.shown("amount_due") == "0.00"


def test_an_amount_due_in_the_metadata_of_a_paid_invoice_is_not_changed_in_silence() -> None:
    draft = settled(read(**PAGE), metadata={"invoicing_framework": "A2", "amount_due": "10"})
    assert draft.shown("amount_due") == "10.00"


def test_without_a_total_nothing_is_due() -> None:
    assert settled(read(total_excl_tax="10.00")).fields.keys() == {"total_excl_tax"}


def test_amounts_are_settled_once_and_for_all() -> None:
    draft = settled(read(**PAGE, amount_due="1500.00", vat=ONE_RATE), metadata={"total_incl_tax": "1 800,00"})
    again = settle_amounts(Draft(fields=draft.fields))
    assert again.fields == draft.fields
    assert again.warnings == ()


def test_a_zero_rate_is_a_rate() -> None:
    draft = settled(
        read(total_excl_tax="100.00", total_tax="0.00", total_incl_tax="100.00", vat=rows(("0.00", "100.00", "0.00"))),
        metadata={"total_incl_tax": "150"},
    )
    assert amounts(draft)[:3] == ("150.00", "0.00", "150.00")
    assert draft.vat_rows() == rows(("0.00", "150.00", "0.00"))


def test_the_certainty_of_a_computed_amount_is_that_of_the_weaker_source() -> None:
    fields = {
        "total_excl_tax": field(Decimal("1250.00"), confidence=0.6),
        "total_incl_tax": field(Decimal("1500.00"), confidence=0.9),
    }
    assert settle_amounts(Draft(fields=fields)).fields["total_tax"].confidence == 0.6
    assert candidate("x").confidence == 1.0


@pytest.mark.parametrize(
    ("due", "settled_as"),
    [
        (facturx("-120.00"), "-120.00"),
        (candidate("-120.00", text="-120,00"), "120.00"),
        (candidate("-20.00", text="-20,00"), "-20.00"),
        (candidate("120.00", text="120,00"), "120.00"),
    ],
)
def test_an_amount_due_against_a_credit_note_keeps_its_sign(due: Candidate, settled_as: str) -> None:
    totals = {"total_excl_tax": "100.00", "total_tax": "20.00", "total_incl_tax": "120.00"}
    assert settled(read(**totals, type="credit_note", amount_due=due)).shown("amount_due") == settled_as


def test_data_that_say_paid_and_due_at_once_are_not_settled() -> None:
    a2 = facturx("A2_FACTURE_FOURNISSEUR_DEJA_PAYEE")
    due = candidate("120.00", Source.FACTURX, text="120.00")
    draft = settled(read(**PAGE, invoicing_framework=a2, amount_due=due))
    assert draft.shown("amount_due") == "120.00"
    assert settled(read(**PAGE, invoicing_framework=a2)).shown("amount_due") == "0.00"
