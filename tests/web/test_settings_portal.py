"""The document portal on a page: what a look finds before anything is stored, and what would be held is said first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from include.application.administration.portal_trial import MOST_READ
from include.domain.configuration import Configuration
from include.web.routes.settings import portal as settings_portal
from tests.web.conftest import Site
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/portal"
FORM = {"portal.in_use": "1", "kind": "folder", "settle_seconds": "0"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A portal with the documents that the store knows, and more."""
    (tmp_path / "portal" / "Factures").mkdir(parents=True)
    for number in range(1, 10):
        (tmp_path / "portal" / "Factures" / f"{number}.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    return tmp_path / "portal"


def current(site: Site) -> Configuration:
    return site.services.store.configuration.current()[1]


def send(site: Site, path: str = "", **changes: Any) -> Response:
    page = site.client("boss").get(PAGE).text
    given = {**FORM, "digest": hidden(page.split("data-kept")[1], "digest"), **changes}
    data = {name: value for name, value in given.items() if value is not None}
    answer: Response = site.client("boss").post(f"{PAGE}{path}", headers=site.form_headers("boss"), data=data)
    return answer


def test_a_look_counts_what_is_there_reads_a_few_and_takes_nothing(site: Site, folder: Path) -> None:
    known = site.services.store.documents.known_signatures()
    answer = send(site, "/try", url=folder.as_uri())
    assert answer.status_code == 200 and "9 documents sont vus" in answer.text
    assert answer.text.split('id="trial"')[1].count("<tr>") - 1 == MOST_READ
    assert (revision(site), site.services.store.documents.known_signatures()) == (1, known)
    assert f'value="{folder.as_uri()}"' in answer.text, "what was typed stays"


def test_a_portal_where_all_known_documents_are_is_stored_without_a_question(site: Site, folder: Path) -> None:
    answer = send(site, url=folder.as_uri(), **{"write_back.state": "etat"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/chorus{PAGE}?done=2")
    portal = current(site).portal
    assert portal is not None and (portal.url, portal.write_back.state, portal.write_back.chorus_id) == (
        folder.as_uri(), "etat", None,
    )  # fmt: skip


def test_an_address_where_known_documents_are_missing_is_confirmed_first(
    site: Site, folder: Path, tmp_path: Path
) -> None:
    send(site, url=folder.as_uri())
    known = len(site.services.store.documents.known_signatures())
    other = tmp_path / "other"
    (other / "Factures").mkdir(parents=True)
    (other / "Factures" / "1.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    asked = send(site, url=other.as_uri())
    assert (asked.status_code, revision(site)) == (200, 2)
    assert f"{known - 1} documents connus ici" in asked.text and "Confirmer" in asked.text
    (other / "Factures" / "2.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    again = send(site, url=other.as_uri(), effect=hidden(asked.text, "effect"))
    assert hidden(again.text, "effect") == str(known - 2), "another number is another question"
    assert send(site, url=other.as_uri(), effect=hidden(again.text, "effect")).status_code == 303


def test_a_portal_that_is_not_there_or_goes_is_confirmed_first_and_other_changes_are_not(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(site, url=folder.as_uri())
    asked = send(site, url=f"{folder.as_uri()}/nowhere")
    assert (asked.status_code, revision(site), hidden(asked.text, "effect")) == (200, 2, "unseen")
    gone = send(site, url=folder.as_uri(), **{"portal.in_use": None})
    assert (gone.status_code, hidden(gone.text, "effect")) == (200, "gone")
    monkeypatch.setattr(settings_portal, "try_portal", None)  # it would fail
    assert send(site, url=folder.as_uri(), settle_seconds="3,5").status_code == 303
    portal = current(site).portal
    assert portal is not None and portal.settle_seconds == 3.5
    assert send(site, url=folder.as_uri(), effect="gone", **{"portal.in_use": None}).status_code == 303
    assert current(site).portal is None


def test_a_first_portal_is_stored_without_a_look(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(site, portal=None)
    monkeypatch.setattr(settings_portal, "try_portal", None)  # it would fail
    assert send(site, url=folder.as_uri()).status_code == 303


def test_a_server_that_cannot_be_reached_is_told_and_not_an_error_of_ours(site: Site) -> None:
    answer = send(site, "/try", url="ftp://127.0.0.1:1/portal")
    assert answer.status_code == 200 and "ne peut pas être parcouru" in answer.text


def test_what_a_kind_needs_is_said_at_its_control(site: Site) -> None:
    for given, name in (({"kind": "folder"}, "url"), ({"kind": "http"}, "connection")):
        answer = send(site, **given)
        assert (answer.status_code, revision(site)) == (422, 1)
        [control] = [part for part in answer.text.split("<") if f'id="{name}"' in part]
        assert 'aria-invalid="true"' in control
    assert send(site, "/try", kind="magic").status_code == 422


def test_a_password_in_the_address_is_refused_and_not_stored(site: Site) -> None:
    for path in ("", "/try"):
        answer = send(site, path, url="ftp://me:secret@127.0.0.1:1/portal")
        assert (answer.status_code, revision(site)) == (422, 1)


def test_the_second_of_two_sees_what_the_first_stored(site: Site, folder: Path) -> None:
    digest = hidden(site.client("boss").get(PAGE).text.split("data-kept")[1], "digest")
    save(site, portal={"kind": "folder", "url": folder.as_uri(), "settle_seconds": 9})
    answer = send(site, url=folder.as_uri(), settle_seconds="1", digest=digest)
    assert answer.status_code == 409 and "Garder les miennes" in answer.text
    kept = hidden(answer.text.split("data-kept")[1], "digest")
    assert send(site, url=folder.as_uri(), settle_seconds="1", digest=kept).status_code == 303


def test_looks_are_counted(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_portal, "LOOKS_A_MINUTE", 1)
    assert send(site, "/try", url=folder.as_uri()).status_code == 200
    assert send(site, "/try", url=folder.as_uri()).status_code == 429
