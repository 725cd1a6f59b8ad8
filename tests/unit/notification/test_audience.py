"""Who hears of what, and how often."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from include.domain.configuration import Audience, Configuration, LabelRight
from include.domain.notification import AddressBook, Digest, EventKind, NewEvent, digests, mail_failed, mail_waiting
from tests.unit.notification.people import AT, DURAND, alert, configuration, invoice_event, provider, stored

HOST = "imprimerie.example"


def told(config: Configuration, event: NewEvent) -> dict[str, bool]:
    """Name -> whether by mail."""
    return {who.name: who.mailed for who in AddressBook(config).addressees(event)}


def made(config: Configuration, *events: NewEvent, host: str = HOST) -> list[Digest]:
    return digests([stored(event, n) for n, event in enumerate(events, 1)], AddressBook(config), host=host)


def test_users_and_members_of_groups_hear_each_once() -> None:
    config = configuration(provider(notify=Audience(users=("durand", "alice"), groups=("billing",))))
    addressees = AddressBook(config).addressees(invoice_event())
    assert [who.name for who in addressees] == ["alice", "durand", "martin"]
    assert all(who.mailed for who in addressees)


def test_who_has_no_mail_address_or_is_unknown_hears_on_the_dashboard() -> None:
    config = configuration(provider(notify=Audience(users=("silent", "airflow_only"))))
    assert told(config, invoice_event()) == {"silent": False, "airflow_only": False}


def test_without_audience_who_uses_or_administers_finds_it_on_the_dashboard_and_nobody_is_mailed() -> None:
    config = configuration(provider(notify=Audience(), use=Audience(users=("durand",))))
    assert told(config, invoice_event()) == {"durand": False, "alice": False}


def test_an_event_of_a_provider_that_is_gone_reaches_the_administrators_dashboard() -> None:
    assert told(configuration(), invoice_event(provider_key="simulator:gone")) == {"alice": False}


def test_alerts_go_to_who_administers_unless_there_is_an_audience_for_them() -> None:
    assert told(configuration(), alert()) == {"alice": True}
    assert told(configuration(alerts=Audience(groups=("billing",))), alert()) == {"durand": True, "martin": True}
    assert told(configuration(alerts=Audience()), alert()) == {}


def test_a_refused_mail_is_told_to_the_others_only() -> None:
    config = configuration(alerts=Audience(users=("alice", "durand")))
    assert told(config, mail_failed(DURAND, EventKind.SUBMITTED, "550", AT)) == {"alice": True, "durand": False}


def test_a_refused_alert_and_a_silent_server_are_told_on_dashboards_only() -> None:
    config = configuration(alerts=Audience(users=("alice", "durand")))
    assert not any(told(config, mail_failed(DURAND, EventKind.ALERT, "550", AT)).values())
    assert not any(told(config, mail_waiting("down", AT)).values())


def test_a_bad_address_is_told_once_a_day_in_paris() -> None:
    late = dt.datetime(2026, 11, 20, 22, 59, tzinfo=dt.UTC)
    first, second, third, other = (
        mail_failed(DURAND, EventKind.SUBMITTED, "550", AT),
        mail_failed(DURAND, EventKind.STATUS_CHANGED, "551", late),
        mail_failed(DURAND, EventKind.SUBMITTED, "550", late + dt.timedelta(minutes=1)),
        mail_failed(DURAND.model_copy(update={"mail": "new@imprimerie.example"}), EventKind.SUBMITTED, "550", AT),
    )
    assert first.once == second.once
    assert len({first.once, third.once, other.once}) == 3
    assert "@" not in str(first.once)


@pytest.mark.parametrize(
    ("label", "hears"), [("DURÀND", True), ("Martin;Durand", True), ("Martin", False), (None, False)]
)
def test_who_may_see_some_labels_only_hears_of_those_only(label: str | None, hears: bool) -> None:
    config = configuration(provider(loading="local"), labels=(LabelRight(user="durand", label="Durand"),))
    assert ("durand" in told(config, invoice_event(user_label=label))) is hears
    assert "martin" in told(config, invoice_event(user_label=label))


def test_label_rights_hold_in_local_mode_only() -> None:
    config = configuration(provider(loading="remote"), labels=(LabelRight(user="durand", label="Durand"),))
    assert "durand" in told(config, invoice_event(user_label="Martin"))


def test_one_digest_per_kind_and_person() -> None:
    found = made(
        configuration(),
        invoice_event(invoice_id=1),
        invoice_event(invoice_id=2),
        invoice_event(EventKind.AWAITING_SUBMISSION, invoice_id=3),
        alert(),
    )
    assert sorted((d.user, d.kind.value, d.event_ids) for d in found) == [
        ("alice", "alert", (4,)),
        ("durand", "awaiting_submission", (3,)),
        ("durand", "submitted", (1, 2)),
        ("martin", "awaiting_submission", (3,)),
        ("martin", "submitted", (1, 2)),
    ]


def test_providers_of_one_person_share_the_digest() -> None:
    other = provider("Autre", "55203253400646")
    found = made(
        configuration(provider(), other),
        invoice_event(invoice_id=1),
        invoice_event(invoice_id=2, provider_key=other.key),
    )
    assert [d.event_ids for d in found if d.user == "durand"] == [(1, 2)]


def test_a_digest_counts_invoices_and_not_their_events() -> None:
    changed = EventKind.STATUS_CHANGED
    found = made(configuration(), *(invoice_event(changed, invoice_id=n, status="MANDATEE") for n in (1, 1, 2)))
    assert {d.count for d in found} == {2}
    assert {d.count for d in made(configuration(), alert(), alert())} == {2}


def test_the_message_id_depends_on_kind_person_and_events_only() -> None:
    events = [invoice_event(invoice_id=n) for n in (1, 2)]
    ids = {d.user: d.message_id for d in made(configuration(), *events)}
    assert ids == {d.user: d.message_id for d in made(configuration(), *events)}
    other_kind = [dataclasses.replace(event, kind=EventKind.STATUS_CHANGED) for event in events]
    other_time = [dataclasses.replace(event, at=AT + dt.timedelta(days=1)) for event in events]
    other_times = [dataclasses.replace(events[0], at=AT - dt.timedelta(days=1)), events[1]]
    batches = (events[:1], other_kind, other_time, other_times)
    others = [d.message_id for batch in batches for d in made(configuration(), *batch)]
    assert len({*ids.values(), *others}) == 10


def test_the_message_id_begins_with_the_time_of_its_latest_event() -> None:
    early, late = invoice_event(), dataclasses.replace(invoice_event(), at=AT + dt.timedelta(hours=1))
    (digest, _) = made(configuration(), late, early)
    assert digest.message_id.startswith("<20261120T090000.submitted.")
    assert digest.message_id.endswith("@imprimerie.example>")


@pytest.mark.parametrize("host", ["x>y", "é.fr", "", "-x", "a\nb"])
def test_a_strange_host_never_gets_into_the_message_id(host: str) -> None:
    assert all(d.message_id.endswith("@chorus.invalid>") for d in made(configuration(), invoice_event(), host=host))
