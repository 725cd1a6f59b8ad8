"""Chorus Pro in memory: one platform, a gateway per provider, and failures that are named for what they do.

    platform = FakePlatform(clock)
    chorus = FakeChorus(platform)
    platform.fail("submit", Fault.CUT_AFTER_TAKEN)         # the next submit is taken, and its answer is lost
    platform.fail("*", Fault.ACCOUNT_REFUSED, times=-1, supplier_siret=SIRET)   # until `heal`

`platform.invoices` is what the platform holds: the exactly-once tests look there. Held to the real adapter by
tests/contracts/test_chorus_gateway.py.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Any, NoReturn

from include.application.ports.chorus import Analysis, RemotePage, RemoteQuery
from include.application.ports.clock import Clock
from include.domain.codes import InvoicingFramework, PaymentMode, VatType
from include.domain.configuration import Provider
from include.domain.correction import Correction, CorrectionKind
from include.domain.directory import BankAccount, DirectoryEntry, DirectoryService, FoundBody, SupplierAccount
from include.domain.errors import (
    LoginRefusedError,
    NeverLeftError,
    OutcomeUnknownError,
    RateLimitedError,
    RemoteError,
    RemoteRefusedError,
    RemoteUnavailableError,
    TurnedAwayError,
)
from include.domain.fields import Candidate, VatRow
from include.domain.submission import RemoteInvoice, SentAttachment, Submission, Taken, number_key
from include.domain.tracking import Agent, EntryKind, HistoryEntry, RemoteAttachment, RemoteDetail, RemoteHistory
from tests.fakes import platform_corrections

DUPLICATE_NUMBER = 29901
"""Invented, as everything about a refused duplicate is: no rule of ours may look at it.

