"""Every order of events for one invoice, two workers, a network and the platform, under docs/reference/exactly-once.md.

    python -m tests.models.exactly_once             as far as the test goes, in two minutes
    python -m tests.models.exactly_once --deeper    one more sending: five minutes and 1 GB

A pure model: no product code runs here, so that a rule can be left out and the harm be seen. In each world every
reachable situation is visited and checked (`harm_in`); afterwards it is checked that no situation is a dead end
(`dead_ends`). The product's own code is held to the same rules by `tests/integration/test_exactly_once_property.py`.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, NamedTuple

OPEN, NOT_SENT, UNRESOLVED, TAKEN, REFUSED = "open", "not_sent", "unresolved", "taken", "refused"
"""What became of an attempt."""

READY, SUBMITTING, SUBMITTED, UNKNOWN = "ready", "submitting", "submitted", "unknown"
"""States of the invoice, beside `REFUSED`."""


class Rule(StrEnum):
    """Each can be left out; the text is what is then missing, with its section in docs/reference/exactly-once.md."""

    ONE_CLAIM = "2.2 the claim is one UPDATE that names the state it read"
    VERSION = "2.2 what was found out counts only for the version of the row it was found for"
    CLOCK = "2.3 no POST by a claim that is too old"
    LATE_SUCCESS = "2.4 a success counts whenever it comes"
    UNKNOWN = "3 an answer that nobody can read makes the invoice unknown"
    LAPSED = "3 a lapsed lease makes the invoice unknown"
    DELAY = "4 not found is no proof before the delay is over and a second search is empty too"
    REFUSAL_AFTER_UNKNOWN = "4 a refusal proves nothing while an earlier attempt is unresolved"
    EARLIER_SUCCESS = "4 an attempt known as taken decides"
    SEARCH_BEFORE_RESEND = "4 an invoice that was ever unknown is searched right before its next claim"
    RETRIEVAL = "4 a retrieval that meets the invoice makes it submitted"
    ADOPTION = "4.1 what stands there with its values is ours, though no attempt explains it"
    SENDING_OFF = "4.2 nothing is sent from the restore to the check"
    CHECKED = "4.2 sending begins again once everything was retrieved, after the delay"


MAKES_IT_RARER = frozenset({Rule.REFUSAL_AFTER_UNKNOWN})
"""Left out, it does no harm that all rules together rule out; it makes a wrong `refused` come sooner."""


ONLY_AFTER_A_RESTORE = frozenset({Rule.ADOPTION, Rule.SENDING_OFF, Rule.CHECKED})
"""Left out, they do no harm while our database goes forward only."""


class World(NamedTuple):
    """What the platform and the network promise.

    `timely`: a POST under way is taken or lost, and an invoice taken is shown to searches, before the search delay is
    over. `slow`: later than that, but before the invoice is sent again. `late`: nothing is promised. `unique`: the
    platform refuses a number that it has. `restore`: our database goes back once, to any earlier moment; a `drill` in
    the order of docs/restore.md, or by somebody who restores and goes on (`careless`).
    """

    pace: Literal["timely", "slow", "late"]
    unique: bool
    restore: Literal["never", "drill", "careless"] = "never"

    @property
    def sends_once(self) -> bool:
        """Whether the rules promise that the platform never holds the invoice twice."""
        return self.unique or (self.pace in ("timely", "slow") and self.restore != "careless")


WORLDS = (
    World("timely", unique=False),
    World("slow", unique=False),
    World("timely", unique=True),
    World("late", unique=True),
    World("late", unique=False),
)


RESTORED_WORLDS = (
    World("timely", unique=False, restore="drill"),
    World("slow", unique=False, restore="drill"),
    World("late", unique=True, restore="drill"),
    World("late", unique=True, restore="careless"),
)
CARELESS = World("timely", unique=False, restore="careless")
"""Not among them: nothing that we could look at says that the database went back."""


class Bounds(NamedTuple):
    """How far a walk goes: sendings of the invoice, and changes of its row."""

    attempts: int
    changes: int


BOUNDS = Bounds(attempts=3, changes=14)
DEEPER = Bounds(attempts=4, changes=18)
RESTORED = Bounds(attempts=2, changes=7)
"""For worlds with a restore, where each moment is remembered with every earlier one; changes count anew from it."""
RESTORED_LATE = Bounds(attempts=2, changes=5)


def bounds_of(world: World, bounds: Bounds = BOUNDS) -> Bounds:
    """How far to go in this world; `bounds` where nothing is restored."""
    if world.restore == "never":
        return bounds
    return RESTORED_LATE if world.pace == "late" else RESTORED


class Worker(NamedTuple):
    """Where a worker stands, and what it knows: its attempt; of its search the row's version, the hit, the delay."""

    at: str = "idle"
    attempt: int = -1
    version: int = -1
    hit: bool = False
    delay_over: bool = False


