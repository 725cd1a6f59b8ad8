from __future__ import annotations

import re
from typing import Any

import pytest

from tests.contracts.simulator.caller import SUBMIT, Caller

RECEIVE = "factures/traiter/recue"


def submitted(api: Caller, status: str | None = None, **changes: Any) -> int:
    chorus_id = int(api.submit(**changes)["identifiantFactureCPP"])
    if status is not None:
        api.control("status", {"chorus_id": chorus_id, "status": status, "comment": "motif"})
    return chorus_id


def history(api: Caller, chorus_id: int, **page: Any) -> dict[str, Any]:
    return api.ok("factures/consulter/historique", {"idFacture": chorus_id, **page})


def codes(api: Caller, chorus_id: int) -> list[str]:
    """Statuses, oldest first."""
    rows = history(api, chorus_id)["historiquesDesStatuts"]["histoStatut"]
    return [row["histoStatutCode"] for row in reversed(rows)]


def test_time_hands_the_invoice_to_the_recipient(api: Caller) -> None:
    chorus_id = submitted(api)
    assert codes(api, chorus_id) == ["DEPOSEE"]
    api.control("clock", {"advance_seconds": 61})
    assert codes(api, chorus_id) == ["DEPOSEE", "MISE_A_DISPOSITION"]


def test_time_can_pay_but_not_for_a_body_that_reports_no_payment(api: Caller) -> None:
    cycle = {
        "DEPOSEE": {"to": "MISE_A_DISPOSITION", "after_seconds": 10},
        "MISE_A_DISPOSITION": {"to": "MANDATEE", "after_seconds": 10},
        "MANDATEE": {"to": "MISE_EN_PAIEMENT", "after_seconds": 10},
    }
    api.control("settings", {"life_cycle": cycle})
    paid = submitted(api)
    silent = submitted(api, destinataire__codeDestinataire="00000000415073")
    api.control("clock", {"advance_seconds": 100})
    assert codes(api, paid) == ["DEPOSEE", "MISE_A_DISPOSITION", "MANDATEE", "MISE_EN_PAIEMENT"]
    assert codes(api, silent) == ["DEPOSEE", "MISE_A_DISPOSITION", "MANDATEE"]


def test_a_life_cycle_that_turns_in_a_circle_is_not_taken(api: Caller) -> None:
    cycle = {"A": {"to": "B", "after_seconds": 0}, "B": {"to": "A", "after_seconds": 0}}
    assert api.http.post("/_control/settings", json={"life_cycle": cycle}).status_code == 400
    assert set(api.control("settings")["life_cycle"]) == {"DEPOSEE"}


def test_the_control_door_sets_any_status_with_agent_and_time(api: Caller) -> None:
    chorus_id = submitted(api)
    agent = {"first_name": "Anne", "last_name": "Roux", "mail": "a.roux@mairie.example", "phone": "0450000000"}
    api.control(
        "status",
        {
            "chorus_id": chorus_id,
            "status": "STATUT_INVENTE",
            "comment": "pour voir",
            "agent": agent,
            "at": "2026-11-21T09:30:00Z",
        },
    )
    told = history(api, chorus_id)
    assert (told["idFacture"], told["statutCourantCode"]) == (chorus_id, "STATUT_INVENTE")
    newest = told["historiquesDesStatuts"]["histoStatut"][0]
    assert newest["histoStatutDatePassage"] == "2026-11-21 10:30"
    assert newest["histoStatutCommentaire"] == "pour voir"
    assert newest["histoStatutUtilisateurPrenom"] == "Anne"
    assert newest["histoStatutUtilisateurEmail"] == "a.roux@mairie.example"


def test_history_is_newest_first_and_paged(api: Caller) -> None:
    chorus_id = submitted(api)
    for number in range(11):
        api.control("status", {"chorus_id": chorus_id, "status": f"S{number}"})
    told = history(api, chorus_id)["historiquesDesStatuts"]
    assert [row["histoStatutCode"] for row in told["histoStatut"]] == [f"S{number}" for number in range(10, 0, -1)]
    assert (told["totalHistoStatut"], told["pagesHistoStatut"], told["nbResultatsParPageHistoStatut"]) == (12, 2, 10)
    second = {"paramRechercheHistoStatuts": {"pageResultatDemandeeListeHistoStatut": 2}}
    rows = history(api, chorus_id, **second)["historiquesDesStatuts"]["histoStatut"]
    assert [row["histoStatutCode"] for row in rows] == ["S0", "DEPOSEE"]
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", row["histoStatutDatePassage"]) for row in rows)


