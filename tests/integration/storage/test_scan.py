"""What one look at the portal changes in our store."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.adapters.storage.store import Store
from include.application.ports.document_views import DocumentFilter
from include.application.ports.ledger import SendWork
from include.domain.document import PortalListing
from include.domain.errors import PortalUnavailableError
from include.domain.lifecycle import State
from include.domain.notification import describe
from include.domain.reasons import Reason
from include.domain.rights import OWNER
from include.domain.submission import Taken
from tests.factories import NEVER_LEFT, a_submission, configuration, listing, portal_document
from tests.fakes.clock import START

NOTHING = PortalListing(seen=frozenset({"other.pdf"}), changed=())


def states(store: Store) -> dict[str, str]:
    return {row.portal_id: row.state for row in store.document_views.rows(OWNER, DocumentFilter())}


def test_a_new_document_is_detected_once(store: Store) -> None:
    document = portal_document()
    assert store.documents.record_scan(listing(document), now=START).new == 1
    again = store.documents.record_scan(listing(unchanged=(document.portal_id,)), now=START)
    assert (again.new, again.seen) == (0, 1)
    assert states(store) == {document.portal_id: State.DETECTED}
    assert store.documents.known_signatures() == {document.portal_id: document.signature}


def test_a_moved_file_is_the_same_document(store: Store) -> None:
    store.documents.record_scan(listing(portal_document("a/f.pdf")), now=START)
    result = store.documents.record_scan(listing(portal_document("b/f.pdf")), now=START)
    assert (result.moved, result.new, result.vanished) == (1, 0, 0)
    assert states(store) == {"b/f.pdf": State.DETECTED}


def test_a_document_is_held_at_the_second_pass_without_it_and_released_when_it_returns(store: Store) -> None:
    document = portal_document()
    other = portal_document("other.pdf", b"other")
    store.documents.record_scan(listing(document, other), now=START)
    assert store.documents.record_scan(NOTHING, now=START).vanished == 0
    assert states(store)[document.portal_id] == State.DETECTED
    assert store.documents.record_scan(NOTHING, now=START).vanished == 1
    assert states(store)[document.portal_id] == State.HELD
    assert document.portal_id not in store.documents.known_signatures()
    assert store.documents.record_scan(listing(document, unchanged=("other.pdf",)), now=START).returned == 1
    assert states(store)[document.portal_id] == State.DETECTED


def test_what_a_person_held_is_not_released_by_its_return(store: Store) -> None:
    document = portal_document()
    store.documents.record_scan(listing(document, portal_document("other.pdf", b"other")), now=START)
    [row] = [r for r in store.document_views.rows(OWNER, DocumentFilter()) if r.portal_id == document.portal_id]
    store.assessments.shelve(row.invoice_id, State.HELD, reason="wait", actor="ann", now=START)
    for _ in range(3):
        store.documents.record_scan(NOTHING, now=START)
    store.documents.record_scan(listing(document, unchanged=("other.pdf",)), now=START)
    assert states(store)[document.portal_id] == State.HELD


def test_everything_gone_at_once_is_a_fault_of_the_portal_and_marks_nothing(store: Store) -> None:
    store.documents.record_scan(listing(portal_document()), now=START)
    for _ in range(3):
        with pytest.raises(PortalUnavailableError, match="mounted"):
            store.documents.record_scan(PortalListing(seen=frozenset(), changed=()), now=START)
    assert set(states(store).values()) == {State.DETECTED}


def test_a_postponed_document_has_not_vanished(store: Store) -> None:
    document = portal_document()
    store.documents.record_scan(listing(document, portal_document("other.pdf", b"other")), now=START)
    half_written = PortalListing(
        seen=frozenset({"other.pdf"}), changed=(), postponed={document.portal_id: "portal_still_changing"}
    )
    for _ in range(3):
        store.documents.record_scan(half_written, now=START)
    assert states(store)[document.portal_id] == State.DETECTED


def test_new_metadata_before_submission_has_it_matched_and_assessed_again(
    store: Store, make_ready: Callable[..., SendWork]
) -> None:
    work = make_ready("A", b"content")
    assert store.documents.to_match(1, limit=9) == []
    changed = portal_document("Factures/A.pdf", b"content", metadata={"montant": ("9",)})
    assert store.documents.record_scan(listing(changed), now=START).changed == 1
    [again] = store.documents.to_match(1, limit=9)
    assert again.document.metadata == {"montant": ("9",)}
    assert store.ledger.ready(work.provider_key, 1, limit=9) == []


def test_new_content_before_submission_is_read_again(store: Store, make_ready: Callable[..., SendWork]) -> None:
    make_ready("A", b"content")
    changed = portal_document("Factures/A.pdf", b"other content")
    store.documents.record_scan(listing(changed), now=START)
    [again] = store.documents.to_match(1, limit=9)
    after = store.documents.record_match(
        again,
        matched=True,
        stored_sha256=changed.content_sha256,
        criteria=["c"],
        provider_scope=[],
        reasons=[],
        revision=1,
        now=START,
    )
    assert after is State.MATCHED
    assert [w.content_sha256 for w in store.documents.to_read(limit=9)] == [changed.content_sha256]


def test_new_content_after_submission_is_a_new_version_and_the_sent_one_is_flagged(
    store: Store, make_ready: Callable[..., SendWork]
) -> None:
    work = make_ready("A", b"content")
    attempt = store.ledger.claim(
        work, a_submission(number="A"), "{}", owner="w", lease_seconds=900, revision=1, now=START
    )
    answer = Taken(chorus_id=7, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
    assert store.ledger.taken(attempt, answer, now=START)
    store.documents.record_scan(listing(portal_document("Factures/A.pdf", b"second")), now=START)
    rows = store.document_views.rows(OWNER, DocumentFilter())
    assert [(row.content_version, row.state, row.flag) for row in rows] == [
        (1, State.SUBMITTED, "content_changed"),
        (2, State.DETECTED, None),
    ]


def test_new_metadata_after_submission_is_only_flagged(store: Store, make_ready: Callable[..., SendWork]) -> None:
    work = make_ready("A", b"content")
    attempt = store.ledger.claim(
        work, a_submission(number="A"), "{}", owner="w", lease_seconds=900, revision=1, now=START
    )
    changed = portal_document("Factures/A.pdf", b"content", metadata={"montant": ("9",)})
    store.documents.record_scan(listing(changed), now=START)
    [row] = store.document_views.rows(OWNER, DocumentFilter())
    assert (row.state, row.flag) == (State.SUBMITTING, "metadata_changed")
    assert store.ledger.not_sent(attempt, NEVER_LEFT, now=START), "the flag does not take the row from its sender"


def test_an_invoice_waiting_for_a_linked_document_is_assessed_again_when_it_comes(
    store: Store, make_ready: Callable[..., SendWork]
) -> None:
    store.documents.record_scan(listing(portal_document("f.pdf", links=("bl.pdf",))), now=START)
    [work] = store.documents.to_match(1, limit=9)
    assert work.linked == ()
    store.documents.record_match(
        work, matched=True, stored_sha256="x", criteria=["c"], provider_scope=[], reasons=[], revision=1, now=START
    )
    assert store.documents.to_match(1, limit=9) == []
    store.documents.record_scan(listing(portal_document("bl.pdf", b"bl"), unchanged=("f.pdf",)), now=START)
    linked = {w.document.portal_id: [d.portal_id for d in w.linked] for w in store.documents.to_match(1, limit=9)}
    assert linked == {"f.pdf": ["bl.pdf"], "bl.pdf": []}


def test_only_an_older_revision_is_matched_again(store: Store) -> None:
    store.documents.record_scan(listing(portal_document()), now=START)
    [work] = store.documents.to_match(1, limit=9)
    store.documents.record_match(
        work, matched=False, stored_sha256=None, criteria=[], provider_scope=[], reasons=[], revision=1, now=START
    )
    assert states(store) == {"Factures/f1.pdf": State.IGNORED}
    assert store.documents.to_match(1, limit=9) == []
    assert len(store.documents.to_match(2, limit=9)) == 1


def test_the_configuration_of_the_store_is_the_one_saved(store: Store) -> None:
    assert store.configuration.current() == (1, configuration())


def test_a_document_that_vanished_and_comes_back_elsewhere_is_released(store: Store) -> None:
    store.documents.record_scan(listing(portal_document("a/f.pdf"), portal_document("other.pdf", b"other")), now=START)
    for _ in range(2):
        store.documents.record_scan(NOTHING, now=START)
    assert states(store)["a/f.pdf"] == State.HELD
    elsewhere = listing(portal_document("b/f.pdf"), unchanged=("other.pdf",))
    assert store.documents.record_scan(elsewhere, now=START).moved == 1
    assert states(store) == {"b/f.pdf": State.DETECTED, "other.pdf": State.DETECTED}


def test_a_document_that_no_pass_will_take_by_itself_is_told_once_per_cause(store: Store) -> None:
    def look(code: str) -> None:
        waiting = PortalListing(seen=frozenset({"other.pdf"}), changed=(), postponed={"f.pdf": code})
        store.documents.record_scan(waiting, now=START)

    for code in ("portal_still_changing", "side_car_not_json", "side_car_not_json", "side_car_encoding"):
        look(code)
    told = [describe(event, "fr") for event in store.outbox.undistributed(after=0, limit=9)]
    assert len(told) == 2
    for text, code in zip(told, ("side_car_not_json", "side_car_encoding"), strict=True):
        assert "f.pdf" in text
        assert Reason(code=code).message("fr") in text