class Backup(NamedTuple):
    """What our database held at an earlier moment."""

    state: str
    empty_search: bool
    delay_over: bool
    ever_unknown: bool
    attempts: tuple[str, ...]


class Situation(NamedTuple):
    """The row and its attempts, the workers, requests under way, the platform, and how far a restore has come."""

    state: str = READY
    owner: int = -1
    version: int = 0
    empty_search: bool = False
    delay_over: bool = False
    ever_unknown: bool = False
    attempts: tuple[str, ...] = ()
    workers: tuple[Worker, ...] = (Worker(), Worker())
    flying: frozenset[int] = frozenset()
    answers: frozenset[tuple[int, str]] = frozenset()
    held: int = 0
    shown: bool = False
    backup: Backup | None = None
    restored: bool = False
    sending: bool = True

    @property
    def calm(self) -> bool:
        """Nothing is under way, and nothing that the platform holds is hidden."""
        return not self.flying and (self.shown or not self.held)

    def moved(self, state: str, **rest: Any) -> Situation:
        """The row changed."""
        owner = rest.pop("owner", -1)
        return self._replace(state=state, owner=owner, version=self.version + 1, **rest)

    def to_unknown(self, **rest: Any) -> Situation:
        """The row waits for a search; the delay begins."""
        return self.moved(UNKNOWN, empty_search=False, delay_over=False, ever_unknown=True, **rest)

    def backed_up(self) -> Situation:
        """A copy of our database is put aside."""
        kept = Backup(self.state, self.empty_search, self.delay_over, self.ever_unknown, self.attempts)
        return self._replace(backup=kept)

    def set_back(self, sending: bool) -> Situation:
        """The copy takes the place of our database; the services were stopped, what they sent goes its way."""
        assert self.backup is not None, "only what was put aside can come back"
        return self._replace(
            **self.backup._asdict(),
            owner=-1,
            version=0,
            workers=tuple(Worker() for _ in self.workers),
            answers=frozenset(),
            # whoever sent it is gone: only whether it arrives counts
            flying=frozenset(-1 - each for each in self.flying),
            backup=None,
            restored=True,
            sending=sending,
        )

    def with_worker(self, which: int, worker: Worker = Worker()) -> Situation:  # noqa: B008 - a frozen value
        """The worker went on; without one it is idle again, which is also what is left of a dead one."""
        return self._replace(workers=put(self.workers, which, worker))


Moves = Iterator[tuple[str, Situation]]


def put(values: tuple[Any, ...], at: int, value: Any) -> tuple[Any, ...]:
    """The tuple with one place changed."""
    return (*values[:at], value, *values[at + 1 :])


