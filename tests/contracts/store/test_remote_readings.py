"""What the store promises about the platform's own readings (port `RemoteReadings`)."""

from __future__ import annotations

from decimal import Decimal

from include.application.ports.remote_readings import RemoteReading
from include.domain.fields import Candidate, Source
from include.domain.reasons import Reason
from tests.contracts.store.worlds import World
from tests.factories import PROVIDER_KEY
from tests.fakes.clock import START

SHA = "a" * 64
READ = RemoteReading(
    fields={
        "invoice_number": Candidate(value="F-1", source=Source.REMOTE, confidence=0.5),
        "total_incl_tax": Candidate(value=Decimal("1200.00"), source=Source.REMOTE, confidence=0.5),
    }
)


def test_what_was_read_is_kept_for_its_provider_and_content(world: World) -> None:
    assert world.remote_readings.get(PROVIDER_KEY, SHA) is None
    world.remote_readings.put(PROVIDER_KEY, SHA, READ, upload_id=5, now=START)
    assert world.remote_readings.get(PROVIDER_KEY, SHA) == READ
    assert world.remote_readings.get("other", SHA) is None
    assert world.remote_readings.get(PROVIDER_KEY, "b" * 64) is None


def test_its_upload_is_the_one_that_is_sent(world: World) -> None:
    world.remote_readings.put(PROVIDER_KEY, SHA, READ, upload_id=5, now=START)
    assert world.ledger.upload_id(PROVIDER_KEY, SHA) == 5


def test_a_refusal_is_kept_and_leaves_no_upload(world: World) -> None:
    refused = RemoteReading(refusal=Reason(code="remote_reading_failed", params={"number": "1"}))
    world.remote_readings.put(PROVIDER_KEY, SHA, refused, upload_id=None, now=START)
    assert world.remote_readings.get(PROVIDER_KEY, SHA) == refused
    assert world.ledger.upload_id(PROVIDER_KEY, SHA) is None


def test_a_later_answer_replaces_an_earlier_one(world: World) -> None:
    refused = RemoteReading(refusal=Reason(code="remote_reading_failed"))
    world.remote_readings.put(PROVIDER_KEY, SHA, refused, upload_id=None, now=START)
    world.remote_readings.put(PROVIDER_KEY, SHA, READ, upload_id=6, now=START)
    assert world.remote_readings.get(PROVIDER_KEY, SHA) == READ and world.ledger.upload_id(PROVIDER_KEY, SHA) == 6
