"""The platform's own reading of a PDF: one more candidate for each field, at the end of reading.

Per provider: never, when something is missing, or always (docs/reference/connector-functions.md 4.3). It is asked once
for the same bytes, and the file that it stored there is the one that submission sends. It reads native text only
(docs/reference/chorus-pro-api.md 3.3), so scans are asked for only where the provider wants it always. A platform that
is down, or could not analyse, is a warning.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from include.application.ports.assessments import AssessmentWork
from include.application.ports.chorus import Chorus, ChorusGateway
from include.application.ports.clock import Clock
from include.application.ports.files import Files
from include.application.ports.providers import Providers
from include.application.ports.remote_readings import RemoteReading, RemoteReadings
from include.application.providers.circuit_breaker import open_circuit
from include.domain.completeness.attachments import MAX_FILE
from include.domain.configuration import Provider
from include.domain.errors import (
    ConfigurationError,
    ContentMissingError,
    LoginRefusedError,
    RemoteError,
    RemoteRefusedError,
)
from include.domain.fields import Candidate
from include.domain.fields.registry import FIELDS
from include.domain.reading import DocumentKind, Reading
from include.domain.reasons import Reason
from include.domain.submission_builder import is_signed, short_name
from include.texts import store

logger = logging.getLogger(__name__)

READ_FIELDS = frozenset(field.name for field in FIELDS if field.asked_platform)
"""What the platform can read. Its supplier is left out: the provider that asks is known to be it."""

SECONDS_A_PASS = 240.0
"""Time for all calls of one pass, in seconds: what is ready must not wait for a backlog. The rest is asked in the next
passes."""


@dataclass(frozen=True, kw_only=True)
class Further:
    """What the platform's reading adds to one assessment: the reading with its candidates, or a warning, or neither.

    `again`: it could not be asked now, so that the invoice is to be assessed once more.
    """

    reading: Reading | None = None
    warning: Reason | None = None
    again: bool = False


NOTHING = Further()


class RemoteReader:
    """One pass. `ask` off (a dry run): only what was read before is used, and nothing is called."""

    def __init__(
        self,
        *,
        readings: RemoteReadings,
        providers: Providers,
        files: Files,
        chorus: Chorus,
        clock: Clock,
        ask: bool = True,
        seconds: float = SECONDS_A_PASS,
    ) -> None:
        self._readings = readings
        self._providers = providers
        self._files = files
        self._chorus = chorus
        self._clock = clock
        self._ask = ask
        self._seconds = seconds
        self._spent = 0.0
        self._gateways: dict[str, ChorusGateway] = {}
        self._down: dict[str, str] = {}

    def further(self, work: AssessmentWork, provider: Provider | None, *, missing: Collection[str]) -> Further:
        """For an invoice that was just assessed without it; `missing` are the fields that its reasons ask for."""
        incomplete = not READ_FIELDS.isdisjoint(missing)
        if provider is None or not isinstance(work.reading, Reading) or not _wanted(work, provider, incomplete):
            return NOTHING
        known = self._readings.get(provider.key, work.content_sha256)
        if known is None:
            if not self._ask or self._spent >= self._seconds:
                return Further(again=True)
            known = self._asked(work, work.reading, provider)
        if known is None:
            why = self._down.get(provider.key, "")
            return Further(warning=Reason(code="remote_reading_down", params={"why": why}), again=incomplete)
        if known.refusal is not None:
            return Further(warning=known.refusal)
        return Further(reading=_with_candidates(work.reading, known.fields))

    def _asked(self, work: AssessmentWork, reading: Reading, provider: Provider) -> RemoteReading | None:
        """The platform's answer, stored; None when it cannot be asked now."""
        if provider.key in self._down:
            return None
        started = self._clock.monotonic()
        try:
            return self._analyse(work, reading, provider)
        except ContentMissingError as error:
            logger.warning("Invoice %s: %s", work.row_version.invoice_id, error)  # sending will say so
            return RemoteReading()
        except RemoteRefusedError as error:
            params = {"number": str(error.number), "label": error.label}
            found = RemoteReading(refusal=Reason(code="remote_reading_refused", params=params))
            self._readings.put(provider.key, work.content_sha256, found, upload_id=None, now=self._clock.now())
            return found
        except (RemoteError, ConfigurationError) as error:
            self._give_up(provider, error)
            return None
        finally:
            self._spent += self._clock.monotonic() - started

    def _analyse(self, work: AssessmentWork, reading: Reading, provider: Provider) -> RemoteReading | None:
        gateway = self._gateway(provider)
        if gateway is None:
            return None
        content = self._files.get(work.content_sha256)
        name = short_name(work.document.name)
        analysis = gateway.analyse(name, content, signed=is_signed(content, reading.signed))
        found = RemoteReading(fields=analysis.fields)
        self._readings.put(
            provider.key, work.content_sha256, found, upload_id=analysis.upload_id, now=self._clock.now()
        )
        logger.info("Invoice %s: read by Chorus Pro, %d fields", work.row_version.invoice_id, len(found.fields))
        return found

    def _gateway(self, provider: Provider) -> ChorusGateway | None:
        """None while the provider is stopped: its probe is left to the directory and to sending."""
        if provider.key not in self._gateways:
            health = self._providers.health(provider.key)
            if health.open_since is not None:
                self._down[provider.key] = health.reason or "login refused"
                return None
            self._gateways[provider.key] = self._chorus.gateway(provider)
        return self._gateways[provider.key]

    def _give_up(self, provider: Provider, error: RemoteError | ConfigurationError) -> None:
        """It is asked no more in this pass."""
        logger.warning("Provider %s: Chorus Pro's own reading cannot be asked: %s", provider.key, error)
        self._down[provider.key] = store(error.headline)
        if isinstance(error, LoginRefusedError):
            open_circuit(provider, self._providers, self._clock, error)


def _wanted(work: AssessmentWork, provider: Provider, incomplete: bool) -> bool:
    if provider.remote_reading == "never" or work.document.size >= MAX_FILE:
        return False
    if provider.remote_reading == "always":
        return True
    scan = isinstance(work.reading, Reading) and work.reading.kind is DocumentKind.SCAN
    return incomplete and not scan


def _with_candidates(reading: Reading, found: Mapping[str, Candidate]) -> Reading:
    """The platform's candidates behind all others."""
    fields = dict(reading.fields)
    for name in READ_FIELDS & found.keys():
        fields[name] = (*fields.get(name, ()), found[name])
    return dataclasses.replace(reading, fields=fields)
