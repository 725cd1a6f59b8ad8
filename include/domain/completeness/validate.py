"""Checks whether an invoice may go out: every rule at once, as a list of reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from include.domain.codes import InvoiceType, InvoicingFramework, VatType
from include.domain.completeness.attachments import file_reasons
from include.domain.completeness.decisions import undecided
from include.domain.completeness.recipient import recipient_reasons
from include.domain.completeness.totals import amount_reasons, amount_warnings
from include.domain.completeness.validation_input import ValidationInput, ValidationResult
from include.domain.configuration import Attachments
from include.domain.directory import DirectoryEntry
from include.domain.extraction.lexicon.lookalikes import held_against
from include.domain.fields import Claim, Source, as_text
from include.domain.fields.registry import FIELDS, Field
from include.domain.fields.worths import WORTHS
from include.domain.mapping import Draft, FieldValue
from include.domain.reading import Reading
from include.domain.reasons import Reason, has_words
from include.domain.values import compact, siret_checks

REQUIRED = tuple(field.name for field in FIELDS if field.demanded)
"""Fields that no default can fill; the supplier is the provider's business."""

_NUMBER_SIGNS = re.compile(r"[A-Za-z0-9 \-_/+]*")
"""Rule G1.05 of the platform."""

_NEED_A_VALIDATOR = frozenset({InvoicingFramework.A9_FACTURE_SOUSTRAITANT, InvoicingFramework.A12_FACTURE_COTRAITANT})

_READ = frozenset({Source.TEXT, Source.OCR})
"""Sources whose values may have been misread; the platform's own reading has a setting of its own."""

_OF_DOCUMENT = _READ | {Source.FACTURX}
_LONGEST_WORDS = 160

UNSENDABLE = frozenset({"encrypted", "not_pdf", "broken", "empty_file", "no_pages"})
"""Reasons why a PDF could not be read with which the platform cannot take it either, whatever a person types."""


def validate(case: ValidationInput, settings: Attachments) -> ValidationResult:
    """All reasons at once, so that a person mends an invoice in one go; none means that it may be sent."""
    reasons = [*case.draft.reasons, *_missing(case)]
    warnings: list[Reason] = []
    for check in (_document, _identity, _frozen, _trust):
        reasons += check(case)
    reasons += amount_reasons(case.draft)
    reasons += recipient_reasons(case)
    reasons += file_reasons(case, settings)
    for warning in (*amount_warnings(case.draft), *case.draft.warnings, *_reading_warnings(case)):
        if undecided(case.draft, warning):
            reasons.append(warning)
        else:
            held = _holds(case, warning)
            (reasons if held else warnings).append(_held(warning) if held else warning)
    if case.entry_is_old and case.entry is not None:
        day = case.entry.fetched_at.date().isoformat()
        warnings.append(Reason(code="directory_old", field="recipient_siret", params={"day": day}))
    return ValidationResult(reasons=_distinct(reasons), warnings=_distinct(warnings))


def _distinct(reasons: list[Reason]) -> tuple[Reason, ...]:
    kept: list[Reason] = []
    for reason in reasons:
        if reason not in kept:
            kept.append(reason)
    return tuple(kept)


def _missing(case: ValidationInput) -> Iterator[Reason]:
    """Required fields without a value, where no other reason says why."""
    explained = {reason.field for reason in case.draft.reasons}
    for name in REQUIRED:
        if not case.draft.shown(name) and name not in explained:
            yield Reason(code=f"missing_{name}", field=name)
    if isinstance(case.provider, Reason) and (
        "supplier_siret" in case.draft.fields or "supplier_siret" not in explained
    ):
        yield case.provider


def _document(case: ValidationInput) -> Iterator[Reason]:
    if isinstance(case.reading, Reason):
        if case.reading.code in UNSENDABLE:
            yield case.reading
    elif "two_invoices" in case.reading.warnings:
        yield Reason(code="two_invoices")


def _reading_warnings(case: ValidationInput) -> Iterator[Reason]:
    if isinstance(case.reading, Reading):
        yield from case.reading.checks
        yield from (Reason(code=code) for code in case.reading.warnings if has_words(code) and code != "two_invoices")
    elif case.reading.code not in UNSENDABLE:
        yield case.reading


def _identity(case: ValidationInput) -> Iterator[Reason]:
    """Number, date, currency, framework and VAT regime."""
    draft = case.draft
    for field in FIELDS:
        if field.longest is not None or field.number_signs:
            yield from _limits(field, draft.text(field.name) or "")
    date = draft.date("issue_date")
    if date is not None and date > case.today:
        yield Reason(code="issue_date_future", field="issue_date", params={"date": date.isoformat()})
    currency = draft.text("currency")
    if currency and currency != "EUR":
        yield Reason(code="currency_not_eur", field="currency", params={"currency": currency})
    yield from _codes(draft)


