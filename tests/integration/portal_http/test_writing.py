"""Writing into a portal whose call for it nobody has seen: what it shows afterwards decides."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from include.domain.errors import ConfigurationError, DocumentError, PortalUnavailableError
from tests.integration.portal_http.conftest import Situation

STATE = {"etat_chorus": "Déposée"}


def test_all_metadata_are_sent_because_this_portal_empties_what_is_left_out(at: Situation) -> None:
    told = {"classification_rule": "Facture client", "metadata": {"montant": "1 800,00", "commercial": ["A", "B"]}}
    document = at.put("f1.pdf", b"one", told)
    at.portal().write_back(document, {"etat_chorus": "Déposée", "numero_chorus": "25012"})
    assert at.side_car("f1.pdf")["metadata"] == {**told["metadata"], "etat_chorus": "Déposée", "numero_chorus": "25012"}
    assert at.calls() == {"GET document": 2, "PUT document": 1}


def test_what_stands_there_already_is_not_written_again(at: Situation) -> None:
    document = at.put("f1.pdf", b"one", {"metadata": STATE})
    at.portal().write_back(document, STATE)
    assert at.calls() == {"GET document": 1}


def test_a_metadata_that_the_portal_does_not_know_is_a_fault_of_this_document(at: Situation) -> None:
    document = at.put("f1.pdf", b"one")
    with pytest.raises(DocumentError, match="unbekannt"):
        at.portal().write_back(document, {"unbekannt": "x"})


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_portal_that_does_not_take_it_says_so_for_this_document(at: Situation, status: int) -> None:
    document = at.put("f1.pdf", b"one")
    at.manner.fault = lambda request: Response(status_code=status) if request.method == "PUT" else None
    with pytest.raises(DocumentError, match=str(status)):
        at.portal().write_back(document, STATE)


def test_a_portal_that_does_not_answer_is_asked_to_write_once_only(at: Situation) -> None:
    document = at.put("f1.pdf", b"one")
    at.manner.fault = lambda request: Response(status_code=502) if request.method == "PUT" else None
    with pytest.raises(PortalUnavailableError):
        at.portal().write_back(document, STATE)
    assert at.calls()["PUT document"] == 1


def test_a_call_that_changes_what_is_not_ours_is_the_last_one_of_the_pass(at: Situation) -> None:
    document = at.put("f1.pdf", b"one", {"metadata": {"montant": "1 800,00"}})

    def loses(request: Request) -> Response | None:
        if request.method != "PUT":
            return None
        at.put("f1.pdf", b"one", {"metadata": STATE})
        return Response(status_code=204)

    at.manner.fault = loses
    with pytest.raises(ConfigurationError, match="not ours"):
        at.portal().write_back(document, STATE)


def test_the_call_is_the_one_that_the_connection_names(at: Situation) -> None:
    document = at.put("f1.pdf", b"one")
    seen: list[tuple[str, str]] = []

    def fault(request: Request) -> Response | None:
        seen.append((request.method, request.url.path))
        return Response(status_code=404) if request.method == "POST" else None

    at.manner.fault = fault
    with pytest.raises(DocumentError):
        at.portal(write_back="POST /ws/v2/queue/{id}/classify").write_back(document, STATE)
    assert ("POST", f"/ws/v2/queue/{document}/classify") in seen


def test_a_key_is_used_for_writing_too(at: Situation) -> None:
    document = at.put("f1.pdf", b"one")
    at.manner.key_uses = 1
    at.portal(authentication="apikey").write_back(document, STATE)
    assert at.side_car("f1.pdf")["metadata"] == STATE
