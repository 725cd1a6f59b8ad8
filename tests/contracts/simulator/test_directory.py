from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from include.simulator.backend.store import Store
from tests.contracts.simulator.caller import BODY, SUPPLIER, Caller

RECIPIENTS = [
    "00000000415073",
    "11000201100044",
    "12345678200028",
    "12345678200036",
    "12345678200044",
    "12345678200051",
    "12345678200069",
]


def find(api: Caller, siret: str) -> dict[str, Any]:
    asked = {"structure": {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"}}
    rows = api.ok("structures/rechercher", asked)["listeStructures"]
    assert len(rows) == 1
    found: dict[str, Any] = rows[0]
    return found


def parameters(api: Caller, siret: str) -> dict[str, Any]:
    told: dict[str, Any] = api.ok("structures/consulter", {"idStructureCPP": find(api, siret)["idStructureCPP"]})
    return dict(told["parametres"])


def services(api: Caller, siret: str) -> dict[str, dict[str, Any]]:
    structure_id = find(api, siret)["idStructureCPP"]
    rows = api.ok("structures/rechercher/services", {"idStructure": structure_id})["listeServices"]
    return {row["codeService"]: row for row in rows}


def test_the_first_state_has_the_seven_recipients_of_the_qualification_data_set(api: Caller) -> None:
    told = api.ok("structures/rechercher", {"structure": {"typeStructure": "PUBLIQUE"}})
    assert [row["identifiantStructure"] for row in told["listeStructures"]] == RECIPIENTS
    assert told["parametresRetour"] == {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 10, "total": 7}
    assert told["libelle"] == "TRA_MSG_00.000"


def test_a_structure_row_has_the_keys_of_the_wire(api: Caller) -> None:
    row = find(api, BODY)
    assert row.pop("idStructureCPP") > 26_000_000
    assert row == {
        "identifiantStructure": BODY,
        "typeIdentifiantStructure": "SIRET",
        "designationStructure": "DESTINATAIRE SANS OBLIGATION",
        "statut": "ACTIVE",
    }


def test_an_unknown_siret_is_an_empty_list_and_no_refusal(api: Caller) -> None:
    told = api.ok("structures/rechercher", {"structure": {"identifiantStructure": "99999999999999"}})
    assert told["listeStructures"] == []
    assert told["parametresRetour"]["total"] == 0


@pytest.mark.parametrize(
    ("siret", "service", "engagement", "either", "unpaid"),
    [
        (BODY, False, False, False, False),
        ("12345678200036", False, True, False, False),
        ("12345678200028", True, False, False, False),
        ("12345678200044", True, True, False, False),
        ("12345678200069", False, False, True, False),
        ("00000000415073", False, False, False, True),
    ],
)
def test_each_recipient_has_its_obligations(
    api: Caller, siret: str, service: bool, engagement: bool, either: bool, unpaid: bool
) -> None:
    told = parameters(api, siret)
    assert told["codeServiceDoitEtreRenseigne"] is service
    assert told["numeroEJDoitEtreRenseigne"] is engagement
    assert told["gestionNumeroEJOuCodeService"] is either
    assert told["statutMiseEnPaiementNestPasRemonte"] is unpaid


def test_services_say_whether_they_are_active(api: Caller) -> None:
    found = services(api, BODY)
    assert found["ST01"]["estActif"] is True
    assert found["ST99"]["estActif"] is False
    assert len(found["ST01"]["dateDbtService"]) == len("2017-01-01 00:00")
    assert "SERVICE_DEST_SERV_OBL" in services(api, "12345678200028")
    assert "SFACETAT" in services(api, "11000201100044")


def test_a_service_says_whether_it_wants_an_engagement(api: Caller) -> None:
    structure_id = find(api, "12345678200028")["idStructureCPP"]
    service_id = services(api, "12345678200028")["SERVICE_EJ_OBL"]["idService"]
    told = api.ok("structures/consulter/service", {"idStructure": structure_id, "idService": service_id})
    assert told["informationsGenerales"]["codeService"] == "SERVICE_EJ_OBL"
    assert told["parametres"]["numeroEngagement"] is True
    assert api.refused("structures/consulter/service", {"idStructure": structure_id, "idService": 1}) == 29991


def test_pages_of_services(api: Caller) -> None:
    codes = [{"code": f"S{number:02d}"} for number in range(25)]
    api.control("seed", {"structures": [{"siret": "21690123100011", "services": codes}]})
    structure_id = find(api, "21690123100011")["idStructureCPP"]
    seen: list[str] = []
    for number in (1, 2, 3):
        page = {
            "nbResultatsParPage": 10,
            "pageResultatDemandee": number,
            "triColonne": "CodeService",
            "triSens": "Descendant",
        }
        told = api.ok(
            "structures/rechercher/services",
            {"idStructure": structure_id, "parametresRechercherServicesStructure": page},
        )
        assert told["parametresRetour"] == {"pageCourante": number, "pages": 3, "nbResultatsParPage": 10, "total": 25}
        seen += [row["codeService"] for row in told["listeServices"]]
    assert seen == [f"S{number:02d}" for number in reversed(range(25))]


def test_the_first_supplier_has_two_bank_details(api: Caller) -> None:
    told = api.ok("transverses/recuperer/coordbanc/valides", {"idStructure": api.supplier_id})
    assert [row["nomCoordonneeBancaire"] for row in told["listeCoordonneeBancaire"]] == ["Compte courant", "Compte CIC"]


def test_own_structures_are_listed(api: Caller) -> None:
    own = api.ok("transverses/recuperer/structures/actives/fournisseur")["listeStructures"]
    name = "FOURNISSEUR DE QUALIFICATION"
    assert own == [{"idStructureCPP": api.supplier_id, "identifiant": SUPPLIER, "designationStructure": name}]
    rows = api.ok("utilisateurs/monCompte/recuperer/rattachements")["listeStructureRattachement"]
    assert [(row["identifiantStructure"], row["roleUtilisateur"]) for row in rows] == [(SUPPLIER, "FOURNISSEUR")]
    told = api.ok("structures/lister/rattachementsutilisateur", {"identifiantStructure": SUPPLIER})
    assert (told["idStructure"], told["listeServices"]) == (api.supplier_id, [])


def test_a_body_can_be_closed_and_opened_again(api: Caller) -> None:
    api.control("seed", {"structures": [{"siret": BODY, "active": False}]})
    assert find(api, BODY)["statut"] == "INACTIVE"
    asked = {"structure": {"identifiantStructure": BODY, "statutStructure": "ACTIF"}}
    assert api.ok("structures/rechercher", asked)["listeStructures"] == []
    api.control("seed", {"structures": [{"siret": BODY, "active": True}]})
    assert find(api, BODY)["statut"] == "ACTIVE"


def test_a_seed_changes_only_the_given_keys(api: Caller) -> None:
    api.control("seed", {"structures": [{"siret": "12345678200036", "name": "Renommée"}]})
    assert find(api, "12345678200036")["designationStructure"] == "Renommée"
    assert parameters(api, "12345678200036")["numeroEJDoitEtreRenseigne"] is True


def test_recipients_are_found_by_name(api: Caller) -> None:
    told = api.ok("transverses/rechercher/destinataire", {"nomVilleCodePostal": "etat"})
    assert [row["siret"] for row in told["listeDestinataires"]] == ["11000201100044"]


def test_an_engagement_is_known_or_the_list_is_empty(api: Caller) -> None:
    asked = {
        "structureReceptriceEngagementJuridique": str(api.supplier_id),
        "etatCourantEngagementJuridique": "COMMANDE",
    }
    api.control("seed", {"engagements": ["1400000001"]})
    known = api.ok("engagementsJuridiques/rechercher", {**asked, "numeroEngagementJuridique": "1400000001"})
    unknown = api.ok("engagementsJuridiques/rechercher", {**asked, "numeroEngagementJuridique": "9"})
    assert len(known["listeEngagementJuridique"]) == 1
    assert unknown["listeEngagementJuridique"] == []


def test_a_seeded_town_is_told_and_searched_for(api: Caller) -> None:
    seed = {"siret": "21740010600019", "name": "VILLE DU LAC", "town": "Thonon-les-Bains"}
    api.control("seed", {"structures": [seed]})
    found = find(api, "21740010600019")
    told = api.ok("structures/consulter", {"idStructureCPP": found["idStructureCPP"]})
    assert told["adressePostaleDuSiege"]["ville"] == "Thonon-les-Bains"
    by_town = api.ok("structures/rechercher", {"structure": {"adresseVille": "thonon-les-bains"}})
    assert [row["identifiantStructure"] for row in by_town["listeStructures"]] == ["21740010600019"]
    for text in ("thonon", "du lac"):
        rows = api.ok("transverses/rechercher/destinataire", {"nomVilleCodePostal": text})["listeDestinataires"]
        assert [(row["siret"], row["adresseVille"]) for row in rows] == [("21740010600019", "Thonon-les-Bains")]


def test_a_state_file_from_before_towns_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "simulator.db"
    Store(path).close()
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.execute("ALTER TABLE structures DROP COLUMN town")
        old.commit()
    store = Store(path)
    store.run("INSERT INTO structures (siret, kind, name, town) VALUES ('1', 'PUBLIQUE', 'X', 'Y')")
    assert [row["town"] for row in store.rows("SELECT town FROM structures")] == ["Y"]
    store.close()
