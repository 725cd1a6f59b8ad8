"""A clean environment, a closed network and a clock that stands still; the services are in `tests/services/`.

The first lines run before anything imports airflow, which reads its environment at import.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

from tests.fakes.clock import FakeClock

pytest_plugins = [
    f"tests.services.{name}" for name in ("compose", "databases", "object_store", "postgresql", "redis", "smtp")
]

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = Path(tempfile.mkdtemp(prefix="chorus-tests-"))

for name in [name for name in os.environ if name.startswith(("AIRFLOW", "CHORUS_", "PG", "LC_", "LANG"))]:
    del os.environ[name]
os.environ.update(
    AIRFLOW_HOME=str(SCRATCH / "airflow"),
    AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    CHORUS_HOME=str(SCRATCH / "chorus"),
    CHORUS_ACTOR="test",
    LC_ALL="C.UTF-8",
)

# On a busy machine a slow example is no failure; in CI the examples are the same every time.
hypothesis.settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("project")


def pytest_unconfigure() -> None:
    """Nothing of a test run stays on the disk."""
    shutil.rmtree(SCRATCH, ignore_errors=True)


MADE_WHEN_LOADED = re.compile(r"(?=\w*\d)(?=\w*[a-z])[\w-]{12,}")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A test has the same short name in every worker process, also where a secret or a file is made anew in each."""
    odd = isinstance(val, bytes) or (isinstance(val, str) and (len(val) > 40 or MADE_WHEN_LOADED.search(val)))
    return argname if odd else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long stories begin first, so that no worker process ends long after the others; the rest stays shuffled."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in ("e2e", "slow")])


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A test never finds what another one left in CHORUS_HOME."""
    home = tmp_path / "chorus-home"
    monkeypatch.setenv("CHORUS_HOME", str(home))
    return home


@pytest.fixture
def clock() -> FakeClock:
    """20 November 2026, 08:00 UTC (09:00 in Paris), until the test moves it."""
    return FakeClock()
