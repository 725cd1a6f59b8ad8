"""Storage applies changes and answers questions: it chooses no state, no event and no cause.

Source: docs/adr/0016-pure-decisions.md.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

STORAGE = Path(__file__).resolve().parents[2] / "include/adapters/storage"
SOURCES = sorted(path for path in STORAGE.rglob("*.py") if "migrations" not in path.parts)

DECIDING = {"Move", "AttemptChange", "NewEvent", "cause", "free_text", "Cause"}
"""Whoever makes one of these decides."""

TARGETS = {"state", "after"}


def decisions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in DECIDING:
                yield node.lineno, f"makes a {name}"
            case ast.Call(func=ast.Name(id="Change"), keywords=given) if any(one.arg == "row_version" for one in given):
                yield node.lineno, "makes a Change of an invoice"
            case ast.Attribute(value=ast.Name(id="EventKind" | "CauseCode" as kind)):
                yield node.lineno, f"names {kind}.{node.attr}"
            case ast.keyword(arg=name, value=value) if name in TARGETS and _is_state(value):
                yield value.lineno, f"sets {name} to a state of its own choice"
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in TARGETS and _is_state(value):
                        yield value.lineno, f"sets {key.value} to a state of its own choice"


def _is_state(value: ast.expr) -> bool:
    """Not those of attempts: opening one belongs to the claim, which is the database's affair."""
    return isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "State"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(STORAGE)))
def test_storage_decides_nothing(path: Path) -> None:
    assert list(decisions(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "line",
    [
        "Change(row_version=held, values={})",
        "Move(after=State.READY, cause=why)",
        "query.values(state=State.READY)",
        "row = {'state': State.READY}",
        "kind = EventKind.SUBMITTED",
        "why = cause(CauseCode.FOUND)",
    ],
)
def test_a_decision_would_be_found(line: str) -> None:
    assert list(decisions(ast.parse(line)))


def test_a_question_is_no_decision() -> None:
    assert not list(decisions(ast.parse("query.where(invoices.c.state == State.READY)\nEventKind(row.kind)")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(STORAGE)))
def test_no_decision_is_lost_in_silence(path: Path) -> None:
    """Whoever applies a change to a row that he did not lock asks whether it was written (`apply_locked` else)."""
    statements = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Expr)]
    calls = [node for node in statements if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert [call.lineno for call in calls if call.func.id == "apply"] == []  # type: ignore[attr-defined]
