"""Bank details that the platform does not list keep invoices back, until they are declared there."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from include.adapters.storage.store import Store
from include.application.providers.bank_details import BankLists
from include.application.views.bank_details import list_bank_details
from include.application.views.json_rows import bank_detail
from include.domain.configuration import Provider
from include.domain.directory import BankAccount
from include.domain.lifecycle import State
from tests.factories import PROVIDER_KEY, SUPPLIER
from tests.fakes.chorus import Fault
from tests.fakes.clock import FakeClock
from tests.portal_bench import INVOICE_RULE, PortalBench


@pytest.fixture
def bench(store: Store, tmp_path: Path, clock: FakeClock) -> PortalBench:
    return PortalBench.on(store, tmp_path, clock)


def provider(**bank: Any) -> dict[str, Any]:
    return {
        "name": "Durand",
        "siret": SUPPLIER,
        "environment": "simulator",
        "connection": "c",
        "automatic_submission": True,
        "bank_details": bank,
    }


def configure(bench: PortalBench, **bank: Any) -> Provider:
    association = [{"classification_rule": INVOICE_RULE, "fields": {"bank_details": "rib"}}]
    bench.configure(providers=[provider(**bank)], metadata_association=association)
    return bench.store.configuration.current()[1].providers[0]


def declared(bench: PortalBench, *names: str) -> None:
    account = bench.platform.account(SUPPLIER)
    banks = tuple(BankAccount(id=bench.platform.new_id(), name=name) for name in names)
    bench.platform.accounts[SUPPLIER] = dataclasses.replace(account, bank_accounts=banks)


def listed(bench: PortalBench, found: Provider) -> dict[str, dict[str, Any]]:
    account = BankLists(bench.store.providers, bench.chorus, bench.clock).refresh(found)
    return {row.name: bank_detail(row, "en") for row in list_bank_details(found, account)}


class TestAssessing:
    def test_the_label_chooses_the_account_that_goes_out(self, bench: PortalBench) -> None:
        configure(bench, default="Compte courant", labels=[{"label": "CIC", "name": "Compte CIC"}])
        bench.invoice("LABEL", metadata={"rib": [" cic "]})
        bench.invoice("DEFAULT")
        bench.run()
        ids = {held.sent.number: held.sent.bank_details_id for held in bench.platform.invoices}
        banks = {bank.name: bank.id for bank in bench.platform.account(SUPPLIER).bank_accounts}
        assert ids == {"LABEL": banks["Compte CIC"], "DEFAULT": banks["Compte courant"]}

    @pytest.mark.parametrize(
        ("names", "code"),
        [(("Other",), "bank_details_not_on_platform"), (("Compte", "COMPTE"), "bank_details_ambiguous")],
    )
    def test_once_the_list_is_known_assessing_says_it(
        self, bench: PortalBench, names: tuple[str, ...], code: str
    ) -> None:
        declared(bench, *names)
        found = configure(bench, default="Compte")
        BankLists(bench.store.providers, bench.chorus, bench.clock).refresh(found)
        path = bench.invoice("F1")
        bench.look()
        assert (bench.state_at(path), bench.reasons(bench.at(path))) == (State.TO_COMPLETE, [code])

    def test_while_it_is_not_known_the_pass_of_sending_says_it_and_keeps_the_list(self, bench: PortalBench) -> None:
        configure(bench, default="Compte")
        first = bench.invoice("F1")
        bench.look()
        assert bench.state_at(first) is State.READY
        bench.pipeline().submit(PROVIDER_KEY)
        second = bench.invoice("F2")
        bench.look()
        for path in (first, second):
            assert bench.reasons(bench.at(path)) == ["bank_details_not_on_platform"]
        assert bench.platform.numbers() == []

    def test_a_list_older_than_a_day_no_longer_decides(self, bench: PortalBench) -> None:
        found = configure(bench, default="Compte")
        BankLists(bench.store.providers, bench.chorus, bench.clock).refresh(found)
        bench.fake_clock.advance(days=1)
        path = bench.invoice("F1")
        bench.look()
        assert bench.state_at(path) is State.READY

    def test_declared_on_the_platform_they_are_found_within_an_hour_by_itself(self, bench: PortalBench) -> None:
        configure(bench, default="Compte")
        bench.invoice("F1")
        bench.run()
        declared(bench, "Compte")
        asked = bench.platform.calls["supplier"]
        bench.fake_clock.advance(minutes=10)
        bench.run()
        assert (bench.platform.numbers(), bench.platform.calls["supplier"]) == ([], asked), "not at every pass"
        bench.fake_clock.advance(minutes=50)
        bench.run()
        assert bench.platform.numbers() == ["F1"]

    def test_a_platform_that_does_not_answer_leaves_them_waiting(self, bench: PortalBench) -> None:
        configure(bench, default="Compte")
        path = bench.invoice("F1")
        bench.run()
        bench.fake_clock.advance(hours=1)
        bench.platform.fail("supplier", Fault.UNAVAILABLE)
        bench.run()
        assert bench.state_at(path) is State.TO_COMPLETE

    def test_a_stopped_provider_is_not_asked(self, bench: PortalBench) -> None:
        configure(bench, default="Compte")
        bench.invoice("F1")
        bench.run()
        bench.fake_clock.advance(hours=1)
        bench.store.providers.open_circuit(
            PROVIDER_KEY, half="account", reason="refused", probe_after=dt.timedelta(hours=1), now=bench.clock.now()
        )
        asked = bench.platform.calls["supplier"]
        bench.look()
        assert bench.platform.calls["supplier"] == asked


class TestStore:
    def test_an_account_comes_back_as_it_was_told(self, bench: PortalBench) -> None:
        account = bench.platform.account(SUPPLIER)
        assert bench.store.providers.account(PROVIDER_KEY) is None
        assert bench.store.providers.keep_account(PROVIDER_KEY, account, now=bench.clock.now())
        known = bench.store.providers.account(PROVIDER_KEY)
        assert known is not None and (known.account, known.fetched_at) == (account, bench.clock.now())
        assert not bench.store.providers.keep_account(PROVIDER_KEY, account, now=bench.clock.now())

    def test_it_stands_beside_the_circuit_and_harms_it_not(self, bench: PortalBench) -> None:
        account = bench.platform.account(SUPPLIER)
        bench.store.providers.close_circuit(PROVIDER_KEY, now=bench.clock.now())
        bench.store.providers.keep_account(PROVIDER_KEY, account, now=bench.clock.now())
        bench.store.providers.close_circuit(PROVIDER_KEY, now=bench.clock.now())
        assert bench.store.providers.account(PROVIDER_KEY) is not None
        assert bench.store.providers.health(PROVIDER_KEY).last_success_at == bench.clock.now()


class TestListing:
    def test_default_and_labels_that_fit_none_or_two_are_marked(self, bench: PortalBench) -> None:
        declared(bench, "Compte courant", "Double", "double", "Libre")
        labels = [
            {"label": "a", "name": "Double"},
            {"label": "b", "name": "compte COURANT"},
            {"label": "c", "name": "X"},
        ]
        rows = listed(bench, configure(bench, default="Compte courant", labels=labels))
        assert {name: (r["on_platform"], r["default"], r["labels"]) for name, r in rows.items()} == {
            "Compte courant": (1, True, ["b"]),
            "Double": (2, False, ["a"]),
            "Libre": (1, False, []),
            "X": (0, False, ["c"]),
        }
        problems = {name: r["problem"]["code"] for name, r in rows.items() if r["problem"]}
        assert problems == {"Double": "bank_details_ambiguous", "X": "bank_details_not_on_platform"}
        assert "known: Compte courant, Double, double, Libre" in rows["X"]["problem"]["message"]

    def test_two_accounts_of_one_name_that_nothing_means_are_no_problem(self, bench: PortalBench) -> None:
        declared(bench, "Double", "double")
        assert [r["problem"] for r in listed(bench, configure(bench)).values()] == [None]
