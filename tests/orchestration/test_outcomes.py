"""Our errors as Airflow's: which ones are retried, and that a text arrives whole and without what stood behind it."""

from __future__ import annotations

import inspect
import re
import secrets
import traceback
from collections.abc import Iterator

import pytest

from include.domain import errors
from include.domain.errors import ConnectorError, NextStep, StoreError
from tests.orchestration.world import AIRFLOW

pytestmark = AIRFLOW

TOLD = {"why": "It matters.", "todo": "Do this."}

MADE = {
    errors.ConfigurationFileError: lambda: errors.ConfigurationFileError(["c.yaml:3: It matters. Do this."]),
    errors.LoginRefusedError: lambda: errors.LoginRefusedError("Refused.", half="piste", **TOLD),
    errors.RemoteRefusedError: lambda: errors.RemoteRefusedError(20013, "It matters. Do this."),
    errors.SupplierForbiddenError: lambda: errors.SupplierForbiddenError("It matters. Do this", connection="a"),
    errors.SendingOffError: errors.SendingOffError,
    errors.AlreadySentError: lambda: errors.AlreadySentError("It matters. Do this.", holder_id=1, key_kind="number"),
}

NOT_RETRIED = {
    errors.ConfigurationError,
    errors.ConfigurationFileError,
    errors.SecretMissingError,
    errors.ProductionForbiddenError,
    errors.DocumentError,
    errors.InputError,
    errors.NotThereError,
    errors.MailRefusedError,
    errors.LoginRefusedError,
    errors.RemoteRefusedError,
    errors.SupplierForbiddenError,
    errors.DatabaseMissingError,
    errors.StoreConfigurationError,
    errors.SendingOffError,
    errors.InternalError,
    errors.NameTakenError,
    errors.TooLargeError,
    errors.WrongContentError,
    errors.HeldElsewhereError,
}
"""A person has to act first, or the error is one of this program and would come again."""


def tree(root: type[ConnectorError] = ConnectorError) -> Iterator[type[ConnectorError]]:
    """Every class of the error tree."""
    yield root
    for child in root.__subclasses__():
        if inspect.getmodule(child) is errors:
            yield from tree(child)


def an_error(kind: type[ConnectorError]) -> ConnectorError:
    make = MADE.get(kind)
    return make() if make else kind("Something happened.", **TOLD)


@pytest.mark.parametrize("kind", sorted(tree(), key=lambda kind: kind.__name__))
def test_each_error_fails_its_task_and_is_retried_unless_a_person_has_to_act(kind: type[ConnectorError]) -> None:
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    from chorus_airflow.outcomes import airflow_outcome

    error = an_error(kind)
    with pytest.raises(AirflowException, match=re.escape(str(error))) as caught, airflow_outcome():
        raise error
    assert isinstance(caught.value, AirflowFailException) == (kind in NOT_RETRIED)
    passes = error.next_step in (NextStep.RETRY_LATER, NextStep.FIND_OUT)
    assert passes == (kind not in NOT_RETRIED - {errors.InternalError})


def test_what_stood_behind_an_error_is_not_shown() -> None:
    from airflow.sdk.exceptions import AirflowException

    from chorus_airflow.outcomes import airflow_outcome

    hidden = secrets.token_hex(8)
    with pytest.raises(AirflowException) as caught, airflow_outcome():
        try:
            raise ValueError(f"UPDATE invoices SET draft = {hidden}")
        except ValueError as error:
            raise StoreError("The database failed.") from error
    shown = "".join(traceback.format_exception(caught.value))
    assert "The database failed." in shown
    assert hidden not in shown


def test_a_fault_of_ours_keeps_its_trace() -> None:
    from chorus_airflow.outcomes import airflow_outcome

    with pytest.raises(ZeroDivisionError), airflow_outcome():
        _ = 1 / 0


def test_several_failures_are_told_once_each_and_one_that_passes_is_worth_a_retry() -> None:
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    from chorus_airflow.outcomes import StageFailedError, raise_failures

    raise_failures([])
    wrong = errors.SecretMissingError("Connection 'a' is missing.")
    down = errors.RemoteUnavailableError("Chorus Pro is down.")
    with pytest.raises(AirflowFailException, match=r"^Connection 'a' is missing\.$"):
        raise_failures([wrong, errors.SecretMissingError("Connection 'a' is missing.")])
    with pytest.raises(AirflowException) as caught:
        raise_failures([wrong, down])
    assert isinstance(caught.value, StageFailedError)
    assert str(caught.value) == "Connection 'a' is missing. | Chorus Pro is down."
