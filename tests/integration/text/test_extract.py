"""Reading alone: one dictionary for each file, in the order given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from include.application.extract import extract_file, extract_files
from include.application.ports import ReadingHints
from include.domain.codes import READ_FIELDS
from include.domain.configuration import ReadingLimits
from include.domain.fields import Candidate, DocumentKind, Reading, Source, VatRow
from include.domain.reasons import Reason


class ReaderInReverse:
    """Answers in the reverse order, as several workers may; a file that says so cannot be read."""

    def read(
        self, contents: Iterable[tuple[int, bytes]], limits: ReadingLimits, hints: ReadingHints
    ) -> Iterator[tuple[int, Reading | Reason]]:
        for key, content in reversed(list(contents)):
            yield key, Reason(code="encrypted") if content == b"locked" else self._reading(content)

    def _reading(self, content: bytes) -> Reading:
        found = {
            "invoice_number": (Candidate(value=content.decode(), source=Source.TEXT, text=content.decode()),),
            "vat": (Candidate(value=(VatRow("20.00", "10.00", "2.00"),), source=Source.TEXT, text="20 % 10,00 2,00"),),
            "total_tax": (Candidate(value="2.00", source=Source.TEXT),),
            "amount_due": (Candidate(value="12.00", source=Source.TEXT),),
        }
        return Reading(kind=DocumentKind.DIGITAL, fields=found)


def test_all_fields_are_there_and_what_nothing_prints_is_null_but_the_amount_due() -> None:
    found = extract_file("a.pdf", b"F-1", ReaderInReverse())
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
    found = extract_file("a.pdf", b"locked", ReaderInReverse(), language="en")
    assert found["reason"]["code"] == "encrypted"
    assert "password" in found["reason"]["message"]
    assert set(found["fields"].values()) == {None}


def test_files_come_in_the_order_given(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.pdf" for number in range(4)]
    for path in paths:
        path.write_bytes(path.stem.encode())
    found = list(extract_files(paths, reader=ReaderInReverse()))
    assert [line["file"] for line in found] == [path.name for path in paths]
    assert [line["fields"]["invoice_number"] for line in found] == ["0", "1", "2", "3"]
