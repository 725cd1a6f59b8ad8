"""What strangers wrote never steers a terminal, and no file that a person names ends a command with a trace."""

from __future__ import annotations

import json
import logging
import os
import random
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from include.cli import main
from include.cli.output import print_object, print_table, print_text, show_logs
from include.texts.visible import json_visible, visible
from tests.factories import listing, portal_document

HOSTILE = "[/x] [bold red]\x1b[31m\x9b2J :smile: a\nb\u202egnp\ud800"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def chorus(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in this process: exit code and what it wrote."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["chorus", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        logging.getLogger().handlers.clear()
        written = capsys.readouterr()
        assert isinstance(code, int)
        return code, written.out, written.err

    return run


class TestCells:
    def test_control_signs_are_shown_and_markup_stays_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_table(("provider", "name"), [(HOSTILE, "f")])
        shown = capsys.readouterr().out
        assert "[/x] [bold red]\u241b[31m\\u009b2J :smile: a\u240ab\\u202egnp\\ud800" in shown
        assert not {"\x1b", "\x9b", "\u202e"} & set(shown)

    def test_echoes_keep_their_lines_and_nothing_else(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_text(HOSTILE)
        assert capsys.readouterr().out == "[/x] [bold red]\u241b[31m\\u009b2J :smile: a\nb\\u202egnp\\ud800\n"

    def test_json_means_the_same_and_steers_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_object({"name": HOSTILE})
        line = capsys.readouterr().out
        assert line.isprintable() is False and line.rstrip("\n").isprintable()
        assert json.loads(line)["name"] == HOSTILE
        assert json_visible('"é\u00a0\u202f"') == '"é\u00a0\u202f"', "what French text has stays"

    def test_log_lines_show_control_signs_and_no_trace_unless_asked(self, capsys: pytest.CaptureFixture[str]) -> None:
        for debug in (False, True):
            logging.getLogger().handlers.clear()
            show_logs(debug)
            try:
                raise ValueError("secret value")
            except ValueError:
                logging.getLogger("test").exception("Document %s", "a\x1b[2J")
            written = capsys.readouterr().err
            assert "\x1b" not in written and "\u241b[2J" in written
            assert ("Traceback" in written) is debug
        logging.getLogger().handlers.clear()

    def test_plain_text_is_not_touched(self) -> None:
        assert visible("Écoles de l'Ain — n° 4\u00a0%") == "Écoles de l'Ain — n° 4\u00a0%"

    def test_a_hostile_document_is_listed(self, chorus: Run) -> None:
        from include.bootstrap import services

        assert chorus("db", "migrate")[0] == 0
        found = services()
        document = portal_document("Factures/[bold]\x1b[31m.pdf")
        found.store.documents.record_scan(listing(document), now=found.clock.now())
        found.close()
        code, out, err = chorus("documents", "list")
        assert (code, "\x1b" in out + err) == (0, False)
        assert "[bold]\u241b[31m.pdf" in out


def _odd_files(folder: Path) -> dict[str, Path]:
    chance = random.Random(7)
    contents = {
        "random": chance.randbytes(5000),
        "empty": b"",
        "nul": b"\0" * 1000,
        "utf16": "siret;wording\r\nconfiguration: é".encode("utf-16"),
        "latin": "providers:\n  - name: é\n".encode("latin-1"),
        "nested": b"[" * 20000,
        "mapping": b"a: " * 3000,
        "aliases": b"a: &a [1]\nb: *a\nc: *missing\n",
        "tag": b"providers: !!python/object/apply:os.system [ls]\n",
        "pdf": b"%PDF-1.7\n" + chance.randbytes(300),
        "zip": b"PK\x03\x04" + chance.randbytes(300),
        "jinja": b"{{ 9 ** 9 ** 9 }}{% for a in b %}",
    }
    found = {}
    for name, content in contents.items():
        found[name] = folder / f"{name}.odd"
        found[name].write_bytes(content)
    found["huge"] = folder / "huge.odd"
    with found["huge"].open("wb") as file:
        file.truncate(1_500_000_000)
    found["folder"] = folder / "folder.odd"
    found["folder"].mkdir()
    found["pipe"] = folder / "pipe.odd"
    os.mkfifo(found["pipe"])
    found["missing"] = folder / "missing.odd"
    found["name"] = folder / "\udcff\x1b[31m.odd"
    found["name"].write_bytes(b"x")
    found["device"] = Path("/dev/zero")
    found["long"] = folder / ("x" * 300)
    return found


COMMANDS = {
    "config validate": ("config", "validate", "{}"),
    "config plan": ("config", "plan", "{}"),
    "config apply": ("config", "apply", "{}"),
    "recipients import": ("recipients", "import", "{}"),
    "templates set": ("templates", "set", "submitted", "fr", "--subject", "s", "--body", "{}"),
    "verify": ("verify", "{}"),
    "invoices complete": ("invoices", "complete", "1", "--comment", "c", "--file", "{}"),
}


class TestFiles:
    @pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
    def test_no_file_ends_a_command_with_a_trace(
        self, command: tuple[str, ...], chorus: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("include.adapters.local_files._PATIENCE_SECONDS", 0.1)
        assert chorus("db", "migrate")[0] == 0
        folder = tmp_path / "odd"
        folder.mkdir()
        for name, path in _odd_files(folder).items():
            code, out, err = chorus(*(part.replace("{}", str(path)) for part in command))
            assert "Traceback" not in out + err, name
            assert "\x1b" not in out + err, name
            assert code in (0, 1, 2, 3) and (code == 0 or err.strip() or out.strip()), (name, code)
            assert "--debug" not in err, f"{name}: nobody foresaw this: {err}"

    def test_an_error_that_nobody_foresaw_is_a_message_and_a_trace_with_debug(
        self, chorus: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken() -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("include.bootstrap.services", broken)
        code, out, err = chorus("documents", "list")
        assert (code, out) == (3, "")
        assert "ZeroDivisionError" in err and "Traceback" not in err
        with pytest.raises(ZeroDivisionError):
            chorus("--debug", "documents", "list")


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_everything_of_ours_is_private_whatever_the_umask(
    umask: int, chorus: Run, own_home: Path, tmp_path: Path
) -> None:
    from include.adapters.notification.sink import SinkMailer
    from include.application.ports.mail import Message
    from include.bootstrap import services

    before = os.umask(umask)
    try:
        assert chorus("db", "migrate")[0] == 0
        found = services()
        found.files.put(b"content")
        mail = Message(message_id="<1@x.example>", recipient="a@x.example", subject="s", text="t", html="h")
        SinkMailer(found.settings.mail_folder, clock=found.clock).send(mail)
        with found.store.database.write() as connection:
            connection.exec_driver_sql("SELECT 1")
        everything = [own_home, *own_home.rglob("*")]
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in everything}
        found.close()
    finally:
        os.umask(before)
    assert {".db-wal", ".eml", ".migrate-lock"} <= {path.name[path.name.rfind(".") :] for path in everything}
    assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}
