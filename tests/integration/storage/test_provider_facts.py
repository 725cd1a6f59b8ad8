"""What is kept of providers, on both databases: how long logins hold, and what the platform itself read."""

from __future__ import annotations

import dataclasses
import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.core.tables import events
from include.adapters.storage.store import Store
from include.application.ports.providers import ProviderHealth
from include.application.ports.remote_readings import RemoteReading
from include.domain.fields import Candidate, Source
from include.domain.notification import EventKind, NewEvent
from include.domain.reasons import Reason
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START

DAY = dt.timedelta(days=1)
HEALTH = ProviderHealth(
    provider_key=PROVIDER_KEY,
    password_expires_at=START + 30 * DAY,
    password_ask_at=START + DAY,
    certificate_expires_at=START + 60 * DAY,
)
ALERT = NewEvent(
    kind=EventKind.ALERT,
    at=START,
    provider_key=PROVIDER_KEY,
    facts={"code": "password_expires", "provider": "P", "day": "2026-12-20", "days": "30"},
    once="password_expires:30",
)
REFUSAL = Reason(code="remote_reading_refused", params={"number": "1", "label": "x"})


def alerts(store: Store) -> int:
    with store.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(events)) or 0


def test_credentials_are_kept_beside_the_circuit_which_they_never_touch(store: Store) -> None:
    store.providers.keep_credentials(HEALTH, ())
    assert store.providers.health(PROVIDER_KEY) == HEALTH
    store.providers.open_circuit(PROVIDER_KEY, half="account", reason="no", probe_after=DAY, now=START)
    later = dataclasses.replace(HEALTH, password_expires_at=START + 400 * DAY)
    store.providers.keep_credentials(later, ())
    kept = store.providers.health(PROVIDER_KEY)
    assert (kept.open_since, kept.half, kept.password_expires_at) == (START, "account", START + 400 * DAY)
    store.providers.close_circuit(PROVIDER_KEY, now=START + DAY)
    kept = store.providers.health(PROVIDER_KEY)
    assert (kept.open_since, kept.last_success_at, kept.certificate_expires_at) == (None, START + DAY, START + 60 * DAY)


def test_an_alert_is_stored_once_with_what_it_tells_of(store: Store) -> None:
    before = alerts(store)
    store.providers.keep_credentials(HEALTH, [ALERT])
    store.providers.keep_credentials(HEALTH, [ALERT])
    store.providers.keep_credentials(HEALTH, [ALERT, dataclasses.replace(ALERT, once="password_expires:15")])
    assert alerts(store) - before == 2


def test_a_remote_reading_comes_back_as_it_was_with_its_upload(store: Store) -> None:
    found = RemoteReading(fields={"invoice_number": Candidate(value="F-1", source=Source.REMOTE, confidence=0.5)})
    assert store.remote_readings.get(PROVIDER_KEY, "a" * 64) is None
    store.remote_readings.put(PROVIDER_KEY, "a" * 64, found, upload_id=7, now=START)
    assert store.remote_readings.get(PROVIDER_KEY, "a" * 64) == found
    assert store.ledger.upload_id(PROVIDER_KEY, "a" * 64) == 7
    assert store.remote_readings.get("simulator:another", "a" * 64) is None


def test_a_refusal_is_kept_and_uploads_nothing_and_a_later_reading_replaces_it(store: Store) -> None:
    store.remote_readings.put(PROVIDER_KEY, "b" * 64, RemoteReading(refusal=REFUSAL), upload_id=None, now=START)
    assert store.remote_readings.get(PROVIDER_KEY, "b" * 64) == RemoteReading(refusal=REFUSAL)
    assert store.ledger.upload_id(PROVIDER_KEY, "b" * 64) is None
    store.remote_readings.put(PROVIDER_KEY, "b" * 64, RemoteReading(), upload_id=8, now=START)
    assert store.remote_readings.get(PROVIDER_KEY, "b" * 64) == RemoteReading()


def test_an_upload_made_before_is_replaced_by_the_one_that_was_read(store: Store) -> None:
    store.ledger.save_upload(PROVIDER_KEY, "c" * 64, 1, now=START)
    store.remote_readings.put(PROVIDER_KEY, "c" * 64, RemoteReading(), upload_id=2, now=START)
    assert store.ledger.upload_id(PROVIDER_KEY, "c" * 64) == 2
