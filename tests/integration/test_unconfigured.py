"""A fresh store: one unconfigured provider that says so everywhere, and nothing breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from include import cli
from include.application.providers.setup_hints import NO_CRITERION, NO_PROVIDER
from include.texts import Text
from tests.factories import SUPPLIER

NEVER_LOOKED = Text("cli.never_looked")


def chorus(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


@pytest.fixture(autouse=True)
def fresh(own_home: Path) -> Path:
    assert chorus("db", "migrate").exit_code == 0
    return own_home


@pytest.mark.parametrize("command", [("documents", "list"), ("invoices", "list")])
def test_a_listing_is_empty_and_says_why_beside_it(command: tuple[str, str]) -> None:
    result = chorus(*command, "--json")
    assert (result.exit_code, result.stdout, result.stderr.strip()) == (0, "", str(NO_PROVIDER))


@pytest.mark.parametrize("how", [[], ["--dry-run"]])
def test_a_pass_does_nothing_says_so_in_one_sentence_and_fails_nothing(how: list[str]) -> None:
    result = chorus("run", "submission", "--json", *how)
    assert result.exit_code == 0
    assert set(json.loads(result.stdout)["counts"].values()) == {0}
    assert result.stderr.count(str(NO_PROVIDER)) == 1


def test_providers_are_listed_with_the_unconfigured_one() -> None:
    result = chorus("providers", "list", "--json")
    [row] = [json.loads(line) for line in result.stdout.splitlines()]
    said = NO_PROVIDER.said("fr")
    assert (result.exit_code, row["configured"], row["siret"], row["message"]) == (0, False, None, said)
    shown = " ".join(chorus("providers", "list").stdout.split())
    assert "No provider is" in shown


def test_a_plan_that_leaves_it_so_says_it_and_one_with_a_provider_does_not(tmp_path: Path) -> None:
    path = tmp_path / "chorus.yaml"
    path.write_text("version: 1\ndirectory: {refresh_hours: 12}\n")
    assert str(NO_PROVIDER) in chorus("config", "plan", str(path)).stderr
    path.write_text(
        f'version: 1\nproviders: [{{name: A, siret: "{SUPPLIER}", environment: simulator, connection: chorus_a}}]\n'
    )
    result = chorus("config", "plan", str(path))
    assert result.exit_code == 0
    assert str(NO_PROVIDER) not in result.stderr


def test_with_a_provider_the_listing_has_its_row_and_its_times_as_text(tmp_path: Path) -> None:
    path = tmp_path / "chorus.yaml"
    path.write_text(
        f'version: 1\nproviders: [{{name: A, siret: "{SUPPLIER}", environment: simulator, connection: chorus_a}}]\n'
    )
    assert chorus("config", "apply", str(path)).exit_code == 0
    [row] = [json.loads(line) for line in chorus("providers", "list", "--json").stdout.splitlines()]
    assert (row["name"], row["configured"], row["stopped_since"], row["last_success_at"]) == ("A", True, None, None)
    assert "A" in chorus("providers", "list").stdout


def configured(tmp_path: Path, **more: object) -> None:
    """A provider and a fresh portal with one document, and what else is given."""
    portal = tmp_path / "portal"
    portal.mkdir(exist_ok=True)
    (portal / "notes.txt").write_text("no invoice")
    provider = {"name": "A", "siret": SUPPLIER, "environment": "simulator", "connection": "chorus_a"}
    settings = {"kind": "folder", "url": portal.as_uri(), "settle_seconds": 0}
    path = tmp_path / "chorus.yaml"
    path.write_text(json.dumps({"version": 1, "providers": [provider], "portal": settings, **more}))
    assert chorus("config", "apply", str(path)).exit_code == 0


def test_a_portal_without_criteria_says_so_until_there_is_one(tmp_path: Path) -> None:
    configured(tmp_path)
    for command in (("documents", "list"), ("criteria", "test"), ("run", "submission", "--dry-run")):
        assert chorus(*command).stderr.count(str(NO_CRITERION)) == 1, command
    configured(tmp_path, criteria=[{"name": "all", "folder": "/"}])
    for command in (("documents", "list"), ("criteria", "test"), ("run", "submission", "--dry-run")):
        assert str(NO_CRITERION) not in chorus(*command).stderr, command


def test_criteria_cannot_be_tried_on_a_portal_nobody_looked_at(tmp_path: Path) -> None:
    configured(tmp_path, criteria=[{"name": "all", "folder": "/"}])
    assert str(NEVER_LOOKED) in chorus("criteria", "test").stderr
    chorus("run", "submission", "--dry-run")
    assert str(NEVER_LOOKED) not in chorus("criteria", "test").stderr
