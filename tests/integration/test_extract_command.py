"""`chorus extract` refuses a wrong call before it reads anything."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from include.cli import app


def test_a_file_that_is_not_there_is_a_wrong_call_and_no_trace(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["extract", str(tmp_path / "nothing.pdf")])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "does not exist" in result.stderr


def test_a_folder_is_no_file_to_read(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["extract", str(tmp_path)])
    assert result.exit_code == 2
    assert "directory" in result.stderr
