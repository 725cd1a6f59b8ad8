"""`chorus layouts` on a real database: what is printed, what is written, how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from include.application.ports.layouts import Scope, StoredExample
from include.bootstrap import services
from include.cli import app
from include.domain.errors import InputError, NotThereError
from include.domain.extraction.layout_memory.example import Example, Standing
from include.domain.extraction.layout_memory.learn import Known, document_of, learn
from tests.factories import PROVIDER_KEY, configuration
from tests.fakes.clock import START
from tests.unit.extraction.paper import page

Chorus = Callable[..., Result]
DIGEST = "ab" * 32
NUMBER = "K26/001234"


@pytest.fixture
def chorus(own_home: Path) -> Chorus:
    """The command with one provider and one layout, learned from one invoice."""

    def run(*arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == code, (done.output, done.exception)
        return done

    run("db", "migrate")
    store = services().store
    people = {"users": [{"name": "anna", "mail": "a@x.example"}]}
    given = configuration(people=people, administer={"users": ["anna"]})
    store.configuration.save(given, expected_revision=0, actor="test", source="test", at=START, changes=())
    stored = StoredExample(
        content_sha256=DIGEST,
        invoice_id=7,
        scope=Scope(provider_key=PROVIDER_KEY, classification_rule="facture client"),
        example=example(),
        accepted=True,
        taught_at=START,
    )
    store.layouts.keep(DIGEST, stored, others=(), gone=())
    return run


def example() -> Example:
    head = [
        (40.0, 40.0, "Carrières Taupin"),
        (40.0, 54.0, "Granulats depuis longtemps"),
        (40.0, 68.0, "Lieu dit Ormeaux"),
    ]
    document = document_of([page(*head, (300, 100, "Référence commande service"), (480, 100, NUMBER))])
    assert document is not None
    found = learn(document, {"invoice_number": Known(value=NUMBER, standing=Standing.CORRECTED)})
    assert found is not None
    return found


def test_a_layout_is_listed_with_what_it_teaches(chorus: Chorus) -> None:
    [row] = [json.loads(line) for line in chorus("layouts", "list", "--json").stdout.splitlines()]
    assert row["id"] == DIGEST[:8]
    assert (row["provider"], row["classification_rule"], row["invoices"]) == (
        "Imprimerie Durand",
        "facture client",
        [7],
    )
    assert row["fields"] == {
        "invoice_number": {
            "invoices": 1,
            "vouched": 1,
            "shapes": ["K99/999999"],
            "labels": ["reference commande service"],
        }
    }
    table = chorus("layouts", "list").stdout
    assert DIGEST[:8] in table
    assert "invoice_number" in table


def test_administrators_see_all_and_strangers_nothing(chorus: Chorus) -> None:
    assert chorus("layouts", "list", "--json", "--as", "anna").stdout
    assert chorus("layouts", "list", "--json", "--as", "somebody").stdout == ""


def test_the_export_holds_everything_and_no_value(chorus: Chorus, tmp_path: Path) -> None:
    target = tmp_path / "layouts.json"
    chorus("layouts", "export", str(target))
    text = target.read_text(encoding="utf-8")
    [entry] = json.loads(text)["layouts"]
    assert (entry["layout"], entry["invoice"], entry["accepted"]) == (DIGEST[:8], 7, True)
    assert entry["lessons"]["invoice_number"]["standing"] == "corrected"
    assert entry["look"]
    assert NUMBER not in text
    assert "taupin" not in text.lower()
    assert json.loads(chorus("layouts", "export").stdout) == json.loads(text)


def test_an_export_that_cannot_be_written_is_told(chorus: Chorus, tmp_path: Path) -> None:
    done = chorus("layouts", "export", str(tmp_path / "none" / "x.json"), code=1)
    assert isinstance(done.exception, InputError)


def test_forgetting_needs_to_be_told_what(chorus: Chorus) -> None:
    assert isinstance(chorus("layouts", "forget", code=1).exception, InputError)
    assert isinstance(chorus("layouts", "forget", "00000000", code=1).exception, NotThereError)
    assert isinstance(chorus("layouts", "forget", "--rule", "autre", code=1).exception, NotThereError)
    assert chorus("layouts", "list", "--json").stdout


@pytest.mark.parametrize(
    "what",
    [[DIGEST[:8]], ["--all"], ["--provider", "Imprimerie Durand"], ["--rule", "Facture Client"]],
    ids=["id", "all", "provider", "rule"],
)
def test_what_is_forgotten_is_gone_and_stands_in_the_log(chorus: Chorus, what: list[str]) -> None:
    assert json.loads(chorus("layouts", "forget", *what, "--json").stdout) == {"revision": 2, "layouts": [DIGEST[:8]]}
    assert chorus("layouts", "list", "--json").stdout == ""
    newest = json.loads(chorus("config", "log", "--json").stdout.splitlines()[0])
    assert (newest["actor"], newest["source"]) == ("test", "layouts forget")
