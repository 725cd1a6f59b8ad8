"""Reading alone: one dictionary for each file, in the order given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from include.application.ports.reader import ReadingHints
from include.application.reading.extract import answer_of, extract_files
from include.domain.configuration import ReadingLimits
from include.domain.fields import Candidate, Source, vat_row
from include.domain.fields.registry import READ_FIELDS
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Language, Reason
from tests.fakes.reader import ReaderInReverse


def printed(content: bytes) -> Reading | Reason:
    """A file that says so cannot be read."""
    if content == b"locked":
        return Reason(code="encrypted")
    found = {
        "invoice_number": (Candidate(value=content.decode(), source=Source.TEXT, text=content.decode()),),
        "vat": (Candidate(value=(vat_row("20.00", "10.00", "2.00"),), source=Source.TEXT, text="20 % 10,00 2,00"),),
        "total_tax": (Candidate(value="2.00", source=Source.TEXT),),
        "amount_due": (Candidate(value="12.00", source=Source.TEXT),),
    }
    return Reading(kind=DocumentKind.DIGITAL, fields=found)


def extract_file(name: str, content: bytes, *, language: Language = "fr") -> dict[str, Any]:
    ((_, result),) = ReaderInReverse(printed).read([(0, content)], ReadingLimits(), ReadingHints())
    return answer_of(name, result, 0.0, language)


def test_all_fields_are_there_and_what_nothing_prints_is_null_but_the_amount_due() -> None:
    found = extract_file("a.pdf", b"F-1")
    assert tuple(found["fields"]) == READ_FIELDS
    given = {name: value for name, value in found["fields"].items() if value is not None}
    assert given == {
        "invoice_number": "F-1",
        "vat": [{"rate": "20.00", "base": "10.00", "amount": "2.00"}],
        "amount_due": "12.00",
    }
    assert (found["file"], found["kind"], "reason" in found) == ("a.pdf", "digital", False)
    assert json.loads(json.dumps(found)) == found


def test_a_file_that_cannot_be_read_has_its_reason_in_words() -> None:
    found = extract_file("a.pdf", b"locked", language="en")
    assert found["reason"]["code"] == "encrypted"
    assert "password" in found["reason"]["message"]
    assert set(found["fields"].values()) == {None}


def test_files_come_in_the_order_given(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.pdf" for number in range(4)]
    for path in paths:
        path.write_bytes(path.stem.encode())
    found = list(extract_files(paths, reader=ReaderInReverse(printed)))
    assert [line["file"] for line in found] == [path.name for path in paths]
    assert [line["fields"]["invoice_number"] for line in found] == ["0", "1", "2", "3"]
