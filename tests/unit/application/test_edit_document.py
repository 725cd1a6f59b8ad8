"""What a person types, shelves and brings back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from include.application import edit_document
from include.application.edit_document import EditDesk, canonical_edits, set_fields
from include.application.storage_ports import Edit, JudgeWork, Ticket
from include.domain.errors import InputError, MoveForbiddenError, RemoteUnavailableError
from include.domain.lifecycle import State
from include.domain.mapping import map_invoice
from tests.factories import SUPPLIER, a_submission, configuration, portal_document, reading
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import FakeClock
from tests.fakes.judgements import FakeJudgements


class OnlyInvoiceIds:
    """The one method of the ledger that editing uses: document 107 is invoice 7."""

    def invoices_of(self, document_ids: Sequence[int]) -> list[int]:
        return [7] if list(document_ids) == [107] else []


@pytest.fixture
def platform(clock: FakeClock) -> FakePlatform:
    return FakePlatform(clock)


@pytest.fixture
def judgements() -> FakeJudgements:
    return FakeJudgements()


@pytest.fixture
def desk(platform: FakePlatform, judgements: FakeJudgements, clock: FakeClock) -> EditDesk:
    return EditDesk(
        judgements=judgements,
        ledger=OnlyInvoiceIds(),  # type: ignore[arg-type]
        chorus=FakeChorus(platform),
        configuration=configuration(),
        revision=3,
        clock=clock,
        actor="mdurand",
    )


def invoice(judgements: FakeJudgements, state: State = State.TO_COMPLETE, **changes: Any) -> JudgeWork:
    values: dict[str, Any] = {
        "ticket": Ticket(invoice_id=7, state=state, version=1),
        "document_id": 107,
        "document": portal_document(),
        "reading": reading(),
        "edits": {},
        "provider_scope": (),
        "content_sha256": "0" * 64,
    }
    judgements.judged[7] = 3
    return judgements.add(JudgeWork(**{**values, **changes}))


def typed(judgements: FakeJudgements) -> dict[str, Any]:
    return {name: edit.value for name, edit in judgements.works[7].edits.items()}


def test_typed_values_are_stored_in_canonical_form_with_who_and_when(
    desk: EditDesk, judgements: FakeJudgements, clock: FakeClock
) -> None:
    invoice(judgements)
    set_fields(desk, 107, {"total_incl_tax": "1 800,00 €", "issue_date": "18/11/2026", "type": "avoir"})
    assert typed(judgements) == {"total_incl_tax": "1800.00", "issue_date": "2026-11-18", "type": "credit_note"}
    assert judgements.works[7].edits["type"] == Edit(value="credit_note", actor="mdurand", at=clock.now())


def test_an_edit_has_the_invoice_judged_again(desk: EditDesk, judgements: FakeJudgements) -> None:
    invoice(judgements)
    set_fields(desk, 107, {"engagement_number": "1300"})
    assert judgements.to_judge(3, limit=1)


def test_a_vat_table_is_stored_as_json_and_read_back(desk: EditDesk, judgements: FakeJudgements) -> None:
    invoice(judgements)
    set_fields(desk, 107, {"vat": "20 : 1 000,00 : 200,00"})
    assert typed(judgements) == {"vat": [{"rate": "20.00", "base": "1000.00", "amount": "200.00"}]}
    draft = map_invoice(reading(), document=portal_document(), edits=typed(judgements))
    assert draft.vat_rows()[0].base == "1000.00"


def test_an_empty_value_takes_an_edit_back(desk: EditDesk, judgements: FakeJudgements, clock: FakeClock) -> None:
    invoice(judgements, edits={"comment": Edit(value="Lot 3", actor="x", at=clock.now())})
    set_fields(desk, 107, {"comment": " "})
    assert typed(judgements) == {}


def test_a_dash_says_that_there_is_no_such_value(desk: EditDesk, judgements: FakeJudgements) -> None:
    invoice(judgements)
    set_fields(desk, 107, {"engagement_number": "-"})
    assert typed(judgements) == {"engagement_number": ""}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"montant": "1"}, "There is no field 'montant'; allowed are invoice_number, issue_date"),
        ({"total_incl_tax": "1.800"}, "'total_incl_tax' is '1.800', which is no unambiguous amount"),
        ({"payment_mode": "or"}, "choose one of CHEQUE"),
        ({"issue_date": "hier"}, "18/11/2026"),
        ({}, "No field was given"),
    ],
)
def test_what_cannot_be_stored_changes_nothing_and_says_what_is_allowed(
    desk: EditDesk, judgements: FakeJudgements, values: dict[str, str], shown: str
) -> None:
    invoice(judgements)
    with pytest.raises(InputError, match=shown):
        set_fields(desk, 107, {**values, "comment": "fine"} if values else values)
    assert typed(judgements) == {}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as raised:
        canonical_edits({"montant": "1", "issue_date": "hier"})
    assert "montant" in raised.value.what
    assert "hier" in raised.value.what


def test_an_unknown_document_is_said_to_be_unknown(desk: EditDesk) -> None:
    with pytest.raises(InputError, match="There is no document 1"):
        set_fields(desk, 1, {"comment": "x"})


def test_what_is_being_sent_cannot_be_edited(desk: EditDesk, judgements: FakeJudgements) -> None:
    invoice(judgements, State.UNKNOWN)
    with pytest.raises(MoveForbiddenError):
        set_fields(desk, 107, {"comment": "x"})


# ---------------------------------------------------------------- frozen

FROZEN = {"frozen_number": "2026-FA-1", "frozen_supplier": SUPPLIER}
CHANGES = [{"invoice_number": "2026-FA-2"}, {"supplier_siret": "33254021516365"}, {"invoice_number": ""}]


@pytest.mark.parametrize("values", CHANGES)
def test_a_frozen_number_or_supplier_changes_after_an_empty_search_by_the_old_ones(
    desk: EditDesk, judgements: FakeJudgements, platform: FakePlatform, values: dict[str, str]
) -> None:
    invoice(judgements, **FROZEN)
    set_fields(desk, 107, values)
    assert platform.calls["search"] == 1
    assert 7 not in judgements.judged


@pytest.mark.parametrize("values", CHANGES)
def test_a_frozen_number_that_the_platform_shows_does_not_change(
    desk: EditDesk, judgements: FakeJudgements, platform: FakePlatform, values: dict[str, str]
) -> None:
    invoice(judgements, **FROZEN)
    held = platform.take(a_submission())
    with pytest.raises(InputError, match=f"2026-FA-1 \\(no. {held.chorus_id}, DEPOSEE\\)"):
        set_fields(desk, 107, values)
    assert typed(judgements) == {}


def test_a_search_that_fails_is_no_empty_search(
    desk: EditDesk, judgements: FakeJudgements, platform: FakePlatform
) -> None:
    invoice(judgements, **FROZEN)
    platform.fail("search", Fault.UNAVAILABLE)
    with pytest.raises(RemoteUnavailableError):
        set_fields(desk, 107, {"invoice_number": "2026-FA-2"})
    assert typed(judgements) == {}


def test_without_a_provider_that_can_search_it_does_not_change(desk: EditDesk, judgements: FakeJudgements) -> None:
    invoice(judgements, frozen_number="2026-FA-1", frozen_supplier="11111111111111")
    with pytest.raises(InputError, match="11111111111111"):
        set_fields(desk, 107, {"invoice_number": "2026-FA-2"})


@pytest.mark.parametrize("values", [{"comment": "Lot 3"}, {"invoice_number": "2026-fa-1"}])
def test_what_does_not_touch_the_frozen_values_needs_no_search(
    desk: EditDesk, judgements: FakeJudgements, platform: FakePlatform, values: dict[str, str]
) -> None:
    invoice(judgements, **FROZEN)
    set_fields(desk, 107, values)
    assert platform.calls["search"] == 0


# ---------------------------------------------------------------- shelving


@pytest.mark.parametrize(("action", "state"), [("hold", State.HELD), ("discard", State.DISCARDED)])
@pytest.mark.parametrize("back", ["release", "restore"])
def test_a_shelved_document_comes_back_to_where_it_was(
    desk: EditDesk, judgements: FakeJudgements, action: str, state: State, back: str
) -> None:
    invoice(judgements)
    getattr(edit_document, action)(desk, 107, reason=" wait ")
    assert judgements.state(7) is state
    assert judgements.shelved[7] == (State.TO_COMPLETE, "wait")
    assert getattr(edit_document, back)(desk, 107, reason="go on") is State.TO_COMPLETE
    assert judgements.state(7) is State.TO_COMPLETE


def test_a_document_can_be_read_again(desk: EditDesk, judgements: FakeJudgements) -> None:
    invoice(judgements)
    edit_document.reread(desk, 107, reason="better OCR")
    assert judgements.reread_ids == [(7, "better OCR")]


@pytest.mark.parametrize("action", ["hold", "discard", "release", "restore", "reread"])
def test_everything_a_person_does_has_a_reason(desk: EditDesk, judgements: FakeJudgements, action: str) -> None:
    invoice(judgements)
    with pytest.raises(InputError, match="reason"):
        getattr(edit_document, action)(desk, 107, reason="  ")
    assert judgements.state(7) is State.TO_COMPLETE
