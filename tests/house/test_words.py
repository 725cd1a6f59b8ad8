"""What a person reads is worded in the catalogues, in good form; code hands on codes and parameters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.messages import ERRORS
from tools.po_files import parts, path_of, read

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("include", "plugins", "dags")
OTHER_LANGUAGE = {
    "simulator": "a program of its own, for trials and tests",
    "demo": "the demonstration is for who develops here",
    "migrations": "sentences of older versions, as they stand in a database",
}
"""Folders that speak English only, each with the reason."""

ENGLISH = {
    "include/cli/bench.py": "figures for who develops here",
    "plugins/chorus_airflow/operators/watcher.py": "a line of Airflow's own log",
    "plugins/chorus_airflow/operators/retain.py": "a line of Airflow's own log",
    "plugins/chorus_airflow/operators/resubmission.py": "a line of Airflow's own log",
}
"""Files that may hand an English sentence on, each with the reason. Help of commands is English, as of any command."""

SAYING = {"echo", "print", "secho", "print_text", "say"}
WORDED = {"Fault", "Reason", "Cause", "Check", "Text", "cause", "free_text"}
RAISED = {"NoAnswerError", "GoneError", "RefusedError", "UnclearError", "RuleError", "NotAllowedError"}
"""Errors of adapters whose argument becomes the cause in an error of ours."""
COLLECTED = {"notes", "faults", "warnings"}
"""Lists that are shown to a person."""


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts of more than three words, with blanks between them, on their way to a person: line and text."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name) | ast.Name(id=name), attr="append")):
                handed = node.args if name in COLLECTED else []
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                handed = [*node.args, *(keyword.value for keyword in node.keywords)] if _speaks(name) else []
            case _:
                continue
        yield from ((node.lineno, text) for one in handed for text in _texts(one) if _is_sentence(text))


def _speaks(name: str) -> bool:
    return name in SAYING | WORDED | RAISED | ERRORS


def _texts(node: ast.expr) -> Iterator[str]:
    """Texts in an argument, those of nested calls not: such a call is looked at by itself."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(one.value if isinstance(one, ast.Constant) else "x" for one in values)
        case ast.Call():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from _texts(child)


def _is_sentence(text: str) -> bool:
    words = [word for word in text.split() if re.search("[a-z]", word, re.IGNORECASE)]
    return len(words) > 3 and not text.startswith(("chorus ", "airflow ", "apt-get "))


def files() -> list[Path]:
    found = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if not OTHER_LANGUAGE.keys() & set(path.relative_to(ROOT).parts)]


def test_code_hands_no_sentence_to_a_person() -> None:
    told = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in files()
        if str(path.relative_to(ROOT)) not in ENGLISH
        for line, text in sentences(ast.parse(path.read_text()))
    ]
    assert told == []


@pytest.mark.parametrize(
    "code",
    [
        'typer.echo(f"{done} and nothing has changed")',
        'print("this is a sentence")',
        'InputError("no_such_file", cause="it does not exist any more")',
        'DocumentError("side_car", cause=f"line {line} is not what it should be")',
        'Fault(path=(), what="a name that nobody has")',
        'Check(name="mail", ok=False, seen="x" if ok else "it cannot be asked")',
        'report.notes.append("stopped after two of them")',
        'NoAnswerError("the answer is no JSON")',
    ],
)
def test_a_sentence_is_found_wherever_it_is_handed_on(code: str) -> None:
    assert len(list(sentences(ast.parse(code)))) == 1


def test_codes_commands_and_logs_are_no_sentences() -> None:
    code = (
        'say("not_taken")\nlogger.info("This goes into the log")\nText("check.run", {"command": "airflow pools x y"})'
    )
    assert list(sentences(ast.parse(code))) == []


def test_every_exception_is_still_one() -> None:
    for name in ENGLISH:
        assert (ROOT / name).is_file(), name


# ---------------------------------------------------------------- the French catalogues

NO_BREAK = "\N{NO-BREAK SPACE}"
BEFORE = re.compile(r"(?<![\N{NO-BREAK SPACE}\s])(?=[;!?»])|(?<=[ \N{NARROW NO-BREAK SPACE}])[:;!?»%€]")


ORDINARY = {"mail.colon"}
"""Entries with an ordinary blank: subjects of mails, which people's own rules for sorting mail look at."""


@pytest.mark.parametrize("part", parts())
def test_french_has_no_break_blanks_where_french_has_them(part: str) -> None:
    """Before `: ; ! ? » %` and after `«`; a sign that belongs to a name (`http:`, `{x:date}`) stands alone."""
    wrong = []
    for entry in read(path_of(part, "fr"), "fr"):
        if not entry.id or entry.id in ORDINARY:
            continue
        for text in entry.string if isinstance(entry.string, (tuple, list)) else (entry.string,):
            if BEFORE.search(text) or re.search("«(?!\N{NO-BREAK SPACE})", text):
                wrong.append((entry.id, text))
    assert wrong == []


@pytest.mark.parametrize("part", parts())
def test_french_apostrophes_are_all_of_one_kind(part: str) -> None:
    assert "\N{RIGHT SINGLE QUOTATION MARK}" not in path_of(part, "fr").read_text()