def test_the_search_carries_the_comment_of_the_current_status(api: Caller) -> None:
    submitted(api, "SUSPENDUE", numeroFactureSaisi="FA-1")
    row = api.search(numeroFacture="FA-1")[0]
    assert (row["statut"], row["commentaireEtatCourant"]) == ("SUSPENDUE", "motif")


def test_the_recipient_treats_an_invoice(api: Caller) -> None:
    chorus_id = submitted(api)
    for status in ("MISE_A_DISPOSITION", "SERVICE_FAIT", "MANDATEE", "MISE_EN_PAIEMENT"):
        told = api.ok(RECEIVE, {"idFacture": chorus_id, "nouveauStatut": status})
        assert told["nouveauStatut"] == status
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", told["dateTraitement"])
    assert codes(api, chorus_id)[-1] == "MISE_EN_PAIEMENT"


def test_the_recipient_can_do_nothing_in_the_wrong_state_or_without_a_reason(api: Caller) -> None:
    chorus_id = submitted(api)
    assert api.refused(RECEIVE, {"idFacture": chorus_id, "nouveauStatut": "MISE_EN_PAIEMENT"}) == 29911
    api.ok(RECEIVE, {"idFacture": chorus_id, "nouveauStatut": "MISE_A_DISPOSITION"})
    for status in ("REJETEE", "SUSPENDUE"):
        assert api.refused(RECEIVE, {"idFacture": chorus_id, "nouveauStatut": status}) == 29912
    assert api.call(RECEIVE, {"idFacture": chorus_id, "nouveauStatut": "ABANDONNEE"}).status_code == 400
    api.ok(RECEIVE, {"idFacture": chorus_id, "nouveauStatut": "REJETEE", "motif": "montant"})
    assert api.refused(RECEIVE, {"idFacture": chorus_id, "nouveauStatut": "MANDATEE"}) == 29911


def test_possible_moves_can_be_asked(api: Caller) -> None:
    asked = {"statutCourant": "MISE_A_DISPOSITION"}
    rows = api.ok("transverses/recuperer/etats/traitement", asked)["listeStatutsPossiblesPourTraitement"]
    assert "SUSPENDUE" in [row["statutPossiblePourTraitement"] for row in rows]


def test_a_suspended_invoice_is_completed(api: Caller) -> None:
    chorus_id = submitted(api, "SUSPENDUE", numeroFactureSaisi="FA-1")
    added = {
        "pieceJointeComplementaireType": "DIVERS",
        "pieceJointeComplementaireDesignation": "Bon de livraison",
        "pieceJointeComplementaireId": api.upload(b"bl", "bl.pdf"),
    }
    body = {"identifiantFactureCPP": chorus_id, "commentaire": "voici", "pieceJointeComplementaire": [added]}
    told = api.ok("factures/completer", body)
    assert (told["identifiantFactureCPP"], told["numeroFacture"]) == (chorus_id, "FA-1")
    assert api.search(numeroFacture="FA-1")[0]["statut"] == "COMPLETEE"
    assert [item["name"] for item in api.deposited(number="FA-1")[0]["attachments"]] == ["bl.pdf"]
    again = api.call("factures/completer", body)
    assert again.json() == {"codeRetour": 20002, "libelle": "GDP_MSG_11.033"}
    assert "x-sim-invented" not in again.headers


def test_completing_asks_for_an_own_invoice_and_a_known_type(api: Caller) -> None:
    assert api.refused("factures/completer", {"identifiantFactureCPP": 1}) == 20000
    chorus_id = submitted(api, "SUSPENDUE")
    row = {"pieceJointeComplementaireType": "X", "pieceJointeComplementaireId": api.upload()}
    body = {"identifiantFactureCPP": chorus_id, "pieceJointeComplementaire": [row]}
    assert api.refused("factures/completer", body) == 29962
    assert codes(api, chorus_id)[-1] == "SUSPENDUE"


