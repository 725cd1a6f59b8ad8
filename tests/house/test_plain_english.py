"""Plain English: every module says what it is, and no word that the glossary gave up comes back."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.house.test_house import DOCUMENTS, PRODUCT, ROOT, files, show

GLOSSARY = ROOT / "docs/glossary.md"
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
MODULES = [*files("*.py", *PRODUCT), *files("*.py", "tools", "benchmarks")]


def given_up(glossary: str) -> list[str]:
    """The words in the first column of the glossary's last table."""
    rows = glossary[glossary.index("| not | but |") :].splitlines()[2:]
    return [word.strip() for row in rows if row.startswith("|") for word in row.split("|")[1].split(",")]


WORDS = given_up(GLOSSARY.read_text(encoding="utf-8"))
PATTERN = re.compile(rf"(?<![.\w])(?:{'|'.join(map(re.escape, WORDS))})(?:s|d|ed)?\b", re.IGNORECASE)


def spoken(source: str) -> Iterator[tuple[int, str]]:
    """Comments and docstrings with their lines, what stands in backticks left out."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], CODE.sub("", token.string)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, CODE.sub("", node.value.value)


def test_every_module_says_what_it_is() -> None:
    """A sentence of three words or more, to the end."""
    silent = []
    for path in MODULES:
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        first = said.split("\n\n")[0].strip()
        if not first.endswith((".", "?")) or len(CODE.sub("word", first).split()) < 3:
            silent.append(f"{show(path)}: {first}")
    assert silent == []


def test_no_comment_holds_a_word_that_was_given_up() -> None:
    found = [
        f"{show(path)}:{line}: {match.group()}"
        for path in MODULES
        for line, text in spoken(path.read_text(encoding="utf-8"))
        if (match := PATTERN.search(text))
    ]
    assert found == []


def test_no_document_holds_a_word_that_was_given_up() -> None:
    found = [
        f"{name}: {match.group()}"
        for name in DOCUMENTS
        if name != show(GLOSSARY)
        for match in PATTERN.finditer(CODE.sub("", (ROOT / name).read_text(encoding="utf-8")))
    ]
    assert found == []


def test_the_search_finds_what_it_is_for() -> None:
    assert len(WORDS) >= 10
    source = '"""A river of papers."""\nX = 1  # judged by its `station`\n'
    assert [bool(PATTERN.search(text)) for _, text in spoken(source)] == [True, True]
    assert not PATTERN.search("a stationary `river` is no riverbed".replace("`river`", ""))