Source: docs/reference/exactly-once.md 4.
"""


NOBODY = Agent()


class ProcessKilled(BaseException):
    """Stands for a SIGKILL: no `except Exception` of ours may survive it."""


class Fault(StrEnum):
    """What happens to the next call. The CUT_ and DIES_ kinds make sense for `submit` first of all."""

    NEVER_LEFT = "never_left"
    PISTE_REFUSED = "piste_refused"
    ACCOUNT_REFUSED = "account_refused"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    BUSINESS_REFUSAL = "business_refusal"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    CUT_BEFORE_TAKEN = "cut_before_taken"
    CUT_AFTER_TAKEN = "cut_after_taken"
    DIES_BEFORE_CALL = "dies_before_call"
    DIES_AFTER_TAKEN = "dies_after_taken"


_AFTER = frozenset({Fault.CUT_AFTER_TAKEN, Fault.DIES_AFTER_TAKEN})
_CHANGES = frozenset({"submit", "correct", "upload", "analyse"})
_UNCERTAIN = frozenset({Fault.UNAVAILABLE, Fault.CUT_BEFORE_TAKEN, Fault.CUT_AFTER_TAKEN})


@dataclass
class _Script:
    operation: str
    fault: Fault
    times: int
    supplier_siret: str | None


@dataclass(kw_only=True)
class HeldInvoice:
    """An invoice that the platform took, as it was sent."""

    chorus_id: int
    sent: Submission
    status: str
    taken_at: dt.datetime
    status_at: dt.datetime
    comment: str | None = None
    rejection_handled: bool = False
    history: list[HistoryEntry] = field(default_factory=list)

    def move(self, status: str, at: dt.datetime, comment: str | None = None, agent: Agent = NOBODY) -> None:
        """Another status, written into the history too."""
        self.status, self.status_at, self.comment, self.rejection_handled = status, at, comment, False
        entry_id = str(len(self.history) + 1)
        self.history.append(
            HistoryEntry(
                kind=EntryKind.STATUS, entry_id=entry_id, code=status, at=_minute(at), comment=comment, agent=agent
            )
        )


@dataclass
class FakePlatform:
    """What the remote side holds and does.

    `search_delay` is how late a new invoice shows in searches; `before_page` hears the number of each page of a search
    before it is read; `ahead` is how much the platform's clock is ahead of ours. `meanwhile` is what happens, once,
    while the next call of a method is under way.
    """

    clock: Clock
    unique_numbers: bool = True
    search_delay: dt.timedelta = dt.timedelta(0)
    invoices: list[HeldInvoice] = field(default_factory=list)
    corrected: list[tuple[CorrectionKind, str]] = field(default_factory=list)
    uploads: dict[int, bytes] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    accounts: dict[str, SupplierAccount] = field(default_factory=dict)
    entries: dict[str, DirectoryEntry] = field(default_factory=dict)
    types: list[tuple[str, str]] = field(default_factory=lambda: [("DIVERS", "Divers"), ("RIB", "RIB")])
    read_by_platform: dict[str, Candidate] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    password_ends: dt.datetime | None = None
    before_page: Callable[[int], None] | None = None
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    ahead: dt.timedelta = dt.timedelta(0)
    refusal_label: str = "refus de demonstration"
    _scripts: list[_Script] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _next_id: int = 8_600_000

    def fail(self, operation: str, fault: Fault, *, times: int = 1, supplier_siret: str | None = None) -> None:
        """The next `times` calls of this method of the port (`*`: any) fail so; -1: until `heal`."""
        self._scripts.append(_Script(operation, fault, times, supplier_siret))

    def server_date(self) -> dt.datetime:
        """The platform's own time, in whole seconds as the header `Date` gives it."""
        return (self.clock.now() + self.ahead).replace(microsecond=0)

    def heal(self) -> None:
        """No scripted failure is left."""
        self._scripts.clear()

    def add_body(self, siret: str, *services: DirectoryService, **demands: Any) -> DirectoryEntry:
        """A public body in the directory; `demands` are fields of DirectoryEntry."""
        values = {"structure_id": self.new_id(), "name": f"Body {siret}", "active": True, **demands}
        entry = DirectoryEntry(siret=siret, services=services, fetched_at=self.clock.now(), **values)
        self.entries[siret] = entry
        return entry

    def numbers(self) -> list[str]:
        """The numbers held, in the order in which they were taken."""
        return [held.sent.number for held in self.invoices]

    def set_status(self, number: str, status: str, comment: str | None = None, agent: Agent = NOBODY) -> None:
        """Moves every invoice with this number."""
        for held in self.invoices:
            if held.sent.number == number:
                held.move(status, self.clock.now(), comment, agent)

    def handle_rejection(self, number: str) -> None:
        """Somebody dealt with a rejection on the portal."""
        for held in self.invoices:
            if held.sent.number == number:
                held.rejection_handled = True

    def new_id(self) -> int:
        """An id nobody has."""
        with self._lock:
            self._next_id += 1
            return self._next_id

    def account(self, siret: str) -> SupplierAccount:
        """The supplier's account; made with two bank details on first sight."""
        if siret not in self.accounts:
            banks = tuple(BankAccount(id=self.new_id(), name=name) for name in ("Compte courant", "Compte CIC"))
            self.accounts[siret] = SupplierAccount(
                structure_id=self.new_id(), siret=siret, name=f"Supplier {siret}", bank_accounts=banks
            )
        return self.accounts[siret]

    def take(self, sent: Submission) -> HeldInvoice:
        """Takes an invoice, or refuses a used number; also the way to put one typed by hand there."""
        with self._lock:
            used = any(
                number_key(held.sent.number) == number_key(sent.number)
                and held.sent.supplier_siret == sent.supplier_siret
                for held in self.invoices
            )
            if used and self.unique_numbers:
                raise _refused(DUPLICATE_NUMBER, "numero deja utilise")
            now = self.clock.now()
            held = HeldInvoice(chorus_id=self.new_id(), sent=sent, status="", taken_at=now, status_at=now)
            held.move("DEPOSEE", now)
            self.invoices.append(held)
            return held

    def shown(self, siret: str) -> list[HeldInvoice]:
        """What a search by this supplier shows now, oldest first."""
        seen_from = self.clock.now() - self.search_delay
        mine = [held for held in list(self.invoices) if held.sent.supplier_siret == siret]
        return sorted((held for held in mine if held.taken_at <= seen_from), key=lambda held: held.taken_at)

    def visible(self, siret: str, number: str) -> list[HeldInvoice]:
        """The shown ones with this number."""
        return [held for held in self.shown(siret) if number_key(held.sent.number) == number_key(number)]

    def begin(self, operation: str, siret: str) -> Fault | None:
        """Counts the call and raises what is scripted for it; returns the kinds that strike afterwards."""
        with self._lock:
            self.calls[operation] += 1
            fault = self._next_fault(operation, siret)
            happens = self.meanwhile.pop(operation, None)
        if happens is not None:
            happens()
        if fault is None or (fault in _AFTER and operation in _CHANGES):
            return fault
        _strike(fault, operation, self.refusal_label)

    def _next_fault(self, operation: str, siret: str) -> Fault | None:
        for script in self._scripts:
            if script.times != 0 and script.operation in (operation, "*") and script.supplier_siret in (None, siret):
                script.times -= 1
                return script.fault
        return None


