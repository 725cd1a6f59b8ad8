"""The verdict: everything that must hold before an invoice may go out, as a list of reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from include.domain.codes import InvoiceType, InvoicingFramework, VatType
from include.domain.completeness.attachments import file_reasons
from include.domain.completeness.case import Case, Findings
from include.domain.completeness.recipient import recipient_reasons
from include.domain.completeness.totals import amount_reasons, amount_warnings
from include.domain.configuration import Attachments
from include.domain.fields import Reading, Source
from include.domain.mapping import Draft
from include.domain.reasons import WORDINGS, Reason
from include.domain.values import compact

REQUIRED = (
    "invoice_number",
    "issue_date",
    "type",
    "currency",
    "recipient_siret",
    "total_excl_tax",
    "total_tax",
    "total_incl_tax",
)
"""Fields that no default can fill; the supplier is the provider's business."""

MAX_LENGTHS = {
    "invoice_number": 20,
    "original_invoice_number": 20,
    "engagement_number": 50,
    "contract_number": 50,
    "service_code": 100,
    "comment": 2000,
}
"""Characters that the platform takes (API pages 3.2 and 5.1)."""

_NUMBER_SIGNS = re.compile(r"[A-Za-z0-9 \-_/+]*")
"""Rule G1.05 of the platform."""

_NEED_A_VALIDATOR = frozenset({InvoicingFramework.A9_FACTURE_SOUSTRAITANT, InvoicingFramework.A12_FACTURE_COTRAITANT})

DECIDING = {
    "second_total": ("total_incl_tax",),
    "hidden_text": ("invoice_number", "recipient_siret", "total_incl_tax"),
}
"""What makes a page doubtful as a whole, and the values that a person or the metadata must give before it goes."""

_READ = frozenset({Source.TEXT, Source.OCR})
"""Sources whose values may have been misread; the platform's own reading has a setting of its own."""

_DECIDED = frozenset({Source.PERSON, Source.METADATA})

UNSENDABLE = frozenset({"encrypted", "not_pdf", "broken", "empty_file", "no_pages"})
"""Why a PDF could not be read, where the platform cannot take the file either, whatever a person types."""


def judge(case: Case, settings: Attachments) -> Findings:
    """All reasons at once, so that a person mends an invoice in one go; none means that it may be sent."""
    reasons = [*case.draft.reasons, *_missing(case)]
    warnings = [*amount_warnings(case.draft)]
    for check in (_document, _identity, _frozen, _trust):
        reasons += check(case)
    reasons += amount_reasons(case.draft)
    reasons += recipient_reasons(case)
    reasons += file_reasons(case, settings)
    for warning in (*case.draft.warnings, *_reading_warnings(case)):
        if _undecided(case.draft, warning):
            reasons.append(warning)
        else:
            held = _holds(case, warning)
            (reasons if held else warnings).append(_held(warning) if held else warning)
    if case.entry_is_old and case.entry is not None:
        day = case.entry.fetched_at.date().isoformat()
        warnings.append(Reason(code="directory_old", field="recipient_siret", params={"day": day}))
    return Findings(reasons=_distinct(reasons), warnings=_distinct(warnings))


def _distinct(reasons: list[Reason]) -> tuple[Reason, ...]:
    kept: list[Reason] = []
    for reason in reasons:
        if reason not in kept:
            kept.append(reason)
    return tuple(kept)


def _missing(case: Case) -> Iterator[Reason]:
    """Nothing at all where something must be, and no other reason that says why."""
    explained = {reason.field for reason in case.draft.reasons}
    for name in REQUIRED:
        if not case.draft.text(name) and name not in explained:
            yield Reason(code=f"missing_{name}", field=name)
    if isinstance(case.provider, Reason) and (
        "supplier_siret" in case.draft.fields or "supplier_siret" not in explained
    ):
        yield case.provider


def _document(case: Case) -> Iterator[Reason]:
    if isinstance(case.reading, Reason):
        if case.reading.code in UNSENDABLE:
            yield case.reading
    elif "two_invoices" in case.reading.warnings:
        yield Reason(code="two_invoices")


