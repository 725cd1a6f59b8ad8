"""Values and where they were read, said in the reader's way from parameters, never out of one text."""

from __future__ import annotations

from decimal import Decimal

from include.domain.causes import CauseCode
from include.domain.fields import Candidate, Source, VatRow
from include.domain.fields.shown import shown_value
from include.domain.mapping.draft import evidence_params
from include.domain.reasons import Reason
from include.domain.transitions.change import SYSTEM, why_shelved

THOUSAND = "1\N{NARROW NO-BREAK SPACE}800,00"
ROW = VatRow(Decimal("20.00"), Decimal("40.00"), Decimal("8.00"))


def conflict(field: str, chosen: Candidate, other: Candidate) -> Reason:
    params = evidence_params("chosen", chosen) | evidence_params("other", other)
    return Reason(code=f"conflict_{field}", field=field, params=params)


def test_a_conflict_says_each_amount_with_its_place() -> None:
    chosen = Candidate(value=Decimal("1800.00"), source=Source.METADATA, text="montant: 1 800,00")
    reason = conflict("total_incl_tax", chosen, Candidate(value=Decimal("180.00"), source=Source.OCR, page=2))
    assert (reason.params["chosen"], reason.params["other_source"], reason.params["other_place"]) == (
        "1800.00",
        "ocr",
        "2",
    )
    assert f"{THOUSAND} (montant: 1 800,00)" in reason.message("fr") and "180,00 (page 2, OCR)" in reason.message("fr")
    assert "1,800.00 (montant: 1 800,00)" in reason.message("en")


def test_rows_of_vat_are_said_in_words() -> None:
    one = Candidate(value=(ROW, ROW), source=Source.FACTURX)
    said = conflict("vat", one, Candidate(value=(ROW,), source=Source.TEXT)).message("fr")
    assert "20,00\N{NO-BREAK SPACE}% sur 40,00\N{NO-BREAK SPACE}: 8,00" in said and "(texte du PDF)" in said
    assert shown_value("vat", [], "fr") == ""


def test_a_document_that_vanished_is_held_for_a_reason_of_ours_and_a_person_s_words_stay() -> None:
    ours, theirs = why_shelved(CauseCode.VANISHED, SYSTEM), why_shelved("vanished", "person")
    assert ours is not None and ours.text("fr") == "document disparu du portail"
    assert theirs is not None and theirs.text("fr") == "vanished"
    assert why_shelved(None, None) is None
