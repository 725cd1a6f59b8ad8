"""Whose memory a document is taught to and read with, on the real store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from include.adapters.storage.learning.layouts import SqlLayoutExamples
from include.adapters.storage.store import Store
from include.application.ports.layouts import Scope, StoredExample
from include.application.reading.learn_layouts import LayoutLearner
from include.application.reading.read_documents import Read
from include.domain.configuration import Configuration
from include.domain.extraction.layout_memory.example import Example, Fingerprint
from include.domain.lifecycle import State
from include.domain.mapping import Draft
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.transitions.mapping import Assessment
from tests.factories import SUPPLIER, configuration, portal_document
from tests.fakes.clock import START, FakeClock
from tests.fakes.files import FakeFiles
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.providers import FakeDirectoryCache
from tests.fakes.reader import FakeReader
from tests.integration.storage.matched import matched
from tests.unit.extraction.paper import page

OTHER = "40483304800022"
NUMBER = "K26/001234"
WORDS = page(
    (40.0, 40.0, "Carrières Taupin"),
    (40.0, 54.0, "Granulats depuis longtemps"),
    (40.0, 68.0, "Lieu dit Ormeaux"),
    (480.0, 40.0, NUMBER),
)


def two_providers() -> Configuration:
    first = configuration().providers[0].model_dump(mode="json")
    second = {**first, "name": "Reliure Martin", "siret": OTHER}
    return configuration(providers=[first, second])


def edited(
    store: Store, edits: dict[str, str], *, provider_key: str | None = None, provider_scope: tuple[str, ...] = ()
) -> int:
    """An invoice that was read, misses something, and in which a person typed."""
    document = portal_document(classification_rule="Facture Client")
    to_read = matched(store, document, provider_scope=provider_scope)
    assert store.documents.record_reading(to_read, Reading(kind=DocumentKind.DIGITAL, pages=(WORDS,)), now=START)
    [work] = store.assessments.to_assess(1, limit=9)
    missing = Reason(code="missing_issue_date", field="issue_date")
    assessment = Assessment(draft=Draft(), reasons=(missing,), provider_key=provider_key)
    assert store.assessments.record_assessment(work, assessment, revision=1, now=START) is State.TO_COMPLETE
    store.assessments.edit(to_read.row_version.invoice_id, edits, actor="mdurand", now=START)
    return to_read.row_version.invoice_id


def taught(store: Store, invoice_id: int, known: Configuration, clock: FakeClock) -> list[StoredExample]:
    LayoutLearner(examples=store.layouts, configuration=known, clock=clock).edited(invoice_id)
    return store.layouts.examples()


@pytest.mark.parametrize(
    ("changes", "edits", "supplier"),
    [
        ({"provider_key": f"simulator:{OTHER}"}, {}, OTHER),
        ({"provider_scope": ("Imprimerie Durand",)}, {}, SUPPLIER),
        ({}, {"supplier_siret": OTHER}, OTHER),
        ({}, {}, None),
        ({"provider_scope": ("Imprimerie Durand",)}, {"supplier_siret": OTHER}, None),
    ],
)
def test_an_invoice_teaches_its_provider_or_the_only_one_it_can_be(
    store: Store, clock: FakeClock, changes: dict[str, Any], edits: dict[str, str], supplier: str | None
) -> None:
    invoice_id = edited(store, {"invoice_number": NUMBER, **edits}, **changes)
    scopes = [example.scope for example in taught(store, invoice_id, two_providers(), clock)]
    expected = Scope(provider_key=f"simulator:{supplier}", classification_rule="facture client")
    assert scopes == ([expected] if supplier else [])


def test_a_typed_siret_teaches_where_the_name_stands_that_means_it(store: Store, clock: FakeClock) -> None:
    body = {"siret": "12345678200051", "wordings": ["Mairie", "Lieu dit Ormeaux"]}
    invoice_id = edited(store, {"recipient_siret": str(body["siret"])})
    [kept] = taught(store, invoice_id, configuration(recipients=[body]), clock)
    assert kept.example.learned.keys() == {"recipient_name"}


# ---------------------------------------------------------------- handed to the reader


class CountingExamples(SqlLayoutExamples):
    """Counts how often it is asked for examples."""

    asked = 0

    def examples(self, scopes: Sequence[Scope] | None = None) -> list[StoredExample]:
        self.asked += 1
        return super().examples(scopes)


def teach(store: Store, provider: str, invoice_id: int, rule: str = "facture client") -> None:
    example = StoredExample(
        content_sha256=f"{provider} {rule}",
        invoice_id=invoice_id,
        scope=Scope(provider_key=f"simulator:{provider}", classification_rule=rule),
        example=Example(fingerprint=Fingerprint(words=()), supplier_siret=provider),
        accepted=False,
        taught_at=START,
    )
    store.layouts.keep(example.content_sha256, example, others=(), gone=())


def test_each_document_gets_the_layouts_of_its_rule_and_of_the_providers_it_may_be_from(
    store: Store, clock: FakeClock
) -> None:
    examples, reader, files = CountingExamples(store.database), FakeReader(), FakeFiles()
    both, one, neither, again = (
        _waiting(store, files, number, rule, scope)
        for number, (rule, scope) in enumerate(
            [
                ("Facture client", ()),
                ("FACTURE CLIENT", ("Reliure Martin",)),
                (None, ()),
                ("Facture client", ()),
            ]
        )
    )
    for provider, rule in ((SUPPLIER, "facture client"), (OTHER, "facture client"), (OTHER, "avoir")):
        teach(store, provider, both, rule)
    counts = Read(
        documents=store.documents,
        files=files,
        reader=reader,
        layouts=examples,
        internal_errors=FakeInternalErrors(),
        directory=FakeDirectoryCache(),
        configuration=two_providers(),
        clock=clock,
    )()
    suppliers = {key: [one.supplier_siret for one in memory] for key, memory in reader.hints.layouts.items()}
    assert suppliers == {both: [SUPPLIER, OTHER], one: [OTHER], again: [SUPPLIER, OTHER]}
    assert reader.hints.layouts[both] is reader.hints.layouts[again], "one memory for all of a rule"
    assert (counts.read, examples.asked, neither in suppliers) == (4, 3, False)


def _waiting(store: Store, files: FakeFiles, number: int, rule: str | None, scope: tuple[str, ...]) -> int:
    """A document that waits to be read; its invoice."""
    content = b"%%PDF %d" % number
    files.put(content)
    document = portal_document(f"Factures/{number}.pdf", content, classification_rule=rule)
    return matched(store, document, provider_scope=scope).row_version.invoice_id
