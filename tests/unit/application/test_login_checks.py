"""What `chorus doctor` says of a login that works and will end."""

from __future__ import annotations

import datetime as dt

import pytest

from include.application.providers.check_login import Login, login_checks
from include.domain.configuration import Provider
from include.domain.directory import SupplierAccount
from tests.factories import SUPPLIER, configuration
from tests.fakes.clock import START


@pytest.mark.parametrize(
    ("authentication", "name", "days", "ok"),
    [
        ("certificate", "certificate", 31, True),
        ("certificate", "certificate", 30, False),
        ("oauth_piste", "technical password", 16, True),
        ("oauth_piste", "technical password", 15, False),
    ],
)
def test_an_end_is_told_from_30_days_for_a_certificate_and_15_for_a_password(
    authentication: str, name: str, days: int, ok: bool
) -> None:
    provider = Provider.model_validate({**configuration().providers[0].model_dump(), "authentication": authentication})
    ends = START + dt.timedelta(days=days)
    supplier = SupplierAccount(structure_id=1, name="Durand", siret=SUPPLIER, bank_accounts=())
    login = Login(
        supplier=supplier,
        password_expires_at=ends if authentication == "oauth_piste" else None,
        certificate_expires_at=ends if authentication == "certificate" else None,
    )
    found = {check.name: check for check in login_checks(provider, login, START)}
    assert (found[name].ok, f"({days} days)" in str(found[name].seen), bool(found[name].todo)) == (ok, True, not ok)
