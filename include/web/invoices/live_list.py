"""The tracking of providers in Remote mode: the platform asked for each of them side by side, within a deadline."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
from starlette.concurrency import run_in_threadpool

from include.application.ports.invoice_views import InvoiceFilter, LiveRow
from include.application.tracking.live_invoices import LiveAnswer, LiveQuestion
from include.application.tracking.live_list import beside_the_list, question_of
from include.domain.configuration import Provider
from include.texts import Language
from include.web.guards.person import Person
from include.web.host import Services
from include.web.remote_calls import within

DEADLINE_SECONDS = 2.0
"""A page waits no longer for the platform."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the rows of one provider come from.

    `live`: its answer, None in Local mode; `beside`: what it told and the stored list lacks. `retrieved_at`: the last
    good retrieval of Local mode.
    """

    provider: Provider
    live: LiveAnswer | None = None
    beside: tuple[LiveRow, ...] = ()
    retrieved_at: dt.datetime | None = None


async def sources_of(
    services: Services, person: Person, wanted: InvoiceFilter, language: Language, *, first_page: bool
) -> Sequence[Source]:
    """One for each provider of the filter that this person uses; `beside` stands on the first page only."""
    seen = [
        one
        for one in person.configuration.providers
        if one.key in person.viewer.provider_keys and wanted.provider_key in (None, one.key)
    ]
    found: dict[str, Source] = {}

    async def ask(provider: Provider) -> None:
        asked = LiveQuestion(provider=provider, viewer=person.viewer, language=language, query=question_of(wanted))
        answer = await _answer(services, asked)
        beside: tuple[LiveRow, ...] = ()
        if first_page and answer.available:
            views = services.store.invoice_views
            beside = await run_in_threadpool(beside_the_list, views, person.viewer, wanted, answer)
        found[provider.key] = Source(provider=provider, live=answer, beside=beside)

    async with anyio.create_task_group() as group:
        for provider in seen:
            if provider.loading == "remote":
                group.start_soon(ask, provider)
            else:
                record = await run_in_threadpool(services.store.tracking.record, provider.key)
                found[provider.key] = Source(provider=provider, retrieved_at=record.last_good_at)
    return [found[provider.key] for provider in seen]


async def _answer(services: Services, asked: LiveQuestion) -> LiveAnswer:
    answer = await within(DEADLINE_SECONDS, functools.partial(services.live.look, asked))
    return answer if answer is not None else await run_in_threadpool(services.live.unanswered, asked)
