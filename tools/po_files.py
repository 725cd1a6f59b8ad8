"""Catalogues on disk: one form only, so that a change of a word is a change of its lines and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

LOCALE = Path(__file__).resolve().parent.parent / "include" / "locale"


def path_of(part: str, language: str) -> Path:
    """The catalogue of one part in one language."""
    return LOCALE / language / "LC_MESSAGES" / f"{part}.po"


def parts() -> list[str]:
    """Every part that has a catalogue in some language."""
    return sorted({path.stem for path in LOCALE.glob("*/LC_MESSAGES/*.po")})


def read(path: Path, language: str) -> Catalog:
    """A catalogue; an empty one where there is no file yet."""
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(catalogue: Catalog, path: Path) -> None:
    """Writes it in its one form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(in_one_form(catalogue))


def in_one_form(catalogue: Catalog) -> bytes:
    """The file's content: without dates, authors and places in the code, which only make noise."""
    body = io.BytesIO()
    write_po(body, catalogue, width=118, omit_header=True, no_location=True, ignore_obsolete=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return header.encode() + body.getvalue()
