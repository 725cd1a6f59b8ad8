"""Fourth station: readings, metadata and edits become drafts, and each draft is judged.

It judges again what was judged under an older revision or changed since. One invoice that cannot be judged because of a
fault of ours never costs the batch; one whose recipient nobody can look up now stays where it is, for the next pass.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from include.application.bank_details import BankLists
from include.application.look_up_recipient import LookedUp, RecipientLookup
from include.application.ports import Chorus, Clock
from include.application.recipients_port import LearnedRecipients
from include.application.remote_reading import RemoteReader
from include.application.storage_ports import DirectoryCache, Judgement, Judgements, JudgeWork, Providers
from include.domain.completeness import Case, attachments_wanted, chosen_attachments, judge
from include.domain.configuration import Configuration, Provider
from include.domain.errors import ConnectorError, StaleError
from include.domain.lifecycle import State
from include.domain.links import attachment_types
from include.domain.mapping import (
    NOTHING_LEARNED,
    Learned,
    association_for,
    choose_provider,
    complete_draft,
    map_invoice,
    with_directory_service,
    with_lessons,
)

logger = logging.getLogger(__name__)

BATCH = 500
PARIS = ZoneInfo("Europe/Paris")


@dataclass(kw_only=True)
class MapCounts:
    """How many invoices entered which state, how many wait for the directory, and which surroundings failed."""

    ready: int = 0
    to_complete: int = 0
    judged: int = 0
    postponed: int = 0
    troubles: list[ConnectorError] = field(default_factory=list)


def map_fields(
    *,
    judgements: Judgements,
    directory: DirectoryCache,
    providers: Providers,
    recipients: LearnedRecipients,
    configuration: Configuration,
    revision: int,
    chorus: Chorus,
    clock: Clock,
    remote: RemoteReader | None = None,
    limit: int | None = None,
    document_ids: Sequence[int] = (),
) -> MapCounts:
    """Maps and judges everything that is due, or at most `limit` invoices, or those of `document_ids`.

    `remote` is the platform's own reading, for the providers that want it.
    An ExceptionGroup at the end carries what went wrong by a fault of ours, after all others were judged.
    """
    lookup = RecipientLookup(
        cache=directory,
        providers=providers,
        chorus=chorus,
        clock=clock,
        refresh_hours=configuration.directory.refresh_hours,
    )
    banks = BankLists(providers, chorus, clock)
    banks.look_for_missing(configuration.providers)
    station = _Station(judgements, lookup, configuration, revision, clock, recipients, banks, remote)
    station.run(limit, document_ids)
    logger.info(
        "Mapping: %s judged, %s became ready, %s incomplete, %s wait for the directory",
        station.counts.judged,
        station.counts.ready,
        station.counts.to_complete,
        station.counts.postponed,
    )
    if station.failures:
        raise ExceptionGroup(f"{len(station.failures)} invoices could not be judged", station.failures)
    return station.counts


class _Outcome(StrEnum):
    """What became of one invoice in this pass."""

    JUDGED = "judged"
    WAITS = "waits"
    STALE = "stale"
    FAILED = "failed"
    AGAIN = "again"


class _Station:
    """One pass."""

    def __init__(
        self,
        judgements: Judgements,
        lookup: RecipientLookup,
        configuration: Configuration,
        revision: int,
        clock: Clock,
        lines: LearnedRecipients,
        banks: BankLists,
        remote: RemoteReader | None,
    ) -> None:
        self._judgements = judgements
        self._lookup = lookup
        self._configuration = configuration
        self._revision = revision
        self._clock = clock
        self._lines = lines
        self._remote = remote
        self._banks = banks
        self._learned: dict[str, Learned] = {}
        self.counts = MapCounts(troubles=lookup.troubles)
        self.failures: list[Exception] = []

    def run(self, limit: int | None, document_ids: Sequence[int]) -> None:
        done: set[int] = set()
        left: set[int] = set()
        retried: set[int] = set()
        while limit is None or len(done) < limit:
            # what is left comes again at the head of every batch: it must not keep out those behind it
            size = BATCH if limit is None else min(BATCH, limit - len(done))
            works = self._judgements.to_judge(self._revision, limit=size + len(left), document_ids=document_ids)
            fresh = [work for work in works if work.ticket.invoice_id not in done]
            if not fresh:
                return
            for work in fresh:
                invoice_id = work.ticket.invoice_id
                outcome = self._judge_alone(work)
                if outcome is not _Outcome.JUDGED:
                    left.add(invoice_id)
                if outcome is _Outcome.STALE and invoice_id not in retried:
                    retried.add(invoice_id)  # a new directory entry changes every invoice that uses it: once more
                else:
                    done.add(invoice_id)

    def _judge_alone(self, work: JudgeWork) -> _Outcome:
        """One invoice; a fault of ours is logged and costs this one only."""
        try:
            judgement = self._judge(work)
            if judgement is None:
                self.counts.postponed += 1
                return _Outcome.WAITS
            now = self._clock.now()
            after = self._judgements.record_judgement(work, judgement, revision=self._revision, now=now)
        except StaleError:
            return _Outcome.STALE
        except ConnectorError:
            raise
        except Exception as error:
            error.add_note(f"invoice {work.ticket.invoice_id}, document {work.document_id}")
            logger.exception("Invoice %s could not be judged", work.ticket.invoice_id)
            self.failures.append(error)
            return _Outcome.FAILED
        if after is None:
            return _Outcome.STALE
        self._count(work, after)
        return _Outcome.AGAIN if judgement.again else _Outcome.JUDGED

    def _count(self, work: JudgeWork, after: State) -> None:
        self.counts.judged += 1
        if after is State.READY and work.ticket.state is not State.READY:
            self.counts.ready += 1
        elif after is State.TO_COMPLETE and work.ticket.state is not State.TO_COMPLETE:
            self.counts.to_complete += 1

    def _judge(self, work: JudgeWork) -> Judgement | None:
        """The judgement, with what the platform itself read where the provider wants that."""
        judgement = self._judge_as_read(work)
        if judgement is None or judgement.provider_key is None or self._remote is None:
            return judgement
        wanted = {reason.field for reason in judgement.reasons if reason.field is not None}
        missing = {name for name in wanted if judgement.draft.value(name) is None}
        provider = self._configuration.provider_by_key(judgement.provider_key)
        further = self._remote.further(work, provider, missing=missing)
        if further.reading is not None:
            return self._judge_as_read(dataclasses.replace(work, reading=further.reading))
        warnings = judgement.warnings if further.warning is None else (*judgement.warnings, further.warning)
        return dataclasses.replace(judgement, warnings=warnings, again=further.again)

    def _judge_as_read(self, work: JudgeWork) -> Judgement | None:
        """The judgement, or None while nobody can say what the directory knows of the recipient."""
        configuration = self._configuration
        association = association_for(work.document, configuration.metadata_association)
        mapped = functools.partial(
            map_invoice,
            work.reading,
            document=work.document,
            association=association,
            edits={name: edit.value for name, edit in work.edits.items()},
        )
        chosen = choose_provider(
            mapped(), configuration.providers, work.provider_scope, retired=configuration.retired_providers
        )
        provider = chosen if isinstance(chosen, Provider) else None
        # once more: only the provider tells which environment's learned lines count
        draft = mapped(recipients=configuration.recipients, learned=self._learned_for(provider))
        draft = complete_draft(draft, provider)
        found = self._recipient(provider, draft.text("recipient_siret"))
        if found.postponed:
            return None
        draft = with_lessons(with_directory_service(draft, found.entry), configuration.recipients)
        wanted = attachments_wanted(
            draft,
            chosen,
            configuration.attachments,
            has_switch=association is not None and "attachment_switch" in association.fields,
        )
        attachments = chosen_attachments(work.linked, work.document) if wanted else ()
        case = Case(
            draft=draft,
            provider=chosen,
            document=work.document,
            reading=work.reading,
            today=self._clock.now().astimezone(PARIS).date(),
            entry=found.entry,
            lookup_refusal=found.refusal,
            entry_is_old=found.old,
            attachments=attachments,
            missing_attachments=work.missing_links if wanted else (),
            frozen_number=work.frozen_number,
            frozen_supplier=work.frozen_supplier,
        )
        findings = judge(case, configuration.attachments)
        bank = self._banks.reason(draft, provider)
        reasons = findings.reasons if bank is None else (*findings.reasons, bank)
        return Judgement(
            draft=draft,
            reasons=reasons,
            warnings=findings.warnings,
            provider_key=provider.key if provider else None,
            environment=self._lookup.environment(provider) if provider else None,
            attachments=tuple(document.portal_id for document in attachments),
            attachment_types=attachment_types(attachments, work.linked_by, configuration.attachments),
            announce=not reasons and provider is not None and not provider.automatic_submission,
        )

    def _learned_for(self, provider: Provider | None) -> Learned:
        """The lines of the provider's environment; without a provider nobody knows which directory counts."""
        if provider is None:
            return NOTHING_LEARNED
        # where the connection cannot be read now the invoice waits anyway, once its recipient is known
        environment = self._lookup.environment(provider) or provider.environment
        if environment not in self._learned:
            self._learned[environment] = self._lines.learned(environment)
        return self._learned[environment]

    def _recipient(self, provider: Provider | None, siret: str | None) -> LookedUp:
        """Without provider or SIRET there is nobody to ask, or nothing to ask for, and a reason that says so."""
        return LookedUp() if provider is None or siret is None else self._lookup.find(provider, siret)
