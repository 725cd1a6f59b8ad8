"""Every locked run-time package that asks for more than its notice stands in docs/licences.md."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PERMISSIVE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Unlicense|Public Domain|Zlib)\b", re.I
)
DEMANDING = re.compile(r"GPL|MPL|Mozilla|Artistic|EUPL|EPL|Eclipse|CDDL|CC-BY|Propriet|Commercial", re.I)


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def licence(package: Distribution) -> str:
    """What the package says of itself: an expression, classifiers, or the first line of a text."""
    told = package.metadata
    classifiers = [line for line in told.get_all("Classifier", []) if line.startswith("License ::")]
    return told.get("License-Expression") or "; ".join([*classifiers, told.get("License", "").split("\n")[0]])


def asks_for_more(declared: str) -> bool:
    return bool(DEMANDING.search(declared)) or not PERMISSIVE.search(declared)


def test_every_licence_that_asks_for_more_than_its_notice_is_named() -> None:
    locked = {normal(name) for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M)}
    installed = {normal(one.name): licence(one) for one in distributions() if normal(one.name) in locked}
    assert len(installed) > 150
    table = re.findall(r"^\| ([a-z0-9, -]+) \|[^|]+\|[^|]+\|$", (ROOT / "docs/licences.md").read_text(), re.M)
    named = {name for cell in table for name in cell.split(", ")} - {"package"}
    demanding = {name for name, declared in installed.items() if asks_for_more(declared)}
    assert {name: installed[name] for name in demanding - named} == {}
    assert named & installed.keys() == demanding, "the page names packages that ask for nothing"
    assert named <= locked, "the page names packages that are gone"
