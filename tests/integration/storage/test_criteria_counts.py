"""Criteria counted by what they can tell apart: the numbers of a look at each document, in the time of a few."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import documents, invoices
from include.adapters.storage.store import Store
from include.application.administration import criterion_trial
from include.application.administration.association_trial import NEWEST, look_into, rules_in
from include.application.administration.criterion_trial import Outcome, count_criteria, count_older, try_wanted
from include.application.intake.include_older import older_documents
from include.application.intake.preview_criteria import try_criteria
from include.application.ports.portal import MAX_BYTES
from include.domain.configuration import Configuration
from include.domain.lifecycle import State
from tests.factories import SUPPLIER, configuration
from tests.fakes.clock import START

DAY = dt.timedelta(days=1)
DURAND = {"name": "Durand", "siret": SUPPLIER, "environment": "simulator", "connection": "c"}
CRITERIA: list[dict[str, Any]] = [
    {"name": "rule", "classification_rule": "Facture client", "since": START.isoformat()},
    {"name": "folder", "folder": "/Comptabilité", "subfolders": True, "since": (START - 5 * DAY).isoformat()},
    {"name": "of durand", "folder": "/Ventes", "since": "always", "providers": ["Durand"]},
]


def made(*criteria: dict[str, Any]) -> Configuration:
    return configuration(providers=[DURAND], criteria=list(criteria))


def file(store: Store, count: int, **given: list[Any]) -> None:
    """Documents drawn from these values, the same in every run."""
    draw = random.Random(4)
    values: dict[str, list[Any]] = {
        "name": ["a.pdf", "A.PDF", "a.docx"],
        "folder": ["/Comptabilite/2026", "/comptabilité", "/Ventes", "/Ventes/Nord", "/"],
        "classification_rule": ["Facture client", "facture CLIENT", "Avoir", None, ""],
        "arrived_at": [START - 9 * DAY, START - 5 * DAY, START - DAY, START, START + DAY],
        "size": [1, MAX_BYTES, MAX_BYTES + 1],
        "state": [State.DETECTED, State.IGNORED, State.READY, State.SUBMITTED, State.HELD],
        "supplier_siret": [None, SUPPLIER, "40483304800022"],
        "backfilled": [None, ["rule"]],
        **given,
    }
    made_of: list[int] = []
    with store.database.write() as connection:
        for number in range(count):
            row = {name: draw.choice(choices) for name, choices in values.items()}
            of_invoice = {name: row.pop(name) for name in ("state", "supplier_siret", "backfilled")}
            document = connection.execute(
                documents.insert().values(
                    portal_id=f"{number}", signature="s", content_sha256=f"{number:064d}", metadata_sha256="m",
                    metadata={f"m{number % 7}": ["x"]}, links=[], first_seen_at=START, **row,
                )
            ).inserted_primary_key[0]  # fmt: skip
            stamps = {"created_at": START, "changed_at": START}
            row_id = connection.execute(invoices.insert().values(document_id=document, **of_invoice, **stamps))
            made_of.append(row_id.inserted_primary_key[0])
        list_again(connection, made_of)


def test_counted_by_groups_is_counted_one_by_one(store: Store) -> None:
    file(store, 400)
    stock, current, wanted = store.portal_stock, made(*CRITERIA[:2]), made(*CRITERIA)
    report = try_criteria(stock, wanted)
    counts, found = count_criteria(stock, wanted)
    assert found.documents == 400 and len(found.groups) < 400
    told = [(one.criterion.name, one.taken, one.too_old) for one in counts]
    assert told == [(one.criterion.name, len(one.taken), one.older) for one in report.criteria]
    assert all(taken for _, taken, _ in told)
    older = list(older_documents(stock, wanted, "rule"))
    assert count_older(stock, wanted, "rule") == len(older) > 0
    trial = try_wanted(stock, current, wanted, "of durand")
    before = {one.stored.document_id: bool(one.taken_by) for one in try_criteria(stock, current).documents}
    waits = (State.DETECTED, State.IGNORED)
    more = [
        one
        for one in report.documents
        if "of durand" in one.taken_by and not before[one.stored.document_id] and one.stored.row_version.state in waits
    ]
    assert (trial.documents, trial.tried, trial.more) == (400, 400, len(more)) and more
    assert trial.taken == sum("of durand" in one.taken_by for one in report.documents)
    assert {one.outcome for one in trial.sample} >= {Outcome.MORE, Outcome.NOT_TAKEN}


def test_a_large_portal_is_read_in_as_many_rows_as_it_has_kinds_of_documents(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(store, 3000, folder=["/Ventes"], name=["a.pdf"], classification_rule=["Facture client"], backfilled=[None])
    looked: list[int] = []
    report_on = criterion_trial.report_on
    monkeypatch.setattr(
        criterion_trial, "report_on", lambda one, of: looked.append(one.document_id) or report_on(one, of)
    )
    monkeypatch.setattr(type(store.portal_stock), "documents", lambda _self: pytest.fail("each document was read"))
    trial = try_wanted(store.portal_stock, made(*CRITERIA[:1]), made(*CRITERIA), "of durand")
    assert trial.documents == trial.tried == 3000 and trial.taken > 0
    assert len(set(looked)) <= 2 * 3 * 5 * 3, "size, time, state and supplier tell these apart"
    rules = rules_in(store.portal_stock)
    rule = rules["facture client"]
    look_into(store.portal_stock, rule)
    assert (rule.documents, len(rule.newest), len(rule.metadata)) == (3000, NEWEST, 7)
    assert rule.newest[-1].document.portal_id == "2999"


def test_what_is_too_different_to_be_counted_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    file(store, 60)
    monkeypatch.setattr(criterion_trial, "MOST_GROUPS", 5)
    trial = try_wanted(store.portal_stock, made(), made(*CRITERIA), "rule")
    assert 5 <= trial.tried < trial.documents == 60


def test_spellings_of_a_rule_are_one_rule(store: Store) -> None:
    file(store, 200)
    stock = store.portal_stock
    rules = rules_in(stock)
    assert set(rules) == {"facture client", "avoir"}
    spelt = {"Facture client", "facture CLIENT"}
    mine = [one for one in stock.documents() if one.document.classification_rule in spelt]
    look_into(stock, rules["facture client"])
    assert rules["facture client"].documents == len(mine)
    assert [one.document_id for one in rules["facture client"].newest] == [one.document_id for one in mine][-NEWEST:]
