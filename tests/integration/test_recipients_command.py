"""`chorus recipients` and `chorus directory` on a real database: what is printed, stored and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from include.adapters.storage.core.tables import learned_recipients
from include.bootstrap import services
from include.cli import app
from include.domain.errors import ConfigurationFileError, InputError
from tests.fakes.clock import START

BODY, OTHER = "12345678200051", "12345678200036"

Chorus = Callable[..., Result]


@pytest.fixture
def chorus(own_home: Path) -> Chorus:
    """The command with an empty database."""

    def run(*arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == code, (done.output, done.exception)
        return done

    run("db", "migrate")
    return run


def teach(wording: str, siret: str, service_code: str = "") -> None:
    values = {
        "environment": "simulator",
        "wording_key": wording.lower(),
        "wording": wording,
        "siret": siret,
        "service_code": service_code,
        "first_invoice_id": 1,
        "last_invoice_id": 1,
        "first_at": START,
        "last_at": START,
        "times_used": 1,
        "pending": False,
    }
    with services().store.database.write() as connection:
        connection.execute(learned_recipients.insert().values(**values))


def rows(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_file_goes_in_and_comes_out_the_same(chorus: Chorus, tmp_path: Path) -> None:
    given, back = tmp_path / "liste.csv", tmp_path / "retour.csv"
    given.write_text(f"siret;wording;service_code;service_wording\n{BODY};Mairie;01;Voirie\n", encoding="utf-8-sig")
    planned = rows(chorus("recipients", "import", str(given), "--dry-run", "--json"))[0]
    assert ([change["item"] for change in planned["changes"]], planned["revision"]) == ([BODY], 0)
    assert rows(chorus("recipients", "list", "--json")) == []
    assert rows(chorus("recipients", "import", str(given), "--json"))[0]["revision"] == 1
    chorus("recipients", "export", str(back))
    assert rows(chorus("recipients", "import", str(back), "--replace", "--json"))[0] == {"revision": 1, "changes": []}
    assert back.read_bytes() == chorus("recipients", "export").stdout_bytes
    assert f'"{BODY}";"Mairie";"";""\r\n' in chorus("recipients", "export", "--plain").stdout_bytes.decode("utf-8-sig")


def test_a_wrong_file_changes_nothing(chorus: Chorus, tmp_path: Path) -> None:
    wrong = tmp_path / "liste.csv"
    wrong.write_text(f"siret;wording\n{BODY};Mairie\n1234;Régie\n")
    assert isinstance(chorus("recipients", "import", str(wrong), code=1).exception, ConfigurationFileError)
    assert isinstance(chorus("recipients", "import", str(tmp_path / "none.csv"), code=1).exception, InputError)
    assert isinstance(chorus("recipients", "export", str(tmp_path / "none" / "x.csv"), code=1).exception, InputError)
    assert rows(chorus("recipients", "list", "--json")) == []
    assert rows(chorus("config", "log", "--json")) == []


def test_learned_lines_are_listed_exported_kept_and_forgotten(chorus: Chorus) -> None:
    chorus("recipients", "confirm", "Mairie d'Annecy", BODY)
    teach("Régie", OTHER)
    teach("Compteurs", OTHER, "ST05")
    listed = rows(chorus("recipients", "list", "--learned", "--json"))
    assert [(row["wording"], row["service_code"], row["use"]) for row in listed] == [
        ("Compteurs", "ST05", "used"),
        ("Régie", None, "used"),
    ]
    assert "Régie" not in chorus("config", "export").stdout
    assert "Régie" in chorus("config", "export", "--with-learned").stdout
    assert "Compteurs" in chorus("recipients", "export", "--with-learned").stdout

    chorus("recipients", "keep", "régie")
    assert "Régie" in chorus("config", "export").stdout
    chorus("recipients", "forget", "compteurs")
    [left] = rows(chorus("recipients", "list", "--learned", "--json"))
    assert (left["wording"], left["kept"], left["use"]) == ("Régie", True, "configured")
    log = rows(chorus("config", "log", "--json"))
    assert [(entry["revision"], entry["source"], entry["actor"]) for entry in log] == [
        (3, "recipients forget", "test"),
        (2, "recipients keep", "test"),
        (1, "recipients confirm", "test"),
    ]


def test_a_learned_line_is_never_removed_by_applying_a_file(chorus: Chorus, tmp_path: Path) -> None:
    teach("Régie", OTHER)
    file = tmp_path / "chorus.yaml"
    file.write_text("version: 1\nrecipients: []\n")
    chorus("config", "apply", str(file))
    assert len(rows(chorus("recipients", "list", "--learned", "--json"))) == 1


def test_a_number_with_a_wrong_check_digit_is_warned_of(chorus: Chorus) -> None:
    assert "check digit" in chorus("recipients", "confirm", "Mairie", "12345678200052").stderr
    assert len(rows(chorus("recipients", "list", "--json"))) == 1


def test_the_list_is_shown_as_an_administrator_sees_it(chorus: Chorus, tmp_path: Path) -> None:
    file = tmp_path / "chorus.yaml"
    file.write_text(
        "version: 1\npeople: {users: [{name: anna}, {name: ben}]}\nadminister: {users: [anna]}\n"
        f'recipients: [{{siret: "{BODY}", wordings: [Mairie]}}]\n'
    )
    chorus("config", "apply", str(file))
    assert len(rows(chorus("recipients", "list", "--as", "anna", "--json"))) == 1
    assert rows(chorus("recipients", "list", "--as", "ben", "--json")) == []
    assert "Mairie" in chorus("recipients", "list").stdout


def test_an_empty_directory_and_nobody_to_ask(chorus: Chorus) -> None:
    assert rows(chorus("directory", "list", "--json")) == []
    chorus("directory", "list", "--blocked")
    assert isinstance(chorus("directory", "refresh", BODY, code=1).exception, InputError)
    assert isinstance(chorus("directory", "refresh", "12", code=1).exception, InputError)


def test_the_table_of_learned_lines_holds_each_once(chorus: Chorus) -> None:
    teach("Régie", OTHER)
    with pytest.raises(sa.exc.IntegrityError):
        teach("Régie", OTHER)
