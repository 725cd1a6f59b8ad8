"""A complete submission whose values are easy to tell apart on the wire."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from include.domain.codes import InvoicingFramework, PaymentMode, VatType
from include.domain.fields import VatRow
from include.domain.submission import Submission


@pytest.fixture
def submission() -> Submission:
    return Submission(
        number="2026-FA-00417",
        issue_date=dt.date(2026, 11, 20),
        credit_note=False,
        supplier_siret="33254021516357",
        supplier_id=26309911,
        recipient_siret="12345678200028",
        framework=InvoicingFramework.A1_FACTURE_FOURNISSEUR,
        vat_type=VatType.TVA_SUR_DEBIT,
        payment_mode=PaymentMode.VIREMENT,
        total_excl_tax=Decimal("850"),
        total_tax=Decimal("170.0"),
        total_incl_tax=Decimal("1020.00"),
        amount_due=Decimal("1020.00"),
        vat=(VatRow(rate=Decimal("20.00"), base=Decimal("850"), amount=Decimal("170")),),
        main_upload_id=99120034,
        main_sha256="0" * 64,
        main_name="facture.pdf",
    )
