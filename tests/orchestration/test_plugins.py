"""Airflow executes every file under plugins/ under its bare name: our package must be kept out of that."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.orchestration.world import AIRFLOW

pytestmark = AIRFLOW

LOAD = """
import http, json, secrets, sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
import http.client
import chorus_airflow.stage
print(json.dumps({
    "modules": sorted(sys.modules),
    "errors": plugins_manager.get_import_errors(),
    "http": http.__file__,
    "secrets": secrets.__file__,
    "again": [sys.modules[name].__file__ for name in ("http", "secrets")],
}))
"""


def loaded(plugins: Path) -> dict[str, object]:
    """What a process holds after Airflow loaded the plugins of this folder."""
    environment = {
        **os.environ,
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "PYTHONPATH": f"{ROOT}:{plugins}",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture
def with_tempting_names(tmp_path: Path) -> Path:
    """Our plugins with two more files in the package, named like modules of the standard library."""
    plugins = tmp_path / "plugins"
    shutil.copytree(ROOT / "plugins", plugins, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("http", "secrets"):
        (plugins / "chorus_airflow" / "operators" / f"{name}.py").write_text("raise RuntimeError('executed')\n")
    return plugins


def test_loading_plugins_leaves_the_standard_library_and_our_package_alone(with_tempting_names: Path) -> None:
    told = loaded(with_tempting_names)
    assert told["errors"] == {}
    assert told["again"] == [told["http"], told["secrets"]]
    assert "site-packages" not in str(told["http"])
    assert str(told["http"]).endswith("http/__init__.py")
    package = ROOT / "plugins" / "chorus_airflow"
    stems = {path.stem for path in package.rglob("*.py")} - {"__init__"}
    assert stems, "the package is where it was"
    modules = told["modules"]
    assert isinstance(modules, list)
    assert stems & set(modules) == set()
    assert "chorus_airflow.stage" in modules


def test_without_the_ignore_file_airflow_would_execute_the_package(with_tempting_names: Path) -> None:
    (with_tempting_names / ".airflowignore").unlink()
    assert loaded(with_tempting_names)["errors"] != {}