def _reading_warnings(case: Case) -> Iterator[Reason]:
    if isinstance(case.reading, Reading):
        yield from case.reading.checks
        yield from (Reason(code=code) for code in case.reading.warnings if code in WORDINGS and code != "two_invoices")
    elif case.reading.code not in UNSENDABLE:
        yield case.reading


def _identity(case: Case) -> Iterator[Reason]:
    """Number, date, currency, framework and VAT regime."""
    draft = case.draft
    for name, limit in MAX_LENGTHS.items():
        text = draft.text(name) or ""
        if len(text) > limit:
            params = {"length": str(len(text)), "limit": str(limit)}
            yield Reason(code=f"too_long_{name}", field=name, params=params)
    for name in ("invoice_number", "original_invoice_number"):
        signs = _NUMBER_SIGNS.sub("", draft.text(name) or "")
        if signs:
            params = {"value": draft.text(name) or "", "signs": " ".join(dict.fromkeys(signs))}
            yield Reason(code=f"signs_{name}", field=name, params=params)
    date = draft.text("issue_date")
    if date and date > case.today.isoformat():
        yield Reason(code="issue_date_future", field="issue_date", params={"date": date})
    currency = draft.text("currency")
    if currency and currency != "EUR":
        yield Reason(code="currency_not_eur", field="currency", params={"currency": currency})
    yield from _codes(draft)


def _codes(draft: Draft) -> Iterator[Reason]:
    kind = draft.text("type")
    if kind and kind not in set(InvoiceType):
        yield Reason(code="not_code", field="type", params=_wrong_code("type", kind))
    framework = draft.text("invoicing_framework")
    if framework in _NEED_A_VALIDATOR:
        params = {"framework": str(framework)}
        yield Reason(code="framework_needs_validator", field="invoicing_framework", params=params)
    if draft.text("vat_type") == VatType.EXONERATION and not draft.text("vat_exemption_reason"):
        yield Reason(code="vat_exemption_missing", field="vat_exemption_reason")


def _wrong_code(name: str, value: str) -> dict[str, str]:
    return {"place": name, "value": value, "allowed": ", ".join(InvoiceType)}


def _frozen(case: Case) -> Iterator[Reason]:
    """Number and supplier of an attempt whose outcome is open change only by a person, who searched first."""
    for name, frozen in (("invoice_number", case.frozen_number), ("supplier_siret", case.frozen_supplier)):
        found = case.draft.fields.get(name)
        if frozen is None or found is None or found.source is Source.PERSON:
            continue
        if compact(str(found.value)) != compact(frozen):
            params = {"frozen": frozen, "value": str(found.value)}
            yield Reason(code=f"frozen_{name}", field=name, params=params)


def _trust(case: Case) -> Iterator[Reason]:
    """Values that were read with too little confidence, or by the platform alone, for sending without a person."""
    provider = case.known_provider
    if provider is None:
        return
    for name, found in case.draft.fields.items():
        asked = provider.asked_confidence(name)
        if found.source in _READ and found.confidence < asked:
            params = {"value": _shown(case.draft, name), "found": _percent(found.confidence), "asked": _percent(asked)}
            yield Reason(code=f"doubtful_{name}", field=name, params=params)
        if found.source is Source.REMOTE and provider.automatic_submission and not provider.trust_remote_reading:
            yield Reason(code=f"untrusted_{name}", field=name, params={"value": _shown(case.draft, name)})


def _shown(draft: Draft, name: str) -> str:
    if rows := draft.vat_rows() if name == "vat" else ():
        return "; ".join(f"{row.rate} % : {row.base} : {row.amount}" for row in rows)
    return draft.text(name) or ""


def _percent(share: float) -> str:
    return f"{share * 100:.0f}"


def _undecided(draft: Draft, warning: Reason) -> bool:
    """Whether a page that cannot be believed has not been decided upon: by a person, or by the portal's metadata."""
    names = DECIDING.get(warning.code, ())
    return any(name in draft.fields and draft.fields[name].source not in _DECIDED for name in names)


def _holds(case: Case, warning: Reason) -> bool:
    provider = case.known_provider
    return provider is not None and provider.hold_on_conflict and warning.code.startswith("conflict_")


def _held(warning: Reason) -> Reason:
    code = warning.code.replace("conflict_", "held_", 1)
    return Reason(code=code, field=warning.field, params=warning.params)
