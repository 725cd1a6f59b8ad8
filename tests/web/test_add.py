"""Adding documents: for programs, and by the form of the page without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import Request

from include.application.intake import add_document
from include.domain.errors import TooLargeError
from include.domain.reasons import Reason
from include.web.guards.body import limited
from tests.fakes.pdf_check import FakePdfCheck
from tests.web.conftest import Site, json_of

PDF = b"%PDF-1.7\nnot much of one"
PNG = b"\x89PNG\r\n\x1a\n"
Files = list[tuple[str, tuple[str, bytes]]]


@pytest.fixture
def portal(site: Site, tmp_path: Path) -> Iterator[Path]:
    """A folder portal; a PDF of one page is enough for its check."""
    root = tmp_path / "portal"
    root.mkdir()
    configure(site, portal={"kind": "folder", "url": root.as_uri()})
    site.services.__dict__["pdf_check"] = FakePdfCheck()
    yield root


def configure(site: Site, **changes: Any) -> None:
    store = site.services.store.configuration
    revision, before = store.current()
    made = type(before).model_validate({**before.model_dump(exclude_unset=True), **changes})
    store.save(made, expected_revision=revision, actor="t", source="t", at=site.services.clock.now(), changes=())


def add(site: Site, files: Files | None = None, user: str = "anna", **words: str) -> tuple[int, dict[str, Any]]:
    given = files if files is not None else [("file", ("f1.pdf", PDF))]
    answer = site.client(user).post("/api/v1/documents", data=words, files=given, headers=site.form_headers(user))
    return answer.status_code, json_of(answer)


def there(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


class TestForPrograms:
    def test_a_document_lies_in_its_folder_with_what_was_said_of_it(self, site: Site, portal: Path) -> None:
        metadata = json.dumps({"montant": 1800.50, "commercial": ["Durand", "Petit"], "empty": None})
        files: Files = [("file", ("f1.pdf", PDF)), ("attachments", ("bl.pdf", PDF)), ("attachments", ("p.png", PNG))]
        status, answer = add(
            site, files, folder="Comptabilite/Factures", classification_rule="Facture client", metadata=metadata
        )
        assert status == 201
        assert answer == {
            "portal_id": "Comptabilite/Factures/f1.pdf", "name": "f1.pdf", "attachments": ["bl.pdf", "p.png"],
        }  # fmt: skip
        folder = portal / "Comptabilite/Factures"
        assert (folder / "f1.pdf").read_bytes() == PDF
        assert json.loads((folder / "f1.pdf.json").read_text()) == {
            "classification_rule": "Facture client",
            "metadata": {"montant": "1800.5", "commercial": ["Durand", "Petit"]},
            "links": ["bl.pdf", "p.png"],
        }

    def test_a_name_that_is_taken_is_refused_and_nothing_is_overwritten(self, site: Site, portal: Path) -> None:
        assert add(site)[0] == 201
        before = there(portal)
        status, answer = add(site, [("file", ("F1.pdf", PDF + b" other")), ("attachments", ("bl.txt", b"x"))])
        assert (status, answer["error"]["code"]) == (409, "name_taken")
        assert (there(portal), (portal / "f1.pdf").read_bytes()) == (before, PDF)

    def test_size_comes_before_content_and_content_before_words(self, site: Site, portal: Path) -> None:
        configure(site, reading={"max_megabytes": 0.001})
        large, small = b"x" * 1001, b"x" * 1000
        assert add(site, [("file", (".hidden", large))], folder="..", wrong="x")[0] == 413
        assert add(site, [("file", ("f1.pdf", PDF)), ("attachments", ("a.txt", large))])[0] == 413
        assert add(site, [("file", (".hidden", small))], folder="..", metadata="torn")[0] == 415
        assert add(site, [("file", (".hidden", PDF))], folder="..", metadata="torn")[0] == 422
        assert there(portal) == set()

    def test_too_many_pages_are_too_large(self, site: Site, portal: Path) -> None:
        site.services.__dict__["pdf_check"].found = Reason(code="too_many_pages", params={"pages": "51", "limit": "50"})
        status, answer = add(site)
        assert (status, "51" in answer["error"]["message"]) == (413, True)

    def test_what_cannot_be_read_later_can_be_added_all_the_same(self, site: Site, portal: Path) -> None:
        check = site.services.__dict__["pdf_check"]
        check.found = Reason(code="encrypted")
        assert add(site)[0] == 201
        check.unavailable = True
        assert add(site, [("file", ("f2.pdf", PDF))])[0] == 201

    @pytest.mark.parametrize(
        ("file", "words"),
        [
            ("../f1.pdf", {}),
            ("a/f1.pdf", {}),
            ("a\\f1.pdf", {}),
            (".f1.pdf", {}),
            ("f1.txt", {}),
            ("_folder.json", {}),
            ("f1.pdf.json", {}),
            ("f\u202efdp.pdf", {}),
            ("x" * 250 + ".pdf", {}),
            ("f1.pdf", {"folder": "../elsewhere"}),
            ("f1.pdf", {"folder": "a/../../b"}),
            ("f1.pdf", {"folder": "a/.git"}),
            ("f1.pdf", {"folder": "a\\b"}),
            ("f1.pdf", {"folder": "a//b"}),
            ("f1.pdf", {"metadata": "torn"}),
            ("f1.pdf", {"metadata": "[1]"}),
            ("f1.pdf", {"metadata": '{"a": {"b": 1}}'}),
            ("f1.pdf", {"metadata": '{"": "x"}'}),
            ("f1.pdf", {"metadata": '{"a": "\\ud800"}'}),
            ("f1.pdf", {"classification_rule": "a\u0000b"}),
            ("f1.pdf", {"atachments": "x"}),
        ],
    )  # fmt: skip
    def test_words_that_do_not_fit_are_refused_and_nothing_is_filed(
        self, site: Site, portal: Path, file: str, words: dict[str, str]
    ) -> None:
        status, answer = add(site, [("file", (file, PDF))], **words)
        assert (status, answer["error"]["code"]) == (422, "input")
        assert there(portal) == set()

    @pytest.mark.parametrize("name", ["virus.exe", "_folder.json", ".bl.pdf", "f1.pdf"])
    def test_an_attachment_that_does_not_fit_keeps_all_of_it_out(self, site: Site, portal: Path, name: str) -> None:
        status, _ = add(site, [("file", ("f1.pdf", PDF)), ("attachments", (name, PDF))])
        assert status in (409, 422)
        assert there(portal) == set()

    def test_one_file_and_no_more(self, site: Site, portal: Path) -> None:
        two: Files = [("file", ("f1.pdf", PDF)), ("file", ("f2.pdf", PDF))]
        for files in ([("attachments", ("f1.pdf", PDF))], two):
            assert add(site, files)[0] == 422
        assert there(portal) == set()

    def test_who_uses_no_provider_adds_nothing(self, site: Site, portal: Path) -> None:
        assert [add(site, user=user)[0] for user in ("boss", "nobody", "bob")] == [403, 403, 201]

    def test_all_of_it_together_has_a_limit_too(
        self, site: Site, portal: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("include.web.documents.added_files.AROUND_FILES", 0)
        monkeypatch.setattr("include.web.documents.added_files.MAX_ALL", 2_000)
        configure(site, reading={"max_megabytes": 0.001})
        along = [("attachments", (name, b"x" * 900)) for name in ("a.txt", "b.txt", "c.txt")]
        assert add(site, [("file", ("f1.pdf", PDF)), *along])[0] == 413
        assert there(portal) == set()

    def test_an_attachment_never_becomes_an_invoice_by_a_criterion(self, site: Site, portal: Path) -> None:
        configure(site, criteria=[{"name": "f", "folder": "/Factures", "subfolders": True, "since": "always"}])
        status, answer = add(site, [("file", ("f1.pdf", PDF)), ("attachments", ("bl.pdf", PDF))], folder="/Factures")
        assert (status, answer["attachments"]) == (201, ["bl.pdf"])
        [link] = json.loads((portal / "Factures/f1.pdf.json").read_text())["links"]
        assert (portal / "Factures" / link).read_bytes() == PDF
        assert "Factures/bl.pdf" not in there(portal)

    def test_a_portal_that_takes_nothing_is_said(self, site: Site, portal: Path) -> None:
        portal.rmdir()
        status, answer = add(site)
        assert (status, answer["error"]["code"]) == (503, "portal_unavailable")

    def test_without_a_portal_there_is_nowhere_to_add(self, site: Site) -> None:
        site.services.__dict__["pdf_check"] = FakePdfCheck()
        configure(site, portal=None)
        assert add(site)[0] == 422
        assert "Aucun portail" in site.client("anna").get("/add").text


class TestByTheForm:
    def _post(self, site: Site, files: Files, **words: str) -> Any:
        return site.client("anna").post("/add", data=words, files=files, headers=site.form_headers("anna"))

    def test_the_form_knows_rules_folders_and_metadata(self, site: Site, portal: Path) -> None:
        configure(
            site,
            criteria=[{"name": "f", "folder": "/Factures", "classification_rule": "Facture client"}],
            metadata_association=[{"classification_rule": "Avoir", "fields": {"total_incl_tax": "montant"}}],
        )
        shown = site.client("anna").get("/add").text
        for part in ("Facture client", ">Avoir<", 'value="/Factures"', 'name="metadata.montant"'):
            assert part in shown

    def test_each_file_has_its_result(self, site: Site, portal: Path) -> None:
        files: Files = [("file", ("f1.pdf", PDF)), ("file", ("<b>.pdf", b"no pdf")), ("attachments", ("", b""))]
        answer = self._post(site, files, folder="/", **{"metadata.montant": "1 800,00", "metadata.rien": ""})
        assert answer.status_code == 200
        assert "&lt;b&gt;.pdf" in answer.text and "<b>" not in answer.text
        assert (answer.text.count("Ajouté<"), answer.text.count("Refusé<")) == (2, 2), "one each, and words of scripts"
        assert there(portal) == {"f1.pdf", "f1.pdf.json"}
        assert json.loads((portal / "f1.pdf.json").read_text()) == {"metadata": {"montant": "1 800,00"}}

    def test_attachments_go_with_one_invoice_only(self, site: Site, portal: Path) -> None:
        one, along = ("file", ("f1.pdf", PDF)), ("attachments", ("bl.png", PNG))
        assert self._post(site, [one, ("file", ("f2.pdf", PDF)), along]).status_code == 422
        assert there(portal) == set()
        assert self._post(site, [one, along]).status_code == 200
        assert {"f1.pdf", "bl.png"} <= there(portal)

    def test_a_go_has_a_limit(self, site: Site, portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("include.web.routes.add.AT_ONCE", 1)
        assert self._post(site, [("file", ("f1.pdf", PDF)), ("file", ("f2.pdf", PDF))]).status_code == 422
        assert self._post(site, []).status_code == 422


def test_names_are_composed_and_trimmed() -> None:
    assert add_document.file_name(" Re\u0301gion 1.pdf ") == "R\u00e9gion 1.pdf"
    assert add_document.folder_path("/Comptabilite/Factures/") == "/Comptabilite/Factures"
    assert add_document.folder_path(" ") == "/"


def test_a_body_that_does_not_say_how_long_it_is_is_not_read_to_its_end() -> None:
    pieces = iter([*[{"type": "http.request", "body": b"x" * 100, "more_body": True}] * 12])

    async def receive() -> Any:
        return next(pieces)

    async def read() -> None:
        request = limited(Request({"type": "http", "headers": []}, receive), 1_000)
        async for _ in request.stream():
            pass

    with pytest.raises(TooLargeError):
        anyio.run(read)
    assert len(list(pieces)) == 1, "no more was taken than what went beyond"
