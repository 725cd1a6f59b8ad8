"""Builders with named situations, for tests of stores and use cases."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal

from include.domain.causes import CauseCode, cause
from include.domain.codes import InvoicingFramework, PaymentMode, VatType
from include.domain.configuration import Configuration
from include.domain.document import PortalDocument, PortalListing
from include.domain.fields import Candidate, Source, Value, from_text, vat_row
from include.domain.mapping import Draft, FieldValue
from include.domain.reading import DocumentKind, Reading
from include.domain.submission import RemoteInvoice, Submission

SUPPLIER = "33254021516357"
BODY = "12345678200051"
PROVIDER_KEY = f"simulator:{SUPPLIER}"

NEVER_LEFT = cause(CauseCode.NEVER_LEFT)
LOST = cause(CauseCode.ANSWER_LOST)
"""Why a request was surely not taken, and why nobody knows."""

ARRIVED = dt.datetime(2026, 11, 20, 7, 0, tzinfo=dt.UTC)


def portal_document(
    portal_id: str = "Factures/f1.pdf", content: bytes = b"%PDF-1", **changes: object
) -> PortalDocument:
    """A document in the portal; its digest is that of `content`."""
    folder, _, name = portal_id.rpartition("/")
    values: dict[str, object] = {
        "portal_id": portal_id,
        "name": name,
        "folder": "/" + folder,
        "signature": hashlib.sha256(content).hexdigest()[:8] + repr(sorted(changes.items())),
        "size": len(content),
        "arrived_at": ARRIVED,
        "content_sha256": hashlib.sha256(content).hexdigest(),
        "classification_rule": "Facture client",
    }
    return PortalDocument(**{**values, **changes})  # type: ignore[arg-type]


def listing(*documents: PortalDocument, unchanged: tuple[str, ...] = ()) -> PortalListing:
    """A look that read these documents and saw the unchanged ones too."""
    return PortalListing(
        seen=frozenset(d.portal_id for d in documents) | frozenset(unchanged), changed=tuple(documents)
    )


def complete_draft(number: str = "2026-FA-1", **texts: str) -> Draft:
    """An invoice with everything that a submission needs, 1,000.00 + 20 %."""
    values: Mapping[str, str] = {
        "invoice_number": number,
        "issue_date": "2026-11-18",
        "type": "invoice",
        "currency": "EUR",
        "supplier_siret": SUPPLIER,
        "recipient_siret": BODY,
        "recipient_name": "COMMUNE DE TEST",
        "total_excl_tax": "1000.00",
        "total_tax": "200.00",
        "total_incl_tax": "1200.00",
        "amount_due": "1200.00",
        "invoicing_framework": "A1_FACTURE_FOURNISSEUR",
        "vat_type": "TVA_SUR_DEBIT",
        "payment_mode": "VIREMENT",
        **texts,
    }
    typed_values: dict[str, Value] = {name: typed(name, value) for name, value in values.items()}
    typed_values["vat"] = (vat_row("20.00", "1000.00", "200.00"),)
    read = {name: Candidate(value=value, source=Source.TEXT, page=1) for name, value in typed_values.items()}
    return Draft(fields={name: FieldValue(chosen=candidate) for name, candidate in read.items()})


def typed(name: str, value: Value) -> Value:
    """A value as tests write it (`1200.00`), in the type that its field has."""
    return from_text(name, value) if isinstance(value, str) else value


def a_submission(number: str = "2026-FA-1", **changes: object) -> Submission:
    """What `complete_draft` sends."""
    values: dict[str, object] = {
        "number": number,
        "issue_date": dt.date(2026, 11, 18),
        "credit_note": False,
        "supplier_siret": SUPPLIER,
        "supplier_id": 1,
        "recipient_siret": BODY,
        "framework": InvoicingFramework.A1_FACTURE_FOURNISSEUR,
        "vat_type": VatType.TVA_SUR_DEBIT,
        "payment_mode": PaymentMode.VIREMENT,
        "total_excl_tax": Decimal("1000.00"),
        "total_tax": Decimal("200.00"),
        "total_incl_tax": Decimal("1200.00"),
        "amount_due": Decimal("1200.00"),
        "main_upload_id": 1,
        "main_sha256": "0" * 64,
        "main_name": "f.pdf",
    }
    return Submission(**{**values, **changes})  # type: ignore[arg-type]


def found_as_sent(number: str = "2026-FA-1", chorus_id: int = 7, **changes: object) -> RemoteInvoice:
    """The row that a search shows for `a_submission`."""
    values: dict[str, object] = {
        "chorus_id": chorus_id,
        "number": number,
        "status": "DEPOSEE",
        "status_at": None,
        "status_comment": None,
        "credit_note": False,
        "supplier_siret": SUPPLIER,
        "recipient_siret": BODY,
        "recipient_name": None,
        "service_code": None,
        "engagement_number": None,
        "total_excl_tax": Decimal("1000.00"),
        "total_incl_tax": Decimal("1200.00"),
        "amount_due": Decimal("1200.00"),
        "issue_date": None,
        "deposited_on": None,
    }
    return RemoteInvoice(**{**values, **changes})  # type: ignore[arg-type]


def reading() -> Reading:
    """A reading that found nothing; enough where only its existence matters."""
    return Reading(kind=DocumentKind.DIGITAL)


def configuration(**changes: object) -> Configuration:
    """One provider that sends by itself, and a criterion for customer invoices."""
    return Configuration.model_validate(
        {
            "portal": {"kind": "folder", "url": "memory://portal"},
            "providers": [
                {
                    "name": "Imprimerie Durand",
                    "siret": SUPPLIER,
                    "environment": "simulator",
                    "connection": "chorus_test",
                    "automatic_submission": True,
                }
            ],
            "criteria": [{"name": "customer invoices", "classification_rule": "Facture client", "since": "always"}],
            **changes,
        }
    )
