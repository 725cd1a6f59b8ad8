"""Whose memory a document is taught to and read with, and which of its values teach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from include.application.layouts_port import Material, Scope, StoredExample
from include.application.learn_layouts import LayoutSchool, known_values
from include.application.ports import ReadingHints
from include.application.read_documents import read_documents
from include.application.storage_ports import ReadWork, Ticket
from include.domain.configuration import Configuration, ReadingLimits
from include.domain.extraction.memory.example import Example, Look, Standing
from include.domain.fields import Candidate, DocumentKind, Reading, Source
from include.domain.lifecycle import State
from include.domain.mapping import Draft, FieldValue
from tests.factories import SUPPLIER, configuration
from tests.fakes.clock import START, FakeClock
from tests.unit.extraction.paper import page

OTHER = "40483304800022"
NUMBER = "K26/001234"


class Lessons:
    """The part of the port LayoutLessons that teaching and reading use, in memory."""

    def __init__(self, material: Material | None = None) -> None:
        self._material = material
        self.kept: list[StoredExample | None] = []
        self.stored: list[StoredExample] = []
        self.asked: list[Sequence[Scope]] = []

    def material(self, invoice_id: int) -> Material | None:
        return self._material

    def examples(self, scopes: Sequence[Scope]) -> list[StoredExample]:
        self.asked.append(scopes)
        return [one for one in self.stored if one.scope in scopes]

    def keep(self, content_sha256: str, taught: StoredExample | None, **_others: Any) -> None:
        self.kept.append(taught)


def two_providers() -> Configuration:
    first = configuration().providers[0].model_dump(mode="json")
    second = {**first, "name": "Reliure Martin", "siret": OTHER}
    return configuration(providers=[first, second])


def material(**changes: Any) -> Material:
    head = [
        (40.0, 40.0, "Carrières Taupin"),
        (40.0, 54.0, "Granulats depuis longtemps"),
        (40.0, 68.0, "Lieu dit Ormeaux"),
    ]
    values: dict[str, Any] = {
        "content_sha256": "0" * 64,
        "invoice_id": 7,
        "provider_key": None,
        "classification_rule": "Facture Client",
        "provider_scope": (),
        "reading": Reading(kind=DocumentKind.DIGITAL, pages=(page(*head, (480, 40, NUMBER)),)),
        "edits": {"invoice_number": NUMBER},
    }
    return Material(**{**values, **changes})


def taught(given: Material, known: Configuration, clock: FakeClock) -> Scope | None:
    lessons = Lessons(given)
    LayoutSchool(lessons=lessons, configuration=known, clock=clock).edited(7)  # type: ignore[arg-type]
    [kept] = lessons.kept
    return None if kept is None else kept.scope


@pytest.mark.parametrize(
    ("changes", "supplier"),
    [
        ({"provider_key": f"simulator:{OTHER}"}, OTHER),
        ({"provider_scope": ("Imprimerie Durand",)}, SUPPLIER),
        ({"edits": {"invoice_number": NUMBER, "supplier_siret": OTHER}}, OTHER),
        ({}, None),
        ({"provider_scope": ("Imprimerie Durand",), "edits": {"supplier_siret": OTHER}}, None),
    ],
)
def test_an_invoice_teaches_its_provider_or_the_only_one_it_can_be(
    clock: FakeClock, changes: dict[str, Any], supplier: str | None
) -> None:
    scope = taught(material(**changes), two_providers(), clock)
    expected = Scope(provider_key=f"simulator:{supplier}", classification_rule="facture client")
    assert scope == (expected if supplier else None)


def test_before_it_is_accepted_only_what_was_typed_teaches() -> None:
    read = FieldValue(value="2026-05-03", source=Source.TEXT, text="3 mai 2026")
    draft = Draft(fields={"issue_date": read})
    assert dict(known_values(material(draft=draft))).keys() == {"invoice_number"}
    accepted = dict(known_values(material(draft=draft, accepted=True)))
    assert {name: known.standing for name, known in accepted.items()} == {
        "invoice_number": Standing.CORRECTED,
        "issue_date": Standing.ACCEPTED,
    }


@pytest.mark.parametrize(
    ("value", "standing"),
    [
        (FieldValue(value="F-1", source=Source.METADATA), Standing.CONFIRMED),
        (FieldValue(value="F-2", source=Source.FACTURX), Standing.CORRECTED),
        (FieldValue(value="F-1", source=Source.TEXT, text="F-1"), Standing.ACCEPTED),
        (FieldValue(value="F-1", source=Source.TEXT, text="F-1", remembered=3), None),
        (FieldValue(value="F-1", source=Source.TEXT), None),
        (FieldValue(value="F-1", source=Source.DEFAULT), None),
        (FieldValue(value="F-1", source=Source.REMOTE), None),
    ],
)
def test_who_vouches_for_a_value_that_was_sent(value: FieldValue, standing: Standing | None) -> None:
    reading = Reading(
        kind=DocumentKind.DIGITAL,
        fields={"invoice_number": (Candidate(value="F-1", source=Source.TEXT, text="F-1"),)},
    )
    given = material(reading=reading, edits={}, accepted=True, draft=Draft(fields={"invoice_number": value}))
    known = dict(known_values(given)).get("invoice_number")
    assert (known.standing if known else None) is standing


def test_an_emptied_field_teaches_nothing() -> None:
    assert dict(known_values(material(edits={"contract_number": "", "comment": "x"}))) == {}


def test_a_typed_siret_teaches_where_the_name_stands_that_means_it(clock: FakeClock) -> None:
    body = {"siret": "12345678200051", "wordings": ["Mairie", "Lieu dit Ormeaux"]}
    lessons = Lessons(material(edits={"recipient_siret": body["siret"]}))
    known = configuration(recipients=[body])
    LayoutSchool(lessons=lessons, configuration=known, clock=clock).edited(7)  # type: ignore[arg-type]
    [kept] = lessons.kept
    assert kept is not None
    assert kept.example.lessons.keys() == {"recipient_name"}


# ---------------------------------------------------------------- handed to the reader


class Reader:
    """Reads nothing, and notes what it was told."""

    def __init__(self) -> None:
        self.hints = ReadingHints()

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading]]:
        self.hints = hints
        for key, _ in contents:
            yield key, Reading(kind=DocumentKind.DIGITAL)


class Documents:
    """Documents that wait to be read: rule and provider scope of each."""

    def __init__(self, *waiting: tuple[str | None, tuple[str, ...]]) -> None:
        self._works = [
            ReadWork(
                ticket=Ticket(invoice_id=number, state=State.MATCHED, version=1),
                document_id=number,
                content_sha256=str(number),
                classification_rule=rule,
                provider_scope=scope,
            )
            for number, (rule, scope) in enumerate(waiting)
        ]

    def to_read(self, **_asked: Any) -> list[ReadWork]:
        return self._works

    def reading(self, content_sha256: str) -> None:
        return None

    def record_reading(self, *_given: Any, **_more: Any) -> bool:
        return True


class Files:
    def get(self, sha256: str) -> bytes:
        return b"%PDF"


def stored(provider: str, rule: str = "facture client") -> StoredExample:
    return StoredExample(
        content_sha256=provider,
        invoice_id=1,
        scope=Scope(provider_key=f"simulator:{provider}", classification_rule=rule),
        example=Example(look=Look(words=()), supplier_siret=provider),
        accepted=False,
        taught_at=START,
    )


def test_each_document_gets_the_layouts_of_its_rule_and_of_the_providers_it_may_be_from(clock: FakeClock) -> None:
    lessons, reader = Lessons(), Reader()
    lessons.stored = [stored(SUPPLIER), stored(OTHER), stored(OTHER, "avoir")]
    documents = Documents(
        ("Facture client", ()), ("FACTURE CLIENT", ("Reliure Martin",)), (None, ()), ("Facture client", ())
    )
    read_documents(
        documents,  # type: ignore[arg-type]
        Files(),  # type: ignore[arg-type]
        reader,
        two_providers(),
        clock,
        layouts=lessons,  # type: ignore[arg-type]
    )
    suppliers = {key: [one.supplier_siret for one in memory] for key, memory in reader.hints.layouts.items()}
    assert suppliers == {0: [SUPPLIER, OTHER], 1: [OTHER], 3: [SUPPLIER, OTHER]}
    assert reader.hints.layouts[0] is reader.hints.layouts[3], "one memory for all of a rule"
    assert len(lessons.asked) == 3
