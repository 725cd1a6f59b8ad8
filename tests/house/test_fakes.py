"""Every fake is held to the real thing: it has all methods of its port, and one suite that runs on both."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITES = ROOT / "tests/contracts"
NAMED = re.compile(r"\(ports? (`\w+`(?:, `\w+`)*)")
"""How the first line of a suite names its ports."""

BEHIND = {"ChorusTracking": "FakeGateway", "ChorusCorrections": "FakeGateway", "SupplierAccounts": "FakeProviders"}
"""Ports that are parts of another one, with the fake of the whole."""


def classes(*folders: str) -> Iterator[tuple[Path, ast.ClassDef]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from (
                (path, node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)
            )


def methods(node: ast.ClassDef) -> set[str]:
    return {part.name for part in node.body if isinstance(part, ast.FunctionDef) and not part.name.startswith("_")}


def bases(node: ast.ClassDef) -> list[str]:
    return [base.id for base in node.bases if isinstance(base, ast.Name)]


@cache
def ports() -> dict[str, set[str]]:
    """Name of each port -> its methods, those of its bases too."""
    found = {node.name: node for _, node in classes("include/application/ports") if "Protocol" in bases(node)}

    def whole(name: str) -> set[str]:
        node = found[name]
        return methods(node).union(*(whole(base) for base in bases(node) if base in found))

    return {name: whole(name) for name in found}


@cache
def fakes() -> dict[str, tuple[str, Path, set[str]]]:
    """Port -> its fake: the class whose name ends it after `Fake` (`FakePortal` is that of `DocumentPortal`)."""
    found: dict[str, tuple[str, Path, set[str]]] = {}
    for path, node in classes("tests/fakes"):
        if node.name.startswith("Fake"):
            exact = [port for port in ports() if port == node.name[4:]]
            for port in exact or [port for port in ports() if port.endswith(node.name[4:])]:
                assert port not in found, f"two fakes of {port}: {found[port][0]} and {node.name}"
                found[port] = node.name, path, methods(node)
    for part, whole in BEHIND.items():
        found[part] = next(fake for fake in found.values() if fake[0] == whole)
    return found


@cache
def suites() -> dict[str, list[Path]]:
    """Port -> the suites that name it in their first line."""
    found: dict[str, list[Path]] = {}
    for path in sorted(SUITES.rglob("test_*.py")):
        first_line = path.read_text().partition("\n")[0]
        for named in NAMED.findall(first_line):
            for port in re.findall(r"\w+", named):
                found.setdefault(port, []).append(path)
    return found


def test_the_fakes_are_found() -> None:
    assert len(fakes()) > 15 and {"Ledger", "Corrections", "Tracking", "DocumentPortal", "Clock"} <= fakes().keys()


@pytest.mark.parametrize("port", sorted(fakes()))
def test_a_fake_has_every_method_of_its_port(port: str) -> None:
    name, _, there = fakes()[port]
    assert ports()[port] - there == set(), f"{name} does not stand for {port} any more"


@pytest.mark.parametrize("port", sorted(set(fakes()) - {"SupplierAccounts"}))
def test_a_port_with_a_fake_has_one_suite_that_runs_on_it(port: str) -> None:
    found = suites().get(port, [])
    assert len(found) == 1, f"the first line of one suite below {SUITES.name}/ must say (port `{port}`)"
    name, _, _ = fakes()[port]
    assert name in reached(found[0].read_text()), f"{found[0].name} does not run on {name}"


def reached(suite: str) -> str:
    """A suite with what brings its fakes: the store in memory, or the fake platform."""
    behind = {
        "tests.contracts.store.worlds": ["tests/contracts/store/worlds.py", "tests/fakes/store.py"],
        "tests.fakes.chorus": ["tests/fakes/chorus.py"],
    }
    brought = [name for module, names in behind.items() if f"from {module} import" in suite for name in names]
    return suite + "".join((ROOT / name).read_text() for name in brought)


# ---------------------------------------------------------------- nothing else stands for a port

NO_FAKE = {
    "tests/unit/application/test_edit_document.py: OnlyInvoiceIds": {"DocumentViews"},
    "tests/unit/sending/memory.py: Seen": {"DocumentViews", "InvoiceViews"},
}
"""Which invoice a person means: the views of the screens have no fake, only their queries on a real database."""

Signature = tuple[str, tuple[str, ...]]


def signatures(node: ast.ClassDef) -> set[Signature]:
    """Name and parameters of its public methods, those without a parameter left out: many classes have such a one."""
    found = set()
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("_"):
            given = [*part.args.posonlyargs, *part.args.args, *part.args.kwonlyargs]
            names = tuple(one.arg.lstrip("_") for one in given if one.arg != "self")
            found |= {(part.name, names)} if names else set()
    return found


@cache
def asked_of() -> dict[str, set[Signature]]:
    """Port -> what is asked of it."""
    return {
        node.name: signatures(node) for _, node in classes("include/application/ports") if "Protocol" in bases(node)
    }


@cache
def real_things() -> set[str]:
    """Names of all classes of the product, and of the fakes."""
    return {node.name for _, node in classes("include", "plugins", "tests/fakes")}


def answers_for(node: ast.ClassDef) -> set[str]:
    """Ports that the class answers for by itself: one method with the parameters of the port's, or all its methods.

    A class that changes a method of the real thing or of a fake is none of these.
    """
    if real_things() & set(bases(node)):
        return set()
    some = {port for port, asked in asked_of().items() if asked & signatures(node)}
    return some | {port for port, asked in ports().items() if len(asked) > 1 and asked <= methods(node)}


@pytest.mark.parametrize(
    ("source", "answers"),
    [
        ("class Store:\n def get(self, sha256): ...\n def examples(self, scopes): ...", {"Files", "LayoutExamples"}),
        ("class OneSecret:\n def get(self, _connection_id): ...", {"Secrets"}),
        ("class Watch:\n def now(self): ...\n def monotonic(self): ...", {"Clock"}),
        ("class LosesOne(FakeFiles):\n def get(self, sha256): ...", set()),
        ("class Bench:\n def get(self, url): ...\n def now(self): ...", set()),
    ],
)
def test_what_answers_for_a_port_is_known_by_its_methods(source: str, answers: set[str]) -> None:
    [node] = ast.parse(source).body
    assert isinstance(node, ast.ClassDef)
    assert answers_for(node) == answers


def test_what_stands_for_a_port_stands_among_the_fakes() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {node.name}": answers_for(node)
        for path, node in classes("tests")
        if path.parent.name != "fakes"
    }
    assert {name: answers for name, answers in found.items() if answers} == NO_FAKE


def test_every_suite_names_a_port_that_there_is() -> None:
    assert sorted(set(suites()) - set(ports())) == []
