"""Listings as somebody else sees them, and the language of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from include.bootstrap import Services, services
from include.cli import app
from tests.factories import SUPPLIER, listing, portal_document
from tests.fakes.clock import START
from tests.sending_bench import NOT_USED, SendingBench

PEOPLE = {"users": [{"name": "anna", "mail": "anna@imprimerie.example"}, {"name": "boss"}, {"name": "stranger"}]}


def provider(siret: str, name: str, *users: str) -> dict[str, Any]:
    use = {"users": list(users)}
    return {"name": name, "siret": siret, "environment": "simulator", "connection": f"chorus_{name}", "use": use}


@pytest.fixture
def found(own_home: Path) -> Iterator[Services]:
    """Anna uses the provider, the boss administers; one document is an invoice, one is not."""
    made = services()
    made.store.database.migrate()
    bench = SendingBench(made.store, made.files, NOT_USED, made.clock)
    bench.configure(people=PEOPLE, administer={"users": ["boss"]}, providers=[provider(SUPPLIER, "durand", "anna")])
    bench.add("F-1")
    other = portal_document("Divers/menu.pdf", b"%PDF-1 menu", classification_rule="Menu")
    made.store.documents.record_scan(listing(other, unchanged=("Factures/F-1.pdf",)), now=START)
    yield made
    made.close()


def chorus(*arguments: str) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def test_criteria_are_tried_on_the_documents_that_a_user_sees(found: Services) -> None:
    def tried(*how: str) -> set[int]:
        report = json.loads(chorus("criteria", "test", "--json", *how).stdout)
        seen = {document["id"] for document in report["documents"]}
        assert report["counts"]["seen"] == len(seen)
        return seen

    assert len(tried()) == 2
    for user in ("anna", "boss", "stranger"):
        listed = chorus("documents", "list", "--json", "--as", user).stdout.splitlines()
        assert tried("--as", user) == {json.loads(line)["id"] for line in listed}, user
    assert tried("--as", "stranger") == set()


def test_the_log_of_the_configuration_is_for_who_administers(found: Services) -> None:
    everything = chorus("config", "log", "--json").stdout
    assert everything and chorus("config", "log", "--json", "--as", "boss").stdout == everything
    for user in ("anna", "stranger", "nobody"):
        assert chorus("config", "log", "--json", "--as", user).stdout == ""
        assert chorus("config", "log", "--as", user).stdout == ""


@pytest.mark.parametrize(
    ("environment", "french"),
    [({"LANG": "en_US.UTF-8"}, True), ({"CHORUS_LANGUAGE": "en"}, False), ({"CHORUS_LANGUAGE": "fr"}, True)],
)
def test_json_is_french_unless_somebody_chose(
    found: Services, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], french: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    report = json.loads(chorus("criteria", "test", "--json").stdout)
    messages = " ".join(why["message"] for document in report["documents"] for why in document["reasons"])
    assert messages and (("règle" in messages) is french)


def test_people_read_their_own_language_unless_somebody_chose(found: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    shown = {}
    for name, value in (("LANG", "fr_FR.UTF-8"), ("LANG", "en_US.UTF-8"), ("CHORUS_LANGUAGE", "fr")):
        monkeypatch.setenv(name, value)
        shown[value] = chorus("criteria", "test").stdout
    assert shown["fr_FR.UTF-8"] == shown["fr"] != shown["en_US.UTF-8"]
