"""Reads a YAML text into a tree, and says in plain words where it is no YAML."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.reader import ReaderError

from include.adapters.configuration.nodes import Builder, Finding, Mapping, Place
from include.adapters.local_files import read_named_file
from include.domain.errors import InputError
from include.texts import Text


def content_of(path: Path) -> bytes:
    """What is in a file; InputError when there is no such file, or it cannot be read."""
    if not path.exists():
        raise InputError("no_configuration_file", path=path)
    try:
        return read_named_file(path)
    except InputError as error:
        raise InputError("configuration_file_unreadable", path=path, cause=error.params["cause"]) from None


def read_tree(content: bytes, file: str, order: int = 0) -> tuple[Mapping | None, list[Finding]]:
    """The content as a mapping (None where it cannot be read at all) and what is wrong with its text.

    `file` is what faults call it, `order` its place on the command line.
    """
    text = _text(content, file, order)
    if isinstance(text, Finding):
        return None, [text]
    try:
        node = YAML(typ="rt").compose(text)
    except YAMLError as error:
        return None, [_syntax_fault(error, text, file, order)]
    except RecursionError:
        what = Text("fault.too_deep")
        return None, [Finding(place=Place(file=file, line=1, order=order), text=what)]
    builder = Builder(file=file, order=order)
    if node is None:
        return Mapping(place=Place(file=file, line=1, order=order)), []
    if not isinstance(node, MappingNode):
        what = Text("fault.no_sections")
        return None, [Finding(place=builder.place(node), text=what)]
    return builder.mapping(node), builder.findings


def _text(content: bytes, file: str, order: int) -> str | Finding:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = Text("fault.not_utf8", {"byte": f"0x{content[error.start]:02x}"})
        return Finding(place=Place(file=file, line=line, order=order), text=what)


def _syntax_fault(error: YAMLError, text: str, file: str, order: int) -> Finding:
    lines = text.split("\n")
    if isinstance(error, ReaderError):
        line, column = text.count("\n", 0, error.position) + 1, 1
        what = Text("fault.character", {"character": repr(error.character)})
    elif isinstance(error, MarkedYAMLError) and (mark := error.problem_mark or error.context_mark) is not None:
        line, column = mark.line + 1, mark.column + 1
        what = _said_plainly(error, lines[mark.line] if mark.line < len(lines) else "")
    else:
        line, column, what = 1, 1, Text("fault.no_yaml", {"cause": error})
    return Finding(place=Place(file=file, line=line, column=column, order=order), text=what)


def _said_plainly(error: MarkedYAMLError, line: str) -> Text:
    problem = str(error.problem or "")
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Text("fault.tab")
    if "another document" in problem:
        return Text("fault.second_document")
    if "undefined alias" in problem:
        return Text("fault.undefined_alias", {"alias": problem.rpartition("alias")[2].strip(" '\"")})
    if "mapping values are not allowed" in problem:
        return Text("fault.second_colon")
    context = f" {error.context}" if error.context else ""
    return Text("fault.syntax", {"problem": f"{problem}{context}"})
