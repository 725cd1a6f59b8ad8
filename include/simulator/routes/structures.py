"""Structures: the directory of bodies and their services."""

from __future__ import annotations

from typing import Any

from include.simulator import answers, codes, failures
from include.simulator.answers import Json, page_answer, page_shape, read_page
from include.simulator.backend.directory import PRIVATE, PUBLIC, SERVICE_SORTS, STRUCTURE_SORTS, placeholders
from include.simulator.backend.store import Row
from include.simulator.codes import words
from include.simulator.failures import Refusal
from include.simulator.operations import STRUCTURE_LABEL, Operation, Request
from include.simulator.wire import Flag, Group, Text, Whole, body, group

SEARCH = body(
    structure=group(
        identifiantStructure=Text(),
        typeIdentifiantStructure=Text(values=codes.IDENTIFIER_TYPES),
        raisonSocialeStructure=Text(),
        libelleStructure=Text(),
        nomStructure=Text(),
        prenomStructure=Text(),
        typeStructure=Text(values=[PUBLIC, PRIVATE]),
        statutStructure=Text(values=["ACTIF", "INACTIF"]),
        adresseCodePays=Text(),
        adresseCodePostal=Text(),
        adresseVille=Text(),
        estMOA=Flag(),
        estMOAUniquement=Flag(),
    ),
    parametres=page_shape(list(STRUCTURE_SORTS)),
    restreindreStructuresPrivees=Flag(),
)


def _seen_by(request: Request) -> tuple[str, list[Any]]:
    """Public bodies, and of the private structures only those of the account."""
    own = request.account.suppliers or (0,)
    return f"(kind = ? OR id IN ({placeholders(own)}))", [PUBLIC, *own]


def _seen(request: Request, structure_id: int | None) -> Row:
    structure = request.platform.directory.structure(structure_id)
    if structure is None or (structure["kind"] == PRIVATE and structure["id"] not in request.account.suppliers):
        raise Refusal(failures.UNKNOWN_STRUCTURE)
    return structure


def search(request: Request) -> Json:
    """Find structures; an unknown SIRET is an empty list, not a refusal.

    `restreindreStructuresPrivees` changes nothing: of the private structures only one's own are shown anyway.
    """
    asked = request.body["structure"]
    filters = [_seen_by(request)]
    for key, condition in {"identifiantStructure": "siret = ?", "typeStructure": "kind = ?"}.items():
        if asked[key] is not None:
            filters.append((condition, [asked[key]]))
    if asked["typeIdentifiantStructure"] not in (None, "SIRET"):
        filters.append(("0", []))
    for key in ("raisonSocialeStructure", "libelleStructure", "nomStructure"):
        if asked[key] is not None:
            filters.append(("name LIKE ?", [f"%{asked[key]}%"]))
    if asked["adresseVille"] is not None:
        filters.append(("town LIKE ?", [asked["adresseVille"]]))
    if asked["statutStructure"] is not None:
        filters.append(("active = ?", [asked["statutStructure"] == "ACTIF"]))
    page = read_page(request.body["parametres"])
    rows, total = request.platform.directory.search(filters, page)
    return {"listeStructures": [_row(row) for row in rows], "parametresRetour": page_answer(page, total)}


def _row(row: Row) -> Json:
    return {
        "idStructureCPP": row["id"],
        "identifiantStructure": row["siret"],
        "typeIdentifiantStructure": "SIRET",
        "designationStructure": row["name"],
        "statut": "ACTIVE" if row["active"] else "INACTIVE",
    }


ADDRESS = dict.fromkeys(
    words(
        "adresse complementAdresse1 complementAdresse2 codePostal ville pays telephone indicatifTelephone fax "
        "indicatifFax"
    )
)


