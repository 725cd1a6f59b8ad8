"""Two Celery workers after docker-compose.yaml: 300 invoices exactly once, whatever happens to the workers.

One story, told once, and what it proves: invoices that are ready are sent while others are read; the worker that sends
and one that reads lose power and are replaced; then Redis loses power, and all that waits in it is lost; later a
worker is told to end while it sends.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.tables import attempts, invoices
from include.application.pipeline import Scope
from include.demo.generator import render
from include.demo.generator.publish import publish
from include.domain.lifecycle import State
from include.domain.submission import AttemptState
from tests.e2e.celery_deployment import SERVICES, SLOTS, CeleryDeployment, Worker, celery_deployment
from tests.e2e.deployment import RESUBMISSION, SUBMISSION
from tests.e2e.watching import await_that, living
from tests.orchestration.world import World, fault, pdf
from tests.services.compose import Services
from tests.services.control_door import control
from tests.services.redis import Redis

pytestmark = [pytest.mark.e2e, pytest.mark.ocr, pytest.mark.slow, pytest.mark.timeout(1500)]

TWO_MINUTES = 120
NEXT_RUNS = 3
REDIS_IS_AWAY = 5
READY, READ, EVERY = 60, 240, 10
"""Invoices that are ready, invoices to be read, and which of these are scans."""
SCANNED_ON = dt.date(2026, 11, 1)

READS_PLUGINS = """
SELECT ab_role.name FROM ab_role
JOIN ab_permission_view_role given ON given.role_id = ab_role.id
JOIN ab_permission_view ON ab_permission_view.id = given.permission_view_id
JOIN ab_permission ON ab_permission.id = ab_permission_view.permission_id AND ab_permission.name = 'can_read'
JOIN ab_view_menu ON ab_view_menu.id = ab_permission_view.view_menu_id AND ab_view_menu.name = 'Plugins'
"""
"""Who sees the entry Chorus of Airflow's menu."""

Runs = dict[str, str]
"""The run of each DAG, by its id."""
Part = tuple[str, str, int]
"""DAG, task and map index."""


@dataclass(kw_only=True)
class Story:
    """What happened."""

    deployment: CeleryDeployment
    wanted: list[str] = field(default_factory=list)
    dead: list[Worker] = field(default_factory=list)
    batches: int = 0
    again_after: dict[Part, float] = field(default_factory=dict)
    half_done: list[str] | None = None
    exit_code: int | None = None
    ends: dict[str, str] = field(default_factory=dict)
    tries_of_sending: int = 0

    @property
    def world(self) -> World:
        return self.deployment.world


