"""Entries whose codes are a closed list of the product: exactly these must be there, no more and no less."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import get_args

from include.adapters.http.network_errors import FAILURES
from include.application.administration.attachment_trial import Outcome as LinkOutcome
from include.application.administration.criterion_trial import Outcome
from include.application.administration.directory_refresh import FACTS, LISTED
from include.application.administration.mail_templates import ROW, VARIABLES
from include.application.administration.recipients import USES
from include.application.administration.setting_names import own_words, sections
from include.application.operations.first_steps import StepName
from include.application.operations.move_contents import Outcome as MoveOutcome
from include.application.operations.retention import REMOVED
from include.application.operations.watchdog import FINDINGS, TOLD
from include.application.pipeline import COUNTS
from include.application.ports.checks import CHECKS
from include.application.ports.invoice_views import RETURNED_TABS
from include.application.ports.runs import Result
from include.application.ports.sending_flow import Hindrance
from include.application.progress import Step
from include.application.providers.try_logins import Half
from include.application.resend.bulk_actions import NEED_REASON, BulkAction
from include.application.resend.send_again import CHANGED, NEVER_SENT, WOULD_BE_SENT
from include.application.tracking.correction_case import LINKED, NOT_ALLOWED
from include.application.tracking.reconcile import COLUMNS as DIFFERENCE_COLUMNS
from include.application.tracking.retrieve_invoices import RetrievalReport
from include.application.views.export_invoices import COLUMNS as EXPORT_COLUMNS
from include.cli.directory import OUTCOMES, REFUSED
from include.domain.causes import CauseCode
from include.domain.codes import REMOTE_STATUSES, UNKNOWN_STATUS, InvoiceType
from include.domain.configuration.payment import BodyKind
from include.domain.correction import CorrectionKind
from include.domain.fields import Source
from include.domain.fields.claims import DOUBTS
from include.domain.fields.registry import FIELD_NAMES
from include.domain.internal_errors import ITEM_KINDS, STAGES
from include.domain.lifecycle import State
from include.domain.notification import EventKind
from include.domain.payment_terms import StepKind
from include.domain.reading import DocumentKind
from include.domain.reconciliation import FindingKind
from include.domain.refusal_catalog import MEANINGS
from include.domain.submission import AttemptState
from include.domain.tracking import RETURNED, Actor
from include.texts import LANGUAGES
from include.texts.system import CODES as SYSTEM_CODES
from include.web.documents.form import CHOICES, GROUPS
from include.web.invoices.corrections import CorrectionAction
from include.web.invoices.listing import FILTERS as INVOICE_FILTERS
from include.web.routes.invoices import VIEWS
from include.web.routes.settings.file import REFUSALS
from include.web.routes.settings.people import REFUSALS as ADMINISTER_REFUSALS
from include.web.settings.attachments import TYPES
from include.web.settings.criteria import KINDS
from include.web.settings.menu import MENU
from include.web.settings.providers import CHOICES as PROVIDER_CHOICES
from include.web.settings.recipients import TABS
from include.web.settings.sections import OPTIONAL as OPTIONAL_SECTIONS
from include.web.settings.sections import choices as section_choices
from include.web.settings.sections import explained

_STEPS = [step.value for step in StepName]
_KINDS = [kind.value for kind in EventKind]
_OUTCOMES = {CHANGED, NEVER_SENT, WOULD_BE_SENT, LINKED, NOT_ALLOWED, *OUTCOMES} - {REFUSED}
_COUNTS = {*COUNTS, *RetrievalReport().counts(), *FINDINGS, TOLD, *REMOVED, *(outcome.value for outcome in MoveOutcome)}


def _codes(names: Iterable[str]) -> set[str]:
    """Names that programs read, as codes of entries."""
    return {name.replace(" ", "_").replace("-", "_") for name in names}


FAMILIES: dict[str, Collection[str]] = {
    "field": FIELD_NAMES,
    "status": REMOTE_STATUSES | {UNKNOWN_STATUS},
    "status.todo": RETURNED | {UNKNOWN_STATUS},
    "status.actor": [actor.value for actor in Actor],
    "item": ITEM_KINDS,
    "stage": STAGES,
    "state": [state.value for state in State],
    "event": _KINDS,
    "mail.headline": _KINDS,
    "mail.intro": _KINDS,
    "cell.half": ("piste", "certificate", "account"),
    "cell.result": [result.value for result in Result],
    "difference": [kind.value for kind in FindingKind],
    "difference.todo": [kind.value for kind in FindingKind],
    "difference.column": DIFFERENCE_COLUMNS,
    "evidence.kind": ("status", "action", "event"),
    "evidence.outcome": [state.value for state in AttemptState],
    "export": EXPORT_COLUMNS,
    "move": [code.value for code in CauseCode],
    "move.correction": [kind.value for kind in CorrectionKind],
    "kind": [kind.value for kind in DocumentKind],
    "move.kind": [kind.value for kind in DocumentKind],
    "check.name": _codes(CHECKS),
    "count": _COUNTS,
    "fact": {*FACTS, LISTED},
    "network": FAILURES,
    "outcome": _codes(_OUTCOMES),
    "source": [source.value for source in Source],
    "system": SYSTEM_CODES,
    "claim": [claim.value for claim in DOUBTS],
    "use": USES,
    "type": [kind.value for kind in InvoiceType],
    "key": ("number", "content"),
    "people": ("user", "group"),
    "persons.refused": ADMINISTER_REFUSALS,
    "document.group": GROUPS,
    "document.source": [source.value for source in Source],
    "choice": [code for codes in CHOICES.values() for code in codes],
    "returned.tab": RETURNED_TABS,
    "returned.action": [action.value for action in CorrectionAction],
    "returned.send": [action.value for action in CorrectionAction],
    "returned.to_do": [action.value for action in CorrectionAction],
    "invoices.filters": INVOICE_FILTERS,
    "invoices.view": VIEWS,
    "invoices.step": [kind.value for kind in StepKind],
    "notifications.kind": _KINDS,
    "documents.do": [action.value for action in BulkAction],
    "documents.ask": NEED_REASON,
    "job.did": [action.value for action in BulkAction],
    "job.title": [action.value for action in BulkAction],
    "job.hindered": [hindrance.value for hindrance in Hindrance],
    "first_steps.name": _STEPS,
    "first_steps.how": _STEPS,
    "first_steps.todo": _STEPS,
    "first_steps.go": _STEPS,
    "section": {name.replace(".", "_") for name in sections()},
    "setting": own_words(),
    "attaching.kind": TYPES,
    "attaching.outcome": [outcome.value for outcome in LinkOutcome],
    "templates.variable": VARIABLES,
    "templates.row": ROW,
    "meaning": set(explained()),
    "setting.choice": set(section_choices()),
    "sections.in_use": OPTIONAL_SECTIONS,
    "sections.without": OPTIONAL_SECTIONS,
    "templates.in": LANGUAGES,
    "criteria.outcome": [outcome.value for outcome in Outcome],
    "criteria.kind": KINDS,
    "providers.choice": {code for codes in PROVIDER_CHOICES.values() for code in codes},
    "providers.half": get_args(Half),
    "recipients.kind": [kind.value for kind in BodyKind],
    "recipients.tab": TABS,
    "settings.group": MENU,
    "settings.page": [entry.code for entries in MENU.values() for entry in entries],
    "settings.refused": REFUSALS,
    "documents.kind": [kind.value for kind in DocumentKind],
    "progress.step": [step.value for step in Step],
    "refusal.todo": [meaning.code for meaning in MEANINGS],
}
