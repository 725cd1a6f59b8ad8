"""What code and documents cite is there: `docs/reference/exactly-once.md 2.3`, and links with an anchor.

A section is a heading, or a row of a table, that begins with its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("include", "plugins", "dags", "tests", "docs", "benchmarks", "docker")
KINDS = {".py", ".md", ".yaml", ".toml", ".html", ".txt", ".sh"}

NUMBER = r"\d+(?:\.\d+)*"
CITATION = re.compile(rf"(docs/[\w./-]+\.md)((?:(?:,| and| to)? {NUMBER}(?![\w%]))*)")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")
OLD = re.compile(
    r"(?<![\w/-])(?:exactly-once|connector[- ]functions|chorus-pro-api|ocr-extraction|style-examples) \d"
    r"|\bAPI pages? \d|\b(?:API|interfaces|exactly-once|screens) page\b|\bdesign (?:decision|section|\d)"
)


@cache
def texts() -> dict[str, str]:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in KINDS]
    paths += [*sorted(ROOT.glob("*.md")), ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".importlinter"]
    ours = [path for path in paths if "__pycache__" not in path.parts and path != Path(__file__).resolve()]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in ours}


def unfolded(text: str) -> str:
    """Without the line breaks and comment marks that a long citation may run over."""
    return re.sub(r"\n[ \t]*(?:#:? )?", " ", text)


def citations() -> Iterator[tuple[str, str, list[str]]]:
    """Each (file, page, sections)."""
    for name, text in texts().items():
        for page, sections in CITATION.findall(unfolded(text)):
            yield name, page, re.findall(NUMBER, sections)


@cache
def sections(page: str) -> set[str]:
    found = re.findall(rf"^(?:#+ |\| )({NUMBER})\b", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    return {number.rstrip(".") for number in found}


@cache
def anchors(page: str) -> set[str]:
    """As the usual viewers of Markdown make them from headings."""
    headings = re.findall(r"^#+ (.+)$", texts()[page], re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def test_every_page_that_is_cited_exists() -> None:
    found = list(citations())
    assert len(found) > 100
    assert sorted({(name, page) for name, page, _ in found if not (ROOT / page).exists()}) == []


def test_every_section_that_is_cited_exists() -> None:
    missing = [
        f"{name}: {page} {number}"
        for name, page, numbers in citations()
        for number in numbers
        if (ROOT / page).exists() and number not in sections(page)
    ]
    assert missing == []


def test_every_anchor_of_a_link_exists() -> None:
    missing = []
    for name, text in texts().items():
        for target, anchor in LINK.findall(text) if name.endswith(".md") else ():
            page = str(((ROOT / name).parent / target).resolve().relative_to(ROOT)) if target else name
            if anchor not in anchors(page):
                missing.append(f"{name}: {target}#{anchor}")
    assert missing == []


def test_no_source_is_cited_without_its_path() -> None:
    old = [f"{name}: {found[0]}" for name, text in texts().items() for found in OLD.finditer(unfolded(text))]
    assert old == []


@pytest.mark.parametrize(
    ("text", "page", "numbers"),
    [
        ("(docs/reference/exactly-once.md 2.3)", "docs/reference/exactly-once.md", ["2.3"]),
        ("docs/reference/chorus-pro-api.md 1.4 and 5.4.", "docs/reference/chorus-pro-api.md", ["1.4", "5.4"]),
        ("docs/a.md 3.6 to 3.8, 3.10): it", "docs/a.md", ["3.6", "3.8", "3.10"]),
        ("docs/a.md; 7 times", "docs/a.md", []),
    ],
)
def test_a_citation_is_recognised(text: str, page: str, numbers: list[str]) -> None:
    [(found, rest)] = CITATION.findall(text)
    assert (found, re.findall(NUMBER, rest)) == (page, numbers)