def consult(request: Request) -> Json:
    """Give the obligations of a structure, and the end of the password of one's own."""
    platform = request.platform
    row = _seen(request, request.body["idStructureCPP"])
    account = platform.accounts.of_structure(row["id"])
    return {
        "informationGenerales": {
            "idStructureCPP": row["id"],
            "identifiantStructure": row["siret"],
            "typeIdentifiantStructure": "SIRET",
            "raisonSocialeStructure": row["name"],
            "libelleStructure": row["name"],
            "nomStructure": None,
            "prenomStructure": None,
            "structurePriveePublique": row["kind"],
            "emailStructure": None,
            "numeroTVA": None,
            "numeroRcsStructure": None,
            "dateExpirationMotPasseCompteTech": answers.instant(account["password_expires_at"]) if account else None,
            "estValideurDeleguee": False,
            "idStructureOrigine": None,
            "listeStructureDupliquees": [],
        },
        "parametres": {
            "codeServiceDoitEtreRenseigne": bool(row["service_required"]),
            "numeroEJDoitEtreRenseigne": bool(row["engagement_required"]),
            "gestionNumeroEJOuCodeService": bool(row["either_required"]),
            "statutMiseEnPaiementNestPasRemonte": not row["reports_payment"],
            "estMoaUniquement": False,
            "getaMoa": False,
            "aMoa": False,
            "connexionEDI": False,
            "recevoirDonneesViaEDI": False,
            "estValideurDelegue": False,
            "nonDiffusibleInsee": False,
        },
        "adressePostaleDuSiege": {**ADDRESS, "ville": row["town"]},
    }


def services(request: Request) -> Json:
    """List the services of a structure, closed ones too."""
    directory = request.platform.directory
    structure = _seen(request, request.body["idStructure"])
    page = read_page(request.body["parametresRechercherServicesStructure"])
    rows, total = directory.services(structure["id"], page)
    found = [
        {
            "idService": row["id"],
            "codeService": row["code"],
            "libelleService": row["name"],
            "estActif": directory.is_open(row),
            "dateDbtService": answers.minute(row["begins_at"]),
            "dateFinService": answers.minute(row["ends_at"]),
        }
        for row in rows
    ]
    return {"listeServices": found, "parametresRetour": page_answer(page, total)}


def service(request: Request) -> Json:
    """Give one service; `numeroEngagement` says whether it wants an engagement."""
    structure = _seen(request, request.body["idStructure"])
    row = request.platform.directory.service(structure["id"], service_id=request.body["idService"] or 0)
    if row is None:
        raise Refusal(failures.UNKNOWN_SERVICE)
    return {
        "informationsGenerales": {"codeService": row["code"], "nomService": row["name"], "descriptionService": None},
        "parametres": {
            "numeroEngagement": bool(row["engagement_required"]),
            "miseEnPaiement": bool(structure["reports_payment"]),
            "dateDebutValidite": answers.minute(row["begins_at"]),
            "dateFinValidite": answers.minute(row["ends_at"]),
            "dateCreation": answers.minute(row["begins_at"]),
            "dateModification": answers.minute(row["changed_at"]),
        },
        "adressePostale": ADDRESS,
    }


def attachments(request: Request) -> Json:
    """List the services of a structure the user is attached to: suppliers have none here."""
    directory, asked = request.platform.directory, request.body
    named = directory.by_siret(asked["identifiantStructure"])
    structure = _seen(request, asked["idStructure"] or (named["id"] if named else None))
    page = read_page(asked["parametresListerRattachementsStructureUtilisateur"])
    return {
        "idStructure": structure["id"],
        "identifiantStructure": structure["siret"],
        "designationStructure": structure["name"],
        "listeServices": [],
        "premierService": False,
        "parametresRetour": page_answer(page, 0),
    }


LANGUAGE = Text()
CONSULT: Group = body(idStructureCPP=Whole(), codeLangue=LANGUAGE)
SERVICES: Group = body(idStructure=Whole(), parametresRechercherServicesStructure=page_shape(list(SERVICE_SORTS)))
SERVICE: Group = body(idStructure=Whole(), idService=Whole(), codeLangue=LANGUAGE)
ATTACHMENTS: Group = body(
    adresseEmailConnexionUtilisateur=Text(),
    idStructure=Whole(),
    idUtilisateur=Whole(),
    identifiantStructure=Text(),
    typeIdentifiantStructure=Text(values=codes.IDENTIFIER_TYPES),
    parametresListerRattachementsStructureUtilisateur=page_shape(),
)

OPERATIONS = (
    Operation(name="structures/rechercher", declared=SEARCH, perform=search, label=STRUCTURE_LABEL),
    Operation(name="structures/consulter", declared=CONSULT, perform=consult, label=STRUCTURE_LABEL),
    Operation(name="structures/rechercher/services", declared=SERVICES, perform=services, label=STRUCTURE_LABEL),
    Operation(name="structures/consulter/service", declared=SERVICE, perform=service, label=STRUCTURE_LABEL),
    Operation(
        name="structures/lister/rattachementsutilisateur",
        declared=ATTACHMENTS,
        perform=attachments,
        label=STRUCTURE_LABEL,
    ),
)
