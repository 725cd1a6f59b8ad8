"""Files that go along with an invoice: added, left out, brought back, typed; what is sent is what is shown."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import documents, invoices
from include.application.mapping import attach_files
from tests.fakes.chorus import FakePlatform
from tests.web.conftest import Site, json_of

PDF = b"%PDF-1.4 a delivery note"


def shown(site: Site, document: int) -> Any:
    return json_of(site.client("anna").get(f"/api/v1/documents/{document}"))


def add(site: Site, document: int, *files: tuple[str, bytes], types: tuple[str, ...] = (), **more: Any) -> Any:
    version = more.get("version", shown(site, document)["version"])
    return site.client("anna").post(
        f"/api/v1/documents/{document}/attachments",
        data={"version": version, "types": list(types)},
        files=[("attachments", (name, content)) for name, content in files],
        headers=site.form_headers("anna"),
    )


def remove(site: Site, document: int, number: int, version: int) -> Any:
    address = f"/api/v1/documents/{document}/attachments/{number}?version={version}"
    return site.client("anna").delete(address, headers=site.form_headers("anna"))


def test_an_added_file_goes_along_and_the_version_rises(site: Site, opened: int) -> None:
    before = shown(site, opened)
    after = json_of(add(site, opened, ("BL 417.pdf", PDF), types=("RIB",)))
    [file] = after["attachments"]
    assert {name: file[name] for name in ("n", "name", "type", "bytes", "rule", "added_by")} == {
        "n": 1,
        "name": "BL 417.pdf",
        "type": "RIB",
        "bytes": len(PDF),
        "rule": None,
        "added_by": "anna",
    }
    assert after["version"] > before["version"]
    assert site.services.files.get(file["sha256"]) == PDF
    assert "BL 417.pdf" in site.client("anna").get(f"/documents/{opened}").text


def test_what_is_sent_is_what_is_shown(site: Site, opened: int, platform: FakePlatform) -> None:
    add(site, opened, ("BL 417.pdf", PDF), ("note.txt", b"merci"), types=("RIB",))
    document = shown(site, opened)
    patch = {"version": document["version"], "values": {"service_code": "ST01"}}
    ready = json_of(site.client("anna", bearer=True).patch(f"/api/v1/documents/{opened}/fields", json=patch))
    sent = site.client("anna", bearer=True).post(
        f"/api/v1/documents/{opened}/submit", json={"version": ready["version"]}
    )
    assert json_of(sent)["state"] == "submitted"
    [held] = platform.invoices
    assert [(one.name, one.type_code) for one in held.sent.attachments] == [
        ("BL 417.pdf", "RIB"),
        ("note.txt", "DIVERS"),
    ]
    assert [platform.uploads[one.upload_id] for one in held.sent.attachments] == [PDF, b"merci"]
    assert [one.sha256 for one in held.sent.attachments] == [one["sha256"] for one in document["attachments"]]


def test_a_file_is_taken_away_by_its_number_and_given_another_type(site: Site, opened: int) -> None:
    after = json_of(add(site, opened, ("a.pdf", PDF), ("b.txt", b"b")))
    typed = site.client("anna", bearer=True).patch(
        f"/api/v1/documents/{opened}/attachments/2", json={"version": after["version"], "type": "rib"}
    )
    assert [one["type"] for one in json_of(typed)["attachments"]] == [None, "RIB"]
    left = json_of(remove(site, opened, 1, json_of(typed)["version"]))
    assert [(one["n"], one["name"], one["type"]) for one in left["attachments"]] == [(1, "b.txt", "RIB")]
    assert remove(site, opened, 9, left["version"]).status_code == 404


def test_a_linked_file_is_left_out_and_brought_back(site: Site, opened: int) -> None:
    store = site.services.store
    revision, current = store.configuration.current()
    sends = current.model_copy(
        update={"providers": (current.providers[0].model_copy(update={"send_attachments": True}),)}
    )
    now = site.services.clock.now()
    store.configuration.save(sends, expected_revision=revision, actor="t", source="t", at=now, changes=())
    with store.database.write() as connection:
        linked = connection.scalar(sa.select(documents.c.portal_id).where(documents.c.id == 1))
        connection.execute(documents.update().where(documents.c.id == opened).values(links=[linked]))
        connection.execute(documents.update().where(documents.c.id == 1).values(name="bl.pdf"))
    assert site.services.pipeline().map([opened]).failures == []
    document = shown(site, opened)
    assert [(one["name"], one["added_by"]) for one in document["attachments"]] == [("bl.pdf", None)]
    left = json_of(remove(site, opened, 1, document["version"]))
    assert left["attachments"] == []
    assert "ne sera pas envoyée" in site.client("anna").get(f"/documents/{opened}").text
    address = f"/api/v1/documents/{opened}/attachments/bring-back"
    bring = {"version": left["version"], "portal_id": linked}
    back = json_of(site.client("anna", bearer=True).post(address, json=bring))
    assert [one["portal_id"] for one in back["attachments"]] == [linked]
    again = site.client("anna", bearer=True).post(address, json={**bring, "version": back["version"]})
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "attachment_type"),
        ("a.pdf", b"MZ no pdf", 415, "attachment_is_something_else"),
        ("a.png", b"%PDF-1.4", 415, "attachment_is_something_else"),
        ("a.txt", b"text\0binary", 415, "attachment_is_something_else"),
        ("a.txt", b"", 422, "attachment_empty"),
        ("a.pdf", b"%PDF-" + b"0" * 10_000_000, 413, "attachment_too_large"),
        ("a.exe", b"0" * 10_000_000, 413, "attachment_too_large"),
        ("", b"x", 422, "no_file_given"),
    ],
)
def test_what_cannot_go_along_is_refused_and_nothing_is_stored(
    site: Site, opened: int, name: str, content: bytes, status: int, code: str
) -> None:
    before = shown(site, opened)
    answer = add(site, opened, ("good.pdf", PDF), (name, content)) if name else add(site, opened)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (status, code if name else "input")
    assert shown(site, opened) == before


def test_the_invoice_itself_and_the_same_file_twice_are_refused(site: Site, opened: int) -> None:
    assert json_of(add(site, opened, ("copy.txt", b"content")))["error"]["code"] == "attachment_is_invoice"
    add(site, opened, ("a.pdf", PDF))
    assert json_of(add(site, opened, ("b.pdf", PDF)))["error"]["code"] == "attachment_there"
    twice = add(site, opened, ("c.txt", b"c"), ("d.txt", b"c"))
    assert json_of(twice)["error"]["code"] == "attachment_there"


def test_more_than_the_platform_takes_in_all_is_refused(
    site: Site, opened: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach_files, "MAX_ALL", 40)
    answer = add(site, opened, ("a.pdf", PDF), ("b.pdf", PDF + b"2"))
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (413, "attachments_too_large")


def test_a_body_that_says_how_large_it_is_is_not_even_read(site: Site, opened: int) -> None:
    answer = site.client("anna", bearer=True).post(
        f"/api/v1/documents/{opened}/attachments", content=b"", headers={"content-length": "999999999999"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\x.txt", "x.txt"),
        (".hidden.txt", "hidden.txt"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b  c.txt", "ab c.txt"),
        ("<b>bold.txt", "<b>bold.txt"),
    ],
)
def test_names_are_made_harmless(site: Site, opened: int, given: str, kept: str) -> None:
    [file] = json_of(add(site, opened, (given, b"x")))["attachments"]
    assert file["name"] == kept
    page = site.client("anna").get(f"/documents/{opened}").text
    assert "<b>bold" not in page


@pytest.mark.parametrize("state", ["submitting", "unknown", "submitted", "held"])
def test_files_of_what_is_on_its_way_never_change(site: Site, opened: int, state: str) -> None:
    added = json_of(add(site, opened, ("a.pdf", PDF)))
    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == opened).values(state=state))
    for answer in (add(site, opened, ("b.txt", b"b")), remove(site, opened, 1, added["version"])):
        assert (answer.status_code, json_of(answer)["error"]["code"]) == (409, "not_now")
    assert [one["name"] for one in shown(site, opened)["attachments"]] == ["a.pdf"]


def test_whoever_saw_an_older_version_changes_nothing(site: Site, opened: int) -> None:
    version = shown(site, opened)["version"]
    add(site, opened, ("a.pdf", PDF))
    now = shown(site, opened)
    for answer in (add(site, opened, ("b.txt", b"b"), version=version), remove(site, opened, 1, version)):
        assert answer.status_code == 409
        assert json_of(answer)["version"] == now["version"]
    assert shown(site, opened) == now


def test_types_are_those_that_the_platform_lists(site: Site, opened: int) -> None:
    found = json_of(site.client("anna").get(f"/api/v1/documents/{opened}/attachments/types"))
    assert found == {"items": [{"code": "DIVERS", "label": "Divers"}, {"code": "RIB", "label": "RIB"}]}


def test_what_is_not_theirs_is_not_there(site: Site, opened: int) -> None:
    bob = site.client("bob", bearer=True)
    place = f"/api/v1/documents/{opened}/attachments"
    data, files = {"version": "1"}, [("attachments", ("a.txt", b"a"))]
    assert bob.post(place, data=data, files=files).status_code == 404
    assert bob.delete(f"{place}/1?version=1").status_code == 404
    assert bob.patch(f"{place}/1", json={"version": 1, "type": None}).status_code == 404
    assert bob.post(f"{place}/bring-back", json={"version": 1, "portal_id": "x"}).status_code == 404
    assert bob.get(f"{place}/types").status_code == 404