def _refused(number: int, label: str, status: int = 200) -> RemoteRefusedError:
    return RemoteRefusedError(number, label, status=status, body=json.dumps({"codeRetour": number, "libelle": label}))


def _strike(fault: Fault, operation: str, refusal_label: str) -> NoReturn:
    if fault in (Fault.DIES_BEFORE_CALL, Fault.DIES_AFTER_TAKEN):
        raise ProcessKilled(operation)
    if fault in _UNCERTAIN and operation in ("submit", "correct"):
        raise OutcomeUnknownError("the answer was lost", status=503 if fault is Fault.UNAVAILABLE else None)
    errors: dict[Fault, RemoteError] = {
        Fault.NEVER_LEFT: NeverLeftError("no connection"),
        Fault.PISTE_REFUSED: LoginRefusedError("PISTE refused the client", half="piste", status=400),
        Fault.ACCOUNT_REFUSED: LoginRefusedError("the technical account was refused", half="account", status=401),
        Fault.FORBIDDEN: TurnedAwayError("forbidden", status=403, body=""),
        Fault.RATE_LIMITED: RateLimitedError("too fast", retry_after=30.0, status=429),
        Fault.BUSINESS_REFUSAL: _refused(29900, refusal_label),
        Fault.TOO_LARGE: RemoteRefusedError(413, "HTTP 413", status=413),
    }
    raise errors.get(fault, RemoteUnavailableError("the platform is down", status=503))


