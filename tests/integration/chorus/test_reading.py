"""What the gateway and the directory ask and keep, where the platform answers otherwise than the simulator does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from include.adapters.chorus.chorus import RestChorus
from include.adapters.chorus.directory import RestDirectory
from include.domain.configuration import Provider
from include.domain.errors import RemoteRefusedError, RemoteUnavailableError
from tests.fakes.clock import FakeClock
from tests.integration.chorus import scripted_server as does
from tests.integration.chorus.scripted_server import ScriptedServer

BODY = "12345678200051"
STRUCTURES = "structures/actives/fournisseur"
SEARCH = "rechercher/fournisseur"


def good(**values: Any) -> does.Behaviour:
    return does.reply_json(200, {"codeRetour": 0, "libelle": "x", **values})


def row(chorus_id: int, number: str) -> dict[str, Any]:
    return {"identifiantFactureCPP": chorus_id, "numeroFacture": number, "statut": "DEPOSEE"}


def asked(server: ScriptedServer, ending: str) -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in server.calls(ending)]


@pytest.fixture
def supplier(server: ScriptedServer, provider: Provider) -> None:
    mine = {"idStructureCPP": 7, "identifiant": provider.siret}
    server.answers_on(STRUCTURES, good(listeStructures=[{"idStructureCPP": 6, "identifiant": BODY}, mine]))


@pytest.mark.usefixtures("supplier")
class TestSearch:
    def test_it_asks_by_supplier_and_by_the_number_as_given(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(SEARCH, good(listeFactures=None))
        assert chorus.gateway(provider).search("fa 12") == []
        (body,) = asked(server, SEARCH)
        assert (body["idFournisseur"], body["numeroFacture"]) == (7, "fa 12")

    def test_only_rows_with_the_same_folded_number_are_kept(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(SEARCH, good(listeFactures=[row(1, "FA 12"), row(2, "fa12"), row(3, "FA 123"), row(4, "")]))
        assert [found.chorus_id for found in chorus.gateway(provider).search("Fa12")] == [1, 2]

    def test_pages_are_read_until_one_is_empty_whatever_the_totals_say(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        totals = {"parametresRetour": {"pages": 1, "total": 1, "pageCourante": 1, "nbResultatsParPage": 10}}
        server.answers(
            good(listeFactures=[row(1, "F-1")], **totals),
            good(listeFactures=[row(2, "F-1")], **totals),
            good(listeFactures=[], **totals),
        )
        assert [found.chorus_id for found in chorus.gateway(provider).search("F-1")] == [1, 2]
        pages = [body["rechercheFactureParFournisseur"]["pageResultatDemandee"] for body in asked(server, SEARCH)]
        assert pages == [1, 2, 3]

    def test_a_platform_that_ignores_the_page_number_ends_the_search_too(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(SEARCH, good(listeFactures=[row(1, "F-1")]))
        assert len(chorus.gateway(provider).search("F-1")) == 1
        assert len(asked(server, SEARCH)) == 2

    @pytest.mark.parametrize("listed", [[{"numeroFacture": "F-1"}], {"facture": 1}])
    def test_an_answer_that_cannot_be_read_is_no_empty_search(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider, listed: object
    ) -> None:
        server.answers_on(SEARCH, good(listeFactures=listed))
        with pytest.raises(RemoteUnavailableError):
            chorus.gateway(provider).search("F-1")

    def test_a_search_that_fails_on_a_later_page_fails_whole(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers(good(listeFactures=[row(1, "F-1")]), does.reply(503))
        with pytest.raises(RemoteUnavailableError):
            chorus.gateway(provider).search("F-1")

    def test_the_supplier_is_looked_up_once(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers_on(SEARCH, good(listeFactures=[]))
        gateway = chorus.gateway(provider)
        gateway.search("F-1")
        gateway.search("F-2")
        assert len(server.calls(STRUCTURES)) == 1


class TestSupplier:
    def test_an_account_without_this_supplier_is_a_refusal_that_names_the_siret(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers(good(listeStructures=[{"idStructureCPP": 6, "identifiant": BODY}]))
        with pytest.raises(RemoteRefusedError, match=provider.siret):
            chorus.gateway(provider).supplier()

    @pytest.mark.usefixtures("supplier")
    def test_no_bank_details_are_no_fault(self, server: ScriptedServer, chorus: RestChorus, provider: Provider) -> None:
        server.answers(good(listeCoordonneeBancaire=None))
        account = chorus.gateway(provider).supplier()
        assert (account.structure_id, account.bank_accounts) == (7, ())

    def test_a_large_file_on_a_slow_line_may_take_longer_than_a_connection_may(
        self, server: ScriptedServer, make_chorus: Callable[..., RestChorus], provider: Provider
    ) -> None:
        server.answers(good(pieceJointeId=5))
        server.reads_after_seconds = 0.6
        gateway = make_chorus(server.url, connect_seconds=0.3).gateway(provider)
        assert gateway.upload("a.pdf", bytes(20_000_000), "application/pdf") == 5
        assert len(server.calls()) == 1

    def test_an_upload_without_an_id_is_no_upload(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers(good(pieceJointeId=None))
        with pytest.raises(RemoteUnavailableError):
            chorus.gateway(provider).upload("a.pdf", b"", "application/pdf")

    def test_an_analysis_needs_no_code_but_heeds_one(
        self, server: ScriptedServer, chorus: RestChorus, provider: Provider
    ) -> None:
        server.answers(does.reply_json(200, {"pieceJointeId": 5, "numeroFacture": "F-1"}))
        analysis = chorus.gateway(provider).analyse("a.pdf", b"", signed=False)
        assert (analysis.upload_id, analysis.fields["invoice_number"].value) == (5, "F-1")
        server.answers(does.reply_json(200, {"pieceJointeId": 5, "codeRetour": 29900, "libelle": "illisible"}))
        with pytest.raises(RemoteRefusedError):
            chorus.gateway(provider).analyse("a.pdf", b"", signed=False)


@pytest.fixture
def directory_of(server: ScriptedServer, chorus: RestChorus, provider: Provider) -> Callable[..., RestDirectory]:
    """A body with these demands and three services, two of them active."""

    def make(demands: dict[str, Any] | None, *, services_consulted: int = 200) -> RestDirectory:
        found = {"idStructureCPP": 9, "identifiantStructure": BODY, "designationStructure": "Ville", "statut": "ACTIVE"}
        services = [{"idService": n, "codeService": f"S{n}", "estActif": n < 3} for n in (1, 2, 3)]
        server.answers_on("structures/v1/rechercher", good(listeStructures=[found]))
        server.answers_on("structures/v1/consulter", good(parametres=demands))
        server.answers_on("rechercher/services", good(listeServices=services))
        server.answers_on("consulter/service", good(parametres={"numeroEngagement": True}))
        transport = chorus.gateway(provider)._transport
        return RestDirectory(transport, FakeClock(), services_consulted=services_consulted)

    return make


class TestDirectory:
    def test_only_active_services_are_asked_for_their_own_demand(
        self, server: ScriptedServer, directory_of: Callable[..., RestDirectory]
    ) -> None:
        entry = directory_of(None).find(BODY)
        assert entry is not None and not entry.engagement_required and entry.reports_payment
        assert [body["idService"] for body in asked(server, "consulter/service")] == [1, 2]
        assert [service.engagement_required for service in entry.services] == [True, True, False]

    def test_a_body_that_demands_an_engagement_of_all_needs_no_question_per_service(
        self, server: ScriptedServer, directory_of: Callable[..., RestDirectory]
    ) -> None:
        entry = directory_of({"numeroEJDoitEtreRenseigne": True}).find(BODY)
        assert entry is not None and entry.engagement_required
        assert asked(server, "consulter/service") == []

    def test_a_choice_between_service_and_engagement_leaves_the_question(
        self, server: ScriptedServer, directory_of: Callable[..., RestDirectory]
    ) -> None:
        both = {"numeroEJDoitEtreRenseigne": True, "gestionNumeroEJOuCodeService": True}
        entry = directory_of(both).find(BODY)
        assert entry is not None and entry.service_or_engagement
        assert len(asked(server, "consulter/service")) == 2

    def test_of_two_bodies_with_one_siret_the_active_one_counts(
        self, server: ScriptedServer, directory_of: Callable[..., RestDirectory]
    ) -> None:
        directory = directory_of(None)
        bodies = [
            {"idStructureCPP": n, "identifiantStructure": BODY, "statut": s} for n, s in ((8, "INACTIVE"), (9, None))
        ]
        server.answers_on("structures/v1/rechercher", good(listeStructures=bodies))
        entry = directory.find(BODY)
        assert entry is not None
        assert (entry.structure_id, entry.active, entry.name) == (9, True, BODY)

    def test_too_many_services_are_not_asked_one_by_one_and_that_is_logged(
        self,
        server: ScriptedServer,
        directory_of: Callable[..., RestDirectory],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        entry = directory_of(None, services_consulted=1).find(BODY)
        assert entry is not None and len(entry.services) == 3
        assert asked(server, "consulter/service") == []
        assert "2 active services" in caplog.text


def test_where_the_search_for_recipients_is_refused_structures_are_searched(
    server: ScriptedServer, directory_of: Callable[..., RestDirectory]
) -> None:
    refused = does.reply_json(200, {"codeRetour": 20001, "libelle": "operation inconnue"})
    server.answers_on("rechercher/destinataire", refused)
    closed = {"idStructureCPP": 8, "identifiantStructure": "21330063500017", "statut": "INACTIVE"}
    found = {"idStructureCPP": 9, "identifiantStructure": BODY, "designationStructure": "Ville", "statut": "ACTIVE"}
    directory = directory_of(None)
    server.answers_on("structures/v1/rechercher", good(listeStructures=[found, closed, found]))
    [body] = directory.search("Vil", limit=20)
    assert (body.siret, body.name, body.town, body.active) == (BODY, "Ville", None, True)
    sent = [one["structure"] for one in asked(server, "structures/v1/rechercher")]
    assert sent == [
        {"raisonSocialeStructure": "Vil", "typeStructure": "PUBLIQUE"},
        {"adresseVille": "Vil", "typeStructure": "PUBLIQUE"},
    ]
    assert [one.siret for one in directory.search(BODY, limit=20)] == [BODY]
