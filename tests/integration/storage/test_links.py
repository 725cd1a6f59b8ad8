"""Attachments by link rules on both databases: linked in time, never retroactively, never after sending."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import document_links, documents, link_keys
from include.adapters.storage.store import Store
from include.application.intake import link_documents
from include.application.intake.link_documents import make_older_links, older_links
from include.application.ports.document_views import DocumentFilter
from include.application.ports.links import PossibleLink
from include.application.views.json_rows import document_detail
from include.domain.lifecycle import State
from include.domain.links import rules_digest
from include.domain.rights import OWNER
from tests.factories import SUPPLIER
from tests.fakes.clock import START, FakeClock
from tests.portal_bench import INVOICE_RULE, NOTE_RULE, PortalBench

YEARS_AGO = START - dt.timedelta(days=900)
PROVIDER = {
    "name": "Durand",
    "siret": SUPPLIER,
    "environment": "simulator",
    "connection": "c",
    "automatic_submission": True,
    "send_attachments": True,
}
RULE = {
    "invoice_rule": INVOICE_RULE,
    "attachment_rule": NOTE_RULE,
    "pairs": [{"invoice": "commande", "attachment": "ref"}],
    "since": START.isoformat(),
}
ORDER = {"commande": ["C-1"]}
REF = {"ref": ["c-1"]}


@pytest.fixture
def bench(store: Store, tmp_path: Path, clock: FakeClock) -> PortalBench:
    made = PortalBench.on(store, tmp_path, clock)
    configure(made)
    return made


def configure(bench: PortalBench, *rules: dict[str, Any], provider: dict[str, Any] | None = None, **rest: Any) -> None:
    links = list(rules) if rules else [RULE]
    attachments = {"links": links, **rest.pop("attachments", {})}
    bench.configure(providers=[{**PROVIDER, **(provider or {})}], attachments=attachments, **rest)


def links(bench: PortalBench) -> set[tuple[str, str]]:
    query = sa.select(document_links.c.invoice_document_id, document_links.c.attachment_document_id)
    with bench.store.database.read() as connection:
        rows = connection.execute(query).all()
    return {(bench.path_of(one), bench.path_of(other)) for one, other in rows}


def older(bench: PortalBench) -> tuple[list[PossibleLink], list[PossibleLink]]:
    revision, configuration = bench.store.configuration.current()
    return older_links(bench.store.links, configuration, revision, bench.clock, bench.store.internal_errors)


def link_older(bench: PortalBench) -> int:
    return make_older_links(bench.store.links, older(bench)[0], bench.clock, actor="cli:anna", viewer=OWNER)


class TestInTime:
    def test_a_document_that_agrees_goes_along(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF)
        bench.note("other.pdf", metadata={"ref": ["C-2"]})
        bench.invoice("F1", metadata=ORDER)
        bench.run()
        assert bench.sent_names() == {"F1": ["bl.pdf"]}
        [sent] = bench.platform.invoices[0].sent.attachments
        assert sent.sha256 == hashlib.sha256(b"%PDF-1.7 note bl.pdf").hexdigest()
        assert bench.platform.uploads[sent.upload_id] == b"%PDF-1.7 note bl.pdf"

    def test_all_pairs_must_hold(self, bench: PortalBench) -> None:
        pairs = [*RULE["pairs"], {"invoice": "client", "attachment": "client"}]  # type: ignore[misc]
        configure(bench, {**RULE, "pairs": pairs})
        bench.note("half.pdf", metadata={**REF, "client": ["Other"]})
        bench.note("whole.pdf", metadata={**REF, "client": ["ACME", "x"]})
        bench.invoice("F1", metadata={**ORDER, "client": ["y", "Acme"]})
        bench.run()
        assert bench.sent_names() == {"F1": ["whole.pdf"]}

    def test_empty_values_link_nothing(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata={"ref": ["", " "]})
        bench.note("none.pdf")
        bench.invoice("F1", metadata={"commande": [""]})
        bench.run()
        assert bench.sent_names() == {"F1": []}

    def test_links_of_the_portal_and_of_rules_stand_side_by_side(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF)
        bench.portal.put("Divers/plan.png", b"PNG")
        bench.invoice("F1", metadata=ORDER, links=["Divers/plan.png", "Bons/bl.pdf"])
        bench.run()
        assert bench.sent_names() == {"F1": ["plan.png", "bl.pdf"]}

    def test_a_document_shows_what_goes_along_and_the_rule_that_brought_it(self, bench: PortalBench) -> None:
        configure(bench, {**RULE, "type": "BL"})
        bench.note("bl.pdf", metadata=REF)
        bench.portal.put("Divers/plan.png", b"PNG")
        portal_id = bench.invoice("F1", metadata=ORDER, links=["Divers/plan.png"])
        bench.run()
        views = bench.store.document_views
        [document_id] = [row.id for row in views.rows(OWNER, DocumentFilter()) if row.portal_id == portal_id]
        detail = views.detail(OWNER, document_id)
        assert detail is not None
        [rule] = bench.store.configuration.current()[1].attachments.links
        shown = document_detail(detail, bench.store.configuration.current()[1], "fr")
        note = len(b"%PDF-1.7 note bl.pdf")
        plan = {"n": 1, "portal_id": "Divers/plan.png", "name": "plan.png", "type": None, "bytes": 3, "rule": None}
        by_rule = {"n": 2, "portal_id": "Bons/bl.pdf", "name": "bl.pdf", "type": "BL", "bytes": note}
        digests = [one.pop("sha256") for one in shown["attachments"]]
        assert digests == [hashlib.sha256(content).hexdigest() for content in (b"PNG", b"%PDF-1.7 note bl.pdf")]
        by_nobody = {"added_by": None}
        assert shown["attachments"] == [plan | by_nobody, by_rule | {"rule": rule.identity} | by_nobody]

    def test_a_rule_from_one_rule_to_itself_links_others_and_never_a_document_to_itself(
        self, bench: PortalBench
    ) -> None:
        pairs = [{"invoice": "commande", "attachment": "commande"}]
        configure(bench, {**RULE, "attachment_rule": INVOICE_RULE, "pairs": pairs})
        one, other = bench.invoice("F1", metadata=ORDER), bench.invoice("F2", metadata=ORDER)
        bench.pipeline().collect()
        bench.pipeline().match.link()
        assert links(bench) == {(one, other), (other, one)}

    def test_one_document_may_go_with_many_invoices_and_is_uploaded_once(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF)
        for number in ("F1", "F2", "F3"):
            bench.invoice(number, metadata=ORDER)
        bench.run()
        assert bench.sent_names() == {number: ["bl.pdf"] for number in ("F1", "F2", "F3")}
        assert bench.platform.calls["upload"] == 4

    @pytest.mark.parametrize("first", ["invoice", "note"])
    def test_whichever_comes_second_an_unsent_invoice_is_assessed_again(self, bench: PortalBench, first: str) -> None:
        configure(bench, provider={"automatic_submission": False})
        file = {
            "invoice": lambda: bench.invoice("F1", metadata=ORDER),
            "note": lambda: bench.note("bl.pdf", metadata=REF),
        }
        second = "note" if first == "invoice" else "invoice"
        file[first]()
        bench.look()
        file[second]()
        bench.look()
        invoice_id = bench.at("Factures/F1.pdf")
        assert bench.state(invoice_id) is State.READY
        assert bench.row(invoice_id).attachments == ["Bons/bl.pdf"]

    def test_new_metadata_make_and_take_away_links(self, bench: PortalBench) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.invoice("F1", metadata=ORDER)
        bench.note("bl.pdf", metadata={"ref": ["C-9"]})
        bench.look()
        assert bench.row(bench.at("Factures/F1.pdf")).attachments == []
        bench.note("bl.pdf", metadata=REF)
        bench.look()
        assert bench.row(bench.at("Factures/F1.pdf")).attachments == ["Bons/bl.pdf"]
        bench.invoice("F1", metadata={"commande": ["C-3"]})
        bench.look()
        assert bench.row(bench.at("Factures/F1.pdf")).attachments == []

    def test_new_bytes_of_an_attachment_are_what_goes_out(self, bench: PortalBench) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.note("bl.pdf", b"old", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.look()
        bench.note("bl.pdf", b"new", metadata=REF)
        bench.pipeline().collect()
        assert bench.store.ledger.ready("simulator:" + SUPPLIER, bench.store.configuration.current()[0], limit=9) == []
        bench.look()
        bench.pipeline().submit("simulator:" + SUPPLIER, may_send=True)
        [sent] = bench.platform.invoices[0].sent.attachments
        assert bench.platform.uploads[sent.upload_id] == b"new"

    def test_an_attachment_that_left_the_portal_no_longer_goes_along_until_it_is_back(self, bench: PortalBench) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.note("bl.pdf", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.look()
        bench.portal.remove("Bons/bl.pdf")
        bench.look()
        assert bench.row(bench.at("Factures/F1.pdf")).attachments == ["Bons/bl.pdf"], "once is no proof"
        bench.look()
        assert bench.row(bench.at("Factures/F1.pdf")).attachments == []
        bench.note("bl.pdf", metadata=REF)
        bench.look()
        assert bench.row(bench.at("Factures/F1.pdf")).attachments == ["Bons/bl.pdf"]

    def test_a_moved_attachment_stays_linked(self, bench: PortalBench) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.note("bl.pdf", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.look()
        bench.portal.move("Bons/bl.pdf", "Archives/bl.pdf")
        bench.look()
        assert bench.row(bench.at("Factures/F1.pdf")).attachments == ["Archives/bl.pdf"]

    def test_without_its_bytes_no_invoice_is_assessed(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF)
        path = bench.invoice("F1", metadata=ORDER)
        bench.pipeline().collect()
        bench.portal.content_changes_after_the_scan("Bons/bl.pdf", b"changed")
        bench.pipeline().match()
        bench.pipeline().map()
        assert (bench.state_at(path), bench.platform.numbers()) == (State.DETECTED, [])

    def test_a_match_under_way_does_not_settle_an_invoice_whose_links_come_meanwhile(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF)
        path = bench.invoice("F1", metadata=ORDER)
        bench.pipeline().collect()
        revision = bench.store.configuration.current()[0]
        [stale] = [w for w in bench.store.documents.to_match(revision, limit=9) if w.document.portal_id == path]
        bench.pipeline().match.link()
        bench.store.documents.record_match(
            stale,
            matched=True,
            stored_sha256=stale.document.content_sha256,
            criteria=["customer invoices"],
            provider_scope=[],
            reasons=[],
            revision=revision,
            now=START,
        )
        assert bench.state_at(path) is State.DETECTED
        bench.run()
        assert bench.sent_names() == {"F1": ["bl.pdf"]}

    def test_a_pass_with_nothing_new_looks_at_nothing(
        self, bench: PortalBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.note("bl.pdf", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.look()
        looked: list[str] = []
        real = link_documents.link_keys
        monkeypatch.setattr(link_documents, "link_keys", lambda d, rules: looked.append(d.portal_id) or real(d, rules))
        bench.configure(providers=[PROVIDER], attachments={"links": [RULE]}, mail=None)
        bench.look()
        assert looked == []
        bench.note("bl2.pdf", metadata=REF)
        bench.look()
        assert looked == ["Bons/bl2.pdf"]

    def test_more_documents_than_a_batch_are_all_linked(
        self, bench: PortalBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(link_documents, "BATCH", 3)
        for n in range(5):
            bench.note(f"bl{n}.pdf", metadata={"ref": [f"C-{n}"]})
            bench.invoice(f"F{n}", metadata={"commande": [f"C-{n}"]})
        bench.run()
        assert bench.sent_names() == {f"F{n}": [f"bl{n}.pdf"] for n in range(5)}

    def test_two_workers_with_one_end_each_make_the_link(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.pipeline().collect()
        failures: list[BaseException] = []
        start = threading.Barrier(3)

        def work() -> None:
            try:
                start.wait()
                bench.pipeline().match.link()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (failures, links(bench)) == ([], {("Factures/F1.pdf", "Bons/bl.pdf")})

    def test_a_document_that_changed_while_it_was_looked_at_is_looked_at_again(self, bench: PortalBench) -> None:
        bench.invoice("F1", metadata=ORDER)
        bench.note("bl.pdf", metadata={"ref": ["C-9"]})
        bench.pipeline().collect()
        revision, configuration = bench.store.configuration.current()
        digest = rules_digest(configuration.attachments.links)
        works = bench.store.links.due(digest, revision, limit=9)
        bench.note("bl.pdf", metadata=REF)
        bench.pipeline().collect()
        bench.store.links.store_keys(works, {work.document_id: [] for work in works})
        bench.store.links.record(works, lambda _link: True, rules=digest, revision=revision, now=START)
        assert [w.document.portal_id for w in bench.store.links.due(digest, revision, limit=9)] == ["Bons/bl.pdf"]


class TestSwitchAndTypes:
    def test_the_switch_decides_and_yes_with_nothing_linked_is_a_reason(self, bench: PortalBench) -> None:
        switch = [{"classification_rule": INVOICE_RULE, "fields": {"attachment_switch": "pj"}}]
        configure(bench, metadata_association=switch)
        bench.note("bl.pdf", metadata=REF)
        bench.invoice("ON", metadata={**ORDER, "pj": [" pj "]})
        bench.invoice("OFF", metadata={**ORDER, "pj": ["non"]})
        bench.invoice("EMPTY", metadata={"pj": ["PJ"]})
        bench.run()
        assert bench.sent_names() == {"ON": ["bl.pdf"], "OFF": []}
        assert bench.reasons(bench.at("Factures/EMPTY.pdf")) == ["attachments_missing"]

    def test_each_rule_gives_its_type_code(self, bench: PortalBench) -> None:
        bench.platform.types = [("DIVERS", "Divers"), ("BL", "Bon"), ("RIB", "RIB")]
        other = {**RULE, "attachment_rule": "Releve"}
        configure(bench, {**RULE, "type": "BL"}, other, attachments={"default_type": "RIB"})
        bench.note("bl.pdf", metadata=REF)
        bench.note("releve.pdf", rule="Releve", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.run()
        [held] = bench.platform.invoices
        assert {a.name: a.type_code for a in held.sent.attachments} == {"bl.pdf": "BL", "releve.pdf": "RIB"}

    def test_a_type_that_the_platform_does_not_list_is_a_reason(self, bench: PortalBench) -> None:
        configure(bench, {**RULE, "type": "NONSENSE"})
        bench.note("bl.pdf", metadata=REF)
        path = bench.invoice("F1", metadata=ORDER)
        bench.run()
        assert bench.reasons(bench.at(path)) == ["attachment_type_unknown"]
        configure(bench, {**RULE, "type": bench.platform.types[0][0]})
        bench.run()
        assert bench.sent_names() == {"F1": ["bl.pdf"]}

    def test_names_are_cut_and_told_apart_and_the_same_bytes_go_once(self, bench: PortalBench) -> None:
        long = "x" * 60
        bench.note(f"{long}1.pdf", metadata=REF)
        bench.note(f"{long}2.pdf", metadata=REF)
        bench.note("copy.pdf", b"%PDF-1.7 note " + f"{long}2.pdf".encode(), metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.run()
        assert bench.sent_names() == {"F1": ["x" * 46 + ".pdf", "x" * 42 + " (2).pdf"]}

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [("plan.dwg", b"x", "attachment_type"), ("empty.pdf", b"", "attachment_empty")],
    )
    def test_what_the_platform_would_not_take_keeps_the_invoice_back(
        self, bench: PortalBench, name: str, content: bytes, code: str
    ) -> None:
        bench.portal.put(f"Bons/{name}", content, rule=NOTE_RULE, metadata=REF)
        path = bench.invoice("F1", metadata=ORDER)
        bench.run()
        assert (bench.reasons(bench.at(path)), bench.platform.numbers()) == ([code], [])

    def test_a_link_of_the_portal_to_nothing_waits_and_releases_itself(self, bench: PortalBench) -> None:
        path = bench.invoice("F1", links=["Bons/late.pdf"])
        bench.run()
        assert (bench.reasons(bench.at(path)), bench.platform.numbers()) == (["attachment_missing"], [])
        bench.note("late.pdf")
        bench.run()
        assert bench.sent_names() == {"F1": ["late.pdf"]}

    def test_a_provider_that_sends_no_attachments_sends_none(self, bench: PortalBench) -> None:
        configure(bench, provider={"send_attachments": False})
        bench.note("bl.pdf", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.run()
        assert bench.sent_names() == {"F1": []}


class TestNotRetroactive:
    def test_a_new_rule_links_no_older_documents_by_itself(self, bench: PortalBench) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.note("bl.pdf", metadata=REF, arrived_at=YEARS_AGO)
        path = bench.invoice("F1", metadata=ORDER, arrived_at=YEARS_AGO)
        bench.look()
        assert (links(bench), bench.row(bench.at(path)).attachments) == (set(), [])

    def test_a_new_invoice_gets_an_older_document(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF, arrived_at=YEARS_AGO)
        bench.invoice("F1", metadata=ORDER)
        bench.run()
        assert bench.sent_names() == {"F1": ["bl.pdf"]}

    def test_older_ones_are_shown_first_and_linked_when_asked_for_good(self, bench: PortalBench) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.note("bl.pdf", metadata=REF, arrived_at=YEARS_AGO)
        path = bench.invoice("F1", metadata=ORDER, arrived_at=YEARS_AGO)
        bench.look()
        shown, sent = older(bench)
        assert ([(s.invoice_portal_id, s.attachment_portal_id) for s in shown], sent) == ([(path, "Bons/bl.pdf")], [])
        assert links(bench) == set()
        revision = bench.store.configuration.current()[0]
        assert link_older(bench) == 1
        assert bench.store.configuration.current()[0] == revision
        for _ in range(2):
            bench.look()
            assert (bench.state_at(path), bench.row(bench.at(path)).attachments) == (State.READY, ["Bons/bl.pdf"])
            configure(bench, {**RULE, "since": (START + dt.timedelta(days=1)).isoformat()})
        assert ("cli:anna", "links by back-fill: Bons/bl.pdf") in actors(bench, bench.at(path))
        assert older(bench) == ([], [])

    def test_a_rule_that_now_holds_always_links_them(self, bench: PortalBench) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.note("bl.pdf", metadata=REF, arrived_at=YEARS_AGO)
        path = bench.invoice("F1", metadata=ORDER, arrived_at=YEARS_AGO)
        bench.look()
        configure(bench, {**RULE, "since": "always"}, provider={"automatic_submission": False})
        bench.pipeline().map()
        assert bench.row(bench.at(path)).judged_revision is None, "not assessed before its attachment is copied"
        bench.look()
        assert bench.row(bench.at(path)).attachments == ["Bons/bl.pdf"]

    @pytest.mark.parametrize("rules", [[], [{**RULE, "attachment_rule": "Autre"}]])
    def test_a_rule_that_is_gone_takes_its_links_along(self, bench: PortalBench, rules: list[dict[str, Any]]) -> None:
        configure(bench, provider={"automatic_submission": False})
        bench.note("bl.pdf", metadata=REF)
        path = bench.invoice("F1", metadata=ORDER)
        bench.look()
        bench.configure(providers=[{**PROVIDER, "automatic_submission": False}], attachments={"links": rules})
        bench.pipeline().map()
        bench.look()
        assert (links(bench), bench.row(bench.at(path)).attachments) == (set(), [])

    def test_a_worker_with_an_older_configuration_changes_no_links(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF)
        bench.invoice("F1", metadata=ORDER)
        bench.look()
        late = bench.pipeline()
        configure(bench, {**RULE, "attachment_rule": "Autre"})
        bench.look()
        late.match.link()
        assert links(bench) == set()
        bench.configure(providers=[PROVIDER])
        none = bench.pipeline()
        configure(bench)
        bench.look()
        none.match.link()
        assert links(bench) == {("Factures/F1.pdf", "Bons/bl.pdf")}


class TestAfterSubmission:
    def test_a_link_that_appears_later_only_flags(self, bench: PortalBench) -> None:
        path = bench.invoice("F1", metadata=ORDER)
        bench.run()
        before = bench.row(bench.at(path))
        bench.note("bl.pdf", metadata=REF)
        for _ in range(2):
            bench.run()
        after = bench.row(bench.at(path))
        assert (after.state, after.flag, after.attachments) == (State.SUBMITTED, "attachment_linked_later", [])
        assert after.version == before.version + 1, "flagged once"
        assert bench.sent_names() == {"F1": []}

    def test_a_flag_that_tells_more_stays(self, bench: PortalBench) -> None:
        path = bench.invoice("F1", metadata=ORDER)
        bench.run()
        bench.invoice("F1", metadata={**ORDER, "x": ["y"]})
        bench.note("bl.pdf", metadata=REF)
        bench.run()
        assert bench.row(bench.at(path)).flag == "metadata_changed"

    def test_a_back_fill_leaves_sent_invoices_alone(self, bench: PortalBench) -> None:
        bench.note("bl.pdf", metadata=REF, arrived_at=YEARS_AGO)
        path = bench.invoice("F1", metadata=ORDER, arrived_at=YEARS_AGO)
        bench.run()
        shown, sent = older(bench)
        assert (shown, [s.invoice_portal_id for s in sent]) == ([], [path])
        assert make_older_links(bench.store.links, sent, bench.clock, actor="anna", viewer=OWNER) == 0
        assert (links(bench), bench.row(bench.at(path)).flag) == (set(), None)


def test_documents_that_no_rule_concerns_leave_no_keys(bench: PortalBench) -> None:
    bench.note("bl.pdf", metadata=REF)
    bench.portal.put("x.pdf", b"x", rule="Courrier", metadata=REF)
    bench.run()
    with bench.store.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(link_keys)) == 1
        unlooked = sa.select(sa.func.count()).select_from(documents).where(documents.c.linked_under.is_(None))
        assert connection.scalar(unlooked) == 0


def actors(bench: PortalBench, invoice_id: int) -> list[tuple[str, str]]:
    from include.adapters.storage.core.tables import moves

    query = sa.select(moves.c.actor, moves.c.cause).where(moves.c.invoice_id == invoice_id)
    with bench.store.database.read() as connection:
        return [(row.actor, row.cause.text("en")) for row in connection.execute(query)]