class FakeGateway:
    """ChorusGateway of one provider on a FakePlatform."""

    def __init__(self, platform: FakePlatform, provider: Provider) -> None:
        self._platform = platform
        self._siret = provider.siret

    def _begin(self, operation: str) -> Fault | None:
        return self._platform.begin(operation, self._siret)

    def check(self) -> None:
        self._begin("check")

    def supplier(self) -> SupplierAccount:
        self._begin("supplier")
        return self._platform.account(self._siret)

    def attachment_types(self) -> Sequence[tuple[str, str]]:
        self._begin("attachment_types")
        return list(self._platform.types)

    def supplier_services(self) -> Mapping[str, int]:
        self._begin("supplier_services")
        return dict(self._platform.services)

    def password_expires_at(self) -> dt.datetime | None:
        self._begin("password_expires_at")
        return self._platform.password_ends

    def upload(self, name: str, content: bytes, mime_type: str) -> int:
        return self._store("upload", content)

    def analyse(self, name: str, content: bytes, *, signed: bool) -> Analysis:
        upload_id = self._store("analyse", content)
        return Analysis(upload_id=upload_id, fields=dict(self._platform.read_by_platform))

    def _store(self, operation: str, content: bytes) -> int:
        later = self._begin(operation)
        upload_id = self._platform.new_id()
        self._platform.uploads[upload_id] = content
        if later is not None:
            _strike(later, operation, self._platform.refusal_label)
        return upload_id

    def encode(self, submission: Submission) -> str:
        return json.dumps(dataclasses.asdict(submission), default=str, sort_keys=True)

    def submit(self, body: str, *, deadline_seconds: float) -> Taken:
        later = self._begin("submit")
        sent = decode(body)
        known = {sent.main_upload_id, *(attachment.upload_id for attachment in sent.attachments)}
        if not known <= self._platform.uploads.keys():
            raise _refused(29902, "piece jointe inconnue")
        held = self._platform.take(sent)
        if later is not None:
            _strike(later, "submit", self._platform.refusal_label)
        raw = json.dumps({"codeRetour": 0, "identifiantFactureCPP": held.chorus_id, "statutFacture": held.status})
        return Taken(
            chorus_id=held.chorus_id,
            status=held.status,
            deposited_on=held.taken_at.date(),
            fingerprint=None,
            raw=raw,
        )

    def encode_correction(self, correction: Correction) -> str:
        return platform_corrections.encode(correction)

    def correct(self, kind: CorrectionKind, body: str, *, deadline_seconds: float) -> str:
        later = self._begin("correct")
        platform_corrections.correct(self._platform, self._siret, kind, body)
        if later is not None:
            _strike(later, "correct", self._platform.refusal_label)
        return json.dumps({"codeRetour": 0})

    def search(self, number: str) -> Sequence[RemoteInvoice]:
        self._begin("search")
        return [_row(held) for held in self._platform.visible(self._siret, number)]

    def search_since(self, status_since: dt.datetime | None, *, page_size: int) -> Iterator[RemotePage]:
        for page in count():
            self._begin("search_since")
            if self._platform.before_page is not None:
                self._platform.before_page(page + 1)
            shown = [
                held
                for held in self._platform.shown(self._siret)
                if status_since is None or held.status_at >= status_since
            ]
            part = shown[page * page_size : (page + 1) * page_size]
            if not part and page:
                return
            rows = tuple(_row(held) for held in part)
            yield RemotePage(rows=rows, server_date=self._platform.server_date(), total=len(shown))

    def browse(self, query: RemoteQuery, *, page: int, page_size: int) -> RemotePage:
        self._begin("browse")
        shown = [held for held in reversed(self._platform.shown(self._siret)) if _fits(held, query)]
        part = shown[(page - 1) * page_size : page * page_size]
        return RemotePage(
            rows=tuple(_row(held) for held in part), server_date=self._platform.server_date(), total=len(shown)
        )

    def history(self, chorus_id: int) -> RemoteHistory:
        self._begin("history")
        held = self._held(chorus_id, self._platform.shown(self._siret))
        return RemoteHistory(chorus_id=chorus_id, status=held.status, entries=tuple(held.history))

    def consult(self, chorus_id: int) -> RemoteDetail:
        self._begin("consult")
        held = self._held(chorus_id, self._platform.invoices)
        files = tuple(
            RemoteAttachment(attachment_id=file.upload_id, type_code=file.type_code, name=file.name)
            for file in held.sent.attachments
        )
        invoice = dataclasses.replace(_row(held), status_at=None, status_comment=None)
        return RemoteDetail(invoice=invoice, comment=held.sent.comment, attachments=files)

    def _held(self, chorus_id: int, among: Sequence[HeldInvoice]) -> HeldInvoice:
        for held in among:
            if held.chorus_id == chorus_id and held.sent.supplier_siret == self._siret:
                return held
        raise _refused(29904, "facture inconnue")


