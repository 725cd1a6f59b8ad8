"""Looks at the portal: what is asked of it, what is taken, and how few calls that costs."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import logging

import pytest
import requests
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from include.adapters.portal.http.taking import Detail, Taking
from include.domain.document import PortalDocument, PortalListing
from include.domain.errors import ConfigurationError, InputError, PortalUnavailableError
from tests.integration.portal_http.conftest import Situation


def known(*listings: PortalListing) -> dict[str, str]:
    return {document.portal_id: document.signature for listing in listings for document in listing.changed}


def only(listing: PortalListing) -> PortalDocument:
    (document,) = listing.changed
    return document


def fails(ending: str, status: int, *, times: int = 10**6):  # type: ignore[no-untyped-def]
    """Answers calls whose path ends so with a status, so many times."""
    left = [times]

    def fault(request: Request) -> Response | None:
        if not request.url.path.endswith(ending) or left[0] <= 0:
            return None
        left[0] -= 1
        return Response(status_code=status)

    return fault


def detail(**document: object):  # type: ignore[no-untyped-def]
    """Puts other facts, or other metadata, into the answer about a document."""

    def fault(request: Request) -> Response | None:
        if "/document/" not in request.url.path:
            return None
        metadatas = document.get("metadatas", [])
        facts = {name: value for name, value in document.items() if name != "metadatas"}
        return JSONResponse(
            {"document": {"idDocument": 2, "name": "f1", "extension": "pdf", **facts}, "metadatas": metadatas}
        )

    return fault


class TestCalls:
    """The figures of a pass: folders + 1 per new document whose checksum is told; nothing per unchanged document."""

    def test_a_first_look_asks_once_per_folder_and_once_per_document(self, at: Situation) -> None:
        for number in range(20):
            at.put(f"F{number % 4}/f{number}.pdf", str(number).encode())
        assert len(at.portal().scan({}).changed) == 20
        assert at.calls() == {"GET folder": 5, "GET document": 20}

    def test_an_unchanged_document_costs_nothing(self, at: Situation) -> None:
        for number in range(20):
            at.put(f"F{number % 4}/f{number}.pdf", str(number).encode())
        first = at.portal().scan({})
        at.calls()
        assert at.portal().scan(known(first)).changed == ()
        assert at.calls() == {"GET folder": 5}

    def test_without_a_checksum_the_bytes_are_fetched_between_two_looks_at_the_facts(self, at: Situation) -> None:
        at.manner.checksums = False
        at.put("f1.pdf", b"one")
        assert only(at.portal().scan({})).content_sha256 == hashlib.sha256(b"one").hexdigest()
        assert at.calls() == {"GET folder": 1, "GET document": 2, "GET file": 1}

    def test_without_dates_a_bounded_number_is_asked_about_again(self, at: Situation) -> None:
        at.manner.dates = False
        for number in range(20):
            at.put(f"f{number}.pdf", str(number).encode())
        first = at.portal().scan({})
        at.calls()
        assert at.portal(recheck=7).scan(known(first)).changed == ()
        assert at.calls() == {"GET folder": 1, "GET document": 7}

    def test_each_document_is_asked_about_again_in_time(self, at: Situation) -> None:
        at.manner.dates = False
        ids = {at.put(f"f{number}.pdf", str(number).encode()) for number in range(20)}
        first = at.portal().scan({})
        at.manner.calls.clear()
        portal = at.portal(recheck=7)
        for _ in range(20):
            at.clock.advance(minutes=10)
            portal.scan(known(first))
        assert {path.rpartition("/")[2] for _, path in at.manner.calls if "/document/" in path} == ids

    def test_dates_that_are_not_trusted_are_asked_about_too(self, at: Situation) -> None:
        at.put("f1.pdf", b"one")
        first = at.portal().scan({})
        at.calls()
        at.portal(trust_dates=False).scan(known(first))
        assert at.calls() == {"GET folder": 1, "GET document": 1}

    def test_a_metadata_that_changes_without_its_date_is_found_where_dates_are_not_trusted(self, at: Situation) -> None:
        at.manner.dates = False
        at.put("f1.pdf", b"one", {"metadata": {"montant": "10,00"}})
        first = at.portal().scan({})
        at.put("f1.pdf", b"one", {"metadata": {"montant": "20,00"}})
        assert only(at.portal().scan(known(first))).metadata == {"montant": ("20,00",)}

    def test_what_we_wrote_ourselves_is_no_reason_to_read_a_document_again(self, at: Situation) -> None:
        at.manner.dates = False
        document = at.put("f1.pdf", b"one")
        first = at.portal().scan({})
        at.portal().write_back(document, {"etat_chorus": "Déposée"})
        assert at.portal().scan(known(first)).changed == ()


class TestOneBadDocument:
    def test_an_error_that_nobody_foresaw_costs_only_the_document_that_it_happened_at(
        self, at: Situation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, bad, _ = (at.put(f"f{number}.pdf", str(number).encode()) for number in range(3))
        detail_of = Taking.detail

        def broken(taking: Taking, portal_id: str) -> Detail:
            if portal_id == bad:
                raise OverflowError
            return detail_of(taking, portal_id)

        monkeypatch.setattr(Taking, "detail", broken)
        found = at.portal().scan({})
        assert [type(error) for error in found.errors.values()] == [OverflowError]
        assert (set(found.errors), len(found.changed), len(found.seen)) == ({bad}, 2, 3)

    def test_a_document_that_cannot_tell_its_folder_waits_and_tells_why(self, at: Situation) -> None:
        at.put("f1.pdf", b"one")
        at.manner.fault = lambda _request: JSONResponse({"documents": [{"document": {"idDocument": 2, "path": "\0"}}]})
        found = at.portal(root_folder=None, search={"name": ".pdf"}).scan({})
        assert (found.seen, found.postponed) == ({"2"}, {"2": "portal_answer_unclear"})

    def test_who_waits_hears_how_many_documents_were_looked_at(self, at: Situation) -> None:
        for number in range(3):
            at.put(f"f{number}.pdf", str(number).encode())
        heard: list[tuple[int, int | None]] = []
        at.portal().scan({}, on_progress=lambda *told: heard.append(told))
        assert heard == [(0, None), (0, 3), (1, 3), (2, 3)]


class TestFacts:
    def test_the_filing_queue_is_invisible_until_a_document_is_filed(self, at: Situation) -> None:
        at.put("Factures/f1.pdf", b"one")
        account, url = (at.server.login, at.server.password), at.server.url
        answer = requests.post(f"{url}/ws/v2/queue", files={"file": ("f2.pdf", b"two")}, auth=account, timeout=5)
        waiting = answer.json()["queueDocument"]["id"]
        first = at.portal().scan({})
        assert [document.name for document in first.changed] == ["f1.pdf"]
        folder = next(number for number, path in at.server.shelf.folders("") if path == "Factures")
        form = {"idFolder": (None, str(folder)), "type": (None, "Facture client")}
        filed = requests.post(f"{url}/ws/v2/queue/{waiting}/classify", files=form, auth=account, timeout=5)
        assert filed.status_code == 201
        second = only(at.portal().scan(known(first)))
        assert (second.name, second.folder, second.classification_rule) == ("f2.pdf", "/Factures", "Facture client")

    def test_what_others_upload_is_found_with_its_metadata(self, at: Situation) -> None:
        at.put("f0.pdf", b"zero", {"metadata": {"montant": "1,00"}})
        form = {"name": "f1.pdf", "path": "/A", "type": "Facture client", "metadatas[montant]": "1 800,00"}
        headers = {"OB-CHECKSUM": hashlib.sha256(b"one").hexdigest()}
        answer = requests.post(
            f"{at.server.url}/ws/v2/document",
            data=form,
            files={"file": ("x.pdf", b"one")},
            headers=headers,
            auth=(at.server.login, at.server.password),
            timeout=5,
        )
        assert answer.status_code == 201
        found = {document.portal_id: document for document in at.portal().scan({}).changed}
        document = found[answer.headers["Document-Ids"]]
        assert (document.folder, document.name, document.metadata) == ("/A", "f1.pdf", {"montant": ("1 800,00",)})

    @pytest.mark.parametrize(
        ("told", "values"),
        [
            ({"value": "1;2;2;3", "multiple": True}, ("1", "2", "3")),
            ({"value": "Durand; Petit;"}, ("Durand", "Petit")),
            ({"value": "un; deux", "multiple": False}, ("un; deux",)),
            ({"value": ["A", "A", "B", None, " "]}, ("A", "B")),
            ({"value": 1800.50}, ("1800.5",)),
            ({"value": True}, ("true",)),
            ({"value": {"id": 3, "label": "Virement"}}, ("Virement",)),
        ],
    )
    def test_values_are_taken_as_printed_multiple_ones_apart_and_once(
        self, at: Situation, told: dict[str, object], values: tuple[str, ...]
    ) -> None:
        at.put("f1.pdf", b"one")
        at.manner.fault = detail(metadatas=[{"metadata": {"name": "m", **told}}])
        assert only(at.portal().scan({})).metadata == {"m": values}

    @pytest.mark.parametrize("value", [None, "", "  ", []])
    def test_no_value_is_no_metadata(self, at: Situation, value: object) -> None:
        at.put("f1.pdf", b"one")
        at.manner.fault = detail(metadatas=[{"metadata": {"name": "m", "value": value}}])
        assert only(at.portal().scan({})).metadata == {}

    def test_amounts_keep_every_digit_that_is_printed(self, at: Situation) -> None:
        at.put("f1.pdf", b"one")
        body = b'{"document":{"idDocument":2,"name":"f1.pdf"},"metadatas":[{"metadata":{"name":"m","value":1800.50}}]}'
        at.manner.fault = lambda request: Response(body) if "/document/" in request.url.path else None
        assert only(at.portal().scan({})).metadata == {"m": ("1800.50",)}

    @pytest.mark.parametrize(
        "metadatas",
        [
            "x",
            ["x"],
            [{"metadata": {"value": "1"}}],
            [{"metadata": {"name": "m", "value": {"x": []}}}],
            [{"metadata": {"name": "m", "value": "a\0b"}}],
        ],
    )
    def test_metadata_that_cannot_be_understood_postpone_their_document_only(
        self, at: Situation, metadatas: object
    ) -> None:
        bad, good = at.put("f1.pdf", b"one"), at.put("f2.pdf", b"two")
        wrong = detail(metadatas=metadatas)
        at.manner.fault = lambda request: wrong(request) if request.url.path.endswith(f"/{bad}") else None
        listing = at.portal().scan({})
        assert listing.postponed == {bad: "portal_answer_unclear"}
        assert only(listing).portal_id == good
        assert listing.seen == {bad, good}

    def test_a_rule_told_by_its_number_is_translated_by_the_connection(self, at: Situation) -> None:
        at.put("f1.pdf", b"one")
        at.manner.fault = detail(type=12)
        assert only(at.portal().scan({})).classification_rule == "12"
        assert only(at.portal(rules={"12": "Facture client"}).scan({})).classification_rule == "Facture client"

    def test_a_fact_under_another_name_is_found_where_the_connection_names_it(self, at: Situation) -> None:
        at.put("f1.pdf", b"one")
        at.manner.fault = detail(filingRule={"id": 4, "name": "Facture client"})
        assert only(at.portal().scan({})).classification_rule is None
        assert only(at.portal(fields={"rule": "filingRule"}).scan({})).classification_rule == "Facture client"

    @pytest.mark.parametrize(
        ("told", "hour"),
        [
            ("2026-11-18T10:15:00", 9),
            ("2026-11-18T10:15:00Z", 10),
            ("18/11/2026 10:15", 9),
            (1794996900, 10),
            (1794996900000, 10),
        ],
    )
    def test_the_date_of_arrival_is_read_in_any_usual_form_and_without_zone_in_the_portals_own(
        self, at: Situation, told: object, hour: int
    ) -> None:
        at.put("f1.pdf", b"one")
        at.manner.fault = detail(creationDate=told)
        assert only(at.portal().scan({})).arrived_at == dt.datetime(2026, 11, 18, hour, 15, tzinfo=dt.UTC)

    def test_a_portal_that_tells_no_date_is_taken_as_of_now(self, at: Situation) -> None:
        at.put("f1.pdf", b"one")
        at.manner.fault = lambda request: _without_dates(request)
        assert only(at.portal().scan({})).arrived_at == at.clock.now()

    def test_moving_a_document_is_a_change(self, at: Situation) -> None:
        at.put("A/f1.pdf", b"one")
        first = at.portal().scan({})
        (at.folder / "A").rename(at.folder / "B")
        at.server.shelf._ids = {key.replace("A", "B"): number for key, number in at.server.shelf._ids.items()}
        assert only(at.portal().scan(known(first))).folder == "/B"

    def test_a_search_lists_too_and_the_folder_is_the_one_that_is_told(self, at: Situation) -> None:
        at.put("A/B/f1.pdf", b"one")
        at.put("A/note.txt", b"two")
        document = only(at.portal(root_folder=None, search={"name": ".pdf", "includeFolders": "false"}).scan({}))
        assert (document.folder, document.name) == ("/A/B", "f1.pdf")


def _without_dates(request: Request) -> Response | None:
    told = {"idDocument": 2, "name": "f1.pdf"}
    if "/document/" in request.url.path:
        return JSONResponse({"document": told, "metadatas": []})
    if "/folder/" in request.url.path:
        return JSONResponse({"documents": [{"document": told}], "folders": []})
    return None


class TestPages:
    @pytest.mark.parametrize("first_page", [0, 1])
    def test_every_page_is_read(self, at: Situation, first_page: int) -> None:
        at.manner.page_size, at.manner.first_page = 3, first_page
        for number in range(8):
            at.put(f"f{number}.pdf", str(number).encode())
        assert len(at.portal().scan({}).seen) == 8
        assert at.calls()["GET folder"] == 3

    def test_a_full_last_page_ends_it(self, at: Situation) -> None:
        at.manner.page_size = 3
        for number in range(6):
            at.put(f"f{number}.pdf", str(number).encode())
        assert len(at.portal().scan({}).seen) == 6
        assert at.calls()["GET folder"] == 2

    def test_documents_that_are_told_of_and_never_given_are_no_small_matter(self, at: Situation) -> None:
        at.manner.page_size, at.manner.understands_pages = 3, False
        for number in range(8):
            at.put(f"f{number}.pdf", str(number).encode())
        with pytest.raises(ConfigurationError, match="page_parameter"):
            at.portal().scan({})

    def test_a_total_that_counts_folders_too_is_no_lost_document(self, at: Situation) -> None:
        listed = {"documents": [{"document": {"idDocument": 7}}], "folders": [{"folder": {"idFolder": 8}}], "total": 2}
        empty = {"documents": [], "folders": [], "total": 0}

        def answer(request: Request) -> Response | None:
            if "/folder/" in request.url.path:
                return JSONResponse(listed if request.url.path.endswith("/1") else empty)
            return JSONResponse({"document": {"idDocument": 7, "size": 3, "checksum": "a" * 64}, "metadatas": []})

        at.manner.fault = answer
        assert at.portal().scan({}).seen == {"7"}


class TestWhatIsMissing:
    def test_a_document_that_goes_between_listing_and_reading_is_not_seen(self, at: Situation) -> None:
        gone, kept = at.put("f1.pdf", b"one"), at.put("f2.pdf", b"two")
        at.manner.fault = fails(f"/document/{gone}", 404)
        listing = at.portal().scan({})
        assert listing.seen == {kept}
        assert listing.postponed == {}

    def test_a_file_that_is_missing_while_its_document_is_there_waits(self, at: Situation) -> None:
        at.manner.checksums = False
        bad = at.put("f1.pdf", b"one")
        at.manner.fault = fails(f"/file/{bad}", 404)
        assert at.portal().scan({}).postponed == {bad: "portal_file_unreadable"}

    def test_one_that_may_not_be_read_waits_and_the_others_are_taken(self, at: Situation) -> None:
        bad, good = at.put("f1.pdf", b"one"), at.put("f2.pdf", b"two")
        at.manner.fault = fails(f"/document/{bad}", 403)
        listing = at.portal().scan({})
        assert listing.postponed == {bad: "portal_file_unreadable"}
        assert only(listing).portal_id == good

    def test_an_answer_that_comes_at_the_second_time_is_enough(self, at: Situation) -> None:
        bad = at.put("f1.pdf", b"one")
        at.manner.fault = fails(f"/document/{bad}", 503, times=2)
        assert only(at.portal().scan({})).portal_id == bad

    @pytest.mark.parametrize("status", [403, 500])
    def test_what_lies_in_a_folder_that_cannot_be_listed_is_neither_seen_nor_gone(
        self, at: Situation, status: int
    ) -> None:
        above, below = at.put("A/f1.pdf", b"one"), at.put("A/deep/f2.pdf", b"two")
        other = at.put("B/f3.pdf", b"three")
        first = at.portal().scan({})
        folder = next(number for number, path in at.server.shelf.folders("") if path == "A")
        at.manner.fault = fails(f"/folder/{folder}", status)
        second = at.portal().scan(known(first))
        assert second.seen == {above, below, other}
        assert second.postponed == {above: "portal_folder_closed", below: "portal_folder_closed"}

    def test_a_root_that_is_not_there_is_no_empty_portal(self, at: Situation) -> None:
        with pytest.raises(PortalUnavailableError, match="Folder 77"):
            at.portal(root_folder="77").scan({})

    def test_a_portal_that_goes_down_in_the_middle_of_its_folders_is_down(self, at: Situation) -> None:
        for number in range(9):
            at.put(f"F{number}/f.pdf", str(number).encode())
        at.manner.fault = lambda request: None if request.url.path.endswith("/folder/1") else Response(status_code=502)
        with pytest.raises(PortalUnavailableError):
            at.portal().scan({})

    def test_a_portal_that_lists_and_answers_nothing_else_is_down(self, at: Situation) -> None:
        for number in range(9):
            at.put(f"f{number}.pdf", str(number).encode())
        at.manner.fault = lambda request: Response(status_code=502) if "/document/" in request.url.path else None
        with pytest.raises(PortalUnavailableError, match="5 of them"):
            at.portal().scan({})

    def test_documents_that_never_answer_keep_out_the_others_for_a_while_at_most(self, at: Situation) -> None:
        bad = {at.put(f"a{number}.pdf", str(number).encode()) for number in range(6)}
        good = {at.put(f"b{number}.pdf", str(number).encode()) for number in range(6)}
        at.manner.fault = lambda request: (
            Response(status_code=502)
            if "/document/" in request.url.path and request.url.path.rpartition("/")[2] in bad
            else None
        )
        seen: dict[str, str] = {}
        for _ in range(12):
            at.clock.advance(minutes=10)
            with contextlib.suppress(PortalUnavailableError):
                seen |= known(at.portal().scan(seen))
        assert set(seen) == good

    def test_what_there_is_no_time_for_is_seen_and_read_by_the_next_look(self, at: Situation) -> None:
        ids = {at.put(f"f{number}.pdf", str(number).encode()) for number in range(9)}

        def slow(request: Request) -> Response | None:
            if "/document/" in request.url.path:
                at.clock.advance(60)
            return None

        at.manner.fault = slow
        first = at.portal(seconds=200).scan({})
        assert first.seen == ids
        assert len(first.changed) == 4
        second = at.portal(seconds=200).scan(known(first))
        third = at.portal(seconds=200).scan(known(first, second))
        assert set(known(first, second, third)) == ids

    def test_bytes_that_differ_from_their_checksum_wait(self, at: Situation) -> None:
        at.manner.checksums = False
        bad = at.put("f1.pdf", b"one")
        wrong = hashlib.sha256(b"other").hexdigest()
        at.manner.fault = lambda request: (
            Response(b"one", headers={"OB-CHECKSUM": wrong}) if "/file/" in request.url.path else None
        )
        assert at.portal().scan({}).postponed == {bad: "portal_checksum"}
        with pytest.raises(PortalUnavailableError, match="checksum"):
            at.portal().read(bad)

    def test_a_checksum_among_the_facts_counts_as_well(self, at: Situation) -> None:
        bad = at.put("f1.pdf", b"one")
        at.manner.fault = detail(checksum=hashlib.sha256(b"other").hexdigest())
        at.manner.checksums = False
        assert at.portal().scan({}).postponed == {bad: "portal_checksum"}

    def test_a_document_that_changes_while_it_is_read_waits(self, at: Situation) -> None:
        at.manner.checksums = False
        bad = at.put("f1.pdf", b"one", {"metadata": {"montant": "10,00"}})

        def meanwhile(request: Request) -> Response | None:
            if "/file/" in request.url.path:
                at.put("f1.pdf", b"two", {"metadata": {"montant": "20,00"}})
            return None

        at.manner.fault = meanwhile
        assert at.portal().scan({}).postponed == {bad: "portal_still_changing"}

    def test_a_login_page_is_no_document(self, at: Situation) -> None:
        at.manner.checksums = False
        bad = at.put("f1.pdf", b"one")
        at.manner.fault = lambda request: (
            Response("<html>", media_type="text/html") if "/file/" in request.url.path else None
        )
        assert at.portal().scan({}).postponed == {bad: "portal_no_answer"}
        with pytest.raises(PortalUnavailableError, match="web page"):
            at.portal().read(bad)

    @pytest.mark.parametrize("portal_id", ["", "1/../2", "1?x=1", "a b", "é", "x" * 65])
    def test_only_an_id_becomes_part_of_an_address(self, at: Situation, portal_id: str) -> None:
        with pytest.raises(InputError):
            at.portal().read(portal_id)
        assert at.manner.calls == []

    def test_an_id_that_would_lead_elsewhere_closes_the_folder_that_tells_it(
        self, at: Situation, caplog: pytest.LogCaptureFixture
    ) -> None:
        at.put("f1.pdf", b"one")
        body = {"documents": [{"document": {"idDocument": "../../auth"}}], "folders": []}
        at.manner.fault = lambda request: JSONResponse(body) if "/folder/" in request.url.path else None
        with caplog.at_level(logging.WARNING), pytest.raises(PortalUnavailableError, match="no usable id"):
            at.portal().scan({})
