"""What a body demands, and the services of it that are offered to whoever completes an invoice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from include.domain.completeness.recipient import Obligations, obligations, offered_services
from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.text import Line, Page, TextSource, Word

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def service(code: str, name: str = "", **more: Any) -> DirectoryService:
    return DirectoryService(code=code, name=name or code, **{"active": True, **more})


def body(*services: DirectoryService, **more: Any) -> DirectoryEntry:
    values = {"siret": "1" * 14, "structure_id": 1, "name": "Ville", "active": True, "fetched_at": NOW, **more}
    return DirectoryEntry(services=services, **values)


def page_with(text: str) -> Reading:
    words = tuple(Word(text=one, box=(0.0, 0.0, 1.0, 1.0)) for one in text.split())
    line = Line(words=words)
    return Reading(
        kind=DocumentKind.DIGITAL,
        pages=(Page(number=1, width=9.0, height=9.0, lines=(line,), source=TextSource.TEXT),),
    )


@pytest.mark.parametrize(
    ("demands", "code", "expected"),
    [
        ({}, None, Obligations()),
        ({"service_required": True}, None, Obligations(service_code=True)),
        ({"engagement_required": True}, None, Obligations(engagement_number=True)),
        ({"service_or_engagement": True, "service_required": True}, None, Obligations(either=True)),
        ({"service_or_engagement": True}, "EJ", Obligations(either=True, engagement_number=True)),
        ({"service_required": True}, "ej", Obligations(service_code=True, engagement_number=True)),
        ({"service_required": True}, "OLD", Obligations(service_code=True)),
        ({"service_required": True, "active": False}, None, Obligations()),
        ({"service_required": True, "structure_id": 0}, None, Obligations()),
    ],
)
def test_what_a_body_demands(demands: dict[str, Any], code: str | None, expected: Obligations) -> None:
    services = (service("EJ", engagement_required=True), service("OLD", active=False, engagement_required=True))
    assert obligations(body(*services, **demands), code) == expected


def test_a_body_that_nobody_knows_demands_nothing_and_offers_nothing() -> None:
    assert obligations(None) == Obligations()
    assert offered_services(None) == []
    assert offered_services(body(service("A"), active=False)) == []


def test_closed_services_and_the_one_between_public_bodies_are_never_offered() -> None:
    entry = body(service("FACTURES_PUBLIQUES"), service("OLD", active=False), service("A"))
    assert [one.service.code for one in offered_services(entry)] == ["A"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Direction des Finances", "FIN"),
        ("a l'attention du service TECHNIQUE", "ST01"),
        ("Code service : ST01", "ST01"),
        ("fin de facture", "A"),
        ("directions des financeurs", "A"),
    ],
)
def test_a_service_that_the_page_names_comes_first(text: str, first: str) -> None:
    entry = body(service("A"), service("FIN", "Direction des finances"), service("ST01", "Service technique"))
    offered = offered_services(entry, page_with(text))
    assert offered[0].service.code == first
    assert offered[0].on_page == (first != "A")


def test_without_a_page_the_order_is_that_of_the_directory() -> None:
    entry = body(service("B"), service("A"))
    assert [one.service.code for one in offered_services(entry, Reason(code="encrypted"))] == ["B", "A"]
