"""Which supplier establishment an invoice belongs to, and what that establishment adds to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from include.domain.codes import PaymentMode, VatType
from include.domain.configuration import BankDetails, Provider
from include.domain.fields import Candidate, Source
from include.domain.mapping.amounts import settle_amounts
from include.domain.mapping.draft import Draft, FieldValue
from include.domain.reasons import Reason
from include.domain.values import label_key, normalise_iban

WITHOUT_ACCOUNT = frozenset({PaymentMode.PRELEVEMENT, PaymentMode.CHEQUE, PaymentMode.ESPECE})


def choose_provider(
    draft: Draft, providers: Sequence[Provider], scope: Sequence[str] = (), *, retired: Sequence[Provider] = ()
) -> Provider | Reason:
    """The provider with the invoice's supplier SIRET, among those that its criteria allow.

    Several environments of one SIRET: the one that submits automatically (at most one does,
    docs/adr/0015-documents-and-invoices.md). Without a readable SIRET a criterion that names exactly one provider
    decides. Anything else is a reason, never a guess.
    """
    allowed = [provider for provider in providers if not scope or provider.name in scope or provider.siret in scope]
    siret = draft.text("supplier_siret")
    if siret is None:
        if scope and len(allowed) == 1:
            return allowed[0]
        return Reason(code="missing_supplier_siret", field="supplier_siret")
    known = [provider for provider in providers if provider.siret == siret]
    if not known:
        code = "supplier_retired" if any(provider.siret == siret for provider in retired) else "supplier_unknown"
        return Reason(code=code, field="supplier_siret", params={"siret": siret})
    fitting = [provider for provider in known if provider in allowed]
    if not fitting:
        params = {"siret": siret, "providers": ", ".join(scope)}
        return Reason(code="supplier_out_of_scope", field="supplier_siret", params=params)
    automatic = [provider for provider in fitting if provider.automatic_submission]
    if len(fitting) > 1 and len(automatic) != 1:
        params = {"siret": siret, "providers": ", ".join(provider.name for provider in fitting)}
        return Reason(code="supplier_ambiguous", field="supplier_siret", params=params)
    return fitting[0] if len(fitting) == 1 else automatic[0]


def complete_draft(draft: Draft, provider: Provider | None) -> Draft:
    """Bank details and defaults of the provider where no source gives a value, then the amounts that follow."""
    if provider is not None:
        draft = _with_bank_details(draft, provider.bank_details)
        defaults = {
            "supplier_siret": provider.siret,
            "invoicing_framework": str(provider.defaults.invoicing_framework),
            "vat_type": str(provider.defaults.vat_type),
            "payment_mode": str(provider.defaults.payment_mode),
        }
        for name, value in defaults.items():
            draft = _by_default(draft, name, value)
        motive = provider.defaults.vat_exemption_reason
        if motive is not None and draft.text("vat_type") == VatType.EXONERATION:
            draft = _by_default(draft, "vat_exemption_reason", motive)
    return settle_amounts(draft)


def _by_default(draft: Draft, name: str, value: str) -> Draft:
    if name in draft.fields:
        return draft
    return draft.with_field(name, FieldValue(chosen=Candidate(value=value, source=Source.DEFAULT)))


def _with_bank_details(draft: Draft, details: BankDetails) -> Draft:
    """The invoice's label becomes the name that the platform lists; without a label its account, or the default.

    An unknown label is a reason even where there is a default: money must not go to another account than meant. So is
    a printed account, once accounts stand among the labels. The name itself may stand in its place, as a person types
    it. Nobody pays to an account what is debited, or paid by cheque or in cash: beside an account it may be paid twice.
    """
    given = draft.fields.get("bank_details")
    if given is None:
        if draft.text("payment_mode") in WITHOUT_ACCOUNT:
            return draft
        given = _printed_account(draft, details)
    if given is None:
        if details.default is None:
            return draft
        by_default = Candidate(value=details.default, source=Source.DEFAULT)
        return draft.with_field("bank_details", FieldValue(chosen=by_default))
    label = str(given.value)
    names = [line.name for line in details.labels] + ([details.default] if details.default else [])
    wordings = {label_key(name): name for name in names} | {label_key(line.label): line.name for line in details.labels}
    named = wordings.get(label_key(label))
    if named is None:
        unknown = Reason(code="bank_label_unknown", field="bank_details", params={"label": label})
        return dataclasses.replace(draft, reasons=(*draft.reasons, unknown))
    return draft.with_field("bank_details", given.reworded(named, text=given.text or label))


def _printed_account(draft: Draft, details: BankDetails) -> FieldValue | None:
    """The account (IBAN) that the invoice prints, in place of a label; None where no label is an account.

    Of several printed ones a configured one counts, the default's before others.
    """
    named = {account: line.name for line in details.labels if (account := normalise_iban(line.label)) is not None}
    printed = draft.fields.get("iban")
    if printed is None or not named:
        return None
    read = [one for one in (printed.chosen, *printed.others) if normalise_iban(str(one.value)) is not None]
    known = sorted(
        (one for one in read if one.value in named), key=lambda one: named[str(one.value)] != details.default
    )
    return FieldValue(chosen=(known or read)[0]) if read else None
