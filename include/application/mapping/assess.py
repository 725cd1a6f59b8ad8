"""One invoice mapped and validated, with nothing stored: what a pass records, and what a form shows as one types."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from include.application.mapping.look_up_recipient import LookedUp, RecipientLookup
from include.application.ports.assessments import AssessmentWork
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.directory_cache import DirectoryCache
from include.application.ports.providers import Providers
from include.application.ports.recipients import LearnedRecipients
from include.application.providers.bank_details import BankLists
from include.domain.completeness import ValidationInput, attachments_wanted, chosen_attachments, validate
from include.domain.configuration import Configuration, Provider
from include.domain.directory import DirectoryEntry
from include.domain.errors import ConnectorError
from include.domain.links import attachment_types
from include.domain.mapping import (
    NOTHING_LEARNED,
    Learned,
    association_for,
    choose_provider,
    complete_draft,
    map_invoice,
    with_directory_service,
    with_learned_lines,
    with_service_of_address,
)
from include.domain.reasons import Reason
from include.domain.transitions.mapping import Assessment

PARIS = ZoneInfo("Europe/Paris")

NOT_REACHED = "directory_not_reached"
"""Reason of an invoice whose recipient nobody can look up now, where an answer is wanted all the same."""


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """An assessment, and what the directory says of the recipient; None where there is nobody to ask about."""

    assessment: Assessment
    entry: DirectoryEntry | None = None


class Assessor:
    """Assesses over one configuration; what it asked the platform once it does not ask again.

    `look_around`: look first for the bank details that invoices wait for, as a pass does.
    """

    def __init__(
        self,
        *,
        directory: DirectoryCache,
        providers: Providers,
        recipients: LearnedRecipients,
        chorus: Chorus,
        configuration: Configuration,
        clock: Clock,
        look_around: bool = True,
    ) -> None:
        self._configuration = configuration
        self._clock = clock
        self._lines = recipients
        self._lookup = RecipientLookup(
            cache=directory,
            providers=providers,
            chorus=chorus,
            clock=clock,
            refresh_hours=configuration.directory.refresh_hours,
        )
        self._banks = BankLists(providers, chorus, clock)
        if look_around:
            self._banks.look_for_missing(configuration.providers)
        self._learned: dict[str, Learned] = {}

    @property
    def failures(self) -> list[ConnectorError]:
        """Faults of the surroundings that were met."""
        return self._lookup.failures

    def assess(self, work: AssessmentWork, *, now_or_never: bool = False) -> Assessed | None:
        """The assessment, or None while nobody can say what the directory knows of the recipient.

        `now_or_never`: then that is a reason (`directory_not_reached`) among the others.
        """
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
            if not now_or_never:
                return None
            found = LookedUp(refusal=Reason(code=NOT_REACHED, field="recipient_siret"))
        draft = with_directory_service(draft, found.entry)
        if "service_code" not in work.edits:
            draft = with_service_of_address(draft, work.reading, found.entry)
        draft = with_learned_lines(draft, configuration.recipients)
        wanted = attachments_wanted(
            draft,
            chosen,
            configuration.attachments,
            has_switch=association is not None and "attachment_switch" in association.fields,
        )
        edits = work.attachment_edits
        attachments = chosen_attachments(work.linked if wanted else (), work.document, edits)
        going = {document.portal_id for document in attachments}
        case = ValidationInput(
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
        findings = validate(case, configuration.attachments)
        bank = self._banks.reason(draft, provider)
        reasons = findings.reasons if bank is None else (*findings.reasons, bank)
        assessment = Assessment(
            draft=draft,
            reasons=reasons,
            warnings=findings.warnings,
            provider_key=provider.key if provider else None,
            environment=self._lookup.environment(provider) if provider else None,
            attachments=tuple(document.portal_id for document in attachments),
            attachment_types={
                **attachment_types(attachments, work.linked_by, configuration.attachments),
                **{key: code for key, code in edits.chosen_types().items() if key in going},
            },
            announce=not reasons and provider is not None and not provider.automatic_submission,
        )
        return Assessed(assessment=assessment, entry=found.entry)

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
