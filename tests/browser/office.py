"""The screens as a browser meets them: served over a store in which every kind of invoice stands, sent to a simulator.

One process, without Airflow: who is signed in stands in a cookie, which the small page `/login` gives. Everything in
the store came there by the product itself: filed in a portal folder, read, assessed, sent, retrieved.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from include.application.pipeline import Scope
from include.application.ports.document_views import DocumentFilter, DocumentRow
from include.application.ports.invoice_views import InvoiceFilter, InvoiceRow
from include.application.resend.bulk_actions import BulkAction
from include.application.tracking.retrieve_invoices import retrieve_invoices
from include.bootstrap import Services, services
from include.demo.generator import cast, render
from include.demo.generator.invoice import Body, Invoice
from include.demo.generator.layouts import LAYOUTS
from include.demo.generator.publish import publish
from include.domain.configuration import Configuration
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer
from include.settings import settings
from include.simulator.server import Listener, RunningSimulator
from include.web.app import create_app
from include.web.host import Host, KnownUser, SignedIn
from tests.fakes.connections import FakeConnections
from tests.fakes.dag_runs import FakeDagRuns
from tests.fakes.sending_flow import FakeSendingFlow
from tests.services.control_door import control

PEOPLE = {"anna": "fr", "jane": "en", "nora": "fr", "boss": None, "nobody": None}
"""With their languages. Anna and Jane use the provider, Nora with a label right; the boss administers; nobody does
nothing."""

RULE = "Facture client"
DELIVERIES = "Bon de livraison"
PREFIX = "/airflow"
"""The same pages also stand behind this one, as Airflow's may (`[api] base_url`)."""

COOKIE = "who"


