"""Layout memory on both databases: taught by edits and acceptances, once each, forgotten for good."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import invoices, readings
from include.adapters.storage.learning import layouts as stored_layouts
from include.adapters.storage.store import Store
from include.adapters.storage.submission import sent_invoices
from include.application.ports.layouts import Scope, StoredExample
from include.application.ports.paging import PageRequest
from include.application.reading.layouts import Wanted, forget_layouts, list_layouts
from include.application.reading.learn_layouts import LayoutLearner
from include.application.views.filters import viewer_of
from include.domain.configuration import Audience
from include.domain.errors import InputError, NotThereError
from include.domain.extraction.layout_memory.example import Standing
from include.domain.extraction.read_fields import page_candidates
from include.domain.fields import Candidate, Source
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue, map_invoice
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.rights import OWNER
from include.domain.submission import Taken
from include.domain.text import Page
from include.domain.transitions.mapping import Assessment
from tests.factories import (
    PROVIDER_KEY,
    SUPPLIER,
    a_submission,
    complete_draft,
    configuration,
    portal_document,
)
from tests.fakes.clock import START, FakeClock
from tests.integration.storage.matched import matched
from tests.unit.extraction.paper import page

SCOPE = Scope(provider_key=PROVIDER_KEY, classification_rule="facture client")


def paper(number: str) -> Page:
    """A page whose number no label announces."""
    head = [(40.0, 40.0, "Carrières Taupin"), (40.0, 54.0, "Granulats depuis longtemps"), (480.0, 40.0, number)]
    return page(*head, (40, 68, "Lieu dit Ormeaux"), (40, 780, "Conditions affichées au dépôt"))


class Family:
    """Invoices of one layout, read, assessed, edited and sent on a real store."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.learner = LayoutLearner(examples=store.layouts, configuration=configuration(), clock=clock)
        self._chorus_id = 0

    def read(self, number: str, rule: str = "Facture client") -> int:
        """A document read with what is known, not assessed yet; its invoice."""
        document = portal_document(f"Factures/{number}.pdf", number.encode(), classification_rule=rule)
        to_read = matched(self.store, document)
        assert to_read.classification_rule == rule
        memory = tuple(one.example for one in self.store.layouts.examples([SCOPE]))
        fields = page_candidates([paper(number)], memory=memory)
        reading = Reading(kind=DocumentKind.DIGITAL, pages=(paper(number),), fields=fields)
        self.store.documents.record_reading(to_read, reading, now=START)
        return to_read.row_version.invoice_id

    def assess(self, invoice_id: int, *, draft: Draft | None = None, complete: bool = False) -> State | None:
        """Assesses it; without a draft from what was read and typed."""
        revision, _ = self.store.configuration.current()
        works = self.store.assessments.to_assess(revision, limit=99)
        work = next(work for work in works if work.row_version.invoice_id == invoice_id)
        edits = {name: edit.value for name, edit in work.edits.items()}
        found = draft or map_invoice(work.reading, document=work.document, edits=edits)
        reason = map_invoice(work.reading, document=work.document).reasons
        assessment = Assessment(draft=found, reasons=() if complete else (*reason, _MISSING), provider_key=PROVIDER_KEY)
        assessment = dataclasses.replace(assessment, environment="simulator")
        return self.store.assessments.record_assessment(work, assessment, revision=revision, now=START)

    def edit(self, invoice_id: int, **values: str | None) -> None:
        """A person types, as on the form."""
        self.store.assessments.edit(invoice_id, values, actor="mdurand", now=self.clock.now())
        self.learner.edited(invoice_id)

    def corrected(self, number: str) -> int:
        invoice_id = self.read(number)
        self.assess(invoice_id)
        self.edit(invoice_id, invoice_number=number)
        self.clock.advance(60)
        return invoice_id

    def accepted(self, number: str, draft: Draft) -> int:
        """Sent as this draft says, and taken."""
        invoice_id = self.read(number)
        assert self.assess(invoice_id, draft=draft, complete=True) is State.READY
        self.send(invoice_id, number)
        return invoice_id

    def send(self, invoice_id: int, number: str) -> None:
        revision, _ = self.store.configuration.current()
        works = self.store.ledger.ready(PROVIDER_KEY, revision, limit=99)
        work = next(work for work in works if work.row_version.invoice_id == invoice_id)
        attempt = self.store.ledger.claim(
            work, a_submission(number), "{}", owner="a", lease_seconds=900, revision=revision, now=START
        )
        self._chorus_id += 1
        answer = Taken(chorus_id=self._chorus_id, status="DEPOSEE", deposited_on=None, fingerprint=None, raw="{}")
        assert self.store.ledger.taken(attempt, answer, now=START)

    def examples(self) -> list[StoredExample]:
        return self.store.layouts.examples([SCOPE])

    def state(self, invoice_id: int) -> str:
        with self.store.database.read() as connection:
            return str(connection.scalar(sa.select(invoices.c.state).where(invoices.c.id == invoice_id)))


