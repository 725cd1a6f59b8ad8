"""What surrounds the mapping: a store, a directory and a platform in memory."""

from __future__ import annotations

from typing import Any

from include.application.mapping.map_fields import Map, MapCounts
from include.application.ports.assessments import AssessmentWork
from include.application.reading.remote_reading import RemoteReader
from include.domain.configuration import Configuration
from include.domain.fields import vat_row
from include.domain.lifecycle import RowVersion, State
from include.domain.reading import Reading
from include.domain.reasons import Reason
from tests.factories import BODY, SUPPLIER, configuration, portal_document
from tests.fakes.assessments import FakeAssessments
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import FakeClock
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.providers import FakeDirectoryCache, FakeProviders
from tests.fakes.recipients import FakeLearnedRecipients
from tests.unit.mapping.drafts import read

NOT_USED: Any = None
OTHER_BODY = "12345678200036"
OTHER_SUPPLIER = "33254021516365"


def complete_reading(**changes: Any) -> Reading:
    values = {
        "invoice_number": "2026-FA-1",
        "issue_date": "2026-11-18",
        "type": "invoice",
        "currency": "EUR",
        "supplier_siret": SUPPLIER,
        "recipient_siret": BODY,
        "total_excl_tax": "1000.00",
        "total_tax": "200.00",
        "total_incl_tax": "1200.00",
        "vat": (vat_row("20.00", "1000.00", "200.00"),),
        **changes,
    }
    return read(**{name: value for name, value in values.items() if value is not None})


class World:
    """Everything around the use case."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.platform = FakePlatform(clock)
        self.platform.add_body(BODY)
        self.chorus = FakeChorus(self.platform)
        self.assessments = FakeAssessments()
        self.internal_errors = FakeInternalErrors(self.assessments.store)
        self.cache = FakeDirectoryCache()
        self.providers = FakeProviders()
        self.recipients = FakeLearnedRecipients()
        self.configuration: Configuration = configuration()
        self.revision = 1

    def invoice(self, invoice_id: int = 1, reading: Reading | Reason | None = None, **changes: Any) -> AssessmentWork:
        values: dict[str, Any] = {
            "row_version": RowVersion(invoice_id=invoice_id, state=State.READ, version=1),
            "document_id": invoice_id + 100,
            "document": portal_document(f"Factures/{invoice_id}.pdf"),
            "reading": reading if reading is not None else complete_reading(invoice_number=f"F{invoice_id}"),
            "edits": {},
            "provider_scope": (),
            "content_sha256": "0" * 64,
        }
        return self.assessments.add(AssessmentWork(**{**values, **changes}))

    def run(self, **changes: Any) -> MapCounts:
        how = {name: changes.pop(name) for name in ("limit", "document_ids", "watch") if name in changes}
        # no provider here wants the platform's own reading
        never = RemoteReader(
            readings=NOT_USED, providers=self.providers, files=NOT_USED, chorus=self.chorus, clock=self.clock, ask=False
        )
        stage = Map(
            assessments=self.assessments,
            directory=self.cache,
            providers=self.providers,
            recipients=self.recipients,
            configuration=self.configuration,
            revision=self.revision,
            chorus=self.chorus,
            clock=self.clock,
            link=lambda: [],
            internal_errors=self.internal_errors,
            **{"remote": lambda _ask: never, **changes},
        )
        return stage(**how)

    def codes(self, invoice_id: int = 1) -> list[str]:
        return [reason.code for reason in self.assessments.recorded[invoice_id].reasons]
