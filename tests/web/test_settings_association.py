"""The association of metadata: only metadata that are there are offered, tried on a document before it is saved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Response

from tests.web.conftest import Site, json_of
from tests.web.test_settings_file import hidden, revision, save

PAGE = "/settings/association"
RULE = "Facture client"


@pytest.fixture(autouse=True)
def document(site: Site, opened: int) -> int:
    """Document 5 has been read, and the portal knows four things of it."""
    known = {"montant": ["1 800,00"], "numero": ["2026-FA-1"], "date": ["not a date"], "commercial": ["Durand"]}
    with site.services.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE documents SET metadata = ? WHERE id = ?", (json.dumps(known), opened))
    return opened


def try_it(site: Site, **wanted: Any) -> Response:
    answer: Response = site.client("boss").post(
        "/api/v1/association/try", headers=site.form_headers("boss"), json={"rule": RULE, **wanted}
    )
    return answer


def send(site: Site, path: str = "", **data: str) -> Response:
    answer: Response = site.client("boss").post(
        f"{PAGE}{path}", headers=site.form_headers("boss"), data={"classification_rule": RULE, **data}
    )
    return answer


def carried(site: Site) -> dict[str, str]:
    """What the form carries, as somebody opens it."""
    page = site.client("boss").get(PAGE, params={"rule": RULE}).text
    return {name: hidden(page, name) for name in ("identity", "digest", "document")}


def fields(site: Site) -> dict[str, str]:
    stored = site.services.store.configuration.current()[1].metadata_association
    return dict(stored[0].fields) if stored else {}


def test_only_metadata_that_documents_of_the_rule_have_are_offered(site: Site) -> None:
    page = site.client("boss").get(PAGE).text
    offered = page.split('id="total_incl_tax"')[1].split("</select>")[0]
    assert [f'value="{name}"' in offered for name in ("montant", "numero", "commercial", "elsewhere")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_a_trial_of_a_field_that_there_is_not_names_the_nearest_one(site: Site, document: int) -> None:
    refused = try_it(site, fields={"invoice_numbre": "numero"}, document=document)
    assert (refused.status_code, set(json_of(refused)["fields"])) == (422, {"invoice_numbre"})
    assert "invoice_number" in refused.text


def test_a_trial_tells_page_metadata_and_result_and_stores_nothing(site: Site, document: int) -> None:
    told = json_of(try_it(site, fields={"total_incl_tax": "montant", "issue_date": "date", "invoice_number": "numero"}))
    assert told["document"] == document
    total, date, number = (told["fields"][name] for name in ("total_incl_tax", "issue_date", "invoice_number"))
    assert (total["metadata"], total["result"], total["source"]) == (["1 800,00"], "1800.00", "metadata")
    assert total["page"] not in (None, "1800.00")
    assert "date" in date["message"] and number["message"] is None
    assert (told["compared"], told["differing"]) == (1, [document])
    assert set(told["metadata"]) == {"montant", "numero", "date", "commercial"}
    page = send(site, "/try", total_incl_tax="montant").text
    assert "Se contredisent" in page and "1 sur" not in page
    assert (fields(site), revision(site)) == ({}, 1)
    assert (
        json_of(try_it(site, fields={"invoice_number": "numero"}))["fields"]["total_incl_tax"]["source"] != "metadata"
    )
    assert try_it(site, fields={}, document=999).status_code == 404


def test_what_is_chosen_is_stored_and_what_is_taken_back_is_gone(site: Site) -> None:
    answer = send(site, total_incl_tax="montant", user_label="commercial")
    assert (answer.status_code, fields(site)) == (303, {"total_incl_tax": "montant", "user_label": "commercial"})
    page = site.client("boss").get(PAGE, params={"rule": RULE}).text
    assert "selected>montant" in page
    assert send(site, user_label="commercial", **carried(site)).status_code == 303
    assert fields(site) == {"user_label": "commercial"}
    assert send(site, **carried(site)).status_code == 303
    assert site.services.store.configuration.current()[1].metadata_association == ()


def test_the_second_of_two_sees_what_the_first_stored_and_chooses(site: Site) -> None:
    send(site, total_incl_tax="montant")
    form = carried(site)
    save(site, metadata_association=[{"classification_rule": RULE, "fields": {"invoice_number": "numero"}}])
    answer = send(site, user_label="commercial", **form)
    assert (answer.status_code, fields(site)) == (409, {"invoice_number": "numero"})
    assert "Numéro de facture\N{NO-BREAK SPACE}: numero" in answer.text and "Garder les miennes" in answer.text
    kept = {name: hidden(answer.text, name) for name in ("identity", "digest")}
    assert send(site, user_label="commercial", **kept).status_code == 303
    assert fields(site) == {"user_label": "commercial"}


def test_a_rule_without_documents_keeps_what_was_configured(site: Site) -> None:
    save(site, metadata_association=[{"classification_rule": "Ancienne", "fields": {"comment": "texte"}}])
    page = site.client("boss").get(PAGE, params={"rule": "Ancienne"}).text
    assert "selected>texte" in page and "rien ne peut être essayé" in page
