"""The entry points of the tree under test, as an installer writes them: not those that were installed once."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.conftest import ROOT


def distribution(folder: Path) -> Path:
    """A folder for PYTHONPATH, in which Python finds what pyproject.toml declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    made = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {target}" for key, target in entries.items())]
    (made / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder
