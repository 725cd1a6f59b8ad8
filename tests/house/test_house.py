"""What the tools cannot check: sizes, names, and that the documents tell the truth."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("include", "plugins", "dags")
NOT_OURS = {".git", ".venv", "var", "build"}
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
DOCUMENTS += sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))


@cache
def files(pattern: str, *folders: str) -> list[Path]:
    """Files below the folders, without caches and what a run leaves behind."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob(pattern)) if path.is_file()]
    kept = [path for path in found if not any(_foreign(part) for part in path.relative_to(ROOT).parts)]
    assert kept, f"nothing matches {pattern} in {folders}: the test would be empty"
    return kept


def _foreign(part: str) -> bool:
    return part in NOT_OURS or part.endswith(("_cache", "__pycache__", ".egg-info")) or part == ".hypothesis"


def show(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def orphans(tree: ast.Module) -> Iterator[int]:
    """Lines of strings that stand where no docstring stands, and under no name that they could tell of."""
    for node in ast.walk(tree):
        for body in (getattr(node, part, None) for part in ("body", "orelse", "finalbody")):
            for before, one in zip([None, *body], body, strict=False) if isinstance(body, list) else ():
                if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)):
                    continue
                if not isinstance(one.value.value, str) or one is _docstring(node):
                    continue
                named = isinstance(before, ast.Assign | ast.AnnAssign | ast.AugAssign)
                if before is None or not named or one.lineno != (before.end_lineno or 0) + 1:
                    yield one.lineno


def _docstring(node: ast.AST) -> ast.stmt | None:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return node.body[0] if isinstance(node, documented) and ast.get_docstring(node) is not None else None


def test_every_docstring_documents_something() -> None:
    lost = [
        f"{show(path)}:{line}"
        for path in files("*.py", *PRODUCT, "tests")
        for line in orphans(ast.parse(path.read_text()))
    ]
    assert lost == []
    assert list(orphans(ast.parse('A = 1\n\n"""far"""\n"""and another"""\ndef f():\n    """Good."""\n    "lost"'))) == [
        3,
        4,
        7,
    ]


def test_every_rule_that_is_switched_off_has_its_reason() -> None:
    bare = re.compile(r"# noqa(?!: [A-Z]+\d+(?:, ?[A-Z]+\d+)* - \w)")
    found = [
        f"{show(path)}:{number}"
        for path in files("*.py", *PRODUCT, "tests")
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if bare.search(line) and path != Path(__file__)
    ]
    assert found == []


@pytest.mark.parametrize(("folders", "limit"), [(PRODUCT, 500), (("tests",), 500)])
def test_no_file_is_too_long_to_be_read(folders: tuple[str, ...], limit: int) -> None:
    sizes = {show(path): len(path.read_text().splitlines()) for path in files("*.py", *folders)}
    assert {name: size for name, size in sizes.items() if size >= limit} == {}


def too_complex(*places: str) -> list[str]:
    """Functions with more ways through them than the limit in pyproject.toml; a `noqa` does not help."""
    command = [sys.executable, "-m", "ruff", "check", "--select", "C901", "--ignore-noqa", "--no-cache"]
    command += ["--output-format", "concise", "--config", str(ROOT / "pyproject.toml"), *places]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if "C901" in line]


def test_no_function_is_too_complex_to_be_read(tmp_path: Path) -> None:
    assert too_complex(*PRODUCT) == []
    maze = ["def maze(at):  # noqa: C901", *(f"    if at == {at}: return {at}" for at in range(11))]
    (tmp_path / "maze.py").write_text("\n".join(maze))
    assert len(too_complex(str(tmp_path))) == 1


def test_the_conftest_stays_small() -> None:
    assert len((ROOT / "tests/conftest.py").read_text().splitlines()) < 150


def test_no_module_is_named_after_nothing() -> None:
    attics = re.compile(r"(utils?|helpers?|commons?|managers?|misc)(_|$)|_(utils?|helpers?|manager)$")
    parts = {part for path in files("*.py", *PRODUCT, "tests") for part in path.relative_to(ROOT).with_suffix("").parts}
    assert sorted(part for part in parts if attics.search(part)) == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile("|".join(("TO" + "DO", "FIX" + "ME", r"\bX" + r"XX\b")))
    assert [show(path) for path in files("*.py", *PRODUCT, "tests") if later.search(path.read_text())] == []


