"""What an administrator sets in files and commands, as read on the platform's own list: criteria, attachments, bank."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from include.cli import app
from include.demo.generator.publish import publish
from include.simulator.server import RunningSimulator
from tests.orchestration.world import FIRST, World, deposited, pdf, provider

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

RULE = {
    "invoice_rule": "Facture client",
    "attachment_rule": "Bon de livraison",
    "pairs": [{"invoice": "commande", "attachment": "commande"}, {"invoice": "client", "attachment": "compte"}],
}
CRITERION = {"name": "customer invoices", "classification_rule": "Facture client", "since": "always"}


class Office(World):
    """A world that is set up by files and commands only."""

    def prepare(self) -> None:
        self.portal.mkdir(parents=True)
        self.connect("chorus_first", login=self.simulator.login, password=self.simulator.password)
        chorus("db", "migrate")

    def apply(self, **sections: Any) -> None:
        """`chorus config apply` of a file with the portal and these sections."""
        sections = {"providers": [self.supplier()], "criteria": [CRITERION], **sections}
        portal = {"kind": "folder", "url": self.portal.as_uri(), "settle_seconds": 0}
        file = self.folder / "chorus.yaml"
        file.write_text(yaml.safe_dump({"version": 1, "portal": portal, **sections}, allow_unicode=True))
        chorus("config", "apply", str(file))

    @staticmethod
    def supplier(**changes: Any) -> dict[str, Any]:
        return {**provider(FIRST, "chorus_first"), "notify": {}, "send_attachments": True, **changes}

    def invoice(self, number: str, **metadata: list[str]) -> None:
        facts = {"classification_rule": "Facture client", "metadata": metadata}
        publish(self.portal, f"Factures/{number}.pdf", pdf(number), facts)

    def note(self, name: str, content: bytes, rule: str = "Bon de livraison", **metadata: list[str]) -> str:
        publish(self.portal, f"Bons/{name}", content, {"classification_rule": rule, "metadata": metadata})
        return hashlib.sha256(content).hexdigest()

    def sent(self) -> dict[str, list[dict[str, str]]]:
        """Attachments of each invoice on the platform's own list."""
        return {item["number"]: item["attachments"] for item in deposited(self.simulator)}


