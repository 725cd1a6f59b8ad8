"""Who must hear what, as values: events, their audience, and the digests that tell them (docs/adr/0010-outbox.md).

An event is written in the transaction that caused it. Later each one is distributed exactly once: it becomes part of
one digest per run, event kind and person. A digest is mailed, or only stands on that person's dashboard.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from include.domain.configuration import Configuration, Provider, User
from include.domain.lifecycle import State
from include.domain.reasons import Reason
from include.domain.rights import members, viewer
from include.domain.values import fold
from include.texts import Language, has_text, label, translate, translate_stored

PARIS = ZoneInfo("Europe/Paris")


LONGEST_TEXT = 1000
ON_THE_WAY = frozenset(
    {State.DETECTED, State.MATCHED, State.READ, State.SUBMITTING, State.CORRECTING, State.CORRECTION_UNKNOWN}
)
"""States that an invoice soon leaves by itself: nobody is told of them."""

TOLD_STATES = tuple(state for state in State if state not in ON_THE_WAY)

_OLD_NEWS = "old_news"
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""Unicode's categories Cc, Zl and Zp, without the line break."""
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that embed, override or isolate a direction of writing, and their ends."""


class EventKind(StrEnum):
    """The three events of the product (docs/reference/connector-functions.md 1.3), and alerts for who operates it."""

    AWAITING_SUBMISSION = "awaiting_submission"
    SUBMITTED = "submitted"
    STATUS_CHANGED = "status_changed"
    ALERT = "alert"


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """Something that people must hear of, before the store gave it an id.

    `facts` are plain texts: those of `invoice_facts`, or for an alert its `code` (an entry `alert.<code>` of the
    catalogues) and parameters. `once` names what is told once only: the store drops an event whose name it has already
    stored.
    """

    kind: EventKind
    at: dt.datetime
    provider_key: str | None = None
    invoice_id: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    once: str | None = None


@dataclass(frozen=True, kw_only=True)
class Event(NewEvent):
    """A stored event."""

    id: int


def invoice_facts(
    *,
    document: str | None,
    number: str | None,
    recipient_name: str | None,
    recipient_siret: str | None,
    total_incl_tax: str | None,
    user_label: str | None,
    state: str | None = None,
    reasons: Sequence[Reason] = (),
    chorus_id: int | None = None,
    status: str | None = None,
    status_before: str | None = None,
    comment: str | None = None,
    currency: str = "EUR",
) -> dict[str, str]:
    """The facts of an event about an invoice; what is not known is left out.

    `user_label` holds the labels of the invoice, separated by `;`: who may see only some labels hears of those only.
    """
    given = {
        "document": document,
        "number": number,
        "recipient_name": recipient_name,
        "recipient_siret": recipient_siret,
        "total_incl_tax": total_incl_tax,
        "currency": currency,
        "user_label": user_label,
        "state": state,
        "chorus_id": None if chorus_id is None else str(chorus_id),
        "status": status,
        "status_before": status_before,
        "comment": comment,
    }
    if reasons:
        rows = [{"code": reason.code, "field": reason.field, "params": dict(reason.params)} for reason in reasons]
        given["reasons"] = json.dumps(rows, ensure_ascii=False)
    return {name: value for name, value in given.items() if value}


def old_news(event: NewEvent) -> NewEvent:
    """The same event for dashboards only: what a first load finds out was no news to anybody who asked before."""
    return replace(event, facts={**event.facts, _OLD_NEWS: "yes"})


def reasons_of(event: NewEvent) -> tuple[Reason, ...]:
    """The reasons that an event carries."""
    rows = json.loads(event.facts.get("reasons", "[]"))
    return tuple(Reason(code=row["code"], field=row["field"], params=row["params"]) for row in rows)


def harmless(text: str) -> str:
    """The text in full without what steers a terminal or hides what stands there.

    Facts come from PDFs, portals and the platform: control characters become blanks, line breaks apart, and marks that
    turn the direction of writing go.
    """
    return _TURNS.sub("", _CONTROLS.sub(" ", text))


def one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text without anything that could forge a line, steer a terminal or hide what stands there.

    As `harmless`; line breaks become blanks, several blanks one, and the length has a limit.
    """
    words = harmless(text).replace("\n", " ").split(" ")  # no-break blanks are part of French typography
    flat = " ".join(word for word in words if word)
    return flat if len(flat) <= longest else flat[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def describe(event: NewEvent, language: Language) -> str:
    """The event in a few sentences, for the command line and lists: what happened and what to do."""
    return " ".join([headline(event, language), *what_to_do(event, language)])


def headline(event: NewEvent, language: Language) -> str:
    """What happened, in one sentence; an alert says what to do as well."""
    if event.kind is EventKind.ALERT:
        return _describe_alert(dict(event.facts), event.provider_key, language)
    facts = dict(event.facts)
    facts["name"] = facts.get("number") or facts.get("document") or "?"
    facts["state"] = label("state", facts.get("state", "?"), language)
    facts["status"] = label("status", facts.get("status", "?"), language)
    return translate_stored(f"event.sentence.{event.kind}", language, facts)


def what_to_do(event: NewEvent, language: Language) -> list[str]:
    """What is wrong with the invoice and what to do about it: its reasons, or what its new status asks for."""
    if event.kind is EventKind.ALERT:
        return []
    told = [reason.message_stored(language) for reason in reasons_of(event)]
    state = event.facts.get("state", "")
    action = f"state.todo.{state}"
    if event.kind is EventKind.STATUS_CHANGED:
        action = f"status.{'handled' if state == 'closed' else 'todo'}.{event.facts.get('status', '')}"
    return [*told, translate(action, language)] if has_text(action) else told


def _describe_alert(facts: dict[str, str], provider_key: str | None, language: Language) -> str:
    code = facts.get("code", "other")
    facts["half"] = label("alert.half", facts.get("half", "?"), language)
    if "status" in facts:
        facts["status"] = label("status", facts["status"], language)
    facts.setdefault("provider", provider_key or "?")
    if "cause" in facts:
        facts["reason"] = Reason(code=facts["cause"]).message_stored(language)
    if code == "reconciliation":
        facts["kinds"] = _differences(facts.get("kinds", ""), language)
    alert = f"alert.{code}"
    return translate_stored(alert, language, facts) if has_text(alert) else facts.get("text", code)


def _differences(kinds: str, language: Language) -> str:
    """Each kind of difference with how often it was found; what an older version stored stays as it is."""
    if not kinds.startswith("{"):
        return kinds
    counts: dict[str, int] = json.loads(kinds)
    return ", ".join(f"{label('difference', kind, language)}: {count}" for kind, count in counts.items())


def mail_failed(user: User, kind: EventKind, reason: str, now: dt.datetime) -> NewEvent:
    """The alert that a mail was refused for good: told once a day per address, however many mails it concerns."""
    address = hashlib.sha256((user.mail or "").encode()).hexdigest()[:12]
    return NewEvent(
        kind=EventKind.ALERT,
        at=now,
        facts={"code": "mail_failed", "user": user.name, "reason": reason, "failed_kind": kind.value},
        once=f"mail_failed:{user.name}:{address}:{now.astimezone(PARIS).date()}",
    )


def mail_waiting(reason: str, now: dt.datetime) -> NewEvent:
    """The alert that no mail leaves; once a day, on dashboards only, because mail is what does not work."""
    return NewEvent(
        kind=EventKind.ALERT,
        at=now,
        facts={"code": "mail_waiting", "reason": reason},
        once=f"mail_waiting:{now.astimezone(PARIS).date()}",
    )


RUN_FAILED = "run_failed"
QUIET = dt.timedelta(hours=1)
"""After a failed run was told, more failed runs of the same DAG wait so long and are then told in one mail."""


def run_failed(*, dag_id: str, run_id: str, began: str, now: dt.datetime) -> NewEvent:
    """The alert that a run of Airflow failed: once per run, and again if it is cleared (another `began`) and fails."""
    return NewEvent(
        kind=EventKind.ALERT,
        at=now,
        facts={"code": RUN_FAILED, "provider": "-", "dag": dag_id, "run": run_id},
        once=f"{RUN_FAILED}:{dag_id}:{run_id}:{began}",
    )


def failed_dag(event: NewEvent) -> str | None:
    """The DAG whose failed run an event tells; None for every other event."""
    return event.facts.get("dag") if event.facts.get("code") == RUN_FAILED else None


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """A person who hears of an event; not `mailed` means on the dashboard only."""

    name: str
    mailed: bool


class AddressBook:
    """Who hears of what, from the configuration.

    Events about invoices go to the provider's `notify` audience, by mail and on the dashboard. Where it is empty, who
    uses the provider or administers finds them on the dashboard. Alerts go to `alerts`, else to who administers.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._users = {user.name: user for user in configuration.people.users}
        self._providers = {provider.key: provider for provider in configuration.providers}
        alerts = configuration.administer if configuration.alerts is None else configuration.alerts
        self._operators = sorted(members(configuration, alerts))
        self._audiences: dict[str | None, tuple[list[str], bool]] = {}
        self._labels = {right.user: viewer(configuration, right.user).labels for right in configuration.label_rights}

    def person(self, name: str) -> User | None:
        """The person of this name, if the configuration has one."""
        return self._users.get(name)

    def addressees(self, event: NewEvent) -> tuple[Addressee, ...]:
        """Everybody who hears of this event, each once."""
        if event.kind is EventKind.ALERT:
            return tuple(self._addressee(name, _mails_alert(event, name)) for name in self._operators)
        if event.provider_key not in self._audiences:
            self._audiences[event.provider_key] = self._audience(self._providers.get(event.provider_key or ""))
        names, mailed = self._audiences[event.provider_key]
        mailed = mailed and _OLD_NEWS not in event.facts
        return tuple(self._addressee(name, mailed) for name in names if self._may_see(name, event))

    def _audience(self, provider: Provider | None) -> tuple[list[str], bool]:
        everybody = self._configuration
        told = members(everybody, provider.notify) if provider else frozenset()
        if told:
            return sorted(told), True
        users = members(everybody, provider.use) if provider else frozenset()
        return sorted(users | members(everybody, everybody.administer)), False

    def _addressee(self, name: str, mailed: bool) -> Addressee:
        person = self._users.get(name)
        return Addressee(name=name, mailed=bool(mailed and person and person.mail))

    def _may_see(self, name: str, event: NewEvent) -> bool:
        """Label rights hold for providers in Local mode only (docs/reference/connector-functions.md 1.8)."""
        labels = self._labels.get(name)
        provider = self._providers.get(event.provider_key or "")
        if not labels or provider is None or provider.loading != "local":
            return True
        return any(fold(text) in labels for text in event.facts.get("user_label", "").split(";"))


def _mails_alert(event: NewEvent, name: str) -> bool:
    """A refused mail is not told to the refused address, nor that of an alert to anybody: no mail feeds itself."""
    facts = event.facts
    if facts.get("code") == "mail_failed":
        return facts.get("user") != name and facts.get("failed_kind") != EventKind.ALERT
    return facts.get("code") != "mail_waiting"


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What one person hears of one kind of event in one run.

    `count` is the number of invoices it speaks of, or of alerts. `message_id` depends on kind, person and events only,
    so that a mail sent again is the same mail.
    """

    user: str
    mailed: bool
    kind: EventKind
    message_id: str
    event_ids: tuple[int, ...]
    count: int


class _Draft:
    """A digest while it grows. It keeps ids, not events: a first load may bring tens of thousands."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.invoices: set[int] = set()
        self.others = 0
        self.latest = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._hash = hashlib.sha256()

    def add(self, event: Event) -> None:
        self.ids.append(event.id)
        self.latest = max(self.latest, event.at)
        # The time too: in a new database the ids begin again, and mail programs drop a Message-ID seen before.
        self._hash.update(f"{event.id}@{event.at.astimezone(dt.UTC).isoformat()};".encode())
        if event.invoice_id is None or event.kind is EventKind.ALERT:
            self.others += 1
        else:
            self.invoices.add(event.invoice_id)

    def digest(self, user: str, kind: EventKind, mailed: bool, host: str) -> Digest:
        self._hash.update(user.encode())
        return Digest(
            user=user,
            mailed=mailed,
            kind=kind,
            message_id=_message_id(self.latest, kind, self._hash.hexdigest(), host),
            event_ids=tuple(self.ids),
            count=len(self.invoices) + self.others,
        )


def digests(events: Iterable[Event], book: AddressBook, *, host: str) -> list[Digest]:
    """One digest per event kind and person for the events of one run, given in the order of their ids.

    `host` is the right half of the Message-IDs.
    """
    drafts: dict[tuple[str, EventKind, bool], _Draft] = {}
    for event in events:
        for addressee in book.addressees(event):
            drafts.setdefault((addressee.name, event.kind, addressee.mailed), _Draft()).add(event)
    return [draft.digest(user, kind, mailed, host) for (user, kind, mailed), draft in drafts.items()]


def _message_id(latest: dt.datetime, kind: EventKind, digest: str, host: str) -> str:
    """The Message-ID of a digest; it begins with a time, so that files named after it sort."""
    safe_host = host if re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", host) else "chorus.invalid"
    return f"<{latest.astimezone(dt.UTC):%Y%m%dT%H%M%S}.{kind.value}.{digest[:24]}@{safe_host}>"
