"""Logins of providers for programs: tried, and their secrets written; nothing reads a secret back."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from fastapi import Body, Request, Response
from pydantic import BaseModel, ConfigDict

from include.application.administration.item_editing import FaultyItemError
from include.application.administration.provider_credentials import Credentials
from include.application.providers.certificate_end import certificate_end
from include.domain.configuration_rules import Fault
from include.texts import Text
from include.web.api.answers import JsonAnswer, login_row, reader_of
from include.web.api.refusals import faulty_item
from include.web.guards.body import BodyLimit
from include.web.guards.person import Right
from include.web.guards.routing import CurrentPerson, CurrentServices, guarded, host_of
from include.web.remote_calls import asking_chorus, counted
from include.web.settings.file import log_in
from include.web.settings.providers import LOGINS_A_MINUTE, credentials_of, provider_at

router = guarded(Right.SETTINGS, limit=BodyLimit(lambda _person: 2_000_000))
PREFIX = "/api/v1/providers/{key}"


class Secrets(BaseModel):
    """The controls of the form; what is left out stays. `certificate_file`: the file in base64."""

    model_config = ConfigDict(extra="forbid")
    host: str | None = None
    login: str | None = None
    password: str | None = None
    piste_client_id: str | None = None
    piste_client_secret: str | None = None
    certificate_file: str | None = None
    certificate_format: str | None = None
    certificate_password: str | None = None


@router.post(PREFIX + "/check")
async def check(request: Request, key: str, person: CurrentPerson, services: CurrentServices) -> Response:
    """Tries the login as it is stored, and says which half fails."""
    provider = provider_at(person.configuration, key)
    counted(services, person, "login_check", LOGINS_A_MINUTE)
    [tried] = await asking_chorus(lambda: log_in(services, [provider]))
    row: dict[str, Any] = login_row(tried, reader_of(request))
    end = certificate_end(provider, services.chorus, services.clock.now())
    row["certificate_expires_on"] = None if end is None else end.day
    return JsonAnswer(row)


@router.put(PREFIX + "/credentials")
def credentials(request: Request, key: str, given: Annotated[Secrets, Body()], person: CurrentPerson) -> Response:
    """Stores secrets in the connection of this provider."""
    provider, secrets = provider_at(person.configuration, key), credentials_of(host_of(request), person)
    try:
        typed = Credentials(**{**given.model_dump(), "certificate_file": _bytes(given.certificate_file)})
        secrets.keep(provider, secrets.merged(provider.connection, typed), typed)
    except FaultyItemError as error:
        return faulty_item(request, error)
    return JsonAnswer({"connection": provider.connection, "stored": typed.given})


def _bytes(text: str | None) -> bytes | None:
    try:
        return None if not text else base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        fault = Fault(path=("certificate_file",), what=Text("cause.certificate_no_base64"))
        raise FaultyItemError({"certificate_file": fault}) from None
