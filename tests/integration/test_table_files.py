"""Files of tables are there whole or not at all: a full disk, a place that cannot be written, a fault in the middle."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from include.adapters.spreadsheets import excel_file
from include.adapters.spreadsheets.writer import FileTables
from include.application.ports.spreadsheets import Column, Format, Kind
from include.cli.output import exit_code
from include.domain.errors import DiskFullError, InputError
from tests.conftest import ROOT

COLUMNS = [Column(name="number", heading="Number"), Column(name="id", heading="Id", kind=Kind.ID)]
ROWS = [[{"number": "F-1", "id": 1}], [{"number": None, "id": None}]]

FULL = """
import resource, sys
from pathlib import Path
from include.adapters.spreadsheets.writer import FileTables
from include.application.ports.spreadsheets import Column, Format
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
batches = ([{"number": f"{start + at}"} for at in range(1000)] for start in range(0, 100_000, 1000))
try:
    FileTables().write(Path(sys.argv[1]), Format(sys.argv[2]), [Column(name="number", heading="Number")], batches)
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("form", list(Format))
def test_a_full_disk_leaves_the_older_file_as_it_was_and_no_half_one(form: Format, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("older")
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(target), form],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"DiskFullError {target} could not be written"), done.stdout + done.stderr
    assert target.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("form", list(Format))
def test_a_fault_while_rows_are_made_leaves_no_file(form: Format, tmp_path: Path) -> None:
    def torn() -> Iterator[Sequence[Mapping[str, Any]]]:
        yield ROWS[0]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        FileTables().write(tmp_path / "out", form, COLUMNS, torn())
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_written_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert FileTables().write(pipe, Format.CSV, COLUMNS, ROWS) == 2
    assert os.read(reader, 1000).decode("utf-8-sig") == '"Number";"Id"\r\n"F-1";"1"\r\n"";""\r\n'
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(DiskFullError, match="no room left"):
        FileTables().write(Path("/dev/full"), Format.CSV, COLUMNS, ROWS)


def test_a_file_that_is_replaced_keeps_its_rights_and_a_link_its_place(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("older")
    real.chmod(0o640)
    link.symlink_to(real)
    FileTables().write(link, Format.CSV, COLUMNS, ROWS)
    assert link.is_symlink() and real.read_bytes().startswith(b"\xef\xbb\xbf")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    FileTables().write(tmp_path / "new", Format.CSV, COLUMNS, ROWS)
    assert (tmp_path / "new").stat().st_mode & stat.S_IRUSR


def test_more_rows_than_a_sheet_holds_are_said_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_file, "LONGEST", 1)
    with pytest.raises(InputError, match="holds 1 rows"):
        FileTables().write(tmp_path / "out", Format.EXCEL, COLUMNS, ROWS)
    assert list(tmp_path.iterdir()) == []


def test_the_exit_code_tells_a_full_disk_from_a_wrong_place() -> None:
    assert exit_code(DiskFullError("x")) == 3, "safe to repeat"
    assert exit_code(InputError("x")) == 2


def test_texts_that_a_format_cannot_hold_do_not_stop_the_file(tmp_path: Path) -> None:
    odd = "+" + "x" * 300 + "\ufffe\x00"
    for form in Format:
        assert FileTables().write(tmp_path / form, form, COLUMNS, [[{"number": odd, "id": 1}]]) == 1
    told = (tmp_path / "csv").read_text("utf-8-sig").splitlines()[1]
    assert told.startswith("\"'+xxx"), "Excel takes no text of more than 255 characters in a formula"
    with (tmp_path / "excel").open("rb") as file:
        sheet = openpyxl.load_workbook(file).active
    assert sheet["A2"].value == "+" + "x" * 300


def test_the_command_line_imports_the_heavy_libraries_only_when_it_writes() -> None:
    heavy = "{'pandas', 'pyarrow', 'openpyxl'}"
    code = f"import sys, include.cli.invoices, include.bootstrap; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_text_that_looks_like_a_formula_never_runs_and_a_negative_amount_stays_a_number(tmp_path: Path) -> None:
    columns = [Column(name="text", heading="Text"), Column(name="amount", heading="Amount", kind=Kind.AMOUNT)]
    rows = [[{"text": "=1+1", "amount": Decimal("-12.50")}, {"text": "plain", "amount": Decimal("3")}]]
    for form in (Format.CSV, Format.EXCEL):
        FileTables().write(tmp_path / form, form, columns, rows)
    assert (tmp_path / "csv").read_text("utf-8-sig").splitlines()[1:] == ['"=""=1+1""";"-12,50"', '"plain";"3"']
    with (tmp_path / "excel").open("rb") as file:
        sheet = openpyxl.load_workbook(file).active
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in sheet["A"][1:]] == [
        ("=1+1", "s", True),
        ("plain", "s", False),
    ]
    assert (sheet["B2"].value, sheet["B2"].data_type) == (-12.5, "n")
