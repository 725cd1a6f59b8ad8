"""One invoice from ready to its answer: uploads, reasons found at the last moment, the claim, and what stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import events
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.submission_builder import MAX_FILE_NAME
from tests.factories import PROVIDER_KEY, SUPPLIER, configuration, listing, portal_document
from tests.fakes.chorus import FakeGateway, Fault, ProcessKilled, decode
from tests.integration.sending.sending_world import DELAY_SECONDS, World

DURAND = {
    "name": "Durand",
    "siret": SUPPLIER,
    "environment": "simulator",
    "connection": "chorus_durand",
    "automatic_submission": True,
}


def one_provider(world: World, *, attachments: dict[str, Any] | None = None, **changes: Any) -> None:
    world.configure(
        submission={"parallel": 1}, providers=[{**DURAND, **changes}], attachments=attachments or {"links": []}
    )


def bank_details(world: World, name: str) -> None:
    one_provider(world, bank_details={"default": name})


def with_attachment(world: World, name: str = "bon.pdf", *, stored: bool = True) -> int:
    """An invoice that the portal links to one more document."""
    content = b"%PDF-1.7 delivery note"
    if stored:
        world.files.put(content)
    linked = portal_document(f"Bons/{name}", content, classification_rule="Bon")
    known = tuple(world.store.documents.known_signatures())
    world.store.documents.record_scan(listing(linked, unchanged=known), now=world.fake_clock.now())
    return world.add("F-1", links=(linked.portal_id,))


class TestUploads:
    """Files go up before the claim and are used again."""

    def test_a_file_is_uploaded_before_the_claim(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("upload", Fault.DIES_AFTER_TAKEN)
        with pytest.raises(ProcessKilled):
            world.send()
        assert (world.state(invoice_id), world.attempts(invoice_id)) == (State.READY, [])
        world.send()
        assert world.state(invoice_id) is State.SUBMITTED
        assert world.platform.calls["upload"] == 2, "a death between answer and commit uploads twice, harmlessly"

    def test_an_upload_is_remembered_and_used_again(self, world: World) -> None:
        world.add("F-1")
        world.platform.fail("submit", Fault.RATE_LIMITED)
        world.send()
        world.send()
        assert (world.platform.calls["upload"], world.platform.numbers()) == (1, ["F-1"])

    def test_uploads_are_forgotten_after_a_refusal(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.platform.fail("submit", Fault.RATE_LIMITED)
        world.send()
        world.platform.uploads.clear()
        world.send()
        assert world.state(invoice_id) is State.REFUSED, "the platform no longer knows the file"
        world.store.assessments.reopen(invoice_id, actor="person", now=world.fake_clock.now())
        world.send()
        assert (world.state(invoice_id), world.platform.calls["upload"]) == (State.SUBMITTED, 2)

    def test_a_refused_file_is_a_reason(self, world: World) -> None:
        refused, other = world.add("F-1"), world.add("F-2")
        world.platform.fail("upload", Fault.TOO_LARGE)
        world.send()
        assert (world.state(refused), world.reasons(refused)) == (State.TO_COMPLETE, ["upload_refused"])
        assert world.state(other) is State.SUBMITTED

    def test_a_long_name_is_cut_and_keeps_its_extension(self, world: World) -> None:
        world.add("F-1", path=f"Factures/{'x' * 80}.pdf")
        world.send()
        name = world.platform.invoices[0].sent.main_name
        assert len(name) == MAX_FILE_NAME and name.endswith(".pdf")

    def test_a_signed_pdf_is_announced_as_signed(self, world: World) -> None:
        world.add("F-1", signed=True)
        world.add("F-2", content=b"%PDF-1.7 speaks of /ByteRange", signed=False)
        world.send()
        assert [held.sent.signed for held in world.platform.invoices] == [True, False]

    def test_where_nobody_looked_at_its_objects_the_bytes_of_a_pdf_decide(self, world: World) -> None:
        world.add("F-1", content=b"%PDF-1.7 /ByteRange [0 1 2 3]", signed=None)
        world.add("F-2", signed=None)
        world.send()
        assert [held.sent.signed for held in world.platform.invoices] == [True, False]


class TestAttachments:
    """What goes along."""

    def test_linked_documents_go_along_with_the_default_type(self, world: World) -> None:
        one_provider(world, send_attachments=True, attachments={"default_type": "RIB"})
        with_attachment(world)
        world.send()
        [held] = world.platform.invoices
        assert [(a.name, a.type_code) for a in held.sent.attachments] == [("bon.pdf", "RIB")]

    def test_without_a_default_type_the_first_of_the_platform_is_used(self, world: World) -> None:
        one_provider(world, send_attachments=True)
        with_attachment(world)
        world.send()
        assert world.platform.invoices[0].sent.attachments[0].type_code == world.platform.types[0][0]

    def test_a_type_that_the_platform_does_not_list_is_a_reason(self, world: World) -> None:
        one_provider(world, send_attachments=True, attachments={"default_type": "AUTRE"})
        invoice_id = with_attachment(world)
        world.send()
        assert (world.state(invoice_id), world.reasons(invoice_id)) == (State.TO_COMPLETE, ["attachment_type_unknown"])
        assert world.platform.numbers() == []

    def test_an_attachment_whose_bytes_are_gone_is_a_reason(self, world: World) -> None:
        one_provider(world, send_attachments=True)
        invoice_id = with_attachment(world, stored=False)
        world.send()
        assert (world.state(invoice_id), world.reasons(invoice_id)) == (State.TO_COMPLETE, ["content_missing"])

    def test_a_refused_attachment_is_a_reason(self, world: World) -> None:
        one_provider(world, send_attachments=True)
        invoice_id = with_attachment(world)
        upload = FakeGateway.upload
        try:
            FakeGateway.upload = _refuse_delivery_notes(upload)  # type: ignore[method-assign]
            world.send()
        finally:
            FakeGateway.upload = upload  # type: ignore[method-assign]
        assert (world.state(invoice_id), world.reasons(invoice_id)) == (State.TO_COMPLETE, ["upload_refused"])


def _refuse_delivery_notes(upload: Any) -> Any:
    def wrapped(gateway: FakeGateway, name: str, content: bytes, mime_type: str) -> int:
        if b"delivery note" in content:
            gateway._platform.fail("upload", Fault.TOO_LARGE)
        return int(upload(gateway, name, content, mime_type))

    return wrapped


class TestBankDetails:
    """By their name on the platform."""

    def test_they_are_sent_by_the_id_that_the_platform_lists(self, world: World) -> None:
        bank_details(world, "compte cic")
        world.add("F-1")
        world.send()
        [held] = world.platform.invoices
        listed = {bank.name: bank.id for bank in world.platform.account(SUPPLIER).bank_accounts}
        assert held.sent.bank_details_id == listed["Compte CIC"]

    def test_a_name_that_the_platform_does_not_list_is_a_reason(self, world: World) -> None:
        bank_details(world, "Compte perdu")
        invoice_id = world.add("F-1")
        world.send()
        row = world.row(invoice_id)
        assert (row.state, world.reasons(invoice_id)) == (State.TO_COMPLETE, ["bank_details_not_on_platform"])
        assert "Compte CIC" in row.reasons[0]["params"]["listed"]

    def test_a_name_listed_twice_is_a_reason(self, world: World) -> None:
        bank_details(world, "Compte CIC")
        account = world.platform.account(SUPPLIER)
        twice = (*account.bank_accounts, account.bank_accounts[1])
        world.platform.accounts[SUPPLIER] = type(account)(**{**vars(account), "bank_accounts": twice})
        invoice_id = world.add("F-1")
        world.send()
        assert (world.state(invoice_id), world.reasons(invoice_id)) == (State.TO_COMPLETE, ["bank_details_ambiguous"])

    def test_without_a_name_none_are_sent(self, world: World) -> None:
        world.add("F-1")
        world.send()
        assert world.platform.invoices[0].sent.bank_details_id is None


class TestClaim:
    """Who may send, and when no longer."""

    def test_the_number_or_the_content_of_another_invoice_is_a_reason(self, world: World) -> None:
        world.add("F-1")
        same_number = world.add("f-1 ", content=b"%PDF-1.7 other", path="Factures/again.pdf")
        same_content = world.add("F-1", content=b"%PDF-1.7 F-1", path="Factures/copy.pdf")
        world.store.assessments.edit(
            same_content, {"invoice_number": "F-3"}, actor="person", now=world.fake_clock.now()
        )
        world.send()
        assert world.platform.numbers() == ["F-1"]
        for invoice_id in (same_number, same_content):
            assert (world.state(invoice_id), world.reasons(invoice_id)) == (State.TO_COMPLETE, ["already_sent"])
        assert world.keys_follow_the_attempts()

    def test_of_two_with_one_number_and_other_totals_a_person_chooses(self, world: World) -> None:
        first = world.add("F-1")
        second = world.add("f-1 ", content=b"%PDF-1.7 other", path="Factures/other.pdf")
        typed = {"total_excl_tax": "2000.00", "total_tax": "400.00", "total_incl_tax": "2400.00"}
        typed_vat = {"vat": [{"rate": "20.00", "base": "2000.00", "amount": "400.00"}]}
        world.store.assessments.edit(second, {**typed, **typed_vat}, actor="person", now=world.fake_clock.now())
        assert [world.send().to_complete for _ in range(2)] == [2, 0], "they wait, and are not looked at again"
        assert [world.reasons(one) for one in (first, second)] == [["number_used_twice"]] * 2
        [reason] = world.row(first).reasons
        assert {"our_total": "1200.00", "document": "other.pdf", "their_total": "2400.00"}.items() <= reason[
            "params"
        ].items()
        world.store.assessments.shelve(
            first, State.DISCARDED, reason="replaced", actor="person", now=world.fake_clock.now()
        )
        world.send()
        assert world.state(second) is State.SUBMITTED and world.platform.numbers() == ["f-1 "]
        assert [state for state, _ in world.log(second)].count(State.TO_COMPLETE) == 1

    def test_what_cannot_be_sent_is_told_once_until_its_values_change(self, world: World) -> None:
        world.add("F-1")
        again = world.add("F-1", content=b"%PDF-1.7 other", path="Factures/again.pdf")

        def told() -> int:
            waits = (events.c.invoice_id == again, events.c.kind == EventKind.AWAITING_SUBMISSION)
            with world.store.database.read() as connection:
                return connection.scalar(sa.select(sa.func.count()).select_from(events).where(*waits)) or 0

        world.send()
        assert told() == 1
        world.configure(submission={"parallel": 1})
        world.send()
        assert (world.state(again), told()) == (State.TO_COMPLETE, 1)
        world.store.assessments.edit(again, {"engagement_number": "EJ-2"}, actor="p", now=world.fake_clock.now())
        world.send()
        assert (world.state(again), told()) == (State.TO_COMPLETE, 2)

    def test_a_rejected_invoice_keeps_its_number(self, world: World) -> None:
        world.add("F-1")
        world.send()
        world.platform.set_status("F-1", "REJETEE")
        again = world.add("F-1", content=b"%PDF-1.7 mended", path="Factures/mended.pdf")
        world.send()
        assert (world.state(again), world.reasons(again)) == (State.TO_COMPLETE, ["already_sent"])

    def test_the_same_pdf_of_a_refused_invoice_may_go_again(self, world: World) -> None:
        refused = world.add("F-1")
        world.platform.fail("submit", Fault.BUSINESS_REFUSAL)
        world.send()
        again = world.add("F-1", content=b"%PDF-1.7 F-1", path="Factures/mended.pdf")
        world.send()
        assert (world.state(refused), world.state(again)) == (State.REFUSED, State.SUBMITTED)

    def test_missing_content_is_a_reason_and_the_batch_goes_on(self, world: World, tmp_path: Path) -> None:
        gone, torn, good = world.add("F-1"), world.add("F-2"), world.add("F-3")
        stored = {
            sha: tmp_path / "files" / sha[:2] / sha for sha in (world.row(i).content_sha256 for i in (gone, torn))
        }
        first, second = stored.values()
        first.unlink()
        second.write_bytes(b"%PDF-1.7 torn")
        world.send()
        assert [world.reasons(i) for i in (gone, torn)] == [["content_missing"]] * 2
        assert (world.state(good), world.platform.numbers()) == (State.SUBMITTED, ["F-3"])

    def test_a_revision_raised_between_assessment_and_claim_stops_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invoice_id = world.add("F-1")
        upload = FakeGateway.upload

        def meanwhile(gateway: FakeGateway, name: str, content: bytes, mime_type: str) -> int:
            _, current = world.store.configuration.current()
            if current.submission.parallel != 2:
                world.configure(submission={"parallel": 2})
            return upload(gateway, name, content, mime_type)

        monkeypatch.setattr(FakeGateway, "upload", meanwhile)
        world.send()
        assert (world.state(invoice_id), world.attempts(invoice_id)) == (State.READY, [])
        world.send()
        assert world.state(invoice_id) is State.SUBMITTED, "assessed again under the new revision"

    def test_values_typed_between_assessment_and_claim_stop_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invoice_id = world.add("F-1")
        upload = FakeGateway.upload

        def meanwhile(gateway: FakeGateway, name: str, content: bytes, mime_type: str) -> int:
            now = world.fake_clock.now()
            world.store.assessments.edit(invoice_id, {"invoice_number": "F-2"}, actor="person", now=now)
            world.pipeline().map()
            return upload(gateway, name, content, mime_type)

        monkeypatch.setattr(FakeGateway, "upload", meanwhile)
        world.send()
        assert world.platform.numbers() == [], "what was read before is never sent"
        world.send()
        assert world.platform.numbers() == ["F-2"]

    @pytest.mark.parametrize("answer", [Fault.NEVER_LEFT, Fault.BUSINESS_REFUSAL, Fault.CUT_BEFORE_TAKEN])
    def test_a_late_answer_never_moves_the_row_of_another_sender(
        self, world: World, monkeypatch: pytest.MonkeyPatch, answer: Fault
    ) -> None:
        invoice_id = world.add("F-1")
        submit = FakeGateway.submit
        second: list[Any] = []

        def stalls(gateway: FakeGateway, body: str, *, deadline_seconds: float) -> Any:
            world.let_the_leases_run_out()
            for _ in range(2):
                world.send(may_send=False)
                world.fake_clock.advance(DELAY_SECONDS + 1)
            world.pipeline().map()
            revision, _ = world.store.configuration.current()
            [work] = world.store.ledger.ready(PROVIDER_KEY, revision, limit=9)
            now = world.fake_clock.now()
            claimed = world.store.ledger.claim(
                work, decode(body), body, owner="worker 2", lease_seconds=900, revision=revision, now=now
            )
            second.append(claimed)
            world.platform.fail("submit", answer)
            return submit(gateway, body, deadline_seconds=deadline_seconds)

        monkeypatch.setattr(FakeGateway, "submit", stalls)
        world.send()
        row = world.row(invoice_id)
        assert (row.state, row.owner) == (State.SUBMITTING, "worker 2")
        assert world.attempt_states(invoice_id)[-1] == "open"
        assert world.keys_follow_the_attempts()

    def test_a_claim_too_old_by_the_monotonic_clock_is_not_posted(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invoice_id = world.add("F-1")
        claim = world.store.ledger.claim
        deadline = configuration().submission.send_deadline_seconds

        def stalls(*args: Any, **kwargs: Any) -> Any:
            attempt = claim(*args, **kwargs)
            world.fake_clock.advance(deadline + 1)
            return attempt

        with monkeypatch.context() as patched:
            patched.setattr(world.store.ledger, "claim", stalls)
            world.send()
        assert world.platform.calls["submit"] == 0
        assert (world.state(invoice_id), world.attempt_states(invoice_id)) == (State.READY, ["not_sent"])

    def test_a_claim_too_old_whose_lease_was_acted_on_leaves_the_row_alone(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invoice_id = world.add("F-1")
        claim = world.store.ledger.claim

        def stalls(*args: Any, **kwargs: Any) -> Any:
            attempt = claim(*args, **kwargs)
            world.let_the_leases_run_out()
            world.pipeline("worker 2").plan()
            world.fake_clock.advance(hours=1)
            return attempt

        with monkeypatch.context() as patched:
            patched.setattr(world.store.ledger, "claim", stalls)
            world.send()
        assert world.platform.calls["submit"] == 0
        assert (world.state(invoice_id), world.attempt_states(invoice_id)) == (State.UNKNOWN, ["not_sent"])
        assert world.keys_follow_the_attempts()

    def test_keys_are_taken_where_the_addresses_lead_now(self, world: World) -> None:
        invoice_id = world.add("F-1")
        world.pipeline().map()
        world.fake_chorus.environments[DURAND["connection"]] = "production"
        world.fake_chorus.environments[configuration().providers[0].connection] = "production"
        world.pipeline().submit(PROVIDER_KEY)
        assert world.row(invoice_id).environment == "production"
        assert world.attempts(invoice_id)[0].environment == "production"
