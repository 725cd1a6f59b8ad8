"""The people, providers and events of these tests."""

from __future__ import annotations

import datetime as dt

from include.domain.configuration import Audience, Configuration, Group, LabelRight, Mail, People, Provider, User
from include.domain.notification import Event, EventKind, NewEvent, invoice_facts

AT = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
DURAND = User(name="durand", mail="durand@imprimerie.example")
MARTIN = User(name="martin", mail="martin@imprimerie.example", language="en")
ALICE = User(name="alice", mail="alice@imprimerie.example")
SILENT = User(name="silent")
BILLING = Group(name="billing", users=("durand", "martin"))


def provider(name: str = "Imprimerie Durand", siret: str = "33254021516357", **more: object) -> Provider:
    values = {"environment": "simulator", "connection": "c", "notify": Audience(groups=("billing",))} | more
    return Provider.model_validate({"name": name, "siret": siret, **values})


def configuration(*providers: Provider, labels: tuple[LabelRight, ...] = (), **more: object) -> Configuration:
    values: dict[str, object] = {
        "people": People(users=(DURAND, MARTIN, ALICE, SILENT), groups=(BILLING,)),
        "administer": Audience(users=("alice",)),
        "mail": Mail(connection="chorus_smtp", sender="chorus@imprimerie.example"),
        "providers": providers or (provider(),),
        "label_rights": labels,
    }
    return Configuration.model_validate(values | more)


def invoice_event(
    kind: EventKind = EventKind.SUBMITTED, *, invoice_id: int = 1, provider_key: str | None = None, **facts: object
) -> NewEvent:
    given: dict[str, object] = {
        "document": f"f-{invoice_id}.pdf",
        "number": f"2026-{invoice_id}",
        "recipient_name": "Mairie d'Annecy",
        "recipient_siret": "12345678200051",
        "total_incl_tax": "1800.00",
        "user_label": None,
    }
    return NewEvent(
        kind=kind,
        at=AT,
        provider_key=provider_key or provider().key,
        invoice_id=invoice_id,
        facts=invoice_facts(**(given | facts)),  # type: ignore[arg-type]
    )


def alert(code: str = "login_refused", **facts: str) -> NewEvent:
    return NewEvent(kind=EventKind.ALERT, at=AT, facts={"code": code, **facts})


def stored(event: NewEvent, event_id: int = 1) -> Event:
    return Event(
        id=event_id,
        kind=event.kind,
        at=event.at,
        provider_key=event.provider_key,
        invoice_id=event.invoice_id,
        facts=event.facts,
    )
