"""Has doubtful values of a scan read again by Tesseract, and service codes held against the recipient's list."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import groupby

from include.adapters.text.recognition.choice import Engines
from include.adapters.text.recognition.ocr import Recognition
from include.domain.extraction.confidence.verification import Question, agreed, questions, unverified
from include.domain.fields import Candidate
from include.domain.text import Page

logger = logging.getLogger(__name__)


def confirmed(
    fields: Mapping[str, tuple[Candidate, ...]], pages: Sequence[Page], recognition: Recognition, engines: Engines
) -> dict[str, tuple[Candidate, ...]]:
    """The fields with what the second reader says; values read by Tesseract itself have none."""
    found = dict(fields)
    if not recognition.scans:
        return found
    asked = [question for question in questions(fields, pages) if question.page in recognition.scans]
    for number, group in groupby(sorted(asked, key=lambda question: question.page), key=lambda question: question.page):
        together = list(group)
        for question, answer in zip(together, _answers(together, number, recognition, engines), strict=True):
            before = found[question.field]
            found[question.field] = agreed(question.field, before, *answer) if answer else unverified(before)
    return found


def _answers(
    asked: Sequence[Question], number: int, recognition: Recognition, engines: Engines
) -> Sequence[tuple[str, float] | None]:
    reader = None if recognition.by_tesseract else engines.second_reader()
    if reader is None:
        return [None] * len(asked)
    scan = recognition.scans[number]
    try:
        return reader.read(scan.image, [scan.pixels(question.box) for question in asked])
    except Exception:  # a fault inside Tesseract costs the confirmation, not the reading
        logger.warning("Doubtful values of a page could not be read again", exc_info=True)
        return [None] * len(asked)
