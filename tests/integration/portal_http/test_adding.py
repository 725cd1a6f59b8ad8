"""New documents through web services: sent once, never over another one, and told when something of it is lost."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from include.application.ports.portal import NewDocument
from include.domain.errors import DocumentError, InputError, NameTakenError, PortalUnavailableError
from tests.integration.portal_http.conftest import Situation


def new(**changes: object) -> NewDocument:
    values = {"name": "f1.pdf", "folder": "/a/b", "content": b"%PDF-1 new", **changes}
    return NewDocument(**values)  # type: ignore[arg-type]


def uploads(at: Situation, status: int) -> None:
    """The portal answers uploads with this, and files nothing."""

    def fault(request: Request) -> Response | None:
        return Response(status_code=status) if request.method == "POST" else None

    at.manner.fault = fault


def test_only_the_folders_on_the_way_are_looked_at(at: Situation) -> None:
    for path in ("a/b/other.pdf", "a/c/f1.pdf", "d/f1.pdf"):
        at.put(path)
    at.calls()
    at.portal().add(new())
    assert at.calls() == {"GET folder": 3, "POST document": 1, "GET document": 1}


def test_a_rule_goes_by_its_number_and_a_metadata_by_the_key_that_the_connection_names(at: Situation) -> None:
    at.put("old.pdf", told={"metadata": {"montant": "1,00"}})
    portal = at.portal(rules={"12": "Facture client"}, metadata={"etat_chorus": "etat_chorus"})
    portal.add(new(classification_rule="facture client", metadata={"montant": ("1 800,00",)}))
    assert at.side_car("a/b/f1.pdf") == {"classification_rule": "12", "metadata": {"montant": ["1 800,00"]}}


def test_a_metadata_that_the_portal_passes_over_is_told(at: Situation) -> None:
    with pytest.raises(DocumentError, match="montant"):
        at.portal().add(new(metadata={"montant": ("1 800,00",)}))
    assert (at.folder / "a/b/f1.pdf").exists(), "what is filed is told as filed"


@pytest.mark.parametrize(("status", "error"), [(409, NameTakenError), (400, InputError), (503, PortalUnavailableError)])
def test_what_the_portal_answers_is_told_and_nothing_is_sent_twice(
    at: Situation, status: int, error: type[Exception]
) -> None:
    uploads(at, status)
    with pytest.raises(error):
        at.portal().add(new())
    assert at.calls()["POST document"] == 1


def test_an_upload_whose_answer_names_no_document_is_of_unknown_outcome(at: Situation) -> None:
    uploads(at, 201)
    with pytest.raises(PortalUnavailableError, match="not known"):
        at.portal().add(new())


def test_a_folder_that_cannot_be_listed_could_hold_the_name(at: Situation) -> None:
    at.put("a/b/f1.pdf", b"old")
    closed = {"folder": 0}

    def fault(request: Request) -> Response | None:
        closed["folder"] += request.url.path.startswith("/ws/v2/folder/")
        return Response(status_code=403) if closed["folder"] == 3 else None

    at.manner.fault = fault
    with pytest.raises(PortalUnavailableError):
        at.portal().add(new())
    assert (at.folder / "a/b/f1.pdf").read_bytes() == b"old"


def test_where_documents_come_from_a_search_it_shows_whether_the_name_is_taken(at: Situation) -> None:
    at.put("a/b/f1.pdf", b"old")
    portal = at.portal(root_folder=None, search={"name": ".pdf"})
    with pytest.raises(NameTakenError):
        portal.add(new())
    portal.add(new(folder="/a"))
    assert (at.folder / "a/f1.pdf").read_bytes() == b"%PDF-1 new"


def refuses_the_second_upload(at: Situation, status: int) -> None:
    uploads = iter((None, Response(status_code=status)))

    def fault(request: Request) -> Response | None:
        return next(uploads) if request.method == "POST" else None

    at.manner.fault = fault


def test_what_goes_along_comes_first_and_is_taken_back_where_the_document_is_refused(at: Situation) -> None:
    refuses_the_second_upload(at, 400)
    with pytest.raises(InputError):
        at.portal().add(new(), [new(name="bl.pdf")])
    assert at.calls()["DELETE document"] == 1
    assert not (at.folder / "a/b/bl.pdf").exists()


def test_what_goes_along_stays_where_nobody_knows_whether_the_document_is_there(at: Situation) -> None:
    refuses_the_second_upload(at, 503)
    with pytest.raises(PortalUnavailableError, match="not known"):
        at.portal().add(new(), [new(name="bl.pdf")])
    assert (at.folder / "a/b/bl.pdf").exists(), "a document that was filed all the same would lack it"