@dataclass(kw_only=True)
class Office:
    """The served screens, and what is behind them."""

    url: str
    simulator: RunningSimulator
    services: Services
    portal: Path
    jobs: dict[str, int] = field(default_factory=dict)

    def address(self, path: str) -> str:
        """A page by its path; names in braces are looked up, as in `/documents/{H-1}` or `{sent:A-1}`, `{job:hold}`."""
        for name, row in self.documents().items():
            path = path.replace(f"{{{name}}}", str(row.id))
        for name, sent in self.invoices().items():
            path = path.replace(f"{{sent:{name}}}", str(sent.id))
        for action, job in self.jobs.items():
            path = path.replace(f"{{job:{action}}}", str(job))
        return f"{self.url}/chorus{path}"

    def behind_prefix(self) -> Office:
        """The same, with the addresses behind PREFIX."""
        return replace(self, url=self.url + PREFIX)

    def documents(self) -> dict[str, DocumentRow]:
        """Every document by its file name without ending."""
        rows = self.services.store.document_views.rows(OWNER, DocumentFilter())
        return {row.name.removesuffix(".pdf"): row for row in rows}

    def invoices(self) -> dict[str, InvoiceRow]:
        """What was sent, by number."""
        rows = self.services.store.invoice_views.rows(OWNER, InvoiceFilter())
        return {row.invoice_number or "": row for row in rows}

    def file(self, number: str, body: Body, *, side_car: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Files an invoice in the portal; nothing reads it yet."""
        rng = random.Random(number)
        drawn = cast.draw_invoice(rng, number=number, body=body, today=dt.datetime.now(dt.UTC).date())
        made: Invoice = replace(drawn, **changes)
        content = render.digital(made, LAYOUTS["classic"], rng)
        publish(self.portal, f"Factures/{number}.pdf", content, {"classification_rule": RULE, **(side_car or {})})

    def passes(self) -> None:
        """One pass of the ten-minute flow."""
        report = self.services.begin_pass().run(Scope())
        assert not report.failures, report.failures

    def night(self) -> None:
        """One pass of the nightly flow, and what people are told of it."""
        retrieving = self.services.retrieving()
        [provider] = retrieving.configuration.providers
        retrieve_invoices(provider, retrieving)
        self.services.pipeline().notify()

    def submit(self, *numbers: str) -> None:
        """Sends these, as somebody does who chose them."""
        mine = [self.documents()[number].id for number in numbers]
        self.services.pipeline().map(mine)
        viewer = Viewer(provider_keys=frozenset({f"simulator:{cast.DURAND.siret}"}), without_provider=True)
        self.services.send_again(viewer=viewer, actor="anna").documents(mine)

    def ask(self, action: BulkAction, *numbers: str) -> None:
        """What Anna asks of many documents at once."""
        viewer = Viewer(provider_keys=frozenset({f"simulator:{cast.DURAND.siret}"}), without_provider=True)
        bulk = self.services.bulk_actions(viewer=viewer, actor="anna", flow=FakeSendingFlow())
        job = bulk.ask(action, ids=[self.documents()[number].id for number in numbers])
        bulk.go_on(job.id)
        self.jobs[action] = job.id

    def platform(self, call: str, **body: Any) -> None:
        """Arranges the simulator."""
        control(self.simulator.url, "POST", call, body)

    def heal(self) -> None:
        """The platform works again."""
        control(self.simulator.url, "DELETE", "faults")

    def held(self, number: str) -> list[dict[str, Any]]:
        """What the platform holds under this number."""
        found: list[dict[str, Any]] = control(self.simulator.url, "GET", f"invoices?number={number}")["items"]
        return found


@contextlib.contextmanager
def open_office(home: Path) -> Iterator[Office]:
    """The office with everything in it."""
    with RunningSimulator() as simulator:
        made = services(given=settings(_environment(home, simulator)))
        made.store.database.migrate()
        (home / "portal").mkdir(parents=True)
        _configure(made, home / "portal")
        listener = Listener(_server(made), "127.0.0.1", 0)
        listener.start()
        office = Office(
            url=f"http://127.0.0.1:{listener.port}", simulator=simulator, services=made, portal=home / "portal"
        )
        try:
            _fill(office)
            yield office
        finally:
            listener.stop()
            made.close()


def _environment(home: Path, simulator: RunningSimulator) -> dict[str, str]:
    connection = {
        "conn_type": "http",
        "host": simulator.url,
        "login": simulator.login,
        "password": simulator.password,
        "extra": {"piste_client_id": simulator.client_id, "piste_client_secret": simulator.client_secret},
    }
    own = {"CHORUS_HOME": str(home / "chorus"), "AIRFLOW_CONN_CHORUS_FIRST": json.dumps(connection)}
    return {**os.environ, **own}


def _configure(made: Services, portal: Path) -> None:
    given = Configuration.model_validate(
        {
            "version": 1,
            "portal": {"kind": "folder", "url": portal.as_uri(), "settle_seconds": 0},
            "people": {
                "users": [
                    {"name": name, "mail": f"{name}@imprimerie.example", "language": language}
                    for name, language in PEOPLE.items()
                ]
            },
            "administer": {"users": ["boss"]},
            "providers": [
                {
                    "name": cast.DURAND.name,
                    "siret": cast.DURAND.siret,
                    "environment": "simulator",
                    "connection": "chorus_first",
                    "loading": "local",
                    "notify": {"users": ["anna", "jane"]},
                    "use": {"users": ["anna", "jane", "nora"]},
                    "bank_details": {"default": "Compte courant", "labels": [{"label": "CIC", "name": "Compte CIC"}]},
                }
            ],
            "criteria": [{"name": "factures clients", "classification_rule": RULE, "since": "always"}],
            "metadata_association": [
                {"classification_rule": RULE, "fields": {"total_incl_tax": "montant", "user_label": "commercial"}}
            ],
            "attachments": {
                "links": [
                    {
                        "invoice_rule": RULE,
                        "attachment_rule": DELIVERIES,
                        "pairs": [{"invoice": "commande", "attachment": "commande"}],
                        "since": "always",
                    }
                ]
            },
            "late_payment": {"rates": [{"since": since, "percent": 2.15} for since in _half_years()]},
            # what Chorus Pro left unanswered is looked for by the next pass, not half an hour later
            "submission": {"search_again_after_seconds": 0},
            "label_rights": [{"user": "nora", "label": "Nord"}],
            "recipients": [
                {"siret": cast.ANNECY.siret, "services": [{"code": "ST01", "wordings": ["Service technique"]}]}
            ],
        }
    )
    made.store.configuration.save(
        given, expected_revision=0, actor="test", source="test", at=dt.datetime.now(dt.UTC), changes=()
    )


def _server(made: Services) -> FastAPI:
    server = FastAPI()

    @server.get("/login")
    def login(next: str = "/chorus/") -> HTMLResponse:
        links = "".join(f'<p><a href="/login/{name}?next={quote(next)}">{name}</a></p>' for name in PEOPLE)
        return HTMLResponse(f"<!doctype html><html lang=en><title>Sign in</title><main><h1>Sign in</h1>{links}</main>")

    @server.get("/login/{name}")
    def signed_in(name: str, next: str = "/chorus/") -> RedirectResponse:
        answer = RedirectResponse(next, 303)
        answer.set_cookie(COOKIE, name)
        return answer

    async def authenticate(request: Request) -> SignedIn | None:
        name = request.cookies.get(COOKIE)
        return None if name is None else SignedIn(name=name, greeting=name)

    server.mount(
        "/chorus",
        create_app(
            Host(
                services=made,
                authenticate=authenticate,
                login_address=lambda: "/login",
                signing_key="for tests",
                flow=FakeSendingFlow(),
                dag_runs=FakeDagRuns(),
                connections=FakeConnections(),
                known_users=lambda: [KnownUser(name="anna"), KnownUser(name="zoe", mail="zoe@imprimerie.example")],
            )
        ),
    )
    outer = FastAPI()
    outer.mount(PREFIX, server)
    outer.mount("", server)
    return outer


RETURNED = {"S-1": "SUSPENDUE", "C-1": "A_RECYCLER", "J-1": "REJETEE"}
PAID = {"P-1": "MISE_EN_PAIEMENT", "P-2": "MISE_A_DISPOSITION", "P-3": "MISE_A_DISPOSITION"}
LONG_AGO = {"P-3": dt.timedelta(days=100)}
"""Told so long ago that it should have been paid."""
TO_COMPLETE = ("H-1", "H-2", "H-3", "H-4", "H-5", "H-6")
"""They lack the service that their body demands; a test that changes one takes one that no other test uses."""


def _fill(office: Office) -> None:
    for number in (*RETURNED, *PAID, "R-1", "R-2"):
        office.file(number, cast.ANNECY)
    for number in TO_COMPLETE:
        office.file(number, cast.HOSPITAL, service_code=None)
    office.file("U-1", cast.UNIVERSITY, service_code=None, engagement_number=None)
    # what the portal says of the amount differs from what is printed
    office.file(
        "M-1", cast.HOSPITAL, service_code=None, side_car={"metadata": {"montant": "1 800,00", "commande": "B-17"}}
    )
    publish(
        office.portal,
        "Livraisons/L-17.pdf",
        _DELIVERY,
        {"classification_rule": DELIVERIES, "metadata": {"commande": "B-17"}},
    )
    office.file("N-1", cast.HOSPITAL, service_code=None, side_car={"metadata": {"commercial": "Nord"}})
    office.file("O-1", cast.ANNECY, supplier=replace(cast.DURAND, name="Reliure Martin", siret="40483304800022"))
    office.passes()
    assert {row.state for name, row in office.documents().items() if name in TO_COMPLETE} == {State.TO_COMPLETE}
    office.submit(*RETURNED, *PAID)
    office.platform("clock", advance_seconds=60)
    for number, status in {**RETURNED, **PAID}.items():
        at = dt.datetime.now(dt.UTC) - LONG_AGO[number] if number in LONG_AGO else None
        told = {} if at is None else {"at": at.isoformat()}
        office.platform("status", number=number, status=status, comment=_COMMENTS.get(status), agent=_AGENT, **told)
    office.night()
    assert {office.invoices()[number].status for number in RETURNED} == set(RETURNED.values())
    office.ask(BulkAction.SUBMIT, "R-1", "H-6")
    office.ask(BulkAction.RESTORE, "H-4", "H-6")


def _half_years() -> list[str]:
    """Those in which interest can have begun by now."""
    this = dt.datetime.now(dt.UTC).year
    return [f"{year}-{month:02}-01" for year in (this - 1, this) for month in (1, 7)]


_DELIVERY = b"%PDF-1.4\n%%EOF\n"
"""No criterion takes it: nobody reads it."""

_COMMENTS = {
    "SUSPENDUE": "Bon de livraison absent : merci de le joindre.",
    "A_RECYCLER": "Mauvais service.",
    "REJETEE": "Montant faux.",
}
_AGENT = {
    "first_name": "Claire",
    "last_name": "Petit",
    "mail": "c.petit@annecy.example",
    "phone": "04 50 00 00 00",
}
