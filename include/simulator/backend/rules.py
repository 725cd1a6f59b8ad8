"""When the platform says no to an invoice: number, parties, obligations, amounts, files.

Sources: the external specifications (lengths, obligations), the official sample (sums), users' reports. The numbers of
the refusals are ours (`failures.py`); the order in which rules are checked is ours too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from include.simulator import codes, failures
from include.simulator.backend.accounts import Account
from include.simulator.backend.directory import PUBLIC, Directory
from include.simulator.backend.drafts import Attachment, Draft, Placed
from include.simulator.backend.files import Files, check_pdf
from include.simulator.backend.store import Row
from include.simulator.failures import Refusal

NUMBER_SIGNS = re.compile(r"[A-Za-z0-9 _/+-]{1,20}")
CENT = Decimal("0.01")


class Rules:
    """Every check between "handed in" and "deposited"."""

    def __init__(self, directory: Directory, files: Files, number_used: Callable[[int, str], bool]) -> None:
        self._directory, self._files, self._number_used = directory, files, number_used

    def place(self, account: Account, draft: Draft) -> Placed:
        """Check a draft; gives its parties, or raises the refusal of the first broken rule."""
        supplier = self._supplier(account, draft)
        recipient, service = self.recipient(draft.recipient_siret, draft.service_code, draft.engagement)
        validator = self._framework(draft)
        check_references(draft)
        check_amounts(draft)
        if draft.mode == "SAISIE_API":
            check_lines(draft)
        self._check_files(account, draft)
        self.check_number(supplier["id"], draft.number)
        return Placed(
            supplier_id=supplier["id"],
            recipient_id=recipient["id"],
            service_id=service["id"] if service else None,
            validator_id=validator["id"] if validator else None,
        )

    def check_number(self, supplier_id: int, number: str) -> None:
        """Rule G1.05 (signs, 20 characters), and each number once per supplier."""
        if not NUMBER_SIGNS.fullmatch(number):
            raise Refusal(failures.NUMBER_SIGNS)
        if self._number_used(supplier_id, number):
            raise Refusal(failures.NUMBER_USED, number=number)

    def _supplier(self, account: Account, draft: Draft) -> Row:
        supplier = self._directory.structure(draft.supplier_id)
        if supplier is None or supplier["id"] not in account.suppliers or not supplier["active"]:
            raise Refusal(failures.UNKNOWN_SUPPLIER)
        if draft.supplier_service_id is not None:
            service = self._directory.service(supplier["id"], service_id=draft.supplier_service_id)
            if service is None or not self._directory.is_open(service):
                raise Refusal(failures.SUPPLIER_SERVICE)
        if draft.bank_id is not None:
            known = {row["id"] for row in self._directory.bank_details(supplier["id"])}
            if draft.bank_id not in known:
                raise Refusal(failures.BANK_DETAILS)
        return supplier

    def recipient(self, siret: str | None, service_code: str | None, engagement: str | None) -> tuple[Row, Row | None]:
        """Find an active public body and its service, and check what it asks for."""
        body = self._directory.by_siret(siret)
        if body is None or body["kind"] != PUBLIC or not body["active"]:
            raise Refusal(failures.RECIPIENT, siret=siret or "")
        service = self._service(body, service_code)
        check_obligations(body, service, engagement)
        return body, service

    def _service(self, body: Row, code: str | None) -> Row | None:
        if code is None:
            return None
        if code == codes.PUBLIC_INVOICES_SERVICE:
            raise Refusal(failures.PUBLIC_INVOICES)
        service = self._directory.service(body["id"], code=code)
        if service is None or not self._directory.is_open(service):
            raise Refusal(failures.SERVICE, code=code)
        return service

    def _framework(self, draft: Draft) -> Row | None:
        if draft.framework not in codes.FRAMEWORKS:
            raise Refusal(failures.FRAMEWORK, code=draft.framework)
        if draft.framework not in codes.VALIDATED_FRAMEWORKS:
            return None
        validator = self._directory.by_siret(draft.validator_siret)
        if validator is None:
            raise Refusal(failures.VALIDATOR)
        return validator

    def _check_files(self, account: Account, draft: Draft) -> None:
        if draft.main is not None and draft.flux is None:
            main = self._files.own(account, draft.main.file_id)
            if main["extension"] != "PDF":
                raise Refusal(failures.NOT_PDF)
            check_pdf(self._files.content(main["id"]), signature_announced=draft.mode == "DEPOT_PDF_SIGNE_API")
        size = self.check_attachments(account, draft.attachments)
        if draft.main is not None:
            size += self._files.own(account, draft.main.file_id)["size"]
        if size > codes.INVOICE_LIMIT:
            raise Refusal(failures.ATTACHMENTS_TOO_LARGE)

    def check_attachments(self, account: Account, attachments: tuple[Attachment, ...]) -> int:
        """Each attachment exists for this account; a type, if given, is one of the object FACTURE; gives their size.

        That the type may be missing: a production client (for Dolibarr) sends none.
        """
        types = {code for _, code, _ in codes.ATTACHMENT_TYPES["FACTURE"]}
        size = 0
        for attachment in attachments:
            size += self._files.own(account, attachment.file_id)["size"]
            if attachment.type is not None and attachment.type not in types:
                raise Refusal(failures.ATTACHMENT_TYPE, type=attachment.type)
        return size


def check_obligations(body: Row, service: Row | None, engagement: str | None) -> None:
    """The decision table of the directory: what this body, and this service, must find on an invoice."""
    if body["either_required"]:
        if service is None and engagement is None:
            raise Refusal(failures.EITHER_REQUIRED)
    else:
        if body["service_required"] and service is None:
            raise Refusal(failures.SERVICE_REQUIRED)
        if body["engagement_required"] and engagement is None:
            raise Refusal(failures.ENGAGEMENT_REQUIRED)
    if service is not None and service["engagement_required"] and engagement is None:
        raise Refusal(failures.SERVICE_ENGAGEMENT)


def check_references(draft: Draft) -> None:
    """Currency and exemption reason come from the platform's lists."""
    if draft.currency not in codes.CURRENCIES:
        raise Refusal(failures.CURRENCY, code=draft.currency)
    if draft.vat_type == "EXONERATION" and draft.exemption_reason not in codes.EXEMPTION_REASONS:
        raise Refusal(failures.EXEMPTION_REASON)


