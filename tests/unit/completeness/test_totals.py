"""Amounts agree to the cent, or there is a reason."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain.fields import Value
from include.domain.mapping import Draft, complete_draft
from tests.unit.completeness.cases import case, draft, found, provider, reasons
from tests.unit.mapping.drafts import draft_of, field, read, rows
from tests.unit.mapping.test_properties import drafts

CENTS = "total_incl_tax"


@pytest.mark.parametrize("total", ["1200.01", "1199.99", "1500.00"])
def test_a_single_cent_is_a_reason(total: str) -> None:
    assert reasons(draft(total_incl_tax=total, amount_due="1.00")) == [("totals_disagree", CENTS)]


def test_the_reason_shows_every_total_with_its_source_and_what_the_parts_give() -> None:
    page = {"total_excl_tax": "1250.00", "total_tax": "250.00", "total_incl_tax": "1500.00"}
    mapped = complete_draft(
        draft_of(read(**page), metadata={"montant": "1 800,00"}, association={CENTS: "montant"}), None
    )
    (reason,) = [r for r in found(case(mapped)).reasons if r.code == "totals_disagree"]
    for part in ("1250.00 (page 1)", "250.00 (page 1)", "= 1500.00", "1800.00 (montant: 1 800,00)"):
        assert part in reason.message("fr")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"discount": "50.00", "total_incl_tax": "1150.00", "amount_due": "1150.00"}, []),
        ({"discount": "50.00"}, [("totals_disagree_discount", CENTS)]),
        ({"amount_due": "1200.01"}, [("due_above_total", "amount_due")]),
        ({"amount_due": "0.01"}, []),
        ({"vat": rows(("20.00", "1000.00", "200.01"))}, [("vat_rows_disagree", "vat")]),
        ({"vat": rows(("20.00", "999.99", "200.00"))}, [("vat_rows_disagree", "vat")]),
        ({"vat": rows(("20.00", "500.00", "100.00"), ("20.00", "500.00", "100.00"))}, []),
        ({"total_excl_tax": "-1000.00"}, [("negative_total_excl_tax", "total_excl_tax")]),
        ({"discount": "-1.00"}, [("negative_discount", "discount")]),
        ({"vat_type": "SANS_TVA"}, [("vat_not_zero", "total_tax")]),
        ({"vat_type": "EXONERATION", "vat_exemption_reason": "X"}, [("vat_not_zero", "total_tax")]),
        ({"invoicing_framework": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"}, [("due_not_zero", "amount_due")]),
        ({"invoicing_framework": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE", "amount_due": "0.00"}, []),
    ],
)
def test_rules_of_amounts(values: dict[str, Value], expected: list[tuple[str, str]]) -> None:
    assert reasons(draft(**values)) == expected


NOTHING = {"total_excl_tax": "0.00", "total_tax": "0.00", "total_incl_tax": "0.00", "amount_due": "0.00"}


def test_an_invoice_over_nothing_is_a_reason() -> None:
    assert reasons(draft(drop=("vat",), **NOTHING)) == [("total_zero", CENTS)]


FREE = {"total_tax": "0.00", "total_excl_tax": "1200.00"}


def test_exemption_needs_its_reason() -> None:
    exempt = draft(drop=("vat",), **FREE, vat_type="EXONERATION")
    assert reasons(exempt) == [("vat_exemption_missing", "vat_exemption_reason")]
    assert reasons(exempt.with_field("vat_exemption_reason", field("ART261"))) == []


def test_no_vat_under_a_regime_with_vat_is_worth_a_look() -> None:
    result = found(draft(drop=("vat",), **FREE))
    assert result.reasons == ()
    assert [warning.code for warning in result.warnings] == ["vat_zero"]
    assert found(draft(drop=("vat",), **FREE, vat_type="SANS_TVA")).warnings == ()


def test_nothing_due_outside_the_framework_of_paid_invoices_is_worth_a_look() -> None:
    assert [warning.code for warning in found(draft(amount_due="0.00")).warnings] == ["due_zero"]


def _finished(mapped: Draft) -> Draft:
    """Everything else is complete; the amounts are those of `mapped`."""
    whole = draft(drop=("total_excl_tax", "total_tax", "total_incl_tax", "amount_due", "vat", "vat_type"))
    filled = Draft(fields={**whole.fields, **mapped.fields}, reasons=mapped.reasons, warnings=mapped.warnings)
    return complete_draft(filled, provider())


@given(drafts())
def test_what_is_ready_always_adds_up(mapped: Draft) -> None:
    """With no reason left, the parts give the total, the rows give the parts, and no more than that is due."""
    finished = _finished(mapped)
    if found(case(finished)).reasons:
        return
    excl, tax, total, due = (
        finished.amount(name) for name in ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due")
    )
    assert excl is not None
    assert tax is not None
    assert total == excl + tax
    assert total > 0
    assert due is not None
    assert 0 <= due <= total
    if sent := finished.vat_rows():
        assert sum(Decimal(row.base) for row in sent) == excl
        assert sum(Decimal(row.amount) for row in sent) == tax


def test_such_invoices_do_become_ready() -> None:
    """The property above is not empty: about one mixture in ten is ready."""
    page = {"total_excl_tax": "1250.00", "total_tax": "250.00", "total_incl_tax": "1500.00"}
    mixed = draft_of(read(**page, vat=rows(("20.00", "1250.00", "250.00"))), metadata={"total_incl_tax": "1800"})
    assert reasons(_finished(mixed)) == []


@given(
    st.sampled_from(["total_excl_tax", "total_tax", "total_incl_tax"]), st.integers(min_value=1, max_value=10_000_000)
)
def test_no_wrong_total_is_ever_ready(name: str, cents: int) -> None:
    right = draft()
    wrong = (right.amount(name) or 0) + cents
    assert found(right.with_field(name, field(f"{wrong:.2f}"))).reasons
