"""How tracking reads where the platform answers otherwise than the simulator does."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from include.adapters.chorus.chorus import RestChorus
from include.adapters.chorus.tracking import SAME_PAGES, SMALLEST_KNOWN_CAP
from include.domain.configuration import Provider
from include.domain.errors import RemoteUnavailableError
from include.domain.tracking import EntryKind
from tests.integration.chorus import scripted_server as does
from tests.integration.chorus.scripted_server import ScriptedServer

STRUCTURES = "structures/actives/fournisseur"
SEARCH = "rechercher/fournisseur"
HISTORY = "consulter/historique"
CONSULT = "consulter/fournisseur"
SINCE = dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)


def good(**values: Any) -> does.Behaviour:
    return does.reply_json(200, {"codeRetour": 0, "libelle": "x", **values})


def row(chorus_id: int, day: str = "2026-11-02") -> dict[str, Any]:
    return {
        "identifiantFactureCPP": chorus_id,
        "numeroFacture": f"F-{chorus_id}",
        "statut": "DEPOSEE",
        "dateDepot": day,
    }


def page(*ids: int, day: str = "2026-11-02", **told: int) -> does.Behaviour:
    return good(listeFactures=[row(chorus_id, day) for chorus_id in ids], parametresRetour=told)


def asked(server: ScriptedServer, ending: str) -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in server.calls(ending)]


@pytest.fixture(autouse=True)
def supplier(server: ScriptedServer, provider: Provider) -> None:
    server.answers_on(STRUCTURES, good(listeStructures=[{"idStructureCPP": 7, "identifiant": provider.siret}]))


def ids(chorus: RestChorus, provider: Provider) -> list[int]:
    pages = chorus.gateway(provider).search_since(SINCE, page_size=2)
    return [found.chorus_id for one in pages for found in one.rows]


class TestSearch:
    def test_it_asks_with_a_lower_bound_alone_a_stable_sort_and_an_explicit_maximum(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(SEARCH, page())
        assert ids(chorus, provider) == []
        (body,) = asked(server, SEARCH)
        paging = body.pop("rechercheFactureParFournisseur")
        assert body == {"idFournisseur": 7, "periodeDateHeureEtatCourantDu": "2026-11-01T06:30:00.000+00:00"}
        assert (paging["triColonne"], paging["triSens"], paging["nbResultatsParPage"]) == ("DateDepot", "Ascendant", 2)
        assert paging["nbResultatsMaximum"] >= 100_000

    def test_it_reads_on_until_a_page_is_empty_whatever_the_totals_say(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers(page(1, 2, pages=1, total=2), page(3, pages=1, total=2), page())
        assert ids(chorus, provider) == [1, 2, 3]

    def test_a_platform_that_shows_its_last_page_for_ever_comes_to_an_end(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers(page(1, 2, pages=2), *[page(3, pages=2)] * 2)
        assert ids(chorus, provider) == [1, 2, 3]

    def test_rows_that_were_pushed_by_a_whole_page_are_no_end(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers(page(1, 2, pages=9), page(1, 2, pages=9), page(3, pages=9), page())
        assert ids(chorus, provider) == [1, 2, 1, 2, 3]

    def test_a_platform_that_never_turns_the_page_is_an_error(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(SEARCH, page(1, 2, pages=99))
        with pytest.raises(RemoteUnavailableError, match="same page"):
            ids(chorus, provider)
        assert len(asked(server, SEARCH)) == SAME_PAGES + 1

    def test_what_was_perhaps_cut_is_read_on_from_the_last_deposit_day(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        many = list(range(1, SMALLEST_KNOWN_CAP + 1))
        server.answers(
            page(*many[:-1], day="2026-11-02"),
            page(many[-1], day="2026-11-03"),
            page(),
            page(many[-1], 900, day="2026-11-03"),
            page(901, day="2026-11-04"),
            page(),
        )
        assert ids(chorus, provider) == [*many, many[-1], 900, 901]
        days = [body.get("periodeDateDepotDu") for body in asked(server, SEARCH)]
        assert days == [None] * 3 + ["2026-11-03"] * 3, "a result below the cap was not cut"

    def test_a_full_result_that_brings_nothing_new_from_its_last_day_is_the_end(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        many = list(range(1, SMALLEST_KNOWN_CAP + 1))
        server.answers(page(*many), page(), page(*many), page())
        assert len(set(ids(chorus, provider))) == SMALLEST_KNOWN_CAP
        assert len(asked(server, SEARCH)) == 4


class TestHistory:
    def test_the_history_of_another_invoice_is_an_error(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(HISTORY, good(idFacture=2))
        with pytest.raises(RemoteUnavailableError):
            chorus.gateway(provider).history(1)

    def test_the_three_lists_may_be_missing(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(HISTORY, good(idFacture=1, statutCourantCode="DEPOSEE", historiquesDesStatuts=None))
        told = chorus.gateway(provider).history(1)
        assert (told.status, told.entries) == ("DEPOSEE", ())

    def test_entries_are_sorted_by_time_and_named_by_what_they_say_where_they_have_no_id(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        entries = [
            {"histoStatutCode": "MANDATEE", "histoStatutDatePassage": "2026-11-03 10:00"},
            {"histoStatutCode": "DEPOSEE", "histoStatutDatePassage": "2026-11-01 10:00"},
            {"histoStatutCode": "MANDATEE", "histoStatutDatePassage": "2026-11-03 10:00"},
        ]
        server.answers_on(HISTORY, good(idFacture=1, historiquesDesStatuts={"histoStatut": entries}))
        told = chorus.gateway(provider).history(1)
        assert [entry.code for entry in told.entries] == ["DEPOSEE", "MANDATEE", "MANDATEE"]
        assert told.entries[0].at == dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
        assert len({entry.entry_id for entry in told.entries}) == 3
        assert chorus.gateway(provider).history(1) == told

    def test_further_pages_of_the_lesser_lists_begin_anew_with_our_page_size(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        def actions(*numbers: int, pages: int) -> does.Behaviour:
            found = [
                {
                    "histoActionId": n,
                    "histoActionCode": "TELECHARGEMENT_FACTURE",
                    "histoActionDateHeure": "2026-11-01 10:00",
                }
                for n in numbers
            ]
            return good(
                idFacture=1, historiquesDesActionsUtilisateurs={"histoAction": found, "pagesHistoAction": pages}
            )

        server.answers(actions(*range(10), pages=2), actions(*range(12), pages=1))
        told = chorus.gateway(provider).history(1)
        assert [entry.kind for entry in told.entries] == [EntryKind.ACTION] * 12
        first, second = asked(server, HISTORY)
        assert "paramRechercheHistoActionsUtilisateurs" not in first
        paging = second["paramRechercheHistoActionsUtilisateurs"]
        assert paging == {"nbResultatsParPageListeHistoAction": 100, "pageResultatDemandeeListeHistoAction": 1}


def test_the_detail_of_another_invoice_is_an_error(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers_on(CONSULT, good(facture={"identifiantFactureCPP": 2}))
    with pytest.raises(RemoteUnavailableError):
        chorus.gateway(provider).consult(1)


def test_a_detail_may_lack_every_part(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
    server.answers_on(CONSULT, good(facture={"identifiantFactureCPP": 1, "references": None}))
    told = chorus.gateway(provider).consult(1)
    assert (told.invoice.status, told.invoice.total_incl_tax, told.attachments) == ("UNKNOWN", None, ())


def test_a_detail_that_is_missing_altogether_is_an_error(
    server: ScriptedServer, chorus: RestChorus, provider: Provider
) -> None:
    server.answers_on(CONSULT, good(facture=None))
    with pytest.raises(RemoteUnavailableError):
        chorus.gateway(provider).consult(1)
