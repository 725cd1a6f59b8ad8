"""What a person does to one document on the form or from the command line: type values, shelve, bring back, read again.

Typed values are converted as metadata are, so that what is stored is canonical. Number and supplier of an invoice with
a sending whose outcome is open are frozen: they change only after a search that does not find it (exactly-once 4).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.application.learn_layouts import LayoutSchool
from include.application.ports import Chorus, Clock
from include.application.storage_ports import Judgements, JudgeWork, Ledger
from include.domain.codes import FIELD_NAMES
from include.domain.configuration import Configuration
from include.domain.errors import InputError, NotThereError
from include.domain.fields import Value
from include.domain.lifecycle import State
from include.domain.mapping import Unconvertible, convert, not_converted
from include.domain.values import compact

logger = logging.getLogger(__name__)

NONE = "-"
"""Typed for a field that the invoice does not have, whatever was read; an empty value takes an edit back."""


@dataclass(frozen=True, kw_only=True)
class EditDesk:
    """What editing needs of its surroundings; `actor` is named in the log of moves and beside each typed value.

    `school` learns from what is typed where the values of a layout stand.
    """

    judgements: Judgements
    ledger: Ledger
    chorus: Chorus
    configuration: Configuration
    revision: int
    clock: Clock
    actor: str
    school: LayoutSchool | None = None

    def invoice(self, document_id: int) -> int:
        """The invoice of a document."""
        found = self.ledger.invoices_of([document_id])
        if not found:
            raise NotThereError(f"There is no document {document_id}.", todo="`chorus documents list` shows the ids.")
        return found[0]


def set_fields(desk: EditDesk, document_id: int, values: Mapping[str, str]) -> None:
    """Stores typed values and has the invoice judged again; `-` says that there is none, a blank takes the edit back.

    InputError, and nothing is changed, when a name is unknown, a value cannot be converted, or the platform shows the
    invoice under a frozen number after all; MoveForbiddenError when the invoice can no longer be edited.
    """
    invoice_id = desk.invoice(document_id)
    edits = canonical_edits(values)
    _search_before_change(desk, document_id, edits)
    desk.judgements.edit(invoice_id, edits, actor=desk.actor, now=desk.clock.now())
    logger.info("Document %s: %s typed by %s", document_id, ", ".join(sorted(edits)), desk.actor)
    if desk.school is not None:
        desk.school.edited(invoice_id)


def hold(desk: EditDesk, document_id: int, *, reason: str) -> None:
    """Keeps it from being sent until it is released."""
    _shelve(desk, document_id, State.HELD, reason)


def discard(desk: EditDesk, document_id: int, *, reason: str) -> None:
    """Takes it out of the work until it is restored."""
    _shelve(desk, document_id, State.DISCARDED, reason)


def release(desk: EditDesk, document_id: int, *, reason: str) -> State:
    """Back to the state before it was held or discarded, where it is judged again."""
    invoice_id, why = desk.invoice(document_id), _said(reason)
    return desk.judgements.unshelve(invoice_id, actor=desk.actor, reason=why, now=desk.clock.now())


restore = release
"""The word for what was discarded."""


def reread(desk: EditDesk, document_id: int, *, reason: str) -> None:
    """Has its content read again; what was typed is kept."""
    invoice_id, why = desk.invoice(document_id), _said(reason)
    desk.judgements.reread(invoice_id, actor=desk.actor, reason=why, now=desk.clock.now())


def _shelve(desk: EditDesk, document_id: int, state: State, reason: str) -> None:
    invoice_id, why = desk.invoice(document_id), _said(reason)
    desk.judgements.shelve(invoice_id, state, reason=why, actor=desk.actor, now=desk.clock.now())


def _said(reason: str) -> str:
    """The reason, which is mandatory: it stands in the log of moves."""
    if not reason.strip():
        raise InputError("A reason is missing.", why="It is kept in the log.", todo="Add --reason TEXT.")
    return reason.strip()


# ---------------------------------------------------------------- values


def canonical_edits(values: Mapping[str, str]) -> dict[str, Any]:
    """Typed values as the store keeps them: None takes an edit back, an empty text empties the field.

    InputError with all faults at once.
    """
    faults = [] if values else ["No field was given."]
    edits: dict[str, Any] = {}
    for name, text in values.items():
        if name not in FIELD_NAMES:
            faults.append(f"There is no field '{name}'; allowed are {', '.join(FIELD_NAMES)}.")
            continue
        value = "" if text.strip() == NONE else convert(name, [text])
        if isinstance(value, Unconvertible):
            faults.append(not_converted(name, name, value).message("en"))
        else:
            edits[name] = _as_json(value)
    if faults:
        raise InputError(" ".join(faults), why="Nothing was changed.", todo="Write FIELD=VALUE.")
    return edits


def _as_json(value: Value | None) -> Any:
    """Text as it is, the VAT table as a list of rows."""
    return [row._asdict() for row in value] if isinstance(value, tuple) else value


# ---------------------------------------------------------------- frozen


def _search_before_change(desk: EditDesk, document_id: int, edits: Mapping[str, Any]) -> None:
    """A frozen number or supplier may change only when the platform does not show the invoice under the old ones."""
    work = _work(desk, document_id)
    if work is None or work.frozen_number is None or not _changes(work, edits):
        return
    known = (*desk.configuration.providers, *desk.configuration.retired_providers)
    providers = [provider for provider in known if provider.siret == work.frozen_supplier]
    if not providers:
        raise InputError(
            f"Document {document_id} was sent for {work.frozen_supplier} without a clear answer, and no provider "
            "with this SIRET is configured any more.",
            why="Its number and supplier can only change after a search under the old ones.",
            todo="Put the provider back into the configuration.",
        )
    for provider in providers:
        found = desk.chorus.gateway(provider).search(work.frozen_number)
        if found:
            raise InputError(
                f"Chorus Pro has an invoice {work.frozen_number} (no. {found[0].chorus_id}, {found[0].status}).",
                why="It may be this document, sent without a clear answer: a new number would send it twice.",
                todo="Let the next pass recognise it, or discard this document.",
            )


def _work(desk: EditDesk, document_id: int) -> JudgeWork | None:
    """The invoice as mapping would get it under the next revision: that is, even if its judgement is not old."""
    works = desk.judgements.to_judge(desk.revision + 1, limit=1, document_ids=[document_id])
    return works[0] if works else None


def _changes(work: JudgeWork, edits: Mapping[str, Any]) -> bool:
    """Whether a frozen value might become another one; an edit taken back may."""
    frozen = {"invoice_number": work.frozen_number, "supplier_siret": work.frozen_supplier}
    return any(name in edits and compact(edits[name] or "") != compact(old or "") for name, old in frozen.items())