def test_recycling_changes_recipient_service_and_engagement_only(api: Caller) -> None:
    chorus_id = submitted(api, "A_RECYCLER", numeroFactureSaisi="FA-1")
    body = {
        "identifiantFactureCPP": chorus_id,
        "destinataire": {"codeDestinataire": "12345678200044", "codeServiceExecutant": "SERVICE_DEST_SERV_EJ_OBL"},
        "reference": {"numeroBonCommande": "1300045678"},
        "commentaire": "Service corrige",
    }
    told = api.ok("factures/recycler", body)
    assert (told["numeroFacture"], told["statutFacture"]) == ("FA-1", "DEPOSEE")
    row = api.search(numeroFacture="FA-1")[0]
    assert (row["codeDestinataire"], row["numeroBonCommande"], row["montantTTC"]) == (
        "12345678200044",
        "1300045678",
        1020,
    )
    api.control("clock", {"advance_seconds": 61})
    assert codes(api, chorus_id) == ["DEPOSEE", "A_RECYCLER", "DEPOSEE", "MISE_A_DISPOSITION"]


def test_recycling_keeps_the_rules_of_the_recipient(api: Caller) -> None:
    chorus_id = submitted(api, "A_RECYCLER")
    body = {"identifiantFactureCPP": chorus_id, "destinataire": {"codeDestinataire": "12345678200028"}}
    assert api.refused("factures/recycler", body) == 29941
    assert codes(api, chorus_id)[-1] == "A_RECYCLER"


@pytest.mark.parametrize("status", ["DEPOSEE", "MISE_A_DISPOSITION", "SUSPENDUE", "REJETEE", "MISE_EN_PAIEMENT"])
def test_only_an_invoice_to_recycle_is_recycled(api: Caller, status: str) -> None:
    chorus_id = submitted(api, status)
    answer = api.call("factures/recycler", {"identifiantFactureCPP": chorus_id})
    assert answer.json() == {"codeRetour": 29911, "libelle": "GDP_MSG_11.001"}


def test_a_rejection_is_handled_once(api: Caller) -> None:
    chorus_id = submitted(api, "REJETEE", numeroFactureSaisi="FA-1")
    other = submitted(api)
    both = {"listeDemandePaiement": [{"idDemandePaiement": chorus_id}, {"idDemandePaiement": other}]}
    assert api.refused("factures/traiterRejet", both) == 29911
    assert api.search(numeroFacture="FA-1")[0]["rejetTraite"] is False
    one = {"listeDemandePaiement": [{"idDemandePaiement": chorus_id}]}
    assert set(api.ok("factures/traiterRejet", one)) == {"codeRetour", "libelle"}
    assert api.search(numeroFacture="FA-1", rejetTraite=True)[0]["rejetTraite"] is True
    assert history(api, chorus_id)["derniereAction"]["derniereActionCode"] == "TRAITEMENT_REJET"
    assert api.refused("factures/traiterRejet", one) == 29913


def test_a_wrong_validator_is_corrected(api: Caller) -> None:
    chorus_id = submitted(api, "ERREUR_FOURNISSEUR_SUR_VALIDEUR")
    body = {"idFacture": chorus_id, "idStructure": api.supplier_id}
    assert api.ok("factures/corriger/valideur/facture", body)["idFacture"] == chorus_id
    assert codes(api, chorus_id)[-1] == "A_VALIDER_1"
    assert api.refused("factures/corriger/valideur/facture", body) == 29911


def test_moves_in_bulk(api: Caller) -> None:
    for number in range(5):
        submitted(api, numeroFactureSaisi=f"FA-{number}")
    assert api.control("move", {"from": "DEPOSEE", "to": "REJETEE", "count": 3, "comment": "lot"}) == {"moved": 3}
    rejected = api.search(statutCourant=["REJETEE"])
    assert len(rejected) == 3
    assert {row["commentaireEtatCourant"] for row in rejected} == {"lot"}
    assert api.control("move", {"from": "DEPOSEE", "to": "INCONNU"}) == {"moved": 2}
    assert api.control("move", {"from": "DEPOSEE", "to": "INCONNU"}) == {"moved": 0}


def test_a_status_by_number_must_be_unambiguous(api: Caller) -> None:
    api.control("settings", {"unique_numbers": False})
    body = api.invoice(numeroFactureSaisi="TWICE")
    for _ in range(2):
        api.ok(SUBMIT, body)
    answer = api.http.post("/_control/status", json={"number": "TWICE", "status": "REJETEE"})
    assert answer.status_code == 400
    assert "chorus_id" in answer.json()["error"]
    assert api.http.post("/_control/status", json={"number": "NONE", "status": "REJETEE"}).status_code == 400
