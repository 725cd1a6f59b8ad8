"""Reads a YAML file into a tree, and says in plain words where it is no YAML."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.reader import ReaderError

from include.adapters.configuration.nodes import Builder, Finding, Mapping, Place
from include.domain.errors import InputError


def read_tree(path: Path, order: int) -> tuple[Mapping | None, list[Finding]]:
    """The file as a mapping (None where it cannot be read at all) and what is wrong with its text.

    `order` is its place on the command line. InputError when there is no such file.
    """
    text = _text(path, order)
    if isinstance(text, Finding):
        return None, [text]
    try:
        node = YAML(typ="rt").compose(text)
    except YAMLError as error:
        return None, [_syntax_fault(error, text, str(path), order)]
    except RecursionError:
        what = "brackets or indentation nest too deeply for a configuration; write the file anew"
        return None, [Finding(place=Place(file=str(path), line=1, order=order), text=what)]
    builder = Builder(file=str(path), order=order)
    if node is None:
        return Mapping(place=Place(file=str(path), line=1, order=order)), []
    if not isinstance(node, MappingNode):
        what = "the file is not a mapping of sections such as providers: and criteria:; see chorus config example"
        return None, [Finding(place=builder.place(node), text=what)]
    return builder.mapping(node), builder.findings


def _text(path: Path, order: int) -> str | Finding:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"There is no file {path}.", todo="Correct the path; `chorus config example` prints a file to begin with."
        ) from None
    except OSError as error:
        raise InputError(
            f"The file {path} cannot be read: {error.strerror}.", todo="Correct the path or its rights."
        ) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = f"this byte (0x{content[error.start]:02x}) is not UTF-8; the file has another encoding; save it as UTF-8"
        return Finding(place=Place(file=str(path), line=line, order=order), text=what)


def _syntax_fault(error: YAMLError, text: str, file: str, order: int) -> Finding:
    lines = text.split("\n")
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        what = f"a character that YAML does not allow ({error.character!r}); take it out"
    elif isinstance(error, MarkedYAMLError) and (mark := error.problem_mark or error.context_mark) is not None:
        line = mark.line + 1
        what = _said_plainly(error, lines[mark.line] if mark.line < len(lines) else "")
    else:
        line, what = 1, f"not valid YAML: {error}"
    return Finding(place=Place(file=file, line=line, order=order), text=what)


def _said_plainly(error: MarkedYAMLError, line: str) -> str:
    problem = str(error.problem or "")
    if "\t" in re.match(r"\s*", line).group():  # type: ignore[union-attr]
        return "a tab stands in the indentation; YAML takes blanks only; write blanks instead"
    if "another document" in problem:
        return "a second document begins here (---); one file holds one; take the line out, or make two files of it"
    if "undefined alias" in problem:
        return f"not valid YAML: {problem}; define it with & above, or write the text in quotes"
    if "mapping values are not allowed" in problem:
        return "not valid YAML: a second colon on one line, or a wrong indentation; put texts with a colon in quotes"
    context = f" {error.context}" if error.context else ""
    return f"not valid YAML: {problem}{context}; look at this line and the one above: indentation, brackets, quotes"
