"""Chaos as a suite: many invoices, faults of every kind, and counts of what was lost, doubled, stuck, left to a person.

    python -m tests.e2e.chaos.run [--invoices 10000] [--minutes 60] [--seed 1] [--pause 5] [--every 10]

`make chaos` runs it in full; docs/reliability.md says what was seen. JSON on the standard output, progress on the other
one; ends with 1 when an invoice was lost, doubled or stuck.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.machine import machine
from include.domain.lifecycle import State
from tests.e2e.chaos.place import BY_HAND, DELAY, LEASE, Place, place
from tests.e2e.chaos.storm import Storm
from tests.e2e.chaos.victims import awaits

SETTLING_ROUNDS = 12
PASS_SECONDS = 1800
"""A pass of everything that the storm kept back, on a machine that has other work."""


@dataclass(kw_only=True)
class Report:
    """What is left when the storm is over and everything has had its time."""

    invoices: int
    seconds: float
    struck: Counter[str]
    on_platform_in_the_storm: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: dict[str, str] = field(default_factory=dict)
    by_hand: Counter[str] = field(default_factory=Counter)
    passes: int = 0
    passes_with_failures: int = 0
    passes_that_died: list[str] = field(default_factory=list)
    rounds_to_settle: int = 0

    @property
    def harmless(self) -> bool:
        """Nothing was lost, doubled or stuck, and nobody had to do anything."""
        return not (self.lost or self.doubled or self.stuck or self.by_hand)

    def as_json(self) -> dict[str, Any]:
        """Counts, and the first examples."""
        return {
            "machine": machine(),
            "invoices": self.invoices,
            "storm_seconds": round(self.seconds),
            "struck": dict(self.struck),
            "on_platform_in_the_storm": self.on_platform_in_the_storm,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "stuck": len(self.stuck),
            "left_to_a_person": dict(self.by_hand),
            "passes": self.passes,
            "passes_with_failures": self.passes_with_failures,
            "passes_that_died": len(self.passes_that_died),
            "rounds_to_settle": self.rounds_to_settle,
            "examples": {
                "lost": self.lost[:5],
                "doubled": self.doubled[:5],
                "stuck": dict(list(self.stuck.items())[:5]),
                "died": sorted({text.strip().splitlines()[-1] for text in self.passes_that_died})[:10],
            },
        }


def chaos(here: Place, *, count: int, seconds: float, seed: int, pause: float, every: float) -> Report:
    """Documents arrive all the time; after the storm workers go on in peace until nothing moves."""
    chance, numbers = random.Random(seed), [f"C-{place:06}" for place in range(count)]
    storm, begun, dropped = Storm(here, chance, pause), time.monotonic(), 0
    for worker in here.workers:
        worker.start()
    while (passed := time.monotonic() - begun) < seconds:
        due = min(count, int(count * passed / (seconds * 0.9)) + 1)
        for number in numbers[dropped:due]:
            here.drop(number)
        dropped = due
        storm.strike()
        print(f"{passed:.0f} s, {dropped} dropped, {dict(storm.counts)}", file=sys.stderr, flush=True)
        time.sleep(2 * every * chance.random())
    for number in numbers[dropped:]:
        here.drop(number)
    report = Report(invoices=count, seconds=time.monotonic() - begun, struck=storm.counts)
    _settle(here, report)
    _count(here, report, numbers)
    return report


def _settle(here: Place, report: Report) -> None:
    """Nobody is at work, leases and delays pass, one worker makes a pass; again until all are sent."""
    for worker in here.workers:
        worker.kill()
    here.heal()
    report.on_platform_in_the_storm = here.held().total()
    first, *_ = here.workers
    for turn in range(1, SETTLING_ROUNDS + 1):
        report.rounds_to_settle = turn
        here.pass_time(LEASE + DELAY)
        before = len(here.passes())
        first.start()
        awaits(lambda before=before: len(here.passes()) > before, "a pass", PASS_SECONDS)  # type: ignore[misc]
        first.kill()
        states = Counter(here.ours().values())
        print(f"settling: {dict(states)}", file=sys.stderr, flush=True)
        if set(states) == {State.SUBMITTED} and states.total() == report.invoices:
            return


def _count(here: Place, report: Report, numbers: list[str]) -> None:
    held, ours = here.held(), here.ours()
    report.lost = sorted(set(numbers) - held.keys())
    report.doubled = sorted(number for number, times in held.items() if times > 1)
    report.stuck = {number: state for number, state in ours.items() if state != State.SUBMITTED}
    report.by_hand = Counter(state for state in ours.values() if state in BY_HAND)
    passes = here.passes()
    report.passes = len(passes)
    report.passes_with_failures = sum(bool(one.get("failures")) for one in passes)
    report.passes_that_died = [one["died"] for one in passes if "died" in one]


def main() -> int:
    """The command."""
    options = argparse.ArgumentParser(
        description="Sends invoices while everything fails, and counts what became of them."
    )
    options.add_argument("--invoices", type=int, default=10_000)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--pause", type=float, default=5, help="seconds that an outage lasts")
    options.add_argument("--every", type=float, default=10, help="seconds of peace between two strikes, on the average")
    wanted = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing of it lives on
    with place(wanted.invoices) as here:
        report = chaos(
            here,
            count=wanted.invoices,
            seconds=60 * wanted.minutes,
            seed=wanted.seed,
            pause=wanted.pause,
            every=wanted.every,
        )
    print(json.dumps(report.as_json(), indent=2))
    return 0 if report.harmless else 1


if __name__ == "__main__":
    sys.exit(main())