@pytest.fixture(scope="module")
def story(
    compose_services: Services,
    compose_surroundings: dict[str, str],
    redis: Redis,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    home = tmp_path_factory.mktemp("celery") / "world"
    with celery_deployment(compose_services, compose_surroundings, redis.url, home) as deployment:
        made = Story(deployment=deployment)
        _begin(made)
        runs = _trigger(made)
        _two_lose_power(made, runs)
        _redis_loses_power(redis)
        _one_is_told_to_end(made, runs)
        _end(made, runs)
        yield made
    assert living(Path(compose_surroundings["CHORUS_HOME"]), set()) == {}, "nothing of it runs any more"


def _begin(story: Story) -> None:
    """Workers start; meanwhile some invoices become ready without being sent, and the others arrive."""
    deployment, world = story.deployment, story.world
    for name in ("one", "two"):
        deployment.add_worker(name)
    # leases short enough for a test
    world.configure(submission={"lease_seconds": 20, "send_deadline_seconds": 10, "search_again_after_seconds": 0})
    story.wanted = [f"R-{number:03}" for number in range(READY)]
    for number in story.wanted:
        world.file(number)
    assert world.services.begin_pass().run(Scope(dry_run=True)).counts["ready"] == READY
    # one in ten is a scan, by name and so in each batch: reading lasts long enough to be killed in the middle
    others = [f"S-{number:03}" for number in range(READ)]
    for place, number in enumerate(others):
        if place % EVERY == 0:
            page = render.scanned(pdf(number), random.Random(number), dpi=200, degrees=0.3, made_on=SCANNED_ON)
            publish(world.portal, f"Factures/{number}.pdf", page, {"classification_rule": "Facture client"})
        else:
            world.file(number)
    story.wanted += others
    deployment.log_in()
    deployment.operator_sizes_the_pool("ocr", SLOTS)
    for worker in deployment.workers.values():
        await_that(lambda worker=worker: "ready." in worker.said(), f"worker {worker.name}", 180)  # type: ignore[misc]


def _trigger(story: Story) -> Runs:
    """The ten-minute run, and a person who sends what is ready; each call counts at once and is answered late."""
    answer_after(story.world, 1.5)  # so that what a person sends is still on its way while others are read
    documents = [row.id for row in story.world.documents().values() if row.state == State.READY]
    by_hand, auto = (story.deployment.dag(name) for name in (RESUBMISSION, SUBMISSION))
    for dag in (by_hand, auto):
        dag.pause(paused=False)
    forms = {"document_ids": documents, "states": ["ready"], "confirmed": True}
    return {RESUBMISSION: by_hand.trigger(**forms), SUBMISSION: auto.trigger()}


def answer_after(world: World, seconds: float) -> None:
    """The platform takes each invoice at once and says so later."""
    control(world.simulator.url, "DELETE", "faults")
    fault(world.simulator, operation="factures/soumettre", kind="slow_after_accept", seconds=seconds, times=10_000)


def _two_lose_power(story: Story, runs: Runs) -> None:
    """One in mid submit and one in mid read, in whatever order that comes; each is replaced by a new one at once."""
    deployment = story.deployment
    killed_at: dict[Part, float] = {}
    victims: list[Callable[[], Worker | None]] = [
        lambda: _sends(story, runs, RESUBMISSION, "submit_unchanged"),
        lambda: _reads(story, runs),
    ]

    def both_died() -> bool:
        for victim in list(victims):
            worker = victim()
            if worker is not None:
                parts = _parts(story, runs, worker)
                worker.kill()
                killed_at.update(dict.fromkeys(parts, time.monotonic()))
                story.dead.append(deployment.workers.pop(worker.name))
                deployment.add_worker(f"after-{worker.name}")
                victims.remove(victim)
        return not victims

    def seen() -> object:
        states = {dag_id: deployment.dag(dag_id).states(run) for dag_id, run in runs.items()}
        return len(victims), [worker.name for worker in story.dead], states, Counter(story.world.states().values())

    await_that(both_died, "a kill in mid submit and one in mid read", 300, every=0.2, instead=seen)
    answer_after(story.world, 0.3)
    assert {task_id for _, task_id, _ in killed_at} >= {"submit_unchanged", "read_documents"}

    def all_run_again() -> bool:
        for dag_id, run in runs.items():
            for task_id, tasks in deployment.dag(dag_id).tasks(run).items():
                for task in tasks:
                    part = dag_id, task_id, task["map_index"]
                    if part in killed_at and task["try_number"] > 1 and task["state"] in ("running", "success"):
                        story.again_after.setdefault(part, time.monotonic() - killed_at[part])
        return killed_at.keys() == story.again_after.keys()

    await_that(all_run_again, "the second try of what was killed", 400, every=0.5)


def _redis_loses_power(redis: Redis) -> None:
    """What waited in it is lost, and queued again by the scheduler; what runs goes on."""
    redis.kill()
    time.sleep(REDIS_IS_AWAY)
    redis.start()


def _one_is_told_to_end(story: Story, runs: Runs) -> None:
    """While it is the only one that sends."""
    found: list[Worker] = []

    def alone() -> bool:
        parts = [(SUBMISSION, "submit_invoices"), (RESUBMISSION, "submit_unchanged")]
        for mine, other in (parts, parts[::-1]):  # on a slow machine either may be over first
            worker = None if story.deployment.running(runs[other[0]], *other) else _sends(story, runs, *mine)
            found.extend([worker] if worker else [])
        return bool(found)

    await_that(alone, "a worker that sends", 300, every=0.2)
    found[0].tell_to_end()
    story.exit_code = found[0].process.wait(180)
    story.half_done = _half_done(story.world)
    del story.deployment.workers[found[0].name]


def _end(story: Story, runs: Runs) -> None:
    """What was cut off in its call is searched when its lease is over, and sent when two searches found nothing."""
    auto = story.deployment.dag(SUBMISSION)
    for dag_id, run in runs.items():
        story.ends[dag_id] = story.deployment.dag(dag_id).ended(run)
    tasks = auto.tasks(runs[SUBMISSION])
    story.batches, [sending] = len(tasks["read_documents"]), tasks["submit_invoices"]
    story.tries_of_sending = sending["try_number"]
    for number in range(NEXT_RUNS):
        if set(story.world.states().values()) == {State.SUBMITTED}:
            break
        story.ends[f"run {number + 2}"] = auto.ended(auto.trigger())
    for dag_id in runs:
        story.deployment.dag(dag_id).pause()


def _sends(story: Story, runs: Runs, dag_id: str, task_id: str) -> Worker | None:
    """The worker that is in the middle of this task: something was taken, and a call is not answered."""
    in_a_call = sa.select(invoices.c.id).where(
        invoices.c.state == State.SUBMITTING, invoices.c.lease_until > time.time()
    )
    with story.world.services.store.database.read() as connection:
        if connection.scalar(in_a_call.limit(1)) is None or not story.world.on_platform():
            return None
    return next(iter(story.deployment.running(runs[dag_id], dag_id, task_id).values()), None)


def _reads(story: Story, runs: Runs) -> Worker | None:
    """A worker in the middle of a batch, that does not send."""
    running = story.deployment.running(runs[SUBMISSION], SUBMISSION, "read_documents")
    states = Counter(story.world.states().values())
    if not states["read"] or not states["matched"]:
        return None
    sending = story.deployment.running(runs[RESUBMISSION], RESUBMISSION, "submit_unchanged").values()
    return next((worker for worker in running.values() if worker not in sending), None)


def _parts(story: Story, runs: Runs, worker: Worker) -> list[Part]:
    """What runs on it."""
    return [
        (dag_id, task_id, task["map_index"])
        for dag_id, run in runs.items()
        for task_id, tasks in story.deployment.dag(dag_id).tasks(run).items()
        for task in tasks
        if task["state"] == "running" and worker.runs(task["pid"])
    ]


def _half_done(world: World) -> list[str]:
    """Attempts whose end nobody has stored."""
    query = sa.select(attempts.c.id).where(attempts.c.state == AttemptState.OPEN)
    claimed = sa.select(invoices.c.id).where(invoices.c.state == State.SUBMITTING)
    with world.services.store.database.read() as connection:
        open_ones = [f"attempt {number}" for number in connection.scalars(query)]
        return open_ones + [f"invoice {number}" for number in connection.scalars(claimed)]


def test_every_invoice_is_on_the_platform_exactly_once(story: Story) -> None:
    assert Counter(story.world.on_platform()) == Counter(story.wanted)
    assert Counter(story.world.states().values()) == {"submitted": len(story.wanted)}
    assert _half_done(story.world) == []


def test_every_run_came_to_a_good_end(story: Story) -> None:
    assert set(story.ends.values()) == {"success"}, story.ends


def test_reading_was_cut_for_the_slots_and_spread_over_the_workers(story: Story) -> None:
    readers = [worker for worker in story.deployment.started if worker.began("read_documents")]
    assert story.batches == SLOTS
    assert len(readers) > 1


def test_every_worker_that_lost_power_had_work_and_so_had_those_in_its_place(story: Story) -> None:
    assert len(story.dead) == 2
    assert all(worker.tasks() > 0 for worker in story.dead)
    assert sum(worker.tasks() for worker in story.deployment.workers.values()) > 0


def test_a_killed_worker_costs_under_two_minutes(story: Story) -> None:
    assert max(story.again_after.values()) < TWO_MINUTES, story.again_after


def test_a_worker_that_is_told_to_end_finishes_what_it_sends_and_leaves_nothing_half_done(story: Story) -> None:
    assert (story.exit_code, story.half_done, story.tries_of_sending) == (0, [], 1)


def test_every_service_passes_its_own_health_check_and_a_dead_worker_does_not(story: Story) -> None:
    deployment = story.deployment
    for name in SERVICES:
        await_that(lambda name=name: deployment.is_healthy(name), f"a healthy {name}", 60)  # type: ignore[misc]
    [living_one, *_] = deployment.workers
    assert deployment.worker_is_healthy(living_one)
    assert not deployment.worker_is_healthy(story.dead[0].name)


def test_a_later_start_keeps_what_an_operator_changed(story: Story) -> None:
    pools = {"default_pool": 128, "ocr": SLOTS, "chorus_api": story.deployment.pools()["chorus_api"] + 2}
    story.deployment.operator_sizes_the_pool("chorus_api", pools["chorus_api"])
    story.deployment.starts_again()
    assert story.deployment.pools() == pools
    airflow = sa.create_engine(story.deployment.surroundings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    with airflow.connect() as connection:
        assert connection.execute(sa.text("SELECT username FROM ab_user")).scalars().all() == ["admin"]
        assert {"Viewer", "User"} <= set(connection.execute(sa.text(READS_PLUGINS)).scalars())
    airflow.dispose()
    with story.world.services.store.database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM alembic_version")).scalar() == 1
