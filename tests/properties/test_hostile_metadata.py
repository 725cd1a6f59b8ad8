"""Whatever a portal writes into metadata costs at most its own document, never the others and never the pass."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.adapters.notification.render import MailRenderer
from include.adapters.portal.folder.side_car import SideCarError, parse_side_car
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.store import Store
from include.application.pipeline import PassReport, Scope
from include.application.ports.document_views import DocumentFilter
from include.bootstrap import build_pipeline
from include.domain.configuration import Configuration
from include.domain.fields.registry import BY_NAME
from include.domain.reading import Reading
from include.domain.rights import OWNER
from tests.factories import BODY, configuration
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.fakes.mailer import FakeMailer
from tests.fakes.portal import FakePortal
from tests.fakes.reader import FakeReader
from tests.sending_bench import complete_reading

NAMES = sorted(BY_NAME)
ODD_NUMBERS = (
    "9" * 27,
    "1" * 400,
    "1e999999",
    "-1E-999999",
    "NaN",
    "Infinity",
    "0x10",
    "1,8e3",
    "\N{ARABIC-INDIC DIGIT ONE}",
)
ODD_DATES = ("0000-00-00", "99999-12-31", "31/02/2026", "2026-13-01", "1/1/1", "-1-1-1", "9" * 40)
ODD_TEXTS = (
    "\0",
    "a\0b",
    "\ud800",
    "x\udfff",
    "\x1b[31m",
    "[/x]",
    "{{ 7*7 }}",
    "=1+1",
    "\u202e\u2066",
    "\r\n.\r\n",
    "{" * 3000,
)
VALUES = (
    st.sampled_from((*ODD_NUMBERS, *ODD_DATES, *ODD_TEXTS))
    | st.text(st.characters(exclude_categories=()), max_size=40)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.just("x" * 1_000_000)
    | st.just("[" * 5000)
    | st.just('[{"rate": 1e400, "base": [[]], "amount": null}]')
)
METADATA = st.dictionaries(
    st.sampled_from(NAMES) | st.sampled_from(ODD_TEXTS), st.lists(VALUES, max_size=3).map(tuple), max_size=4
)


def printed(content: bytes) -> Reading:
    """Everything is found, the number stands in the bytes."""
    return complete_reading(content.decode().split()[-1], dt.date(2026, 11, 18))


class World:
    """All stages on a real database, a portal in memory, a platform in memory."""

    def __init__(self, url: str, home: Path) -> None:
        self.clock = FakeClock()
        self.store = Store(Database(url))
        self.files = FsspecFiles(home.as_uri())
        self.platform = FakePlatform(self.clock)
        self.platform.add_body(BODY)
        self.portal = FakePortal()
        self.mailer = FakeMailer()
        self.numbers = itertools.count()
        association = {"classification_rule": "Facture client", "fields": {name: name for name in NAMES}}
        people = {"users": [{"name": "anna", "mail": "anna@imprimerie.example"}]}
        link = {
            "invoice_rule": "Facture client",
            "attachment_rule": "Facture client",
            "pairs": [{"invoice": "engagement_number", "attachment": "invoice_number"}],
            "since": "always",
        }
        self.store.configuration.save(
            configuration(
                metadata_association=[association],
                portal=_WRITTEN_BACK,
                people=people,
                alerts={"users": ["anna"]},
                attachments={"links": [link]},
            ),
            expected_revision=0,
            actor="test",
            source="test",
            at=self.clock.now(),
            changes=(),
        )

    def run(self) -> PassReport:
        return build_pipeline(
            self.store,
            files=self.files,
            chorus=FakeChorus(self.platform),
            reader=FakeReader(printed),
            clock=self.clock,
            owner="pass",
            open_portal=self.open_portal,
            mailer=lambda _configuration: self.mailer,
            renderer=MailRenderer,
        ).run(Scope())

    def open_portal(self, _configuration: Configuration) -> FakePortal:
        return self.portal

    def file(self, metadata: Mapping[str, tuple[str, ...]]) -> str:
        number = f"N{next(self.numbers)}"
        self.portal.put(f"{number}.pdf", f"%PDF-1.7 {number}".encode(), rule="Facture client", metadata=metadata)
        return number

    def states(self) -> dict[str, str]:
        rows = self.store.document_views.rows(OWNER, DocumentFilter())
        return {row.name.removesuffix(".pdf"): row.state for row in rows}


_WRITTEN_BACK = {"kind": "folder", "url": "memory://portal", "write_back": {"state": "Etat", "chorus_id": "Numero"}}


@pytest.fixture(params=["sqlite_url", "server_url"], ids=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(request.getfixturevalue(request.param), tmp_path / "files")
    yield made
    made.store.database.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(METADATA, min_size=1, max_size=4))
def test_a_pass_over_hostile_metadata_sends_the_good_invoice_and_comes_to_its_end(
    world: World, hostile: list[Mapping[str, tuple[str, ...]]]
) -> None:
    for metadata in hostile:
        world.file(metadata)
    good = world.file({})
    report = world.run()
    assert world.states()[good] == "submitted"
    assert {failure.code for failure in report.failures} <= {"internal"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_a_side_car_is_understood_or_refused(rule: Any, metadata: Any, links: Any) -> None:
    _refused_or_understood(json.dumps({"classification_rule": rule, "metadata": metadata, "links": links}).encode())


@given(st.binary(max_size=200))
def test_bytes_that_are_no_side_car_are_refused(content: bytes) -> None:
    _refused_or_understood(content)


def test_nesting_that_no_parser_follows_is_refused() -> None:
    _refused_or_understood(b'{"metadata": ' + b"[" * 900_000)


def _refused_or_understood(content: bytes) -> None:
    try:
        parse_side_car(content, "")
    except SideCarError as refused:
        assert refused.code
