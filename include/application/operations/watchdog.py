"""The hourly monitoring: what should have happened and did not. Each finding is told once, until it changes.

Nobody looks at a screen every day, and a connector that stands still makes no noise. So every rule here looks for
something missing: runs, submissions, moves, news. The name under which an alarm is told once holds what would change:
the last good run, the newest of the documents that are stuck.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from include.application.ports.clock import Clock
from include.application.ports.monitoring import Open, Pace, WatchStore
from include.application.ports.tracking import RetrievalRecord, Tracking
from include.application.providers.credential_health import CredentialHealth
from include.domain.codes import UNKNOWN_STATUS
from include.domain.configuration import Configuration, Provider
from include.domain.lifecycle import State
from include.domain.notification import PARIS, EventKind, NewEvent
from include.domain.tracking import (
    FINAL,
    LAST_WITHOUT_PAYMENT,
    SHORTEST_SILENCE,
    awaits_news,
    days_of_silence,
    usual_days,
)

SUBMISSION = "submission"
RETRIEVAL = "retrieval"
WATCH = "watch"
WATCHDOG = "watchdog"

NO_RETRIEVAL_FOR = dt.timedelta(hours=36)
"""Time without a retrieval after which it is told: a night that failed is caught up by the next one, two in a row are
told."""

WORKED_ON = (
    State.DETECTED,
    State.MATCHED,
    State.READ,
    State.SUBMITTING,
    State.UNKNOWN,
    State.CORRECTING,
    State.CORRECTION_UNKNOWN,
)
"""States that the connector leaves by itself; those that wait for a person were told to that person."""


FINDINGS = ("no_run", "no_retrieval", "not_submitted", "stuck", "silent", "unknown_statuses", "overdue")
"""Kinds of findings."""
TOLD = "told"


@dataclass(kw_only=True)
class WatchReport:
    """How many findings there are of each kind, and how many alarms are new."""

    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Watchdog:
    """The monitoring, over one revision of the configuration."""

    store: WatchStore
    tracking: Tracking
    credentials: CredentialHealth
    configuration: Configuration
    clock: Clock

    def look(self) -> WatchReport:
        """One look at everything; the alarms are mailed by the notification stage."""
        started = self.clock.monotonic()
        self.store.record_pass(WATCHDOG, now=self.clock.now())
        looks = (
            self._no_run,
            self._no_retrieval,
            self._not_submitted,
            self._stuck,
            self._silent,
            self._unknown_statuses,
            self._overdue,
        )
        alarms = {name: list(look()) for name, look in zip(FINDINGS, looks, strict=True)}
        new = self.store.tell([alarm for found in alarms.values() for alarm in found])
        self.credentials.check(self.configuration.providers)
        counts = {code: len(found) for code, found in alarms.items()}
        return WatchReport(counts={**counts, TOLD: new}, seconds=self.clock.monotonic() - started)

    def _no_run(self) -> Iterator[NewEvent]:
        """Before there was any good run, time counts from the first look; without configuration there is none."""
        limits = self.configuration.watchdog
        last, watching = self.store.last_pass(SUBMISSION), self.store.last_pass(WATCHDOG)
        since = last.last_at if last else watching.first_at if watching else self.clock.now()
        if self.configuration.providers and self.configuration.portal and self._older(since, limits.no_run_minutes):
            yield self._alarm("no_run", last.last_at.isoformat() if last else "never", since=_shown(since))

    def _no_retrieval(self) -> Iterator[NewEvent]:
        for provider in self.configuration.providers:
            record = self.tracking.record(provider.key)
            since = _retrieved(record)
            if provider.loading == "local" and since is not None and self.clock.now() - since > NO_RETRIEVAL_FOR:
                yield self._alarm("no_retrieval", since.isoformat(), provider=provider, since=_shown(since))

    def _not_submitted(self) -> Iterator[NewEvent]:
        minutes = self.configuration.watchdog.no_run_minutes
        for waiting in self.store.waiting([State.READY], before=self._ago(dt.timedelta(minutes=minutes))):
            provider = self._provider(waiting.provider_key)
            if provider is None or not provider.automatic_submission:
                continue
            last = self.store.last_taken(provider.key)
            if last is None or self._older(last, minutes):
                yield self._alarm(
                    "not_submitted",
                    last.isoformat() if last else f"never:{waiting.oldest_at.isoformat()}",
                    provider=provider,
                    count=waiting.count,
                    since=_shown(waiting.oldest_at),
                )

    def _stuck(self) -> Iterator[NewEvent]:
        for found in self.store.waiting(
            WORKED_ON, before=self._ago(dt.timedelta(hours=self.configuration.watchdog.stuck_hours))
        ):
            yield self._alarm(
                "stuck",
                f"{found.state}:{found.newest_id}:{found.oldest_at.isoformat()}",
                provider=self._provider(found.provider_key),
                state=found.state,
                count=found.count,
                since=_shown(found.oldest_at),
            )

    def _silent(self) -> Iterator[NewEvent]:
        """Only while it is the recipient's turn, and not where the body is known never to report payments."""
        general = self.configuration.watchdog.silence_days
        usual = {pace: usual_days(moves) for pace, moves in self.store.paces().items()}
        silent: dict[tuple[str, Pace | None], list[Open]] = {}
        shortest = self._ago(dt.timedelta(days=min(general, SHORTEST_SILENCE)))
        for found in self.store.open_invoices(before=shortest, but=[*FINAL, UNKNOWN_STATUS]):
            known = usual.get(found.pace)
            limit = self._ago(dt.timedelta(days=days_of_silence(known, general)))
            if found.since < limit and _expected(found) and self._provider(found.provider_key):
                silent.setdefault((str(found.provider_key), None if known is None else found.pace), []).append(found)
        for (key, pace), ones in silent.items():
            newest = max(ones, key=lambda one: (one.since, one.invoice_id))
            yield self._alarm(
                "silent_body" if pace else "silent",
                f"{newest.invoice_id}:{newest.pace.status}:{newest.since.isoformat()}",
                provider=self._provider(key),
                count=len(ones),
                **(self._habit(newest, usual[pace], ones) if pace else {"days": general}),
                since=_shown(min(one.since for one in ones)),
            )

    def _habit(self, newest: Open, usual: int | None, ones: Sequence[Open]) -> dict[str, object]:
        """The body, how long it usually takes, and how long it takes now."""
        oldest = min(one.since for one in ones)
        return {
            "body": newest.recipient_name or newest.pace.recipient_siret,
            "siret": newest.pace.recipient_siret,
            "status": newest.pace.status,
            "usual": usual,
            "days": (self.clock.now() - oldest).days,
        }

    def _unknown_statuses(self) -> Iterator[NewEvent]:
        for found in self.store.unknown_statuses(UNKNOWN_STATUS):
            provider = self._provider(found.provider_key)
            if provider is not None:
                newest = str(found.newest_id)
                yield self._alarm("unknown_statuses", newest, provider=provider, count=found.count)

    def _overdue(self) -> Iterator[NewEvent]:
        """One for each provider, told again when another invoice becomes overdue."""
        today = self.clock.now().astimezone(PARIS).date()
        for found in self.store.overdue(today=today, but=sorted(LAST_WITHOUT_PAYMENT)):
            provider = self._provider(found.provider_key)
            if provider is not None:
                yield self._alarm(
                    "overdue",
                    str(found.newest_id),
                    provider=provider,
                    count=found.count,
                    total=f"{found.amount:.2f}",
                    day=found.oldest_day.isoformat(),
                )

    def _alarm(self, code: str, changes: str, *, provider: Provider | None = None, **facts: object) -> NewEvent:
        """`changes` is what has to change before it is told again."""
        named = {"provider": provider.name} if provider else {"provider": "-"}
        return NewEvent(
            kind=EventKind.ALERT,
            at=self.clock.now(),
            provider_key=provider.key if provider else None,
            facts={"code": code, **named, **{name: str(value) for name, value in facts.items()}},
            once=f"watch:{code}:{provider.key if provider else ''}:{changes}",
        )

    def _provider(self, key: str | None) -> Provider | None:
        return self.configuration.provider_by_key(key) if key else None

    def _ago(self, age: dt.timedelta) -> dt.datetime:
        return self.clock.now() - age

    def _older(self, moment: dt.datetime, minutes: int) -> bool:
        return moment < self._ago(dt.timedelta(minutes=minutes))


def _expected(found: Open) -> bool:
    """Whether news from the body would have to come."""
    return awaits_news(
        found.pace.status, rejection_handled=found.rejection_handled, reports_payment=found.reports_payment
    )


def _retrieved(record: RetrievalRecord) -> dt.datetime | None:
    """When it was last retrieved to the end; if never, since when that fails."""
    return record.last_good_at or record.failed_at


def _shown(moment: dt.datetime) -> str:
    return f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}"