def _limits(field: Field, text: str) -> Iterator[Reason]:
    """Length and signs that the platform takes."""
    if field.longest is not None and len(text) > field.longest:
        params = {"length": str(len(text)), "limit": str(field.longest)}
        yield Reason(code=f"too_long_{field.name}", field=field.name, params=params)
    signs = _NUMBER_SIGNS.sub("", text) if field.number_signs else ""
    if signs:
        params = {"value": text, "signs": " ".join(dict.fromkeys(signs))}
        yield Reason(code=f"signs_{field.name}", field=field.name, params=params)


def _codes(draft: Draft) -> Iterator[Reason]:
    kind = draft.text("type")
    if kind and kind not in set(InvoiceType):
        yield Reason(code="not_code", field="type", params=_wrong_code("type", kind))
    framework = draft.text("invoicing_framework")
    if framework in _NEED_A_VALIDATOR:
        params = {"framework": str(framework)}
        yield Reason(code="framework_needs_validator", field="invoicing_framework", params=params)
    if draft.text("vat_type") == VatType.EXONERATION and not draft.text("vat_exemption_reason"):
        yield _exemption_missing(draft.fields["vat_type"])


def _exemption_missing(regime: FieldValue) -> Reason:
    """With the document's own words, where it has some: the platform takes its own codes only."""
    words = regime.chosen.text
    if regime.source not in _OF_DOCUMENT or not words or words == regime.value:
        return Reason(code="vat_exemption_missing", field="vat_exemption_reason")
    return Reason(code="vat_exemption_said", field="vat_exemption_reason", params={"words": words[:_LONGEST_WORDS]})


def _wrong_code(name: str, value: str) -> dict[str, str]:
    return {"place": name, "value": value, "allowed": ", ".join(InvoiceType)}


def _frozen(case: ValidationInput) -> Iterator[Reason]:
    """While the outcome of an attempt is open, only a person may change number and supplier, after a search."""
    for name, frozen in (("invoice_number", case.frozen_number), ("supplier_siret", case.frozen_supplier)):
        found = case.draft.fields.get(name)
        if frozen is None or found is None or found.source is Source.PERSON:
            continue
        if compact(str(found.value)) != compact(frozen):
            params = {"frozen": frozen, "value": str(found.value)}
            yield Reason(code=f"frozen_{name}", field=name, params=params)


def _trust(case: ValidationInput) -> Iterator[Reason]:
    """Values that a person has to confirm: read with too little confidence, or by the platform alone."""
    provider = case.known_provider
    if provider is None:
        return
    for name, found in case.draft.fields.items():
        asked, value = provider.asked_confidence(name), as_text(found.value)
        if found.source in _READ and found.confidence < asked and not _is_confirmed(case, name, found, asked):
            params = {
                "value": value,
                "found": _percent(found.confidence),
                "asked": _percent(asked),
            }
            yield Reason(code=f"doubtful_{name}", field=name, params=params)
        if found.source is Source.REMOTE and provider.automatic_submission and not provider.trust_remote_reading:
            yield Reason(code=f"untrusted_{name}", field=name, params={"value": value})


def _is_confirmed(case: ValidationInput, name: str, found: FieldValue, asked: float) -> bool:
    """Whether the directory takes the doubt away: by the services of the recipient, or by having the recipient."""
    if case.entry is None:
        return False
    if name == "service_code":
        return _is_listed(case, case.entry, found, asked)
    return name == "recipient_siret" and _is_known_body(case.entry, found, asked)


def _is_listed(case: ValidationInput, entry: DirectoryEntry, found: FieldValue, asked: float) -> bool:
    """Whether the recipient's own list has the service that was read, and no other one of the page's."""
    read = case.reading.fields.get("service_code", ()) if isinstance(case.reading, Reading) else ()
    if not read:
        return False
    best = held_against(read, frozenset(service.code for service in entry.services if service.active))[0]
    return best.value == found.value and best.confidence >= asked


def _is_known_body(entry: DirectoryEntry, found: FieldValue, asked: float) -> bool:
    """Whether only the wrong check digit of the SIRET is doubtful, and the directory has it as it was read.

    A digit that was misread, or mistyped by the supplier, makes a number that no body has.
    """
    siret = str(found.value)
    return (
        entry.siret == siret
        and not siret_checks(siret)
        and found.confidence / WORTHS[Claim.CHECK_DIGIT_WRONG].fitted >= asked
    )


def _percent(share: float) -> str:
    return f"{share * 100:.0f}"


def _holds(case: ValidationInput, warning: Reason) -> bool:
    provider = case.known_provider
    return provider is not None and provider.hold_on_conflict and warning.code.startswith("conflict_")


def _held(warning: Reason) -> Reason:
    code = warning.code.replace("conflict_", "held_", 1)
    return Reason(code=code, field=warning.field, params=warning.params)