def differ(left: Decimal, right: Decimal, tolerance: Decimal = CENT) -> bool:
    """Whether two amounts are apart by the tolerance or more (the real tolerance is unknown: under a cent here)."""
    return abs(left - right) >= tolerance


def check_amounts(draft: Draft) -> None:
    """TTC = HT + VAT - discount; the amount due is at most TTC, and nothing on an invoice already paid."""
    totals = draft.totals
    if differ(totals.incl, totals.excl + totals.tax - totals.discount):
        raise Refusal(failures.AMOUNTS_DIFFER)
    if abs(totals.due) > abs(totals.incl):
        raise Refusal(failures.TOO_MUCH_DUE)
    if draft.vat_type in ("SANS_TVA", "EXONERATION") and totals.tax != 0:
        raise Refusal(failures.VAT_FORBIDDEN)
    if draft.framework == codes.PREPAID_FRAMEWORK and totals.due != 0:
        raise Refusal(failures.PREPAID_DUE)


def check_lines(draft: Draft) -> None:
    """Without a PDF the lines are the invoice: at least one, and their sums are the totals."""
    if not draft.lines:
        raise Refusal(failures.LINES_REQUIRED)
    tolerance = CENT * len(draft.lines)
    if differ(sum((line_amount(line) for line in draft.lines), Decimal(0)), draft.totals.excl, tolerance):
        raise Refusal(failures.LINES_DIFFER)
    if not draft.vat:
        return
    base = sum((amount(line["ligneTvaMontantBaseHtParTaux"]) for line in draft.vat), Decimal(0))
    tax = sum((amount(line["ligneTvaMontantTvaParTaux"]) for line in draft.vat), Decimal(0))
    if differ(base, draft.totals.excl, tolerance) or differ(tax, draft.totals.tax, tolerance):
        raise Refusal(failures.LINES_DIFFER)


def amount(text: str | None) -> Decimal:
    """Read a stored amount; absent is zero."""
    return Decimal(text or "0")


def line_amount(line: dict[str, str | None]) -> Decimal:
    """Quantity x unit price - discount."""
    quantity, price = amount(line["lignePosteQuantite"]), amount(line["lignePosteMontantUnitaireHT"])
    return quantity * price - amount(line["lignePosteMontantRemiseHT"])
