"""Catalogues and code held together: `make messages` adds what the code asks for, `--check` says what does not fit.

    python -m tools.messages [--check]

Six things are a fault: a text that the code asks for and a catalogue lacks, an entry that nothing asks for, an entry
whose placeholders differ between the languages, two sentences without a blank between them (as after a merge that kept
two versions of one text), an error that is raised with a sentence instead of its case, and a file that is not in its
one form, as after a merge that left an entry twice.
"""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract

from include.domain import errors
from include.texts import LANGUAGES
from tools.families import FAMILIES
from tools.po_files import in_one_form, parts, path_of, read, write

ROOT = Path(__file__).resolve().parent.parent
CODE = ("include", "plugins", "dags")
JINJA = {"extensions": "jinja2.ext.do", "silent": "false"}
ERRORS = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.ConnectorError)
)
CALLS = frozenset({"translate", "translate_stored", "has_text", "Text"})
ERROR_PARTS = ("what", "why", "todo")
HANDED_ON = ("reason", "alert")
"""Entries whose codes the code hands on without the name of their catalogue."""
HOLE = "\0"
NAMED_BY = {
    "say": (0, ("cli.{}",)),
    "print_table": (0, ("column.{}",)),
    "Expects": (0, ("expected.{}",)),
    "_heading": (None, ("column.{}",)),
    "_missing": (1, ("airflow.{}", "airflow.todo.{}")),
}
"""Functions that make a code of a short name: which argument holds the names (None: all), and the entries they name.

Such a name must stand in the call, or in a constant of the module; a code that is put together elsewhere is no closed
list.
"""
_RUN_TOGETHER = re.compile(r"[^\W\d_A-Z][.!?][^\W\d_a-z]")
_MADE = {entry for _, entries in NAMED_BY.values() for entry in entries}


@dataclass
class Wanted:
    """What the code asks for: codes as they are written, and codes with holes such as `status.todo.{}`."""

    codes: dict[str, str] = field(default_factory=dict)
    """Code -> the place that asks for it."""
    reasons: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    """Every text of the code: one of them may be the code of a reason that is handed on before it is worded."""
    patterns: set[re.Pattern[str]] = field(default_factory=set)
    sentences: list[str] = field(default_factory=list)
    """Places that raise an error with a sentence instead of its case."""

    def asks_for(self, code: str) -> bool:
        """Whether an entry is used."""
        start, _, name = code.rpartition(".")
        if start in FAMILIES:
            return name in FAMILIES[start]
        part, _, rest = start.partition(".")
        if part == "error":
            return name in ERROR_PARTS and (rest in self.errors or rest in self.texts)
        if code in self.codes or code in self.texts or any(pattern.fullmatch(code) for pattern in self.patterns):
            return True
        return start in HANDED_ON and (name in self.texts or f"{name}_{HOLE}" in self.texts)


def wanted(root: Path = ROOT) -> Wanted:
    """Everything that the Python code and the templates under this folder ask for."""
    found = Wanted()
    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            if "simulator" not in path.parts:
                _python(path, root, found)
        for path in sorted((root / folder).rglob("templates/*.*")):
            with path.open("rb") as file:
                for line, code, *_ in extract("jinja2.ext:babel_extract", file, {"_": None}, options=JINJA):
                    found.codes[str(code)] = f"{path.relative_to(root)}:{line}"
    return found


def _python(path: Path, root: Path, found: Wanted) -> None:
    place = str(path.relative_to(root))
    tree = ast.parse(path.read_text())
    known: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            known.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.texts.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            text = _with_holes(node)
            found.texts.add(text)
            if re.match(r"[a-z]+\.", text) and text.replace(HOLE, "{}") not in _MADE:
                found.patterns.add(re.compile(re.escape(text).replace(re.escape(HOLE), "[A-Za-z0-9_]+")))
        elif isinstance(node, ast.Call):
            _call(node, f"{place}:{node.lineno}", found)
            if "demo" not in path.parts:  # its words are English, for who develops here
                _short_names(node, f"{place}:{node.lineno}", known, found)


def _short_names(node: ast.Call, place: str, known: Mapping[str, list[ast.expr]], found: Wanted) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name not in NAMED_BY:
        return
    position, entries = NAMED_BY[name]
    given = node.args if position is None else node.args[position : position + 1]
    for short in (one for argument in given for one in _constants(argument, known)):
        for entry in entries:
            found.codes[entry.format(short)] = place


