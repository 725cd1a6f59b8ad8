"""One rule for the language of what commands say: `CHORUS_LANGUAGE`; else French in JSON, the terminal's in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from include.cli import app
from include.cli.output import reader_language

ROOT = Path(__file__).resolve().parents[2]

NO_PACK = "verify"
FAULTY = "config validate"
REFUSALS = "messages list"
SAID = {
    NO_PACK: ("n'est pas lisible comme dossier de preuve", "cannot be read as a pack of evidence"),
    FAULTY: ("clé inconnue", "unknown key"),
    REFUSALS: ("Ce destinataire exige", "This recipient demands"),
}
"""Commands that need no database, and what each says in both languages."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.yaml"
    path.write_text("unheard_of: 1\n")
    return path


def said(command: str, file: Path, *options: str) -> str:
    given = [] if command == REFUSALS else [str(file)]
    result = CliRunner().invoke(app, [*command.split(), *given, *options])
    if options:
        json.loads(result.stdout.splitlines()[0])
        return result.stdout
    return re.sub(r"\s+", " ", result.stdout + result.stderr)


@pytest.mark.parametrize("command", SAID)
@pytest.mark.parametrize(
    ("wanted", "terminal", "as_json", "in_words"),
    [
        ("", "en_GB.UTF-8", "fr", "en"),
        ("", "fr_FR.UTF-8", "fr", "fr"),
        ("en", "fr_FR", "en", "en"),
        ("fr", "C", "fr", "fr"),
    ],
)
def test_one_rule_for_every_command(
    command: str,
    wanted: str,
    terminal: str,
    as_json: str,
    in_words: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("CHORUS_LANGUAGE", wanted)
    monkeypatch.setenv("LANG", terminal)
    assert (reader_language(as_json=True), reader_language()) == (as_json, in_words)
    french, english = SAID[command]
    for options, language in ((("--json",), as_json), ((), in_words)):
        text = said(command, file, *options)
        assert (french in text, english in text) == (language == "fr", language == "en"), (command, options, text[:300])


def test_no_command_has_a_rule_of_its_own() -> None:
    for path in sorted((ROOT / "include/cli").glob("*.py")):
        if path.name != "output.py":
            text = path.read_text()
            assert not re.search(r"settings(\(\))?\.(json_)?language|language.*= \"(en|fr)\"", text), path.name
