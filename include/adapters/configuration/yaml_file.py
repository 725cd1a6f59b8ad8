"""Loads a base file with its overlays: all faults at once, each with its file, line and column.

A value that is wrong is taken out and the rest is checked all the same, so that one typing error hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from pydantic import ValidationError

from include.adapters.configuration.nodes import Finding, Mapping, Place, Scalar, Tree, plain
from include.adapters.configuration.nodes import Sequence as ListTree
from include.adapters.configuration.overlays import lay_over
from include.adapters.configuration.shape import shape_fault, subtree, unknown_key
from include.adapters.configuration.yaml_text import content_of, read_tree
from include.application.ports.configuration_file import Check
from include.domain.configuration import NOT_IN_THE_FILE, Configuration
from include.domain.configuration.schema import Path
from include.domain.configuration_rules import Fault, LocatedFault
from include.domain.errors import ConfigurationFileError
from include.texts import Text

Located = tuple[Place, str, Text]
"""Where a fault stands, the way to the value, and what is to be said."""

Read = tuple[Mapping | None, list[Finding]]

_NAMES = ("name", "classification_rule", "siret", "code", "label", "user", "invoice_rule", "event")


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A file that was read without a fault of its own; `source` names it with its overlays."""

    configuration: Configuration
    source: str
    tree: Mapping

    def faults(self, found: Sequence[Fault]) -> ConfigurationFileError:
        """The error that carries faults found later, each with its line."""
        return _error([_located(self.tree, fault) for fault in found])


def load(paths: Sequence[FilePath], check: Check) -> Loaded:
    """Reads base and overlays; ConfigurationFileError with everything that is wrong, InputError for a missing file."""
    read = [read_tree(content_of(path), str(path), order) for order, path in enumerate(paths)]
    return _loaded(read, check, source=" + ".join(str(path) for path in paths))


def load_text(content: bytes, name: str, check: Check) -> Loaded:
    """The same of a text that stands in no file of this machine; faults call it `name`."""
    return _loaded([read_tree(content, name)], check, source=name)


def _loaded(read: Sequence[Read], check: Check, *, source: str) -> Loaded:
    tree, located = _merged(read)
    healing = _Healing(tree=tree)
    configuration = healing.heal()
    located += healing.located
    located += [_located(tree, fault) for fault in check(configuration) if not healing.caused(fault)]
    if located:
        raise _error(located)
    return Loaded(configuration=configuration, source=source, tree=tree)


def _merged(read: Sequence[Read]) -> tuple[Mapping, list[Located]]:
    located = [(finding.place, "", finding.text) for _, findings in read for finding in findings]
    trees = [tree for tree, _ in read if tree is not None]
    if len(trees) < len(read):
        raise _error(located)
    if not any(tree.items for tree in trees) and not located:
        located.append((trees[0].place, "", Text("fault.no_section")))
    base, *overlays = trees
    for overlay in overlays:
        lay_over(base, overlay)
    return base, located


@dataclass(kw_only=True)
class _Healing:
    """Takes out of the tree what pydantic refuses until the rest is a configuration; notes what the first look found.

    `wounds` are the mappings that lost a key, `lost` what stood in the parts taken out, by section.
    """

    tree: Mapping
    located: list[Located] = field(default_factory=list)
    wounds: set[int] = field(default_factory=set)
    lost: set[tuple[str, str]] = field(default_factory=set)

    def heal(self) -> Configuration:
        """The configuration that is left."""
        ours: list[Path] = [(name,) for name in NOT_IN_THE_FILE & self.tree.items.keys()]
        self.located = [_located(self.tree, unknown_key(path)) for path in ours]
        self._take_out(ours)
        first = True
        while True:
            try:
                return Configuration.model_validate(plain(self.tree))
            except ValidationError as error:
                errors = error.errors(include_url=False)
                if first:
                    self.located += [_located(self.tree, shape_fault(each, self.tree)) for each in errors]
                    first = False
                self._take_out([each["loc"][:-1] if each["type"] == "missing" else each["loc"] for each in errors])

    def caused(self, fault: Fault) -> bool:
        """Whether the fault is there only because of what was taken out."""
        if fault.reference is not None:
            return fault.reference in self.lost
        ways = range(1, len(fault.path) + 1)
        return fault.absence and any(id(subtree(self.tree, fault.path[:length])) in self.wounds for length in ways)

    def _take_out(self, paths: Sequence[Path]) -> None:
        found = [(subtree(self.tree, path[:-1]), subtree(self.tree, path), path) for path in paths]
        for parent, child, path in found:
            if isinstance(parent, Mapping):
                parent.items.pop(str(path[-1]), None)
                self.wounds.add(id(parent))
            elif isinstance(parent, ListTree):
                parent.items = [item for item in parent.items if item is not child]
            self.lost.update((str(path[0]), text) for text in _texts(child))


def _texts(part: Tree | None) -> Iterator[str]:
    if isinstance(part, Scalar):
        yield part.written
    elif isinstance(part, Mapping):
        for child in part.items.values():
            yield from _texts(child)
    elif isinstance(part, ListTree):
        for child in part.items:
            yield from _texts(child)


def _located(tree: Mapping, fault: Fault) -> Located:
    """The place of a fault, the way to it, and its text with that way in front."""
    part: Tree | None = tree
    place, label = tree.place, ""
    for step in fault.path:
        if isinstance(part, Mapping) and isinstance(step, str):
            place, label = part.keys.get(step, place), f"{label}.{step}" if label else step
            part = part.items.get(step)
        elif isinstance(part, ListTree) and isinstance(step, int) and step < len(part.items):
            part = part.items[step]
            place, label = part.place, f"{label}[{_name(part, step)}]"
        else:
            label = f"{label}.{step}" if isinstance(step, str) else f"{label}[#{step + 1}]"
            part = None
    stored = fault.path and str(fault.path[0]) not in tree.items
    return place, label, Text("fault.stored_part" if stored else "fault.part", {"part": label, "fault": fault})


def _name(item: Tree, position: int) -> str:
    """What a person calls an item of a list."""
    if isinstance(item, Mapping):
        for key in _NAMES:
            value = item.items.get(key)
            if isinstance(value, Scalar) and value.written:
                return value.written
    return f"#{position + 1}"


def _error(located: Sequence[Located]) -> ConfigurationFileError:
    ordered = sorted(located, key=lambda found: (found[0].order, found[0].line))
    return ConfigurationFileError(
        [
            LocatedFault(file=place.file, line=place.line, column=place.column, path=path, text=text)
            for place, path, text in ordered
        ]
    )