def _constants(node: ast.expr, known: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """Texts of a tuple, of both sides of a condition, and of what a name stands for."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in known:
            others = {other: values for other, values in known.items() if other != name}
            for value in known[name]:
                yield from _constants(value, others)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_constants(body, known), *_constants(orelse, known))
        case ast.Tuple(elts=elements):
            for element in elements:
                yield from _constants(element, known)
        case ast.Starred(value=value):
            yield from _constants(value, known)


def _call(node: ast.Call, place: str, found: Wanted) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    first = node.args[0] if node.args else None
    if name == "Reason":
        first = next((keyword.value for keyword in node.keywords if keyword.arg == "code"), None)
        if isinstance(first, ast.Constant):
            found.reasons[str(first.value)] = place
    elif name in ERRORS and first is not None:
        _error(first, place, found)
    elif name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
        found.codes[first.value] = place


def _error(first: ast.expr, place: str, found: Wanted) -> None:
    """The first argument of an error; the demonstration's own errors are for who develops here, in English."""
    case = str(first.value) if isinstance(first, ast.Constant) else None
    if isinstance(first, ast.JoinedStr) or (case is not None and not re.fullmatch("[a-z0-9_]+", case)):
        if not place.startswith("include/demo/"):
            found.sentences.append(place)
    elif case is not None:
        found.errors[case] = place


def _with_holes(text: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in text.values)


def missing(
    asked: Wanted, known: set[str], families: Mapping[str, Collection[str]] = FAMILIES
) -> Iterator[tuple[str, str]]:
    """Codes that the code asks for and that are not known, each with the place that asks."""
    for start, names in families.items():
        yield from ((f"{start}.{name}", "tools/families.py") for name in names if f"{start}.{name}" not in known)
    yield from ((code, place) for code, place in asked.codes.items() if code not in known)
    for code, place in asked.reasons.items():
        if f"reason.{code}" not in known and not _of_a_family(code, known):
            yield f"reason.{code}", place
    for case, place in asked.errors.items():
        if f"error.{case}.what" not in known:
            yield f"error.{case}.what", place


def _of_a_family(code: str, known: set[str]) -> bool:
    """`missing_currency` is worded by `reason.missing` and `field.currency`."""
    words = code.split("_")
    cuts = range(1, len(words))
    return any({f"reason.{'_'.join(words[:n])}", f"field.{'_'.join(words[n:])}"} <= known for n in cuts)


def faults(
    asked: Wanted, catalogues: dict[str, dict[str, Message]], families: Mapping[str, Collection[str]] = FAMILIES
) -> list[str]:
    """Everything that does not fit, each in one line; `catalogues` is language -> code -> entry."""
    found = [f"{place}: an error is raised with a sentence instead of its case" for place in asked.sentences]
    for language, entries in catalogues.items():
        done = {code for code, entry in entries.items() if not entry.fuzzy and all(_forms(entry))}
        found += [
            f"{language}: {code} is missing (asked for in {place})" for code, place in missing(asked, done, families)
        ]
        found += [f"{language}: {code} is empty or marked fuzzy" for code in entries.keys() - done]
        found += [
            f"{language}: {code}: two sentences run into each other"
            for code, entry in entries.items()
            if any(_RUN_TOGETHER.search(form) for form in _forms(entry))
        ]
        found += [f"{language}: {code} is used by nothing" for code in entries if not asked.asks_for(code)]
    french, english = (catalogues[language] for language in LANGUAGES)
    for code in sorted(french.keys() | english.keys()):
        if code not in french or code not in english:
            found.append(f"{code} stands in one language only")
        elif _placeholders(french[code]) != _placeholders(english[code]):
            found.append(f"{code}: the placeholders differ between the languages")
    return sorted(found)


def _forms(entry: Message) -> tuple[str, ...]:
    return tuple(entry.string) if isinstance(entry.string, (tuple, list)) else (str(entry.string or ""),)


def _placeholders(entry: Message) -> set[tuple[str, str]]:
    """Names, and how their values are shown. "One invoice" may do without its count."""
    forms = _forms(entry)
    found = {
        (name, kind or "") for form in forms for _, name, kind, _ in string.Formatter().parse(form) if name is not None
    }
    return found - {("count", "")} if len(forms) > 1 else found


def load(names: Iterable[str]) -> dict[str, dict[str, Message]]:
    """Every catalogue: language -> code -> entry."""
    return {
        language: {_code(one): one for name in names for one in read(path_of(name, language), language) if one.id}
        for language in LANGUAGES
    }


def disorder(paths: Iterable[Path]) -> list[str]:
    """Catalogues whose file is not what writing them would make."""
    return [
        f"{path.parts[-3]}/{path.name}: not in its one form: look for an entry that stands twice, then `make messages`"
        for path in paths
        if path.read_bytes() != in_one_form(read(path, path.parts[-3]))
    ]


def _code(entry: Message) -> str:
    return entry.id if isinstance(entry.id, str) else str(entry.id[0])


def update(asked: Wanted) -> None:
    """Adds what is missing, empty, to both languages, and writes every catalogue in its one form."""
    catalogues = load(parts())
    lacking = {code for language in LANGUAGES for code, _ in missing(asked, set(catalogues[language]))}
    for part in sorted({*parts(), *(code.partition(".")[0] for code in lacking)}):
        for language in LANGUAGES:
            path = path_of(part, language)
            catalogue: Catalog = read(path, language)
            for code in sorted(code for code in lacking if code.startswith(f"{part}.")):
                if code not in catalogues[language]:
                    catalogue.add(code)
            write(catalogue, path)


def main() -> int:
    """0: everything fits; 1: each fault is told, in one line."""
    asked = wanted()
    if "--check" not in sys.argv:
        update(asked)
    files = [path_of(part, language) for part in parts() for language in LANGUAGES]
    told = faults(asked, load(parts())) + disorder(path for path in files if path.is_file())
    print("\n".join(told) or "Every text is there, used, and the same in both languages.")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
