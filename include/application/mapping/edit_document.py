"""What a person does to one document on the form or from the command line: type values, shelve, bring back, read again.

Whoever does not see a document finds that it is not there. `expected` is the version of the invoice that a form was
opened with: where it is another one by now, nothing is changed; None: no form was opened.

Typed values are converted as metadata are, so that what is stored is canonical. Number and supplier of an invoice with
a sending whose outcome is open are frozen: they change only after a search that does not find it
(docs/reference/exactly-once.md 4).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.application.ports.assessments import Assessments, AssessmentWork
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.document_views import DocumentViews
from include.application.ports.files import Files
from include.application.reading.learn_layouts import LayoutLearner
from include.domain.configuration import Configuration
from include.domain.errors import ContentMissingError, InputError, NotThereError, StaleError
from include.domain.fields import Value, as_json
from include.domain.fields.registry import FIELD_NAMES
from include.domain.lifecycle import State
from include.domain.mapping import Unconvertible, convert, not_converted
from include.domain.reasons import Reason
from include.domain.rights import Viewer
from include.domain.values import compact
from include.texts import Text

logger = logging.getLogger(__name__)

ABSENT = "-"
"""What is typed for a field that the invoice does not have, whatever was read; an empty value takes an edit back."""


@dataclass(frozen=True, kw_only=True)
class DocumentEditing:
    """Edits documents for one person.

    `actor` is named in the log of moves and beside each typed value. `viewer` is that person: what is not seen is not
    there. `learner` learns from what is typed where the values of a layout stand.
    """

    assessments: Assessments
    documents: DocumentViews
    files: Files
    viewer: Viewer
    chorus: Chorus
    configuration: Configuration
    revision: int
    clock: Clock
    actor: str
    learner: LayoutLearner | None = None

    def invoice(self, document_id: int) -> int:
        """The invoice of a document."""
        found = self.documents.invoice_id(self.viewer, document_id)
        if found is None:
            raise NotThereError("no_such_document", documents=document_id)
        return found


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A field that a person typed while it changed: what is stored now, what was typed, and who stored it when.

    `by` and `at` are None where no person typed the stored value.
    """

    stored: Any
    yours: Any
    by: str | None
    at: dt.datetime | None


class EditConflictError(StaleError):
    """The form was opened with an older version; nothing was stored. `version` is the one now."""

    code = "edit_conflict"
    version: int
    conflicts: Mapping[str, Conflict]


def set_fields(
    editing: DocumentEditing, document_id: int, values: Mapping[str, str], *, expected: int | None = None
) -> None:
    """Stores typed values and has the invoice assessed again; `-` says that there is none, a blank takes the edit back.

    InputError, and nothing is changed, when a name is unknown, a value cannot be converted, or the platform shows the
    invoice under a frozen number after all; MoveForbiddenError when the invoice can no longer be edited;
    EditConflictError when its version is not the `expected` one any more.
    """
    invoice_id = editing.invoice(document_id)
    edits = canonical_edits(values)
    _search_before_change(editing, document_id, edits)
    try:
        editing.assessments.edit(invoice_id, edits, actor=editing.actor, now=editing.clock.now(), expected=expected)
    except StaleError as error:
        raise _conflict(editing, document_id, edits, error) from error
    logger.info("Document %s: %s typed by %s", document_id, ", ".join(sorted(edits)), editing.actor)
    if editing.learner is not None:
        editing.learner.edited(invoice_id)


def _conflict(editing: DocumentEditing, document_id: int, edits: Mapping[str, Any], error: StaleError) -> StaleError:
    """With what stands in the typed fields now."""
    now = editing.documents.detail(editing.viewer, document_id)
    if now is None:
        return error
    found = EditConflictError(error.case, **error.params)
    found.version = now.row.version
    found.conflicts = {
        name: Conflict(
            stored=now.edits[name].value if name in now.edits else _shown(now.draft.value(name)),
            yours=typed,
            by=now.edits[name].actor if name in now.edits else None,
            at=now.edits[name].at if name in now.edits else None,
        )
        for name, typed in edits.items()
    }
    return found


def _shown(value: Value | None) -> Any:
    return None if value is None else as_json(value)


def hold(editing: DocumentEditing, document_id: int, *, reason: str, expected: int | None = None) -> None:
    """Keeps it from being sent until it is released."""
    _shelve(editing, document_id, State.HELD, reason, expected)


def discard(editing: DocumentEditing, document_id: int, *, reason: str, expected: int | None = None) -> None:
    """Takes it out of the work until it is restored."""
    _shelve(editing, document_id, State.DISCARDED, reason, expected)


