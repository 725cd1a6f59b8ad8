"""Fourth stage: readings, metadata and edits become drafts, and each draft is assessed.

It assesses again what was assessed under an older revision or changed since. One whose recipient nobody can look up now
stays where it is, for the next pass.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from include.application.isolation import Isolation
from include.application.mapping.assess import Assessor
from include.application.ports.assessments import Assessments, AssessmentWork
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.internal_errors import InternalErrors
from include.application.ports.providers import Providers
from include.application.ports.recipients import LearnedRecipients
from include.application.progress import Progress, Step, Watch, unwatched
from include.application.reading.remote_reading import RemoteReader
from include.domain.configuration import Configuration
from include.domain.errors import ConnectorError, StaleError
from include.domain.internal_errors import Item
from include.domain.lifecycle import RowVersion, State
from include.domain.transitions.mapping import Assessment

logger = logging.getLogger(__name__)

BATCH = 500


@dataclass(kw_only=True)
class MapCounts:
    """How many invoices entered which state, how many wait for the directory, and which surroundings failed."""

    ready: int = 0
    to_complete: int = 0
    assessed: int = 0
    postponed: int = 0
    failures: list[ConnectorError] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Map:
    """The stage over one revision of the configuration.

    `link` links documents by rules first, and tells what it could not link: the configuration may have changed since
    the match, and no invoice is assessed without its links. `remote` makes the platform's own reading of one pass; told
    False, it calls nothing.
    """

    assessments: Assessments
    directory: DirectoryCache
    providers: Providers
    recipients: LearnedRecipients
    chorus: Chorus
    link: Callable[[], list[ConnectorError]]
    internal_errors: InternalErrors
    remote: Callable[[bool], RemoteReader]
    configuration: Configuration
    revision: int
    clock: Clock

    def assessor(self, *, look_around: bool = True) -> Assessor:
        """What assesses one invoice, for one pass or one question of a person (see `Assessor`)."""
        return Assessor(
            directory=self.directory,
            providers=self.providers,
            recipients=self.recipients,
            chorus=self.chorus,
            configuration=self.configuration,
            clock=self.clock,
            look_around=look_around,
        )

    def has_work(self) -> bool:
        """Whether an invoice waits to be assessed."""
        return bool(self.assessments.to_assess(self.revision, limit=1))

    def __call__(
        self,
        document_ids: Sequence[int] = (),
        *,
        dry_run: bool = False,
        limit: int | None = None,
        watch: Watch = unwatched,
    ) -> MapCounts:
        """Maps and assesses everything that is due, or at most `limit` invoices, or those of `document_ids`.

        A dry run leaves no file on the platform.
        """
        unlinked = self.link()
        pass_ = _Pass(self, self.remote(not dry_run))
        pass_.counts.failures += unlinked
        due = self.assessments.count_to_assess(self.revision, document_ids=document_ids)
        total = due if limit is None else min(limit, due)
        pass_.run(limit, document_ids, Progress(Step.MAP, self.clock, watch, total=total))
        logger.info(
            "Mapping: %s assessed, %s became ready, %s incomplete, %s wait for the directory",
            pass_.counts.assessed,
            pass_.counts.ready,
            pass_.counts.to_complete,
            pass_.counts.postponed,
        )
        pass_.counts.failures += pass_.isolation.failures
        return pass_.counts


class _Outcome(StrEnum):
    """What became of one invoice in this pass."""

    ASSESSED = "assessed"
    WAITS = "waits"
    STALE = "stale"
    FAILED = "failed"
    AGAIN = "again"


class _Pass:
    """One pass, with what it has asked the platform so far."""

    def __init__(self, stage: Map, remote: RemoteReader) -> None:
        self._assessments = stage.assessments
        self._configuration = stage.configuration
        self._revision = stage.revision
        self._clock = stage.clock
        self._remote = remote
        self._assessor = stage.assessor()
        self.counts = MapCounts(failures=self._assessor.failures)
        self.isolation = Isolation("map", stage.internal_errors, stage.clock)

    def run(self, limit: int | None, document_ids: Sequence[int], progress: Progress) -> None:
        done: set[int] = set()
        left: set[int] = set()
        retried: set[int] = set()
        unloaded: dict[RowVersion, Exception] = {}
        while limit is None or len(done) < limit:
            # what is left comes again at the head of every batch: it must not keep out those behind it
            size = BATCH if limit is None else min(BATCH, limit - len(done))
            known = len(unloaded)
            works = self._assessments.to_assess(
                self._revision,
                limit=size + len(left) + len(unloaded),
                document_ids=document_ids,
                errors=unloaded,
            )
            fresh = [work for work in works if work.row_version.invoice_id not in done]
            if not fresh and len(unloaded) == known:
                break
            for work in fresh:
                invoice_id = work.row_version.invoice_id
                outcome = _Outcome.FAILED
                item = Item("invoice", f"{invoice_id}, document {work.document_id} {work.document.portal_id}")
                with self.isolation.confined(item, work.row_version):
                    outcome = self._assess_alone(work)
                if outcome is not _Outcome.ASSESSED:
                    left.add(invoice_id)
                if outcome is _Outcome.STALE and invoice_id not in retried:
                    retried.add(invoice_id)  # a new directory entry changes every invoice that uses it: once more
                else:
                    done.add(invoice_id)
                    progress.advance()
        self.isolation.caught_rows(unloaded)

    def _assess_alone(self, work: AssessmentWork) -> _Outcome:
        try:
            assessment = self._judge(work)
            if assessment is None:
                self.counts.postponed += 1
                return _Outcome.WAITS
            now = self._clock.now()
            after = self._assessments.record_assessment(work, assessment, revision=self._revision, now=now)
        except StaleError:
            return _Outcome.STALE
        if after is None:
            return _Outcome.STALE
        self._count(work, after)
        return _Outcome.AGAIN if assessment.again else _Outcome.ASSESSED

    def _count(self, work: AssessmentWork, after: State) -> None:
        self.counts.assessed += 1
        if after is State.READY and work.row_version.state is not State.READY:
            self.counts.ready += 1
        elif after is State.TO_COMPLETE and work.row_version.state is not State.TO_COMPLETE:
            self.counts.to_complete += 1

    def _judge(self, work: AssessmentWork) -> Assessment | None:
        """The assessment, with what the platform itself read where the provider wants that."""
        assessment = self._assess_as_read(work)
        if assessment is None or assessment.provider_key is None:
            return assessment
        wanted = {reason.field for reason in assessment.reasons if reason.field is not None}
        missing = {name for name in wanted if assessment.draft.value(name) is None}
        provider = self._configuration.provider_by_key(assessment.provider_key)
        further = self._remote.further(work, provider, missing=missing)
        if further.reading is not None:
            return self._assess_as_read(dataclasses.replace(work, reading=further.reading))
        warnings = assessment.warnings if further.warning is None else (*assessment.warnings, further.warning)
        return dataclasses.replace(assessment, warnings=warnings, again=further.again)

    def _assess_as_read(self, work: AssessmentWork) -> Assessment | None:
        found = self._assessor.assess(work)
        return None if found is None else found.assessment