class Model:
    """The moves of one world, with some rules left out."""

    def __init__(self, world: World, bounds: Bounds = BOUNDS, without: Collection[Rule] = ()) -> None:
        self.world = world
        self.bounds = bounds
        self._rules = frozenset(Rule) - frozenset(without)
        self._workers: Mapping[str, Callable[[Situation, int, Worker], Moves]] = {
            "idle": self._idle,
            "searched": self._searched,
            "searched before sending again": self._searched_again,
            "claimed": self._claimed,
            "posted": self._posted,
            "refused": self._refused,
            "searched after a refusal": self._searched_after_refusal,
        }

    def moves(self, now: Situation) -> Moves:
        """Everything that can happen next, each with its name."""
        for which, worker in enumerate(now.workers):
            for name, after in self._workers[worker.at](now, which, worker):
                if after.version <= self.bounds.changes:
                    yield name, after
        for name, after in (*self._platform(now), *self._time(now), *self._restore(now)):
            if after.version <= self.bounds.changes:
                yield name, after

    # -- workers ---------------------------------------------------------------------------------------------------

    def _idle(self, now: Situation, which: int, worker: Worker) -> Moves:
        if now.state == UNKNOWN:
            searched = Worker("searched", version=now.version, hit=now.shown, delay_over=now.delay_over)
            yield "search", now.with_worker(which, searched)
        read_as_ready = now.state == READY or (now.state == SUBMITTING and Rule.ONE_CLAIM not in self._rules)
        if not read_as_ready or not now.sending or len(now.attempts) == self.bounds.attempts:
            return
        if now.ever_unknown and self.world.pace == "slow" and not now.calm:
            return
        if now.ever_unknown and Rule.SEARCH_BEFORE_RESEND in self._rules:
            searched = Worker("searched before sending again", version=now.version, hit=now.shown)
            yield "search before sending again", now.with_worker(which, searched)
        else:
            yield "claim", self._claim(now, which)

    def _claim(self, now: Situation, which: int) -> Situation:
        claimed = Worker("claimed", attempt=len(now.attempts))
        return now.moved(SUBMITTING, owner=which, attempts=(*now.attempts, OPEN)).with_worker(which, claimed)

    def _searched(self, now: Situation, which: int, worker: Worker) -> Moves:
        idle = now.with_worker(which)
        if self._stale(now, worker, UNKNOWN):
            yield "the row changed meanwhile", idle
        elif worker.hit:
            yield "found", idle.moved(SUBMITTED)
        elif self._known_as_taken(now):
            yield "an attempt is known as taken", idle.moved(SUBMITTED)
        elif (now.empty_search and worker.delay_over) or Rule.DELAY not in self._rules:
            yield "not found, it may go again", idle.moved(REFUSED if now.attempts[-1] == REFUSED else READY)
        elif not now.empty_search:
            yield "not found, no proof yet", idle.moved(UNKNOWN, empty_search=True)
        else:
            yield "not found, too early", idle

    def _searched_again(self, now: Situation, which: int, worker: Worker) -> Moves:
        idle = now.with_worker(which)
        if self._stale(now, worker, READY):
            yield "the row changed meanwhile", idle
        elif worker.hit or self._known_as_taken(now):
            yield "found before sending again", idle.moved(SUBMITTED)
        else:
            yield "claim again", self._claim(now, which)

    def _claimed(self, now: Situation, which: int, worker: Worker) -> Moves:
        yield "killed before the POST", now.with_worker(which)
        mine = self._owns(now, which, worker)
        if mine or Rule.CLOCK not in self._rules:
            posted = Worker("posted", attempt=worker.attempt)
            yield "POST", now.with_worker(which, posted)._replace(flying=now.flying | {worker.attempt})
        if mine:
            closed = now.with_worker(which)._replace(attempts=put(now.attempts, worker.attempt, NOT_SENT))
            yield "never left", closed.moved(SUBMITTED if self._known_as_taken(now) else READY)

    def _posted(self, now: Situation, which: int, worker: Worker) -> Moves:
        idle = now.with_worker(which)
        yield "killed after the POST", idle
        mine = self._owns(now, which, worker)
        if mine:
            unresolved = put(now.attempts, worker.attempt, UNRESOLVED)
            if Rule.UNKNOWN in self._rules:
                yield "cut", idle.to_unknown(attempts=unresolved)
            else:
                yield "cut", idle.moved(READY, ever_unknown=True, attempts=unresolved)
        if (worker.attempt, TAKEN) in now.answers:
            known = idle._replace(attempts=put(now.attempts, worker.attempt, TAKEN))
            late = now.state in (READY, UNKNOWN, REFUSED) and Rule.LATE_SUCCESS in self._rules
            yield "success", known.moved(SUBMITTED) if mine or late else known
        if (worker.attempt, REFUSED) in now.answers:
            known = idle._replace(attempts=put(now.attempts, worker.attempt, REFUSED))
            refused = Worker("refused", attempt=worker.attempt)
            yield "refusal", known.with_worker(which, refused) if mine else known

    def _refused(self, now: Situation, which: int, worker: Worker) -> Moves:
        yield "killed before the search", now.with_worker(which)
        searched = worker._replace(at="searched after a refusal", hit=now.shown)
        yield "search after the refusal", now.with_worker(which, searched)

    def _searched_after_refusal(self, now: Situation, which: int, worker: Worker) -> Moves:
        idle = now.with_worker(which)
        unresolved = OPEN in now.attempts or UNRESOLVED in now.attempts
        if not self._owns(now, which, worker):
            yield "the row changed meanwhile", idle
        elif worker.hit and unresolved:
            yield "an earlier attempt is found", idle.moved(SUBMITTED)
        elif self._known_as_taken(now):
            yield "an attempt is known as taken", idle.moved(SUBMITTED)
        elif worker.hit and Rule.ADOPTION in self._rules:
            yield "found with its own values", idle.moved(SUBMITTED)
        elif unresolved and not worker.hit and Rule.REFUSAL_AFTER_UNKNOWN in self._rules:
            yield "refused, an earlier attempt is unresolved", idle.to_unknown()
        else:
            yield "refused", idle.moved(REFUSED)

    def _owns(self, now: Situation, which: int, worker: Worker) -> bool:
        """Whether nobody acted on its lease; the row names the owner, the newest attempt is its own."""
        return now.state == SUBMITTING and now.owner == which and worker.attempt == len(now.attempts) - 1

    def _stale(self, now: Situation, worker: Worker, expected: str) -> bool:
        return now.state != expected or (now.version != worker.version and Rule.VERSION in self._rules)

    def _known_as_taken(self, now: Situation) -> bool:
        return TAKEN in now.attempts and Rule.EARLIER_SUCCESS in self._rules

    # -- the world -------------------------------------------------------------------------------------------------

    def _platform(self, now: Situation) -> Moves:
        for attempt in now.flying:
            landed = now._replace(flying=now.flying - {attempt})
            yield "lost on the way", landed
            heard = attempt >= 0
            if heard:
                yield "the platform refuses it", landed._replace(answers=now.answers | {(attempt, REFUSED)})
            if not (self.world.unique and now.held):
                answers = now.answers | {(attempt, TAKEN)} if heard else now.answers
                yield "the platform takes it", landed._replace(answers=answers, held=now.held + 1)
        if now.held and not now.shown:
            yield "the platform shows it", now._replace(shown=True)
        met = (UNKNOWN, REFUSED) if now.attempts or Rule.ADOPTION in self._rules else ()
        if now.shown and now.state in met and Rule.RETRIEVAL in self._rules:
            yield "a retrieval meets it", now.moved(SUBMITTED)
        if now.shown and now.state == READY and now.restored and Rule.ADOPTION in self._rules:
            yield "a retrieval adopts it", now.moved(SUBMITTED)

    def _time(self, now: Situation) -> Moves:
        if now.state == SUBMITTING:
            last = len(now.attempts) - 1
            closed = put(now.attempts, last, UNRESOLVED) if now.attempts[last] == OPEN else now.attempts
            if Rule.LAPSED in self._rules:
                yield "the lease runs out", now.to_unknown(attempts=closed)
            else:
                yield "the lease runs out", now.moved(READY, ever_unknown=True, attempts=closed)
        if now.state == UNKNOWN and not now.delay_over and (self.world.pace != "timely" or now.calm):
            yield "the delay is over", now._replace(delay_over=True)

    def _restore(self, now: Situation) -> Moves:
        """Once: a copy is made, later it comes back; in a drill sending is off until everything was retrieved."""
        if self.world.restore == "never":
            return
        if not now.restored and now.backup is None:
            yield "a backup is made", now.backed_up()
        if now.backup is not None:
            off = self.world.restore == "drill" and Rule.SENDING_OFF in self._rules
            yield "our database is set back", now.set_back(sending=not off)
        if now.sending:
            return
        if Rule.CHECKED not in self._rules:
            yield "sending goes on unchecked", now._replace(sending=True)
        elif self.world.pace == "late" or now.calm:  # that is what the delay is waited for
            adopts = now.shown and now.state in (READY, UNKNOWN, REFUSED) and Rule.ADOPTION in self._rules
            checked = now.moved(SUBMITTED) if adopts else now
            yield "everything is retrieved, sending goes on", checked._replace(sending=True)

    # -- what must never be ----------------------------------------------------------------------------------------

    def harm_in(self, now: Situation) -> str | None:
        """What is wrong with this situation, if anything."""
        if now.held > 1 and self.world.sends_once:
            return "the platform holds it twice"
        if now.state == SUBMITTED and not now.held:
            return "submitted here, and the platform lacks it"
        if now.state in (READY, REFUSED) and TAKEN in now.attempts:
            return f"known as taken, and {now.state} here"
        if now.state == REFUSED and now.held and self.world.pace == "timely" and self.world.restore != "careless":
            return "refused here, and the platform holds it"
        return None

    def cut_short(self, now: Situation) -> bool:
        """Whether what follows is bounded by the walk and not by the rules."""
        return len(now.attempts) == self.bounds.attempts or now.version > self.bounds.changes - 5