class FakeDirectory:
    """Directory of a FakePlatform, seen by one provider."""

    def __init__(self, platform: FakePlatform, provider: Provider) -> None:
        self._platform = platform
        self._siret = provider.siret

    def search(self, text: str, *, limit: int) -> list[FoundBody]:
        self._platform.begin("search_directory", self._siret)
        wanted = text.casefold()
        return [
            FoundBody(siret=one.siret, name=one.name, town=one.town, fetched_at=self._platform.clock.now())
            for one in self._platform.entries.values()
            if one.active
            and (
                one.siret.startswith("".join(text.split()))
                or wanted in one.name.casefold()
                or wanted in (one.town or "").casefold()
            )
        ][:limit]

    def find(self, siret: str) -> DirectoryEntry | None:
        self._platform.begin("find", self._siret)
        entry = self._platform.entries.get(siret)
        return dataclasses.replace(entry, fetched_at=self._platform.clock.now()) if entry else None


class FakeChorus:
    """The port Chorus: `gateways_made` tells whether anybody asked; `environments` overrides by connection id."""

    def __init__(self, platform: FakePlatform) -> None:
        self.platform = platform
        self.environments: dict[str, str] = {}
        self.certificates: dict[str, dt.datetime] = {}
        self.refuse: Exception | None = None
        self.gateways_made = 0

    def gateway(self, provider: Provider) -> FakeGateway:
        self._refuse_if_told()
        self.gateways_made += 1
        return FakeGateway(self.platform, provider)

    def directory(self, provider: Provider) -> FakeDirectory:
        self._refuse_if_told()
        return FakeDirectory(self.platform, provider)

    def effective_environment(self, provider: Provider) -> str:
        return self.environments.get(provider.connection, str(provider.environment))

    def certificate_expires_at(self, provider: Provider) -> dt.datetime | None:
        self._refuse_if_told()
        return self.certificates.get(provider.connection)

    def _refuse_if_told(self) -> None:
        """`refuse` is what a missing secret or a forbidden production address raises."""
        if self.refuse is not None:
            raise self.refuse


def decode(body: str) -> Submission:
    """The submission behind a body of FakeGateway.encode."""
    raw: dict[str, Any] = json.loads(body)
    for name in ("total_excl_tax", "total_tax", "total_incl_tax", "amount_due", "discount"):
        raw[name] = None if raw[name] is None else Decimal(raw[name])
    raw["issue_date"] = dt.date.fromisoformat(raw["issue_date"])
    raw["framework"] = InvoicingFramework(raw["framework"])
    raw["vat_type"] = VatType(raw["vat_type"])
    raw["payment_mode"] = PaymentMode(raw["payment_mode"])
    raw["vat"] = tuple(VatRow(**{key: Decimal(value) for key, value in line.items()}) for line in raw["vat"])
    raw["attachments"] = tuple(SentAttachment(**attachment) for attachment in raw["attachments"])
    return Submission(**raw)


def _row(held: HeldInvoice) -> RemoteInvoice:
    sent = held.sent
    return RemoteInvoice(
        chorus_id=held.chorus_id,
        number=sent.number,
        status=held.status,
        status_at=held.status_at,
        status_comment=held.comment,
        credit_note=sent.credit_note,
        supplier_siret=sent.supplier_siret,
        recipient_siret=sent.recipient_siret,
        recipient_name=None,
        service_code=sent.service_code,
        engagement_number=sent.engagement_number,
        total_excl_tax=sent.total_excl_tax,
        total_incl_tax=sent.total_incl_tax,
        amount_due=sent.amount_due,
        issue_date=sent.issue_date,
        deposited_on=held.taken_at.date(),
        rejection_handled=held.rejection_handled,
    )


def _fits(held: HeldInvoice, query: RemoteQuery) -> bool:
    day = held.taken_at.date()
    return (
        query.number in (None, held.sent.number)
        and query.status in (None, held.status)
        and (query.deposited_from is None or day >= query.deposited_from)
        and (query.deposited_to is None or day <= query.deposited_to)
    )


def _minute(at: dt.datetime) -> dt.datetime:
    """The history gives minutes only."""
    return at.replace(second=0, microsecond=0)