@pytest.fixture
def office(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with RunningSimulator() as simulator:
        made = Office(folder=tmp_path, simulator=simulator, monkeypatch=monkeypatch)
        made.prepare()
        yield made


def chorus(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (done.output, done.exception)
    return done


def told(*arguments: str) -> Any:
    return json.loads(chorus(*arguments, "--json").stdout)


def run() -> dict[str, int]:
    counts: dict[str, int] = told("run", "submission")["counts"]
    return counts


class TestCriteria:
    def test_a_new_criterion_sends_nothing_old_until_a_person_says_so(self, office: Office) -> None:
        nowhere = {"name": "nowhere", "folder": "/Ailleurs"}
        office.apply(criteria=[nowhere])
        for number in ("OLD-1", "OLD-2"):
            office.invoice(number)
        run()
        office.apply(criteria=[nowhere, {"name": "new", "classification_rule": "Facture client"}])
        office.invoice("NEW-1")
        run()
        assert office.on_platform() == ["NEW-1"]

        report = told("criteria", "test")
        [_, new] = report["criteria"]
        assert (report["counts"], new["taken"], new["older"]) == ({"seen": 3, "taken": 1}, 1, 2)
        old = next(d for d in report["documents"] if d["name"] == "OLD-1.pdf")
        assert [(r["criterion"], r["code"]) for r in old["reasons"]] == [
            ("nowhere", "criterion_other_folder"),
            ("new", "criterion_too_old"),
        ]
        shown = told("criteria", "backfill", "new")
        assert ([d["name"] for d in shown["documents"]], shown["taken"]) == (["OLD-1.pdf", "OLD-2.pdf"], 0)
        run()
        assert office.on_platform() == ["NEW-1"], "shown only"

        revision = office.services.store.configuration.current()[0]
        assert told("criteria", "backfill", "new", "--apply")["taken"] == 2
        assert office.services.store.configuration.current()[0] == revision
        run()
        assert office.on_platform() == ["NEW-1", "OLD-1", "OLD-2"]
        assert told("criteria", "backfill", "new")["documents"] == []

    def test_people_read_it_as_tables(self, office: Office) -> None:
        office.apply()
        office.invoice("F-1")
        office.note("bl.txt", b"x")
        run()
        text = chorus("criteria", "test").stdout
        assert "customer invoices" in text and "Bons/bl.txt" in text and "Taken by no criterion: 1 of 2" in text
        assert "Nothing was changed" in chorus("criteria", "backfill", "customer invoices").stdout

    def test_an_unknown_criterion_is_a_wrong_call(self, office: Office) -> None:
        office.apply()
        done = CliRunner().invoke(app, ["criteria", "backfill", "x"])
        assert "Configured: customer invoices" in str(done.exception)


class TestAttachments:
    def test_linked_documents_arrive_with_name_type_and_bytes(self, office: Office) -> None:
        office.apply(attachments={"links": [{**RULE, "type": "RIB"}]})
        order = {"commande": ["C-417"], "client": ["Ville d'Annecy"]}
        shas = [
            office.note("bl.pdf", b"%PDF-1.4 one", commande=["c-417"], compte=["VILLE D'ANNECY", "x"]),
            office.note(f"{'n' * 60}-1.txt", b"two", commande=["C-417", "C-418"], compte=["ville d'annecy"]),
            office.note(f"{'n' * 60}-2.txt", b"three", commande=["C-417"], compte=["Ville d’Annecy"]),
        ]
        office.note("copy.pdf", b"%PDF-1.4 one", commande=["C-417"], compte=["Ville d'Annecy"])
        office.note("half.pdf", b"%PDF-1.4 half", commande=["C-417"], compte=["Autre"])
        office.note("rule.pdf", b"%PDF-1.4 rule", rule="Autre", commande=["C-417"], compte=["Ville d'Annecy"])
        office.invoice("A-1", **order)
        office.invoice("A-2")
        assert run()["submitted"] == 2
        assert office.sent()["A-2"] == []
        found = sorted(office.sent()["A-1"], key=lambda item: shas.index(item["sha256"]))
        assert [(item["name"], item["type"], item["sha256"]) for item in found] == [
            ("bl.pdf", "RIB", shas[0]),
            ("n" * 46 + ".txt", "RIB", shas[1]),
            ("n" * 42 + " (2).txt", "RIB", shas[2]),
        ]

    def test_a_type_that_the_platform_lacks_waits_and_goes_once_it_is_corrected(self, office: Office) -> None:
        office.apply(attachments={"links": [{**RULE, "type": "NO_SUCH"}]})
        office.note("bl.pdf", b"%PDF-1.4 one", commande=["1"], compte=["a"])
        office.invoice("T-1", commande=["1"], client=["A"])
        run()
        [row] = [
            json.loads(line) for line in chorus("documents", "list", "--json").stdout.splitlines() if "T-1" in line
        ]
        assert [reason["code"] for reason in row["reasons"]] == ["attachment_type_unknown"]
        office.apply(attachments={"links": [RULE]})
        run()
        assert [item["name"] for item in office.sent()["T-1"]] == ["bl.pdf"]

    def test_older_documents_are_linked_when_a_person_says_so(self, office: Office) -> None:
        office.apply(providers=[office.supplier(automatic_submission=False)])
        office.note("bl.pdf", b"%PDF-1.4 one", commande=["1"], compte=["a"])
        office.invoice("B-1", commande=["1"], client=["A"])
        run()
        office.apply(
            providers=[office.supplier(automatic_submission=False)],
            attachments={"links": [RULE]},
        )
        run()
        shown = told("links", "backfill")
        assert [(link["invoice"]["portal_id"], link["attachment"]["portal_id"]) for link in shown["links"]] == [
            ("Factures/B-1.pdf", "Bons/bl.pdf")
        ]
        assert told("links", "backfill", "--apply")["linked"] == 1
        run()
        chorus("documents", "submit", str(office.documents()["B-1"].id))
        assert [item["name"] for item in office.sent()["B-1"]] == ["bl.pdf"]

    def test_what_appears_after_submission_is_flagged_and_never_added(self, office: Office) -> None:
        office.apply(attachments={"links": [RULE]})
        office.invoice("L-1", commande=["1"], client=["A"])
        run()
        office.note("bl.pdf", b"%PDF-1.4 one", commande=["1"], compte=["a"])
        run()
        run()
        assert (office.sent(), office.documents()["L-1"].flag) == ({"L-1": []}, "attachment_linked_later")

    def test_the_bytes_are_those_of_the_match_even_if_the_portal_lost_the_file(self, office: Office) -> None:
        office.apply(
            providers=[office.supplier(automatic_submission=False)],
            attachments={"links": [{**RULE, "since": "always"}]},
        )
        sha256 = office.note("bl.pdf", b"%PDF-1.4 one", commande=["1"], compte=["a"])
        office.invoice("K-1", commande=["1"], client=["A"])
        run()
        (office.portal / "Bons" / "bl.pdf").unlink()
        os.sync()
        chorus("documents", "submit", str(office.documents()["K-1"].id))
        assert [item["sha256"] for item in office.sent()["K-1"]] == [sha256]


class TestBankDetails:
    def test_the_label_sends_the_account_that_the_platform_lists(self, office: Office) -> None:
        bank = {"default": "compte courant", "labels": [{"label": "CIC", "name": "Compte CIC"}]}
        association = [{"classification_rule": "Facture client", "fields": {"bank_details": "rib"}}]
        office.apply(providers=[office.supplier(bank_details=bank)], metadata_association=association)
        office.invoice("D-1", rib=[" cic "])
        office.invoice("D-2")
        run()
        ids = {
            i["number"]: i["payload"]["fournisseur"]["codeCoordonneesBancairesFournisseur"] for i in sent_items(office)
        }
        assert len(set(ids.values())) == 2
        rows = [json.loads(line) for line in listed_banks().splitlines()]
        assert {row["name"].lower(): (row["default"], row["labels"], row["problem"]) for row in rows} == {
            "compte courant": (True, [], None),
            "compte cic": (False, ["CIC"], None),
        }

    def test_what_the_platform_does_not_list_is_marked_and_keeps_invoices_back(self, office: Office) -> None:
        office.apply(providers=[office.supplier(bank_details={"default": "Compte fermé"})])
        rows = {row["name"]: row for row in map(json.loads, listed_banks().splitlines())}
        assert rows["Compte fermé"]["problem"]["code"] == "bank_details_not_on_platform"
        office.invoice("E-1")
        assert run()["to_complete"] == 1
        assert office.on_platform() == []


def sent_items(office: Office) -> list[dict[str, Any]]:
    return deposited(office.simulator)


def listed_banks() -> str:
    return chorus("bank-details", "list", "--provider", FIRST.name, "--json").stdout
