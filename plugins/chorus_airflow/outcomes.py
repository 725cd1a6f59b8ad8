"""Our errors as Airflow understands them: the only translation.

Where a person has to act first (configuration, a missing secret, an older database, a refusal), the task fails without
a retry, which could not help. Everything else that reaches a task is a fault of the surroundings: retried as the DAG
says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.domain.errors import ConnectorError, NextStep

_PERSON_FIRST = frozenset({NextStep.FIX_CONFIGURATION, NextStep.FIX_DOCUMENT, NextStep.REFUSED})


class StationFailedError(AirflowException):
    """A station met a fault of its surroundings, after it finished what it could."""


@contextlib.contextmanager
def airflow_outcome() -> Iterator[None]:
    """Runs a station; its errors leave with the text of the product.

    Without their cause: the trace of a database fault would print the values of the statement into the task's log.
    """
    try:
        yield
    except ConnectorError as error:
        raise as_airflow(error) from None


def as_airflow(error: ConnectorError) -> AirflowException:
    """The exception that makes Airflow do what the error asks for."""
    if error.next_step in _PERSON_FIRST:
        return AirflowFailException(str(error))
    return StationFailedError(str(error))


def raise_troubles(troubles: list[ConnectorError]) -> None:
    """Fails the task for what its station met, after it did what it could; retried unless nothing but a cure helps."""
    if not troubles:
        return
    text = " | ".join(dict.fromkeys(str(trouble) for trouble in troubles))
    if all(trouble.next_step in _PERSON_FIRST for trouble in troubles):
        raise AirflowFailException(text)
    raise StationFailedError(text)
