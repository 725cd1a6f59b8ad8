"""Keys of the JSON twin that people script (docs/reference/interfaces.md 6.4 and 3); more may stand beside them."""

from __future__ import annotations

from typing import Any

from include.domain.lifecycle import State
from tests.integration.storage.seeded import seed
from tests.web.conftest import Site, json_of

ERROR = {"code", "message", "todo", "reference"}
DOCUMENT = {
    "id", "portal_id", "name", "state", "provider", "invoice_number", "recipient_siret", "total_incl_tax", "chorus_id",
    "reasons", "version", "arrived_at", "changed_at", "recipient_name", "attachments", "kind", "warnings",
    "held_reason", "invoice_id",
}  # fmt: skip
INVOICE = {
    "id", "chorus_id", "provider", "invoice_number", "state", "status", "status_at", "recipient_siret",
    "total_incl_tax", "origin", "document_id", "version", "deposited_at", "recipient_name", "comment", "pay_by",
    "days_late",
}  # fmt: skip
LIST = {"items", "after", "before", "total", "counts"}


def get(site: Site, path: str) -> Any:
    answer = site.client("anna").get(f"/api/v1/{path}")
    assert answer.status_code == 200, (path, answer.text)
    return json_of(answer)


def post(site: Site, path: str, body: Any) -> Any:
    return json_of(site.client("anna", bearer=True).post(f"/api/v1/{path}", json=body))


def test_lists_and_their_rows(site: Site) -> None:
    with site.services.store.database.write() as connection:
        seed(connection, 5, state=State.SUBMITTED, status="DEPOSEE", invoice_number="F-5")
    for path, keys in (
        ("documents?tab=all", DOCUMENT),
        ("invoices", INVOICE),
        ("returned", INVOICE | {"deadline", "action"}),
    ):
        found = get(site, path)
        assert found.keys() >= LIST, path
        assert found["items"] and all(row.keys() >= keys for row in found["items"]), path
    reason = get(site, "documents")["items"][1]["reasons"][0]
    assert reason.keys() >= {"code", "field", "message"}
    assert isinstance(get(site, "documents")["items"][0]["attachments"], int)


def test_one_document_its_check_and_who_else_has_it_open(site: Site, opened: int) -> None:
    found = get(site, f"documents/{opened}")
    assert found.keys() >= DOCUMENT | {"fields", "moves"}
    assert found["fields"]["invoice_number"].keys() >= {"value", "source", "page", "box", "confidence", "others"}
    assert found["moves"][0].keys() >= {"at", "from", "to", "cause", "actor"}
    checked = post(site, f"documents/{opened}/check", {"values": {"service_code": "ST01"}})
    assert checked.keys() >= {"state", "reasons", "obligations", "totals"}
    assert checked["obligations"].keys() >= {"service_code", "engagement_number", "services"}
    assert checked["obligations"]["services"][0].keys() >= {"code", "name", "engagement_required"}
    totals = {"total_excl_tax", "total_tax", "total_incl_tax", "amount_due", "agree", "message"}
    assert checked["totals"].keys() >= totals
    site.client("bob").post(f"/api/v1/documents/{opened}/presence", headers=site.form_headers("bob"))
    assert post(site, f"documents/{opened}/presence", {}).keys() == {"others"}
    words = get(site, f"documents/{opened}/words/1")
    assert words.keys() >= {"width", "height", "words"} and words["words"][0].keys() == {"text", "box"}


def test_one_invoice_the_dashboard_and_what_was_told(site: Site) -> None:
    assert get(site, "invoices/4").keys() >= INVOICE
    assert get(site, "me").keys() >= {"name", "language", "administer", "providers", "labels"}
    assert get(site, "notifications").keys() >= {"items", "unread", "after", "before"}
    assert get(site, "runs?dag_id=d&run_id=r")["items"] == []
    assert get(site, "dashboard").keys() >= {"to_complete", "ready", "sent_today", "returned", "unread", "providers"}


def test_a_job_and_its_results(site: Site) -> None:
    job = post(site, "documents/bulk", {"ids": [1], "action": "reread"})
    assert job.keys() >= {"id", "done", "total", "results"}
    assert get(site, f"jobs/{job['id']}")["results"][0].keys() >= {"id", "state", "message"}


def test_errors(site: Site) -> None:
    anna = site.client("anna", bearer=True)
    for answer, more in (
        (anna.get("/api/v1/documents?sort=x"), set()),
        (anna.get("/api/v1/documents/999"), set()),
        (anna.get("/api/v1/nothing/here"), set()),
        (anna.patch("/api/v1/documents/1/fields", json={"version": 1, "values": {"nonsense": "x"}}), {"fields"}),
        (
            anna.patch("/api/v1/documents/1/fields", json={"version": 0, "values": {"comment": "x"}}),
            {"version", "conflicts"},
        ),
        (anna.post("/api/v1/documents/bulk", json={"ids": [], "action": "hold"}), {"fields"}),
    ):
        told = json_of(answer)
        assert told.keys() >= {"error", *more}, told
        assert told["error"].keys() == ERROR