def release(
    editing: DocumentEditing, document_id: int, *, reason: str | None = None, expected: int | None = None
) -> State:
    """Back to the state before it was held or discarded, where it is assessed again."""
    invoice_id, why = editing.invoice(document_id), None if reason is None else _said(reason)
    now = editing.clock.now()
    return editing.assessments.unshelve(invoice_id, actor=editing.actor, reason=why, now=now, expected=expected)


restore = release
"""`release`, as it is called for what was discarded."""


def reread(
    editing: DocumentEditing, document_id: int, *, reason: str | None = None, expected: int | None = None
) -> None:
    """Has its content read again; what was typed is kept.

    Where our copy is lost or damaged, the next pass takes it from the portal again; its digest is compared.
    """
    invoice_id, why = editing.invoice(document_id), None if reason is None else _said(reason)
    now, lost = editing.clock.now(), _lost(editing, invoice_id)
    if lost:
        logger.warning("Document %s: our copy is lost or damaged and is taken from the portal again", document_id)
    editing.assessments.reread(invoice_id, actor=editing.actor, reason=why, now=now, expected=expected, copy_again=lost)


def _lost(editing: DocumentEditing, invoice_id: int) -> bool:
    sha256 = editing.assessments.content_sha256(invoice_id)
    if sha256 is None:
        return False
    try:
        editing.files.get(sha256)
    except ContentMissingError:
        return True
    return False


def _shelve(editing: DocumentEditing, document_id: int, state: State, reason: str, expected: int | None) -> None:
    invoice_id, why = editing.invoice(document_id), _said(reason)
    now = editing.clock.now()
    editing.assessments.shelve(invoice_id, state, reason=why, actor=editing.actor, now=now, expected=expected)


def _said(reason: str) -> str:
    """The reason, never blank: it stands in the log of moves."""
    if not reason.strip():
        raise InputError("reason_missing")
    return reason.strip()


# ---------------------------------------------------------------- values


class FaultyValuesError(InputError):
    """Typed values that cannot be taken; `fields` says by field what is wrong."""

    fields: Mapping[str, Reason]


def canonical_edits(values: Mapping[str, str]) -> dict[str, Any]:
    """Typed values as the store keeps them: None takes an edit back, an empty text empties the field.

    FaultyValuesError with all faults at once.
    """
    if not values:
        raise InputError("assignments_faulty", faults=(Text("fault.no_field_given"),))
    edits, faults = typed_values(values)
    if faults:
        raise _faulty(faults)
    return edits


def typed_values(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Reason]]:
    """The same, with what could not be converted apart, by field. FaultyValuesError for fields that there are not."""
    unknown = {
        name: Reason(code="no_such_field", params={"name": name, "allowed": ", ".join(FIELD_NAMES)})
        for name in values
        if name not in FIELD_NAMES
    }
    faults: dict[str, Reason] = {}
    edits: dict[str, Any] = {}
    for name, text in values.items():
        if name in unknown:
            continue
        value = "" if text.strip() == ABSENT else convert(name, [text])
        if isinstance(value, Unconvertible):
            faults[name] = not_converted(name, name, value)
        else:
            edits[name] = None if value is None else as_json(value)
    if unknown:
        raise _faulty({**unknown, **faults})
    return edits, faults


def _faulty(faults: Mapping[str, Reason]) -> FaultyValuesError:
    error = FaultyValuesError("assignments_faulty", faults=tuple(faults.values()))
    error.fields = faults
    return error


# ---------------------------------------------------------------- frozen


def _search_before_change(editing: DocumentEditing, document_id: int, edits: Mapping[str, Any]) -> None:
    """A frozen number or supplier may change only when the platform does not show the invoice under the old ones."""
    work = _work(editing, document_id)
    if work is None or work.frozen_number is None or not _changes(work, edits):
        return
    known = (*editing.configuration.providers, *editing.configuration.retired_providers)
    providers = [provider for provider in known if provider.siret == work.frozen_supplier]
    if not providers:
        raise InputError("sender_not_configured", document_id=document_id, siret=work.frozen_supplier)
    for provider in providers:
        found = editing.chorus.gateway(provider).search(work.frozen_number)
        if found:
            raise InputError(
                "number_on_platform",
                number=work.frozen_number,
                chorus_id=found[0].chorus_id,
                remote_status=found[0].status,
            )


def _work(editing: DocumentEditing, document_id: int) -> AssessmentWork | None:
    """The invoice as mapping would get it under the next revision: that is, even if its assessment is not old."""
    works = editing.assessments.to_assess(editing.revision + 1, limit=1, document_ids=[document_id])
    return works[0] if works else None


def _changes(work: AssessmentWork, edits: Mapping[str, Any]) -> bool:
    """Whether a frozen value might become another one; an edit taken back may."""
    frozen = {"invoice_number": work.frozen_number, "supplier_siret": work.frozen_supplier}
    return any(name in edits and compact(edits[name] or "") != compact(old or "") for name, old in frozen.items())