def test_no_test_skips_itself() -> None:
    """A missing program is a failure: a green run has tested everything."""
    skips = re.compile(r"pytest\.(importor)?" + r"skip|mark\.(skip|xfail)|unittest\.skip")
    assert [show(path) for path in files("*.py", "tests") if skips.search(path.read_text())] == []


def test_nothing_names_a_place_outside_the_project() -> None:
    outside = re.compile(r"\.\./" + r"shared|/wo" + r"rk/|/ro" + r"ot/|/ho" + r"me/\w")
    texts = [
        path for suffix in ("py", "md", "yaml", "toml", "in", "json", "html") for path in ROOT.rglob(f"*.{suffix}")
    ]
    texts += [ROOT / name for name in ("Makefile", "Dockerfile", ".ci/run", ".env.example", ".importlinter")]
    ours = [path for path in texts if not any(_foreign(part) for part in path.relative_to(ROOT).parts)]
    assert [show(path) for path in ours if outside.search(path.read_text())] == []


def test_plugin_scanning_leaves_the_package_alone() -> None:
    """Airflow runs every file below plugins/ under its bare name: `secrets.py` would replace the standard library's."""
    ignored = (ROOT / "plugins/.airflowignore").read_text().split()
    packages = [path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and not _foreign(path.name)]
    assert packages
    assert [name for name in packages if f"{name}/" not in ignored] == []


def test_dags_know_only_airflow_our_operators_and_the_settings() -> None:
    """Schedules come from the environment, and the settings are its one reader."""
    allowed = {"airflow", "chorus_airflow", *sys.stdlib_module_names}
    found = {
        show(path): [
            name for name in imported(path) if name.split(".")[0] not in allowed and name != "include.settings"
        ]
        for path in files("*.py", "dags")
    }
    assert {name: modules for name, modules in found.items() if modules} == {}


def test_only_orchestration_and_end_to_end_tests_import_airflow() -> None:
    """Airflow takes seconds to import: rules are tested without it."""
    strangers = [
        show(path)
        for path in files("*.py", "tests")
        if path.relative_to(ROOT).parts[1] not in {"orchestration", "e2e"}
        and any(name.split(".")[0] in {"airflow", "chorus_airflow"} for name in imported(path))
    ]
    assert strangers == []


def test_the_platforms_key_names_stay_in_its_adapter() -> None:
    keys = {
        "cadreDeFacturation", "codeRetour", "dateDepot", "idFournisseur", "idStructure", "identifiantFactureCPP",
        "listeLignePoste", "modeDepot", "montantTotal", "numeroFacture", "numeroFactureSaisi", "pieceJointeId",
        "statutFacture", "typePieceJointe",
    }  # fmt: skip
    keepers = ("include/adapters/chorus/", "include/simulator/", "include/simulator.py")
    leaks = {
        show(path): sorted(found)
        for path in files("*.py", "include", "plugins")
        if not show(path).startswith(keepers)
        and (
            found := keys
            & {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        )
    }
    assert leaks == {}


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = {
        "airflow",
        "facturx",
        "fsspec",
        "lxml",
        "ocrmypdf",
        "pandas",
        "pikepdf",
        "pypdfium2",
        "sqlalchemy",
        "uvicorn",
    }
    program = "import include.cli, sys; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert heavy & set(loaded.stdout.split()) == set()


@pytest.mark.parametrize("folder", ["tests/resources", "include/demo"])
def test_every_sample_document_is_listed_with_its_source(folder: str) -> None:
    listed = "\n".join(path.read_text() for path in files("README.md", folder))
    samples = [path for path in files("*.*", folder) if path.suffix in {".pdf", ".xml", ".png", ".tif", ".jpg"}]
    assert [show(path) for path in samples if path.name not in listed] == []


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-kubernetes"])
def test_the_lock_pins_and_hashes_everything_that_is_asked_for(name: str) -> None:
    asked = re.findall(r"^([A-Za-z][\w.-]*)", (ROOT / f"{name}.in").read_text(), re.MULTILINE)
    entries = re.split(r"\n(?=[A-Za-z])", (ROOT / f"{name}.txt").read_text())
    locked = {normal(found[1]): entry for entry in entries if (found := re.match(r"([\w.-]+)(?:\[[^]]*\])?==", entry))}
    assert sorted(package for package in asked if normal(package) not in locked) == []
    assert sorted(package for package, entry in locked.items() if "--hash=sha256:" not in entry) == []


def test_development_and_running_share_their_versions() -> None:
    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))

    running, development = pins("requirements.txt"), pins("requirements-dev.txt")
    shared = running.keys() & development.keys()
    assert {name for name in shared if running[name] != development[name]} == set()
    assert running.items() <= pins("requirements-kubernetes.txt").items(), "the same image, and some more in it"


