"""From a complete draft to what goes out: the last pure step before the claim.

Nothing is decided here that completeness did not already check; what the platform alone knows (account ids, upload ids)
is filled in, and what does not fit it is a reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, TypeVar

from include.domain.codes import InvoiceType, InvoicingFramework, PaymentMode, VatType
from include.domain.configuration import Provider
from include.domain.directory import BankAccount, SupplierAccount
from include.domain.fields.registry import BY_NAME
from include.domain.mapping import Draft
from include.domain.reasons import Reason
from include.domain.submission import SentAttachment, Submission
from include.domain.values import fold

T = TypeVar("T")

MAX_FILE_NAME = 50
"""Characters of a file name on the platform, extension included (docs/reference/chorus-pro-api.md 1.4)."""


def short_name(name: str) -> str:
    """The name cut to what the platform takes, its extension kept."""
    suffix = PurePath(name).suffix
    return name if len(name) <= MAX_FILE_NAME else name[: MAX_FILE_NAME - len(suffix)] + suffix


def distinct_names(main: str, names: Sequence[str]) -> list[str]:
    """The names of attachments, each cut to what the platform takes and unlike every other name of the invoice."""
    used = {fold(short_name(main))}
    found = []
    for name in names:
        chosen, count = short_name(name), 1
        while fold(chosen) in used:
            count += 1
            suffix, mark = PurePath(name).suffix, f" ({count})"
            chosen = PurePath(name).stem[: MAX_FILE_NAME - len(suffix) - len(mark)] + mark + suffix
        used.add(fold(chosen))
        found.append(chosen)
    return found


def is_signed(content: bytes, read: bool | None) -> bool:
    """Whether the PDF has to be announced as digitally signed (docs/reference/chorus-pro-api.md 5.4).

    `read` is what its objects said. Where nobody looked at them (an older version read it, or it is not readable), the
    name of a signature's byte range in the file decides: the platform refuses a wrong guess.
    """
    return b"/ByteRange" in content if read is None else read


def bank_account(draft: Draft, supplier: SupplierAccount) -> BankAccount | Reason | None:
    """The account that the draft names, as the platform lists it for this supplier; None when it names none."""
    wanted = draft.text("bank_details")
    return None if wanted is None else account_named(wanted, supplier)


def account_named(name: str, supplier: SupplierAccount) -> BankAccount | Reason:
    """The supplier's only account of this name; case, accents and outer blanks do not count."""
    found = [account for account in supplier.bank_accounts if fold(account.name) == fold(name)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(account.name for account in supplier.bank_accounts) or "-"
    code = "bank_details_ambiguous" if found else "bank_details_not_on_platform"
    return Reason(code=code, field="bank_details", params={"name": name, "listed": listed})


def supplier_service(provider: Provider, listed: Mapping[str, int]) -> int | Reason | None:
    """The id of the supplier's own service that the provider names, by the platform's list; None when it names none."""
    if provider.supplier_service is None:
        return None
    wanted = provider.supplier_service.strip().casefold()
    found = next((number for code, number in listed.items() if code.strip().casefold() == wanted), None)
    if found is not None:
        return found
    params = {"service": provider.supplier_service, "listed": ", ".join(listed) or "-"}
    return Reason(code="supplier_service_unknown", params=params)


def build_submission(
    draft: Draft,
    provider: Provider,
    supplier: SupplierAccount,
    *,
    bank_details_id: int | None,
    supplier_service_id: int | None = None,
    main: SentAttachment,
    signed: bool,
    attachments: Sequence[SentAttachment],
) -> Submission:
    """Everything that this invoice sends. KeyError or ValueError would be a fault of completeness."""
    total = _given(draft.amount("total_incl_tax"), "total_incl_tax")
    due = draft.amount("amount_due")
    return Submission(
        number=_given(draft.text("invoice_number"), "invoice_number"),
        issue_date=_given(draft.date("issue_date"), "issue_date"),
        credit_note=draft.text("type") == InvoiceType.CREDIT_NOTE,
        supplier_siret=provider.siret,
        supplier_id=supplier.structure_id,
        supplier_service_id=supplier_service_id,
        bank_details_id=bank_details_id,
        recipient_siret=_given(draft.text("recipient_siret"), "recipient_siret"),
        framework=InvoicingFramework(draft.text("invoicing_framework") or provider.defaults.invoicing_framework),
        vat_type=VatType(draft.text("vat_type") or provider.defaults.vat_type),
        payment_mode=PaymentMode(draft.text("payment_mode") or provider.defaults.payment_mode),
        total_excl_tax=_given(draft.amount("total_excl_tax"), "total_excl_tax"),
        total_tax=_given(draft.amount("total_tax"), "total_tax"),
        total_incl_tax=total,
        amount_due=total if due is None else due,
        vat=draft.vat_rows(),
        main_upload_id=main.upload_id,
        main_sha256=main.sha256,
        main_name=main.name,
        signed=signed,
        attachments=tuple(attachments),
        **_optional(draft),
    )


def _given(value: T | None, name: str) -> T:
    if value is None:
        raise KeyError(f"a complete draft has {name}")
    return value


def _optional(draft: Draft) -> dict[str, Any]:
    """The fields that an invoice may go without, under the names that they have in a submission too."""
    return {
        attribute.name: draft.value(attribute.name)
        for attribute in dataclasses.fields(Submission)
        if attribute.name in BY_NAME and attribute.default is None
    }
