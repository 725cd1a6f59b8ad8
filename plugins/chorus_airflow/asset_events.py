"""What DAGs that follow our assets hear: counts, also of a task that failed after it had done a part.

Airflow emits the events of a task's outlets only when the task succeeds, so what a failed one had done is told by
`notify`, the task after it, through an alias of the asset. Counts of tries that failed are carried to the next try:
what an event counts is what its task did in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetAlias

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context

Counts = Mapping[str, Any]
"""Numbers by name, or by provider and name."""

DONE = "done"
"""Key of the XCom of a failed task that holds what its tries did."""


def alias_of(asset: Asset) -> AssetAlias:
    """Name of the asset alias under which `notify` emits an event of the asset, only when there is one to emit."""
    return AssetAlias(name=f"{asset.name} by a failed task")


def emit_asset_events(
    task: BaseOperator,
    context: Context,
    counts: Counts,
    *,
    done: frozenset[str],
    failed: bool,
    **names: Any,
) -> None:
    """The counts of this try and of those that failed before it go to the outlets, and to `notify` if this one fails.

    A task that fails is worth an event only if one of the counts in `done` is above zero.
    """
    if not task.outlets:
        return
    total = _with_earlier_tries(context, counts, failed=failed)
    extra = {**names, **total}
    for asset in task.outlets:
        context["outlet_events"][asset].extra = extra
    if failed:
        value = extra if any(total.get(name) for name in done) else {}
        context["ti"].xcom_push(key=DONE, value=value)


def tell_of_failed_task(context: Context, task_id: str, asset: Asset) -> None:
    """For each failed instance of the task: one event with what it had done, if anything.

    One that was killed could not say what it had done: its event says only that it failed.
    """
    alias, ti = alias_of(asset), context["ti"]
    for map_index in _failed(context, task_id):
        done = ti.xcom_pull(task_ids=task_id, key=DONE, map_indexes=map_index)
        if done != {}:
            context["outlet_events"][alias].add(asset, extra={**(done or {}), "failed": True})


def _with_earlier_tries(context: Context, counts: Counts, *, failed: bool) -> dict[str, Any]:
    """A run that was cleared after it ended begins anew, and so do the counts."""
    kept, began = context["task_state_store"], str(context["dag_run"].start_date)
    before: Any = kept.get(DONE)
    earlier = before["counts"] if before and before["began"] == began else {}
    total = _sum(counts, earlier)
    if failed:
        kept.set(DONE, {"began": began, "counts": total})
    elif before:
        kept.delete(DONE)
    return total


def _sum(one: Counts, other: Counts) -> dict[str, Any]:
    total: dict[str, Any] = {**other}
    for name, count in one.items():
        total[name] = count + total.get(name, 0) if isinstance(count, int) else _sum(count, total.get(name, {}))
    return total


def _failed(context: Context, task_id: str) -> Iterator[int]:
    """Map indexes; -1 for a task that is not mapped."""
    ti = context["ti"]
    states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[task_id], run_ids=[ti.run_id])
    for name, state in states.get(ti.run_id, {}).items():
        if state == "failed":
            yield int(name.removeprefix(f"{task_id}_")) if name != task_id else -1