def quoted(document: str) -> Iterator[str]:
    """The commands a document shows: lines of its code blocks and what stands between back-quotes."""
    text = (ROOT / document).read_text()
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        yield from (line.removeprefix("$ ").strip() for line in block.splitlines())
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def test_every_make_target_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = [(document, command) for document in DOCUMENTS for command in quoted(document)]
    named = {(document, found[1]) for document, command in commands if (found := re.match(r"make ([a-z-]+)", command))}
    assert len(named) > 5
    assert {(document, target) for document, target in named if target not in targets} == set()


def test_every_chorus_command_a_document_names_exists() -> None:
    import typer

    from include import cli

    root = typer.main.get_command(cli.app)
    commands = [(document, command) for document in DOCUMENTS for command in quoted(document)]
    call = re.compile(r"(?:^|\bbin/|\w=\S+ | exec [\w-]+ )chorus (?![(_])([^#|]+)")
    found = [(document, call.search(command)) for document, command in commands]
    named = [(document, words[1].split()) for document, words in found if words]
    assert len(named) > 20
    assert [(document, *words) for document, words in named if not understood(root, words)] == []


def understood(command: object, words: list[str]) -> bool:
    """Whether each word is a command or, from the first argument on, an option the command has."""
    commands = getattr(command, "commands", {})
    if commands and words and words[0] in commands:
        return understood(commands[words[0]], words[1:])
    options = {option for parameter in getattr(command, "params", []) for option in parameter.opts}
    asked = {word.split("=")[0] for word in words if word.startswith("--")}
    return asked <= options and (not commands or not words)


def test_every_file_and_folder_that_a_document_names_exists() -> None:
    pages = [*DOCUMENTS, "include/simulator/COVERAGE.md"]
    named = re.compile(r"`((?:include|plugins|dags|docs|benchmarks|tests)/[\w./-]+)")
    missing = [
        (page, name)
        for page in pages
        for name in named.findall((ROOT / page).read_text())
        if not (ROOT / name).exists()
    ]
    assert missing == []


def test_every_link_of_a_document_leads_somewhere() -> None:
    links = {
        (document, link)
        for document in DOCUMENTS
        for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", (ROOT / document).read_text())
    }
    assert {
        (document, link) for document, link in links if not (ROOT / document).parent.joinpath(link).exists()
    } == set()


def test_operations_names_every_state_a_person_may_meet() -> None:
    """States that need somebody are the ones the runbook is read for."""
    from include.domain.lifecycle import State

    runbook = (ROOT / "docs/operations.md").read_text()
    needing = {State.UNREADABLE, State.TO_COMPLETE, State.REFUSED, State.UNKNOWN, State.SUBMITTING, State.IGNORED}
    assert {state for state in needing if f"`{state}`" not in runbook} == set()


def test_no_room_of_the_house_is_left_to_chance() -> None:
    """A layer in parentheses is optional: import-linter would not miss it."""
    layers = re.findall(r"^ {4}\((\w+)\)", (ROOT / ".importlinter").read_text(), re.MULTILINE)
    assert layers == []