class Walk(NamedTuple):
    """What a walk saw: how many situations, the moves of the row, and the shortest way to the first harm."""

    situations: int
    row_moves: frozenset[tuple[str, str]]
    harm: str | None = None
    way: tuple[str, ...] = ()


def walk(model: Model, harm_in: Callable[[Situation], str | None] | None = None) -> Walk:
    """Visits every situation that can be reached, the nearest first, up to the first harm."""
    harm_in = harm_in or model.harm_in
    start = Situation()
    came_from: dict[Situation, tuple[Situation, str] | None] = {start: None}
    before: dict[Situation, list[Situation]] = {}
    row_moves: set[tuple[str, str]] = set()
    waiting = deque([start])
    while waiting:
        now = waiting.popleft()
        harm = harm_in(now)
        if harm:
            return Walk(len(came_from), frozenset(row_moves), harm, way_to(now, came_from))
        for name, after in model.moves(now):
            before.setdefault(after, []).append(now)
            if after.state != now.state and after.restored == now.restored:
                row_moves.add((now.state, after.state))
            if after not in came_from:
                came_from[after] = (now, name)
                waiting.append(after)
    for harm, first in dead_ends(model, came_from, before):
        return Walk(len(came_from), frozenset(row_moves), harm, way_to(first, came_from))
    return Walk(len(came_from), frozenset(row_moves))


