"""Amounts that follow from others: the ones a trusted source implies, never a guess.

Totals that agree are left alone, whoever gave them. Where a more trusted source gives one or two of the three, the rest
is computed if the invoice has one VAT rate (or two of three are known); otherwise they stay as they are, and
completeness names the contradiction (design decision 6). Every computed amount says how in its `text`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from include.domain.codes import AMOUNT_FIELDS, InvoiceType, InvoicingFramework, VatType
from include.domain.fields import Source, VatRow
from include.domain.mapping.draft import Draft, FieldValue, rank
from include.domain.reasons import Reason
from include.domain.values import CENT, canonical_amount

TOTALS = ("total_excl_tax", "total_tax", "total_incl_tax")
NO_VAT = frozenset({VatType.SANS_TVA, VatType.EXONERATION})

FRENCH_RATES = tuple(Decimal(rate) for rate in ("20", "10", "5.5", "2.1", "8.5", "13", "1.75", "1.05", "0.9"))
"""VAT rates in force, mainland, Corsica and overseas: only they vouch for an amount that no source printed."""

RATE_TOLERANCE = Decimal("0.05")
"""How far VAT may lie from base x rate, because suppliers round it line by line."""

_HUNDRED = Decimal(100)
_PAGE = rank(Source.TEXT)


def settle_amounts(draft: Draft) -> Draft:
    """The draft with signs, totals, VAT row and amount due brought into line where that follows from what is known."""
    for step in (_without_signs, _no_vat, _from_rows, _third_total, _from_one_rate, _one_row, _due):
        draft = step(draft)
    return draft


def totals_agree(draft: Draft) -> bool:
    """Whether HT + VAT - discount is exactly TTC (API page 5.3)."""
    total = draft.amount("total_incl_tax")
    return total is not None and total == _sum(draft)


def _sum(draft: Draft) -> Decimal | None:
    excl, tax = draft.amount("total_excl_tax"), draft.amount("total_tax")
    return None if excl is None or tax is None else excl + tax - _discount(draft)


def _discount(draft: Draft) -> Decimal:
    return draft.amount("discount") or Decimal(0)


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def _derive(draft: Draft, name: str, amount: Decimal, like: FieldValue, how: str) -> Draft:
    """Sets an amount that follows from `like`, from which it takes its trust; what stood there moves to the others."""
    text = canonical_amount(amount)
    before = draft.fields.get(name)
    if before is None:
        return draft.with_field(name, FieldValue(value=text, source=like.source, text=how, confidence=like.confidence))
    if before.value == text:
        return draft
    return draft.with_field(name, before.replaced(text, like.source, how, like.confidence))


def _told(draft: Draft) -> Draft:
    """Adds the remark that totals were computed, with the result."""
    params = {name: draft.text(name) or "" for name in TOTALS}
    return dataclasses.replace(draft, warnings=(*draft.warnings, Reason(code="amounts_computed", params=params)))


def _without_signs(draft: Draft) -> Draft:
    """Fields hold positive amounts, those of a credit note too; elsewhere a negative one stays, and is a reason."""
    if draft.text("type") != InvoiceType.CREDIT_NOTE:
        return draft
    fields = dict(draft.fields)
    for name in AMOUNT_FIELDS & fields.keys():
        amount = Decimal(str(fields[name].value))
        fields[name] = dataclasses.replace(fields[name], value=canonical_amount(abs(amount)))
    if rows := draft.vat_rows():
        bare = tuple(VatRow(row.rate, _unsigned(row.base), _unsigned(row.amount)) for row in rows)
        if all(Decimal(row.base) <= 0 and Decimal(row.amount) <= 0 for row in rows):
            fields["vat"] = dataclasses.replace(fields["vat"], value=bare)
    return dataclasses.replace(draft, fields=fields)


def _unsigned(amount: str) -> str:
    return canonical_amount(abs(Decimal(amount)))


def _no_vat(draft: Draft) -> Draft:
    """Without VAT the tax is nothing, and the two totals differ by the discount only: the less trusted one follows."""
    if draft.text("vat_type") not in NO_VAT:
        return draft
    if "total_tax" not in draft.fields:
        draft = _derive(draft, "total_tax", Decimal(0), draft.fields["vat_type"], str(draft.text("vat_type")))
    if draft.amount("total_tax") or totals_agree(draft):
        return draft
    excl, incl = (draft.fields.get(name) for name in ("total_excl_tax", "total_incl_tax"))
    discount = _discount(draft)
    if excl is not None and (incl is None or rank(excl.source) < rank(incl.source)):
        draft = _derive(draft, "total_incl_tax", Decimal(str(excl.value)) - discount, excl, "= HT")
    elif incl is not None and (excl is None or rank(incl.source) < rank(excl.source)):
        draft = _derive(draft, "total_excl_tax", Decimal(str(incl.value)) + discount, incl, "= TTC")
    return draft if excl is None or incl is None or not totals_agree(draft) else _told(draft)


def _from_rows(draft: Draft) -> Draft:
    """Totals that nobody printed, from the VAT table, where it adds up to the total including tax."""
    total, rows = draft.amount("total_incl_tax"), draft.vat_rows()
    if total is None or not rows or all(name in draft.fields for name in TOTALS):
        return draft
    sums = {"total_excl_tax": _bases(rows), "total_tax": _taxes(rows)}
    known = all(draft.amount(name) in (None, amount) for name, amount in sums.items())
    if not known or sum(sums.values()) - _discount(draft) != total:
        return draft
    for name, amount in sums.items():
        if name not in draft.fields:
            how = " + ".join(row.base if name == "total_excl_tax" else row.amount for row in rows)
            draft = _derive(draft, name, amount, draft.fields["vat"], how)
    return draft


def _bases(rows: Iterable[VatRow]) -> Decimal:
    return sum((Decimal(row.base) for row in rows), Decimal(0))


def _taxes(rows: Iterable[VatRow]) -> Decimal:
    return sum((Decimal(row.amount) for row in rows), Decimal(0))


def _third_total(draft: Draft) -> Draft:
    """The third total where two are known: the missing one, or the one that two more trusted ones contradict.

    Two amounts from a page, or from two sources, may not belong together: then the VAT they imply has to be one of a
    French rate. Two from one trusted source are believed as long as their VAT is possible at all.
    """
    if totals_agree(draft):
        return draft
    firm = [name for name in TOTALS if name in draft.fields]
    if len(firm) == len(TOTALS):
        lowest = max(rank(draft.fields[name].source) for name in TOTALS)
        firm = [name for name in TOTALS if rank(draft.fields[name].source) < lowest]
    if len(firm) != 2:
        return draft
    missing = next(name for name in TOTALS if name not in firm)
    one, other = (draft.fields[name] for name in firm)
    weakest = max(one, other, key=lambda found: (rank(found.source), -found.confidence))
    amount, how = _third(draft, missing)
    settled = _derive(draft, missing, amount, weakest, how)
    together = rank(one.source) == rank(other.source) < _PAGE
    if amount < 0 or not (_has_french_rate(settled) or (together and _has_possible_vat(settled))):
        return draft
    return _told(settled)


def _third(draft: Draft, missing: str) -> tuple[Decimal, str]:
    excl, tax, incl = (draft.amount(name) or Decimal(0) for name in TOTALS)
    discount = _discount(draft)
    cut = f" - {discount}" if discount else ""
    back = f" + {discount}" if discount else ""
    if missing == "total_incl_tax":
        return excl + tax - discount, f"{excl} + {tax}{cut}"
    known = excl if missing == "total_tax" else tax
    return incl + discount - known, f"{incl} - {known}{back}"


def _has_french_rate(draft: Draft) -> bool:
    excl, tax = draft.amount("total_excl_tax"), draft.amount("total_tax")
    return excl is not None and tax is not None and any(_fits(excl, rate, tax) for rate in FRENCH_RATES)


def _has_possible_vat(draft: Draft) -> bool:
    """Several rates make any share up to the highest."""
    excl, tax = draft.amount("total_excl_tax"), draft.amount("total_tax")
    return excl is not None and tax is not None and 0 <= tax <= excl * max(FRENCH_RATES) / _HUNDRED + RATE_TOLERANCE


def _fits(base: Decimal, rate: Decimal, tax: Decimal) -> bool:
    return (tax > 0 or rate == 0) and abs(_money(base * rate / _HUNDRED) - tax) <= RATE_TOLERANCE


def _from_one_rate(draft: Draft) -> Draft:
    """One total of a more trusted source decides the other two, where the invoice has one VAT rate.

    So the page's 1,500 gives way to the metadata's 1,800 with its VAT and its total excluding tax.
    """
    if totals_agree(draft):
        return draft
    given = [name for name in TOTALS if name in draft.fields]
    anchor = min(given, key=lambda name: rank(draft.fields[name].source), default="")
    alone = [name for name in given if rank(draft.fields[name].source) <= rank(draft.fields[anchor].source)] == [anchor]
    rate = _one_rate(draft)
    if not anchor or anchor == "total_tax" or not alone or rate is None:
        return draft
    found, discount = draft.fields[anchor], _discount(draft)
    if "vat" in draft.fields and rank(found.source) >= rank(draft.fields["vat"].source):
        return draft
    if anchor == "total_incl_tax":
        total = Decimal(str(found.value)) + discount
        excl = _money(total / (1 + rate / _HUNDRED))
        parts = {"total_excl_tax": excl, "total_tax": total - excl}
    else:
        excl = Decimal(str(found.value))
        tax = _money(excl * rate / _HUNDRED)
        parts = {"total_tax": tax, "total_incl_tax": excl + tax - discount}
    if any(amount < 0 for amount in parts.values()):
        return draft
    for name, amount in parts.items():
        draft = _derive(draft, name, amount, found, f"{found.value}, {rate.normalize():f} %")
    return _told(draft)


def _one_rate(draft: Draft) -> Decimal | None:
    """The only VAT rate of the invoice, if the VAT table shows one and what else was printed does not deny it."""
    rates = {Decimal(row.rate) for row in draft.vat_rows()}
    if len(rates) != 1:
        return None
    rate = rates.pop()
    excl, tax = (draft.fields.get(name) for name in ("total_excl_tax", "total_tax"))
    if excl is None or tax is None or excl.source is not tax.source:
        return rate
    return rate if _fits(Decimal(str(excl.value)), rate, Decimal(str(tax.value))) else None


def _one_row(draft: Draft) -> Draft:
    """The only row of a less trusted VAT table follows totals that contradict it, at the same rate."""
    rows, total = draft.vat_rows(), draft.fields.get("total_excl_tax")
    if len({row.rate for row in rows}) != 1 or total is None or not totals_agree(draft):
        return draft
    excl, tax = draft.amount("total_excl_tax") or Decimal(0), draft.amount("total_tax") or Decimal(0)
    agrees = _bases(rows) == excl and _taxes(rows) == tax
    trusted = min(rank(draft.fields[name].source) for name in TOTALS) < rank(draft.fields["vat"].source)
    if agrees or not trusted or not _fits(excl, Decimal(rows[0].rate), tax):
        return draft
    row = VatRow(rows[0].rate, canonical_amount(excl), canonical_amount(tax))
    how = f"{row.base}, {Decimal(row.rate).normalize():f} %"
    return draft.with_field("vat", draft.fields["vat"].replaced((row,), total.source, how))


def _due(draft: Draft) -> Draft:
    """The amount due: nothing where it is already paid, the total where it is not printed or was the former total."""
    total = draft.fields.get("total_incl_tax")
    if total is None:
        return draft
    due = draft.fields.get("amount_due")
    by_hand = due is not None and rank(due.source) <= rank(Source.METADATA)
    if draft.text("invoicing_framework") == InvoicingFramework.A2_FACTURE_FOURNISSEUR_DEJA_PAYEE:
        paid = draft.fields["invoicing_framework"]
        return draft if by_hand else _derive(draft, "amount_due", Decimal(0), paid, "A2")
    amount = Decimal(str(total.value))
    if due is None:
        return _derive(draft, "amount_due", amount, total, "= TTC")
    if by_hand or due.value == total.value or rank(due.source) <= rank(total.source):
        return draft
    return _due_of_page(draft, due, total, amount)


def _due_of_page(draft: Draft, due: FieldValue, total: FieldValue, amount: Decimal) -> Draft:
    """A less trusted amount due beside a more trusted total: kept where its own source agrees on the total."""
    beside = {other.value for other in total.others if rank(other.source) == rank(due.source)}
    if total.value in beside:
        return draft
    if due.value in beside:
        return _derive(draft, "amount_due", amount, total, "= TTC")
    params = {"due": str(due.value), "total": str(total.value)}
    return dataclasses.replace(
        draft, reasons=(*draft.reasons, Reason(code="due_unclear", field="amount_due", params=params))
    )
