"""The service that the recipient's address names, where the body asks for one."""

from __future__ import annotations

import pytest

from include.domain.directory import DirectoryEntry, DirectoryService
from include.domain.mapping import with_service_of_address
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from tests.factories import BODY
from tests.fakes.clock import START
from tests.unit.extraction.paper import column, page
from tests.unit.mapping.drafts import draft_of, read

NAME = "COMMUNE DE SAINT-LUBIN"
FINANCES = DirectoryService(code="FIN01", name="Service des finances", active=True)
WORKS = DirectoryService(code="TRAVAUX", name="Direction technique", active=True)
CLOSED = DirectoryService(code="OLD", name="Affaires scolaires", active=False)


def body(*services: DirectoryService, required: bool = True, either: bool = False) -> DirectoryEntry:
    return DirectoryEntry(
        siret=BODY,
        structure_id=1,
        name=NAME,
        active=True,
        service_required=required,
        service_or_engagement=either,
        services=services,
        fetched_at=START,
    )


def addressed_to(*lines: str) -> Reading:
    """An invoice with these lines in its address, and the supplier's own address at the left."""
    written = [
        *column(40, 40, "PLOMBERIE MARTEL", "Service travaux", "12 rue des Lilas", "35000 RENNES"),
        *column(320, 120, NAME, *lines, "1 place de la Mairie", "35200 SAINT-LUBIN"),
        *column(40, 300, "Facture FA-1", "Affaires scolaires"),
    ]
    return Reading(kind=DocumentKind.DIGITAL, pages=(page(*written),))


def service(reading: Reading | Reason, entry: DirectoryEntry | None, **texts: str) -> str | None:
    return with_service_of_address(draft_of(read(**texts)), reading, entry).text("service_code")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Service des finances", "FIN01"),
        ("SERVICE FINANCES", "FIN01"),
        ("Service : TRAVAUX", "TRAVAUX"),
        ("Direction technique", "TRAVAUX"),
        ("Service comptabilité", None),
        ("Affaires scolaires", None),
        ("Direction technique et des sports", None),
    ],
)
def test_a_line_names_an_active_service_of_the_directory_or_nothing(line: str, code: str | None) -> None:
    assert service(addressed_to(line), body(FINANCES, WORKS, CLOSED)) == code


def test_what_stands_outside_the_recipient_s_address_names_nothing() -> None:
    assert service(addressed_to(), body(FINANCES, WORKS)) is None


def test_where_the_page_has_a_label_for_the_code_the_address_decides_nothing() -> None:
    assert service(addressed_to("Service finances", "Code service : néant"), body(FINANCES)) is None


def test_two_services_in_one_address_decide_nothing() -> None:
    assert service(addressed_to("Service finances", "Direction technique"), body(FINANCES, WORKS)) is None


def test_the_body_s_own_name_is_no_service() -> None:
    assert service(addressed_to(), body(DirectoryService(code="X", name=NAME, active=True))) is None


def test_only_what_is_asked_for_and_missing_is_looked_for() -> None:
    named = addressed_to("Service finances")
    assert service(named, body(FINANCES, required=False)) is None
    assert service(named, body(FINANCES, required=False, either=True)) == "FIN01"
    assert service(named, body(FINANCES, required=False, either=True), engagement_number="EJ-1") is None
    assert service(named, body(FINANCES, WORKS), service_code="ST01") == "ST01"
    assert service(named, None) is None
    assert service(Reason(code="broken"), body(FINANCES)) is None


def test_where_it_was_read_is_shown() -> None:
    draft = with_service_of_address(draft_of(), addressed_to("Service finances"), body(FINANCES))
    found = draft.fields["service_code"].chosen
    assert (found.text, found.page, found.confidence) == ("Service finances", 1, 0.95)
    assert found.box is not None and found.box[0] == 320