def dead_ends(
    model: Model, seen: Collection[Situation], before: Mapping[Situation, list[Situation]]
) -> Iterator[tuple[str, Situation]]:
    """The first situation, in the order given, from which nothing leads to where it has to lead any more."""
    ended = can_reach({now for now in seen if now.state in (SUBMITTED, REFUSED)}, before)
    submitted = can_reach({now for now in seen if now.state == SUBMITTED}, before)
    for now in seen:
        if not model.cut_short(now) and now not in ended:
            yield "stuck", now
        if not model.cut_short(now) and now.held and now not in submitted:
            yield "the platform holds it, and it can never become submitted here", now


def can_reach(goal: set[Situation], before: Mapping[Situation, list[Situation]]) -> set[Situation]:
    """Every situation from which some order of events leads to the goal."""
    good, waiting = set(goal), deque(goal)
    while waiting:
        for earlier in before.get(waiting.popleft(), ()):
            if earlier not in good:
                good.add(earlier)
                waiting.append(earlier)
    return good


def way_to(now: Situation, came_from: Mapping[Situation, tuple[Situation, str] | None]) -> tuple[str, ...]:
    """The names of the moves from the start to here."""
    way: list[str] = []
    while (step := came_from[now]) is not None:
        now, name = step
        way.append(name)
    return tuple(reversed(way))


def harm_without(rule: Rule, bounds: Bounds) -> tuple[World, Walk] | None:
    """The first world in which leaving this rule out does harm."""
    worlds = RESTORED_WORLDS if rule in ONLY_AFTER_A_RESTORE else WORLDS
    for world in worlds:
        seen = walk(Model(world, bounds_of(world, bounds), without={rule}))
        if seen.harm:
            return world, seen
    return None


def wrongly_refused(now: Situation) -> str | None:
    """What a slow platform can bring about under all rules, until the next retrieval; some rules make it rarer."""
    return "refused here, and the platform holds it" if now.state == REFUSED and now.held else None


def main(arguments: Sequence[str]) -> int:
    """Prints every world, then each rule left out; 1 when a world does harm or a rule is not needed."""
    bounds = DEEPER if "--deeper" in arguments else BOUNDS
    wrong = 0
    for world in (*WORLDS, *RESTORED_WORLDS):
        seen = walk(Model(world, bounds_of(world, bounds)))
        wrong += seen.harm is not None
        where = f"{world.pace:8} unique={world.unique!s:5} restore={world.restore:8}"
        print(f"{where} {seen.situations:9,} situations: {seen.harm or 'holds'}")
    for rule in Rule:
        found = harm_without(rule, bounds)
        wrong += found is None and rule not in MAKES_IT_RARER
        print(f"without {rule}:")
        print(f"    {found[1].harm}: {', '.join(found[1].way)}" if found else "    no harm in these worlds")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
