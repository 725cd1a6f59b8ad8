"""Every loop over documents or invoices: an error that nobody foresaw costs one of them, never the pass.

The item gets the reason `internal_error` with a reference that is found in the log, who is in `alerts` hears of it
once, the others go on, and the pass ends as failed (`failures`). Errors of the surroundings go on their way.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from include.application.ports.clock import Clock
from include.application.ports.internal_errors import InternalErrors
from include.domain.errors import ConnectorError, InternalError, StaleError
from include.domain.internal_errors import (
    Item,
    Stage,
    apply_in_parts,
    concerns_one_item,
    places,
    reference_of,
    setting_aside,
)
from include.domain.lifecycle import RowVersion
from include.domain.reasons import Reason
from include.domain.transitions.internal_error import InternalFault

logger = logging.getLogger(__name__)

_SHOWN = 5

Thing = TypeVar("Thing")


class _Confined(AbstractContextManager[None, bool]):
    """The work on one item; its error goes to the handler."""

    def __init__(self, handler: Callable[[Exception], None]) -> None:
        self._handler = handler

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """True where the error concerned this item only."""
        if not isinstance(error, Exception) or not concerns_one_item(error):
            return False
        self._handler(error)
        return True


class Isolation:
    """One run of one stage; several threads may share it."""

    def __init__(self, stage: Stage, store: InternalErrors, clock: Clock) -> None:
        self._stage = stage
        self._store = store
        self._clock = clock
        self._found: list[str] = []

    @property
    def failures(self) -> list[ConnectorError]:
        """What the run has to end with: nothing, or one error that names how many items and the references."""
        if not self._found:
            return []
        references = list(dict.fromkeys(self._found))
        shown = ", ".join(references[:_SHOWN]) + (" ..." if len(references) > _SHOWN else "")
        return [InternalError("internal_errors", stage=self._stage, count=len(self._found), references=shown)]

    def confined(
        self,
        item: Item,
        row_version: RowVersion | None = None,
        *,
        provider_key: str | None = None,
        instead: Callable[[Reason], object] | None = None,
    ) -> AbstractContextManager[None, bool]:
        """Works on one item, which `item` names in the log and in the alert.

        `instead` is what this stage does with an item that it cannot handle; if even that fails, or there is nothing,
        the reason stands beside the others of the invoice. Whoever was too late drops the result, as everywhere.
        """
        handler = functools.partial(
            self.caught, item, row_version=row_version, provider_key=provider_key, instead=instead
        )
        return _Confined(handler)

    def in_parts(
        self, items: Sequence[Thing], work: Callable[[Sequence[Thing]], object], name: Callable[[Thing], Item]
    ) -> list[Thing]:
        """Work that takes many items at once; those that it failed for, each told."""
        failed = apply_in_parts(items, work)
        for item, error in failed:
            self.caught(name(item), error)
        return [item for item, _ in failed]

    def caught_all(self, errors: Mapping[Item, Exception]) -> None:
        """Items that somebody below set aside."""
        for item, error in errors.items():
            self.caught(item, error)

    def caught_rows(self, errors: Mapping[RowVersion, Exception]) -> None:
        """Invoices whose stored values cannot be loaded."""
        for held, error in errors.items():
            self.caught(Item("invoice", held.invoice_id), error, held)

    def caught(
        self,
        item: Item,
        error: Exception,
        row_version: RowVersion | None = None,
        *,
        provider_key: str | None = None,
        instead: Callable[[Reason], object] | None = None,
    ) -> None:
        """Logs, keeps and tells what an item met."""
        if isinstance(error, StaleError):
            logger.info("Somebody else was first with %s in stage %s", item, self._stage)
            return
        reference = reference_of(self._stage, error)
        # without its text, which may hold a value of the document; whoever debugs sees the trace
        logger.error(
            "Internal error %s in stage %s at %s: %s (%s)",
            reference,
            self._stage,
            ascii(str(item)),
            type(error).__name__,
            " < ".join(reversed(places(error))),
        )
        logger.debug("Internal error %s", reference, exc_info=error)
        self._found.append(reference)
        fault = InternalFault(
            stage=self._stage, reference=reference, item=item, row_version=row_version, provider_key=provider_key
        )
        if instead is not None:
            errors: dict[Item, Exception] = {}
            with setting_aside(errors, item):
                instead(fault.reason)
        self._store.record(fault, now=self._clock.now())