_MISSING = Reason(code="missing_issue_date", field="issue_date")


@pytest.fixture
def family(store: Store, clock: FakeClock) -> Family:
    return Family(store, clock)


def as_read(number: str, **changes: object) -> Draft:
    """A complete draft whose number was read off the page."""
    read = Candidate(value=number, source=Source.TEXT, text=number, page=1, confidence=0.9)
    value = FieldValue(chosen=dataclasses.replace(read, **changes))  # type: ignore[arg-type]
    return complete_draft(number).with_field("invoice_number", value)


def test_what_a_person_typed_is_learned_at_once_with_scope_and_supplier(family: Family) -> None:
    family.corrected("K26/001001")
    [one] = family.examples()
    assert (one.scope, one.accepted, one.example.supplier_siret) == (SCOPE, False, SUPPLIER)
    assert one.example.learned["invoice_number"].standing is Standing.CORRECTED
    assert one.example.learned["invoice_number"].shape == "K99/999999"


def test_the_next_document_of_the_layout_profits(family: Family) -> None:
    for number in ("K26/001001", "K26/001002", "K26/001003"):
        family.corrected(number)
    fields = page_candidates([paper("K26/001004")], memory=tuple(one.example for one in family.examples()))
    assert (fields["invoice_number"][0].value, fields["invoice_number"][0].remembered) == ("K26/001004", 3)


def test_teaching_twice_changes_nothing(family: Family) -> None:
    invoice_id = family.corrected("K26/001001")
    before = family.examples()
    family.clock.advance(3600)
    family.learner.edited(invoice_id)
    family.learner.begin_pass()
    assert family.examples() == before


def test_an_edit_taken_back_takes_back_what_it_taught(family: Family) -> None:
    invoice_id = family.corrected("K26/001001")
    family.edit(invoice_id, invoice_number=None)
    assert family.examples() == []


def test_a_slip_that_the_page_does_not_print_teaches_nothing(family: Family) -> None:
    invoice_id = family.read("K26/001001")
    family.assess(invoice_id)
    family.edit(invoice_id, invoice_number="K26/001010")
    assert family.examples() == []


def test_what_was_accepted_is_learned_by_the_next_pass_and_only_as_accepted(family: Family) -> None:
    family.accepted("K26/001001", as_read("K26/001001"))
    assert family.examples() == []
    family.learner.begin_pass()
    [one] = family.examples()
    assert (one.accepted, one.example.learned["invoice_number"].standing) == (True, Standing.ACCEPTED)


def test_what_the_portal_said_too_counts_like_a_person_once_accepted(family: Family) -> None:
    draft = as_read("K26/001001", source=Source.METADATA, text="numero: K26/001001")
    family.accepted("K26/001001", draft)
    family.learner.begin_pass()
    assert family.examples()[0].example.learned["invoice_number"].standing is Standing.CORRECTED


def test_what_memory_proposed_teaches_nothing_when_it_is_accepted(family: Family) -> None:
    family.accepted("K26/001001", as_read("K26/001001", remembered=3))
    family.learner.begin_pass()
    assert family.examples() == []
    assert family.store.layouts.due(limit=9) == []


def test_of_untouched_invoices_a_few_are_enough(family: Family) -> None:
    for number in range(stored_layouts.ENOUGH + 3):
        family.accepted(f"K26/00100{number}", as_read(f"K26/00100{number}"))
    assert len(family.store.layouts.due(limit=99)) == stored_layouts.ENOUGH


def test_an_accepted_correction_stays_one_example(family: Family) -> None:
    invoice_id = family.corrected("K26/001001")
    family.assess(invoice_id, draft=as_read("K26/001001", source=Source.PERSON), complete=True)
    family.send(invoice_id, "K26/001001")
    family.learner.begin_pass()
    [one] = family.examples()
    assert one.example.learned["invoice_number"].standing is Standing.CORRECTED
    assert family.store.layouts.due(limit=9) == []


