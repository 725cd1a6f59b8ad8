"""Reading alone, for people and for the scorer: one dictionary for each file, no database and no portal.

The keys of `fields` are those of the corpus truth files; `confidence` says how sure each value is, from 0 to 1;
`reason` is there only where nothing could be read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from include.application.ports.reader import DocumentReader, ReadingHints
from include.domain.configuration import ReadingLimits
from include.domain.fields import Candidate, as_json
from include.domain.fields.registry import READ_FIELDS
from include.domain.reading import Reading
from include.domain.reasons import Language, Reason


def extract_files(
    paths: Iterable[Path],
    *,
    reader: DocumentReader,
    limits: ReadingLimits | None = None,
    hints: ReadingHints | None = None,
    language: Language = "fr",
    content_of: Callable[[Path], bytes] = Path.read_bytes,
) -> Iterator[dict[str, Any]]:
    """One dictionary for each file, in the order given; the reader works ahead on the following ones.

    `seconds` is the time since the file was handed to the reader or the one before it was finished, so that the seconds
    of a batch add up to about the time that the batch took.
    """
    named = list(paths)
    contents = ((index, content_of(path)) for index, path in enumerate(named))
    done: dict[int, tuple[Reading | Reason, float]] = {}
    wanted = 0
    last = time.monotonic()
    for index, result in reader.read(contents, limits or ReadingLimits(), hints or ReadingHints()):
        now = time.monotonic()
        done[index] = (result, now - last)
        last = now
        while wanted in done:
            ready, seconds = done.pop(wanted)
            yield answer_of(named[wanted].name, ready, seconds, language)
            wanted += 1


def answer_of(name: str, result: Reading | Reason, seconds: float, language: Language) -> dict[str, Any]:
    """One document's reading, or why there is none, ready for JSON."""
    if isinstance(result, Reason):
        return {
            "file": name,
            "kind": None,
            "fields": dict.fromkeys(READ_FIELDS),
            "confidence": {},
            "seconds": round(seconds, 3),
            "reason": {"code": result.code, "message": result.message(language)},
        }
    values = {field: _value(field, result.fields) for field in READ_FIELDS}
    return {
        "file": name,
        "kind": result.kind.value,
        "fields": values,
        "confidence": {
            field: round(found[0].confidence, 3)
            for field, found in result.fields.items()
            if values.get(field) is not None
        },
        "warnings": [reason.message(language) for reason in (*map(_reason, result.warnings), *result.checks)],
        "seconds": round(seconds, 3),
    }


def _reason(code: str) -> Reason:
    return Reason(code=code)


def _value(field: str, fields: Mapping[str, tuple[Candidate, ...]]) -> Any:
    """The best value that the document holds.

    Values that nothing prints but that follow from others carry no text; of these only the amount due is given
    (docs/reference/interfaces.md 2: not printed, it is the total less what is already paid).
    """
    candidates = fields.get(field, ())
    if not candidates or (candidates[0].text is None and field != "amount_due"):
        return None
    return as_json(candidates[0].value)
