"""No invoice whose totals do not add up is ever ready to be sent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from include.domain.mapping import Draft, complete_draft
from tests.properties.test_mapping import drafts
from tests.unit.completeness.cases import case, draft, found, provider, reasons
from tests.unit.mapping.drafts import draft_of, field, read, rows


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
    assert found(right.with_field(name, field(Decimal(wrong)))).reasons
