"""What the control door takes: pydantic models, each an error with a reason when it does not fit."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from include.simulator.backend.faults import EVERY_CALL, KINDS, TOKEN


def _in_utc(at: dt.datetime) -> dt.datetime:
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


# A time without offset, or a day alone, is UTC.
Time = Annotated[dt.datetime, AfterValidator(_in_utc)]


class Strict(BaseModel):
    """Unknown keys are an error: a misspelt scenario must not pass silently."""

    model_config = ConfigDict(extra="forbid")


class ServiceSeed(Strict):
    """A service of a body, by its code."""

    code: str
    name: str | None = None
    active: bool | None = None
    engagement_required: bool | None = None


class StructureSeed(Strict):
    """A public body, by its SIRET."""

    siret: str = Field(pattern=r"^\d{14}$")
    name: str | None = None
    town: str | None = None
    active: bool | None = None
    service_required: bool | None = None
    engagement_required: bool | None = None
    either_required: bool | None = None
    reports_payment: bool | None = None
    services: list[ServiceSeed] = []


class SupplierSeed(Strict):
    """A supplier, by its SIRET; without a login the first account speaks for it."""

    siret: str = Field(pattern=r"^\d{14}$")
    name: str | None = None
    login: str | None = None
    password: str | None = None
    password_expires_at: Time | None = None
    locked: bool | None = None
    bank_details: list[str] | None = None


class InvoicesSeed(Strict):
    """Many invoices at once, spread evenly between two days."""

    supplier_siret: str
    count: int = Field(ge=0)
    statuses: dict[str, float] = {}
    start: dt.date | None = Field(default=None, alias="from")
    end: dt.date | None = Field(default=None, alias="to")
    prefix: str = Field(default="SEED-", max_length=12)


class Seed(Strict):
    """What to add or change; each part optional."""

    suppliers: list[SupplierSeed] = []
    structures: list[StructureSeed] = []
    engagements: list[str] = []
    invoices: InvoicesSeed | None = None


class AgentShape(Strict):
    """The person at the body."""

    first_name: str | None = None
    last_name: str | None = None
    mail: str | None = None
    phone: str | None = None


class StatusChange(Strict):
    """One invoice, to any status, at any time."""

    chorus_id: int | None = None
    number: str | None = None
    status: str = Field(min_length=1)
    comment: str | None = None
    agent: AgentShape = AgentShape()
    at: Time | None = None

    @model_validator(mode="after")
    def _named(self) -> StatusChange:
        if (self.chorus_id is None) == (self.number is None):
            raise ValueError("give chorus_id or number")
        return self


class Move(Strict):
    """Many invoices from one status to another."""

    start: str = Field(alias="from")
    to: str = Field(min_length=1)
    count: int | None = Field(default=None, ge=0)
    comment: str | None = None


class FlowError(Strict):
    """One refused invoice of a flow."""

    number: str | None = None
    text: str


class FlowEnding(Strict):
    """How a flow ends: a named one now, or the next one when its time has come."""

    number: str | None = None
    next: bool = False
    state: str = Field(min_length=1)
    errors: list[FlowError] = []
    technical: list[Any] = []

    @model_validator(mode="after")
    def _named(self) -> FlowEnding:
        if (self.number is None) != self.next:
            raise ValueError("give number, or next: true")
        return self


class ClockChange(Strict):
    """How far to move the clock, or where to."""

    advance_seconds: float | None = Field(default=None, allow_inf_nan=False)
    at: Time | None = None

    @model_validator(mode="after")
    def _one(self) -> ClockChange:
        if (self.advance_seconds is None) == (self.at is None):
            raise ValueError("give advance_seconds or at")
        return self


class FaultShape(Strict):
    """A fault; without `times` it fires until it is deleted, without `probability` on every call."""

    operation: str = EVERY_CALL
    supplier_siret: str | None = None
    login: str | None = None
    kind: str
    times: int | None = Field(default=None, ge=1)
    probability: float = Field(default=1.0, gt=0, le=1)
    status: int | None = Field(default=None, ge=200, le=599)
    seconds: float | None = Field(default=None, ge=0)
    code: int | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> FaultShape:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        # These two have only one place where they can happen.
        if self.kind == "token_refused":
            self.operation = TOKEN
        if self.kind in ("token_expired", "account_refused", "business_refusal") and self.operation == TOKEN:
            self.operation = EVERY_CALL
        return self