def test_a_fault_in_learning_never_costs_the_proof_of_sending(
    family: Family, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("layouts are gone")

    monkeypatch.setattr(sent_invoices, "note_accepted", broken)
    invoice_id = family.accepted("K26/001001", as_read("K26/001001"))
    assert family.state(invoice_id) == State.SUBMITTED
    assert "Nothing could be learned" in caplog.text


def test_a_fault_in_learning_never_costs_an_edit_or_a_pass(
    family: Family, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    family.accepted("K26/001001", as_read("K26/001001"))

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("layouts are gone")

    monkeypatch.setattr("include.application.reading.learn_layouts.learn", broken)
    family.learner.begin_pass()
    family.corrected("K26/001002")
    assert [record.getMessage()[:26] for record in caplog.records] == ["Nothing could be learned f"] * 2
    assert family.store.layouts.due(limit=9) == [], "not tried in every pass"


def test_what_waits_is_looked_at_again_once_a_layout_is_known(family: Family) -> None:
    waiting = family.read("K26/002001")
    family.assess(waiting)
    for number in ("K26/001001", "K26/001002", "K26/001003"):
        family.corrected(number)
    family.learner.begin_pass()
    assert family.store.layouts.fresh() == []
    revision, _ = family.store.configuration.current()
    [work] = [w for w in family.store.assessments.to_assess(revision, limit=99) if w.row_version.invoice_id == waiting]
    assert isinstance(work.reading, Reading)
    assert work.reading.fields["invoice_number"][0].value == "K26/002001"
    assert family.state(waiting) == State.TO_COMPLETE, "its words were used, it was not read again"


def test_another_rule_has_a_memory_of_its_own(family: Family) -> None:
    family.corrected("K26/001001")
    assert family.store.layouts.examples([dataclasses.replace(SCOPE, classification_rule="avoir")]) == []
    assert family.store.layouts.examples([]) == []


def test_forgetting_deletes_reads_again_and_is_audited(family: Family, clock: FakeClock) -> None:
    for number in ("K26/001001", "K26/001002", "K26/001003"):
        family.corrected(number)
    by_memory = family.read("K26/002001")
    family.assess(by_memory)
    store = family.store
    [row] = list_layouts(store.layouts, configuration(), viewer=OWNER)
    done = forget_layouts(store.layouts, configuration(), clock, Wanted(ids=[row.id]), actor="mdurand", viewer=OWNER)
    assert store.layouts.examples() == []
    assert family.state(by_memory) == State.MATCHED
    with store.database.read() as connection:
        stale = sa.select(sa.func.count()).select_from(readings).where(readings.c.stale)
        assert connection.scalar(stale)
    newest = store.history_views.page(OWNER, PageRequest(sort="-revision")).items[0]
    assert (newest.number, newest.actor, newest.source) == (done.revision, "mdurand", "layouts forget")
    assert newest.changes[0].before["fields"] == ["invoice_number"]


def test_one_field_can_be_forgotten_alone(family: Family, clock: FakeClock) -> None:
    invoice_id = family.read("K26/001001")
    family.assess(invoice_id)
    family.edit(invoice_id, invoice_number="K26/001001", recipient_name="Lieu dit Ormeaux")
    store = family.store
    wanted = Wanted(everything=True, fields=["recipient_name"])
    forget_layouts(store.layouts, configuration(), clock, wanted, actor="mdurand", viewer=OWNER)
    assert list(family.examples()[0].example.learned) == ["invoice_number"]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Wanted(), InputError),
        (Wanted(ids=["00000000"]), NotThereError),
        (Wanted(everything=True, fields=["colour"]), InputError),
        (Wanted(provider="Nobody"), NotThereError),
    ],
)
def test_what_cannot_be_forgotten_is_told_and_nothing_is_changed(
    family: Family, clock: FakeClock, wanted: Wanted, error: type[Exception]
) -> None:
    family.corrected("K26/001001")
    with pytest.raises(error):
        forget_layouts(family.store.layouts, configuration(), clock, wanted, actor="mdurand", viewer=OWNER)
    assert len(family.examples()) == 1


def test_users_see_the_layouts_of_the_providers_that_they_use(family: Family) -> None:
    family.corrected("K26/001001")
    given = configuration(
        people={"users": [{"name": "anna", "mail": "a@x.example"}, {"name": "ben", "mail": "b@x.example"}]}
    )
    used = given.providers[0].model_copy(update={"use": Audience(users=("anna",))})
    allowed = given.model_copy(update={"providers": (used,)})
    seen = [
        len(list_layouts(family.store.layouts, allowed, viewer=viewer_of(allowed, user)))
        for user in (None, "anna", "ben")
    ]
    assert seen == [1, 1, 0]


def test_the_newest_example_comes_first(family: Family) -> None:
    for number in ("K26/001001", "K26/001002"):
        family.corrected(number)
    first, second = family.examples()
    assert first.taught_at - second.taught_at == dt.timedelta(seconds=60)
