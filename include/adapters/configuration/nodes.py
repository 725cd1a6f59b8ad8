"""A YAML text as a tree whose every value remembers its line and how it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from include.texts import Text

_TAG = "tag:yaml.org,2002:"
_NUMBERS = frozenset({"int", "float"})
_MOST_COPIES = 100_000  # aliases of aliases multiply: a page of them can mean more values than memory holds


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line and column of a file; `order` is the file's place on the command line."""

    file: str
    line: int
    column: int = 1
    order: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A fault of the text itself, before anything is understood."""

    place: Place
    text: Text


@dataclass(kw_only=True)
class Scalar:
    """A single value; `written` is its text in the file; `number`: YAML took it as one."""

    place: Place
    value: Any
    written: str
    number: bool = False


@dataclass(kw_only=True)
class Sequence:
    """A list."""

    place: Place
    items: list[Tree] = field(default_factory=list)


@dataclass(kw_only=True)
class Mapping:
    """Keys with their own places."""

    place: Place
    items: dict[str, Tree] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)


Tree = Scalar | Sequence | Mapping


def plain(tree: Tree) -> Any:
    """The tree as Python values."""
    if isinstance(tree, Mapping):
        return {key: plain(child) for key, child in tree.items.items()}
    if isinstance(tree, Sequence):
        return [plain(child) for child in tree.items]
    return tree.value


@dataclass(kw_only=True)
class Builder:
    """Turns ruamel's nodes into a tree; what it cannot take it notes and leaves out."""

    file: str
    order: int
    findings: list[Finding] = field(default_factory=list)
    open_nodes: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    copies: int = 0

    def place(self, node: Node) -> Place:
        """Where a node begins."""
        mark = node.start_mark
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1, order=self.order)

    def tree(self, node: Node) -> Tree:
        """A node with all below it; an alias gives a copy, so that each occurrence can be changed alone."""
        if id(node) in self.seen:
            self.copies += 1
        self.seen.add(id(node))
        if self.copies > _MOST_COPIES:
            return self._too_many_copies(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if id(node) in self.open_nodes:
            return self._refused(node, Text("fault.alias_of_itself"))
        self.open_nodes.append(id(node))
        try:
            if isinstance(node, MappingNode):
                return self.mapping(node)
            return Sequence(place=self.place(node), items=[self.tree(child) for child in node.value])
        finally:
            self.open_nodes.pop()

    def mapping(self, node: MappingNode) -> Mapping:
        """Its keys must be texts that stand once; `<<` takes keys over from another mapping."""
        made = Mapping(place=self.place(node))
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                continue
            key = self._key(key_node)
            if key is None:
                continue
            if key in made.items:
                first = made.keys[key].line
                what = Text("fault.key_twice", {"key": key, "line": first})
                self.findings.append(Finding(place=self.place(key_node), text=what))
                continue
            made.keys[key] = self.place(key_node)
            made.items[key] = self.tree(value_node)
        for key, place, value_node in self._taken_over(node):
            if key not in made.items:
                made.keys[key] = place
                made.items[key] = self.tree(value_node)
        return made

    def _taken_over(self, node: MappingNode) -> Iterator[tuple[str, Place, Node]]:
        for key_node, value_node in node.value:
            if key_node.tag != f"{_TAG}merge":
                continue
            sources = value_node.value if isinstance(value_node, SequenceNode) else [value_node]
            for source in sources:
                if isinstance(source, MappingNode) and id(source) not in self.open_nodes:
                    yield from ((k.value, self.place(k), v) for k, v in source.value if isinstance(k, ScalarNode))

    def _key(self, node: Node) -> str | None:
        if isinstance(node, ScalarNode) and (node.tag == f"{_TAG}str" or node.style in ("'", '"')):
            return str(node.value).strip()
        written = node.value if isinstance(node, ScalarNode) else Text("fault.this_key")
        self.findings.append(Finding(place=self.place(node), text=Text("fault.key_no_text", {"written": written})))
        return None

    def _too_many_copies(self, node: Node) -> Scalar:
        if self.copies == _MOST_COPIES + 1:
            return self._refused(node, Text("fault.too_many_copies", {"limit": _MOST_COPIES}))
        return Scalar(place=self.place(node), value=None, written="")

    def _refused(self, node: Node, what: Text) -> Scalar:
        self.findings.append(Finding(place=self.place(node), text=what))
        return Scalar(place=self.place(node), value=None, written="")

    def _scalar(self, node: ScalarNode) -> Scalar:
        kind = str(node.tag).removeprefix(_TAG)
        if kind not in ("str", "int", "float", "bool", "null", "timestamp"):
            return self._refused(node, Text("fault.unknown_tag", {"tag": node.tag}))
        text = str(node.value)
        return Scalar(place=self.place(node), value=_value(kind, text), written=text, number=kind in _NUMBERS)


def _value(kind: str, text: str) -> Any:
    if kind == "null":
        return None
    if kind == "bool":
        return text.casefold() in ("true", "yes", "on", "y")
    if kind in _NUMBERS:
        return _number(text.replace("_", ""))
    return text


def _number(text: str) -> int | float | str:
    for read in (int, lambda digits: int(digits, 0), float):
        try:
            return read(text)
        except ValueError:
            continue
    return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".nan", "nan").replace(".NaN", "nan"))
