"""Our errors as Airflow understands them: the only translation.

Where a person has to act first (configuration, a missing secret, an older database, a refusal), the task fails without
a retry, which could not help. Everything else that reaches a task is a fault of the surroundings: retried as the DAG
says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.domain.errors import ConnectorError, InternalError, NextStep

if TYPE_CHECKING:
    from airflow.sdk import Context

_PERSON_FIRST = frozenset({NextStep.FIX_CONFIGURATION, NextStep.FIX_DOCUMENT, NextStep.REFUSED})


class StageFailedError(AirflowException):
    """A stage met a fault of its surroundings, after it finished what it could."""


@contextlib.contextmanager
def airflow_outcome() -> Iterator[None]:
    """Runs a stage; its errors leave with the text of the product.

    Without their cause: the trace of a database fault would print the values of the statement into the task's log.
    """
    try:
        yield
    except ConnectorError as error:
        raise as_airflow(error) from None


def as_airflow(error: ConnectorError) -> AirflowException:
    """The exception that makes Airflow do what the error asks for."""
    if not _retry_helps(error):
        return AirflowFailException(str(error))
    return StageFailedError(str(error))


def raise_failures(failures: list[ConnectorError]) -> None:
    """Fails the task for what its stage met, after it did what it could; retried unless nothing but a cure helps."""
    if not failures:
        return
    text = " | ".join(dict.fromkeys(str(failure) for failure in failures))
    if not any(map(_retry_helps, failures)):
        raise AirflowFailException(text)
    raise StageFailedError(text)


def _retry_helps(error: ConnectorError) -> bool:
    """An error of this program comes again half a minute later too."""
    return error.next_step not in _PERSON_FIRST and not isinstance(error, InternalError)


_POSTPONED = "failures"


def postpone_failures(context: Context, failures: Sequence[ConnectorError]) -> None:
    """Leaves what single documents met to the last task: a failed task would keep its followers from the others."""
    if failures:
        context["ti"].xcom_push(key=_POSTPONED, value=[str(failure) for failure in failures])


def raise_postponed(context: Context, task_ids: Sequence[str]) -> None:
    """Fails this task for what these left to it."""
    left = context["ti"].xcom_pull(task_ids=list(task_ids), key=_POSTPONED) if task_ids else []
    texts = [text for texts in left or () for text in texts or ()]
    if texts:
        raise AirflowFailException(" | ".join(dict.fromkeys(texts)))
