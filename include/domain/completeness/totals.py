"""Amounts: present, positive, and agreeing to the cent (docs/reference/chorus-pro-api.md 5.3).

The platform's tolerance is unknown, so there is none here: totals are compared in Decimal, and what is not exact is a
reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from include.domain.codes import InvoicingFramework
from include.domain.fields.registry import AMOUNT_FIELDS, TOTALS
from include.domain.mapping import NO_VAT, Draft, evidence_params, totals_agree
from include.domain.reasons import Reason

_ZERO = Decimal(0)
_PAID = InvoicingFramework.A2_FACTURE_FOURNISSEUR_DEJA_PAYEE


def amount_reasons(draft: Draft) -> Iterator[Reason]:
    """Everything that is wrong with the amounts that are there; missing ones are named elsewhere."""
    negative = [name for name in sorted(AMOUNT_FIELDS & draft.fields.keys()) if (draft.amount(name) or _ZERO) < 0]
    for name in negative:
        yield Reason(code=f"negative_{name}", field=name, params={"value": draft.shown(name) or ""})
    if not negative:
        yield from _totals(draft)
        yield from _due(draft)


def _totals(draft: Draft) -> Iterator[Reason]:
    if not all(name in draft.fields for name in TOTALS):
        return
    if not totals_agree(draft):
        yield _disagreement(draft)
    elif draft.vat_rows():
        yield from _vat_rows(draft)
    if draft.amount("total_incl_tax") == 0:
        yield Reason(code="total_zero", field="total_incl_tax")
    if draft.text("vat_type") in NO_VAT and draft.amount("total_tax"):
        params = {"vat_type": draft.text("vat_type") or "", "tax": draft.shown("total_tax") or ""}
        yield Reason(code="vat_not_zero", field="total_tax", params=params)


def _disagreement(draft: Draft) -> Reason:
    """One reason that shows every total with its source, and what the parts would give."""
    params: dict[str, str] = {}
    for name in TOTALS:
        params |= evidence_params(name, draft.fields[name].chosen)
    discount = draft.amount("discount") or _ZERO
    parts = (draft.amount("total_excl_tax") or _ZERO) + (draft.amount("total_tax") or _ZERO) - discount
    params |= {"sum": str(parts), "discount": str(discount)}
    code = "totals_disagree_discount" if discount else "totals_disagree"
    return Reason(code=code, field="total_incl_tax", params=params)


def _vat_rows(draft: Draft) -> Iterator[Reason]:
    rows = draft.vat_rows()
    base = sum((row.base for row in rows), _ZERO)
    tax = sum((row.amount for row in rows), _ZERO)
    if base != draft.amount("total_excl_tax") or tax != draft.amount("total_tax"):
        params = {"base": str(base), "tax": str(tax)}
        params |= {name: draft.shown(name) or "" for name in ("total_excl_tax", "total_tax")}
        yield Reason(code="vat_rows_disagree", field="vat", params=params)


def _due(draft: Draft) -> Iterator[Reason]:
    due, total = draft.amount("amount_due"), draft.amount("total_incl_tax")
    if due is None or total is None:
        return
    if due > total:
        params = {"due": str(due), "total": str(total)}
        yield Reason(code="due_above_total", field="amount_due", params=params)
    elif due and draft.text("invoicing_framework") == _PAID:
        yield Reason(code="due_not_zero", field="amount_due", params={"due": str(due)})


def amount_warnings(draft: Draft) -> Iterator[Reason]:
    """What is possible but rare, so that somebody has to decide on it (`decisions.py`)."""
    vat_type, tax, due = draft.text("vat_type"), draft.amount("total_tax"), draft.amount("amount_due")
    if vat_type is not None and vat_type not in NO_VAT and tax == 0 and draft.amount("total_incl_tax"):
        yield Reason(code="vat_zero", field="vat_type", params={"vat_type": vat_type})
    if due == 0 and draft.amount("total_incl_tax") and draft.text("invoicing_framework") != _PAID:
        yield Reason(code="due_zero", field="amount_due")
