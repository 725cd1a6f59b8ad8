"""The figures of the dashboard for programs, and asking the platform now."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.tracking.ask_now import ask_now
from include.application.views import json_rows
from include.application.views.dashboard import AGES, ProviderStanding
from include.domain.reasons import reason_heading
from include.texts import translate
from include.web.api.answers import JsonAnswer, reader_of
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded, host_of
from include.web.rendering.pages import address_of
from include.web.routes.dashboard import standing_of

router = guarded(Right.DOCUMENTS)
asking = guarded(Right.SETTINGS)


class Asked(BaseModel):
    """The provider whose invoices are asked for, by name or SIRET."""

    model_config = ConfigDict(extra="forbid")
    provider: str


@router.get("/api/v1/dashboard")
def dashboard(request: Request, person: CurrentPerson, services: CurrentServices) -> Response:
    """The figures of the page."""
    standing, language = standing_of(services, person), reader_of(request)
    found, root = standing.found, address_of(request).root
    last_pass = standing.last_runs.get("submission")
    return JsonAnswer(
        {
            "to_complete": found.to_complete,
            "oldest_at": found.oldest_at,
            "ready": found.ready,
            "next_pass": standing.next_pass,
            "sent_today": found.sent_today,
            "amount_today": f"{found.amount_today:.2f}",
            "returned": found.returned,
            "returned_soon": found.returned_soon,
            "unknown": found.unknown,
            "unread": standing.unread,
            "reasons": [
                {
                    "code": one.code,
                    "message": reason_heading(one.code, language),
                    "count": one.count,
                    "recipients": list(one.recipients),
                    "href": f"{root}/documents?{urlencode({'reason': one.code})}",
                }
                for one in found.reasons
            ],
            "last_pass": None if last_pass is None else json_rows.flow_run(last_pass),
            "providers": [_provider(one) for one in found.providers],
            "days": [{"day": one.day, "count": one.count, "untouched": one.untouched} for one in found.days],
            "untouched_share": found.untouched_share,
            "ages": [
                {"from_days": first, "to_days": last, "count": count}
                for first, last, count in zip((0, *AGES), (*AGES, None), found.ages, strict=True)
            ],
        }
    )


def _provider(one: ProviderStanding) -> json_rows.Json:
    """`login`: null where no call was made yet."""
    health = one.health
    good = None if health.open_since is None and health.last_success_at is None else health.open_since is None
    return {
        "provider": one.provider.name,
        "automatic_submission": one.provider.automatic_submission,
        "loading": one.provider.loading,
        "to_complete": one.to_complete,
        "ready": one.ready,
        "sent_today": one.sent_today,
        "returned": one.returned,
        "retrieved_at": one.retrieved_at,
        "retrieval_failed_at": one.retrieval_failed_at,
        "login": {"ok": good, "half": health.half if good is False else None, "ends_in_days": one.login_days},
    }


@asking.post("/api/v1/retrieval")
def retrieval(request: Request, body: Annotated[Asked, Body()], person: CurrentPerson) -> Response:
    """Begins the run that asks the platform; 202, and 503 where the flow is not there."""
    runs = host_of(request).dag_runs
    started = ask_now(runs, person.configuration, person.viewer, body.provider, actor=person.name)
    code = "retrieval.paused" if started.paused else "retrieval.begun"
    message = translate(code, reader_of(request), provider=body.provider, flow=started.dag_id)
    return JsonAnswer(
        {"dag_id": started.dag_id, "run_id": started.run_id, "paused": started.paused, "message": message}, 202
    )
