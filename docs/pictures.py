"""Writes the parts of docs/architecture.md that are made from the code: rooms, states and moves.

`make docs` runs it; a test holds the committed page to it. Sources: the contracts of `.importlinter`, the first
sentence of each room's docstring, and the table of moves in `include/domain/lifecycle.py`.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

from include.domain.lifecycle import FROZEN, GREEN, RED, SHELVABLE, UNSENT, State, ways_out

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/architecture.md"

SHELVED = (State.HELD, State.DISCARDED)


# -- rooms -------------------------------------------------------------------------------------------------------------


def contracts() -> list[configparser.SectionProxy]:
    """The contracts of `.importlinter`."""
    file = configparser.ConfigParser()
    file.read(ROOT / ".importlinter")
    return [file[name] for name in file.sections()]


def layers(container: str) -> list[list[str]]:
    """The rooms of a package from the outermost inwards; those in one row know nothing of each other."""
    for contract in contracts():
        if contract.get("containers", "").split() == [container]:
            return [row.split(" | ") for row in contract["layers"].split("\n") if row]
    return [sorted(path.name for path in (ROOT / container.replace(".", "/")).glob("[a-z]*/"))]


def forbidden(outer: str, inward: str) -> bool:
    """Whether a contract of its own forbids what the order of the layers would allow."""
    return any(
        outer in contract.get("source_modules", "").split() and inward in contract.get("forbidden_modules", "").split()
        for contract in contracts()
    )


def sentence(room: str) -> str:
    """The first sentence of a room's docstring, without the source that it cites."""
    path = ROOT / room.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0].replace("\n", " ")
    return re.sub(r" \(docs/[^)]*\)", "", text)


def rooms_picture() -> Iterator[str]:
    """The packages that a line of code can stand in, and who may import whom."""
    rows = layers("include")
    yield "```mermaid"
    yield "flowchart TD"
    yield '    dags --> chorus_airflow["plugins/chorus_airflow"]'
    yield f"    chorus_airflow --> {rows[1][0]}"
    for outer, inward in pairwise(rows):
        for above, below in product(outer, inward):
            if not forbidden(f"include.{above}", f"include.{below}"):
                yield f"    {above} --> {below}"
    yield "```"


def rooms_table(container: str) -> Iterator[str]:
    """The rooms of a package, the outermost first, with what stands in them."""
    rows = layers(container)
    yield "| room | holds |"
    yield "|---|---|"
    for row in rows:
        yield from (f"| `{room}` | {sentence(f'{container}.{room}')} |" for room in row)


# -- states ------------------------------------------------------------------------------------------------------------


def on_the_platform() -> list[State]:
    """The states after `submitted`, in the order of the table."""
    found = [State.SUBMITTED]
    for state in found:
        found += [after for after in State if after in ways_out(state) and after not in found]
    return [state for state in State if state in found]


def states_picture() -> Iterator[str]:
    """States in three groups, with every move of the table; holding and discarding are one arrow each way."""
    before = [state for state in State if state in UNSENT]
    after = on_the_platform()
    between = [state for state in State if state not in {*before, *after, *SHELVED}]
    yield "```mermaid"
    yield "flowchart LR"
    for name, title, group in (
        ("before", "before sending", before),
        ("sending", "sending", between),
        ("platform", "on the platform", after),
        ("shelved", "put aside by a person", SHELVED),
    ):
        yield f'    subgraph {name}["{title}"]'
        yield from (f"        {state}" for state in group)
        yield "    end"
    for state in (*before, *between, *after):
        yield from (f"    {state} --> {follower}" for follower in State if follower in ways_out(state) - {*SHELVED})
    yield "    before <--> shelved"
    yield f"    class {','.join(sorted(GREEN))} green"
    yield f"    class {','.join(sorted(RED))} red"
    yield "    classDef green fill:#d9f2dd,stroke:#2b7a3d,color:#111"
    yield "    classDef red fill:#fbdcdc,stroke:#a33,color:#111"
    yield "```"


def moves_table() -> Iterator[str]:
    """The same table in words, for readers without pictures."""
    yield "| state | may become |"
    yield "|---|---|"
    for state in State:
        followers = [f"`{follower}`" for follower in State if follower in ways_out(state) - {*SHELVED}]
        where = "the state that it came from" if state in SHELVED else ", ".join(followers)
        yield f"| `{state}` | {where}{'; held, discarded' if state in SHELVABLE else ''} |"
    yield ""
    frozen = ", ".join(f"`{state}`" for state in sorted(FROZEN))
    yield f"Frozen, so that only an answer or a search changes it: {frozen}."


PARTS = {
    "rooms": rooms_picture,
    "rooms of the use cases": lambda: rooms_table("include.application"),
    "rooms of the domain": lambda: rooms_table("include.domain"),
    "screens": lambda: rooms_table("include.web"),
    "adapters": lambda: rooms_table("include.adapters"),
    "states": states_picture,
    "moves": moves_table,
}


def page() -> str:
    """The page with its made parts as the code is now; what stands between them stays."""
    text = PAGE.read_text(encoding="utf-8")
    for name, made in PARTS.items():
        begin, end = f"<!-- made by docs/pictures.py: {name} -->", "<!-- end -->"
        head, rest = text.split(begin, 1)
        text = "\n".join([head + begin, "", *made(), "", end + rest.split(end, 1)[1]])
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
