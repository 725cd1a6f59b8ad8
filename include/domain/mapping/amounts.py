"""Amounts that follow from others: the ones a trusted source implies, never a guess.

Totals that agree are left alone, whoever gave them. Where a more trusted source gives one or two of the three, the rest
is computed if the invoice has one VAT rate (or two of three are known); otherwise they stay as they are, and
completeness names the contradiction (docs/adr/0006-order-of-values.md). Every computed amount says how in its `text`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from include.domain.codes import InvoiceType, InvoicingFramework, VatType
from include.domain.fields import Candidate, Source, VatRow, as_text
from include.domain.fields.registry import AMOUNT_FIELDS, TOTALS
from include.domain.mapping.draft import Draft, FieldValue, rank
from include.domain.reasons import Reason
from include.domain.values import CENT, cents

NO_VAT = frozenset({VatType.SANS_TVA, VatType.EXONERATION})

FRENCH_RATES = tuple(Decimal(rate) for rate in ("20", "10", "5.5", "2.1", "8.5", "13", "1.75", "1.05", "0.9"))
"""VAT rates in force, mainland, Corsica and overseas: only they vouch for an amount that no source printed."""

RATE_TOLERANCE = Decimal("0.05")
"""How far VAT may be from base x rate, because suppliers round it line by line."""

_HUNDRED = Decimal(100)
_PAGE = rank(Source.TEXT)


def settle_amounts(draft: Draft) -> Draft:
    """The draft with signs, totals, VAT row and amount due brought into line where that follows from what is known."""
    for step in (_without_signs, _no_vat, _from_rows, _third_total, _from_one_rate, _one_row, _due):
        draft = step(draft)
    return draft


def totals_agree(draft: Draft) -> bool:
    """Whether HT + VAT - discount is exactly TTC (docs/reference/chorus-pro-api.md 5.3)."""
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
    amount = cents(amount)
    before = draft.fields.get(name)
    if before is None:
        derived = Candidate(value=amount, source=like.source, text=how, confidence=like.confidence)
        return draft.with_field(name, FieldValue(chosen=derived))
    if before.value == amount:
        return draft
    return draft.with_field(name, before.replaced(amount, like.source, how, like.confidence))


def _told(draft: Draft) -> Draft:
    """Adds the remark that totals were computed, with the result."""
    params = {name: draft.shown(name) or "" for name in TOTALS}
    return dataclasses.replace(draft, warnings=(*draft.warnings, Reason(code="amounts_computed", params=params)))


def _without_signs(draft: Draft) -> Draft:
    """Fields hold positive amounts, those of a credit note too; elsewhere a negative one stays, and is a reason.

    So does an amount due that the document gives against the sign of its own total: it is owed the other way round.
    """
    if draft.text("type") != InvoiceType.CREDIT_NOTE:
        return draft
    fields = dict(draft.fields)
    total = draft.amount("total_incl_tax") or Decimal(0)
    for name in AMOUNT_FIELDS & fields.keys():
        found = fields[name]
        against = name == "amount_due" and _is_against(found, total)
        fields[name] = found.reworded(-abs(found.amount) if against else abs(found.amount))
    rows = draft.vat_rows()
    if rows and all(row.base <= 0 and row.amount <= 0 for row in rows):
        bare = tuple(VatRow(row.rate, abs(row.base), abs(row.amount)) for row in rows)
        fields["vat"] = fields["vat"].reworded(bare)
    return dataclasses.replace(draft, fields=fields)


def _is_against(due: FieldValue, total: Decimal) -> bool:
    """Pages print either sign before the same amount; data mean theirs, and another amount does."""
    meant = due.source is Source.FACTURX or (rank(due.source) == _PAGE and abs(due.amount) != abs(total))
    return meant and due.amount * total < 0


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
        draft = _derive(draft, "total_incl_tax", excl.amount - discount, excl, "= HT")
    elif incl is not None and (excl is None or rank(incl.source) < rank(excl.source)):
        draft = _derive(draft, "total_excl_tax", incl.amount + discount, incl, "= TTC")
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
            how = " + ".join(str(row.base if name == "total_excl_tax" else row.amount) for row in rows)
            draft = _derive(draft, name, amount, draft.fields["vat"], how)
    return draft


def _bases(rows: Iterable[VatRow]) -> Decimal:
    return sum((row.base for row in rows), Decimal(0))


def _taxes(rows: Iterable[VatRow]) -> Decimal:
    return sum((row.amount for row in rows), Decimal(0))


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
        total = found.amount + discount
        excl = _money(total / (1 + rate / _HUNDRED))
        parts = {"total_excl_tax": excl, "total_tax": total - excl}
    else:
        excl = found.amount
        tax = _money(excl * rate / _HUNDRED)
        parts = {"total_tax": tax, "total_incl_tax": excl + tax - discount}
    if any(amount < 0 for amount in parts.values()):
        return draft
    for name, amount in parts.items():
        draft = _derive(draft, name, amount, found, f"{found.amount}, {rate.normalize():f} %")
    return _told(draft)


def _one_rate(draft: Draft) -> Decimal | None:
    """The only VAT rate of the invoice, if the VAT table shows one and what else was printed does not deny it."""
    rates = {row.rate for row in draft.vat_rows()}
    if len(rates) != 1:
        return None
    rate = rates.pop()
    excl, tax = (draft.fields.get(name) for name in ("total_excl_tax", "total_tax"))
    if excl is None or tax is None or excl.source is not tax.source:
        return rate
    return rate if _fits(excl.amount, rate, tax.amount) else None


def _one_row(draft: Draft) -> Draft:
    """The only row of a less trusted VAT table follows totals that contradict it, at the same rate."""
    rows, total = draft.vat_rows(), draft.fields.get("total_excl_tax")
    if len({row.rate for row in rows}) != 1 or total is None or not totals_agree(draft):
        return draft
    excl, tax = draft.amount("total_excl_tax") or Decimal(0), draft.amount("total_tax") or Decimal(0)
    agrees = _bases(rows) == excl and _taxes(rows) == tax
    trusted = min(rank(draft.fields[name].source) for name in TOTALS) < rank(draft.fields["vat"].source)
    if agrees or not trusted or not _fits(excl, rows[0].rate, tax):
        return draft
    row = VatRow(rows[0].rate, cents(excl), cents(tax))
    how = f"{row.base}, {row.rate.normalize():f} %"
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
        said_otherwise = due is not None and due.text is not None and rank(due.source) <= rank(paid.source)
        return draft if by_hand or said_otherwise else _derive(draft, "amount_due", Decimal(0), paid, "A2")
    amount = total.amount
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
    params = {"due": as_text(due.value), "total": as_text(total.value)}
    return dataclasses.replace(
        draft, reasons=(*draft.reasons, Reason(code="due_unclear", field="amount_due", params=params))
    )
