"""Headings of reasons: a few words for lists, filters and the dashboard."""

from __future__ import annotations

import pytest

from include.domain.reasons import reason_heading
from include.texts import has_text
from tests.catalogues import codes


def test_every_reason_has_a_heading() -> None:
    assert [code for code in codes("reason") if not has_text(f"heading.{code}")] == []


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("service_required", "Code service exigé par le destinataire"),
        ("missing_total_incl_tax", "Montant TTC introuvable"),
        ("too_long_invoice_number", "Numéro de facture trop long"),
        ("refused_engagement", "Refusée par Chorus Pro"),
        ("of another version", "of another version"),
    ],
)
def test_families_are_worded_with_their_field(code: str, heading: str) -> None:
    assert reason_heading(code, "fr") == heading
