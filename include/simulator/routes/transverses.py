"""Transverses: health, uploads, the supplier's own lists."""

from __future__ import annotations

import base64
import io
import zipfile

from include.simulator import codes, failures
from include.simulator.answers import Json, Page, page_answer, page_shape, read_page
from include.simulator.backend.directory import PUBLIC
from include.simulator.failures import Refusal
from include.simulator.operations import Operation, Request
from include.simulator.routes.deposits import decode
from include.simulator.wire import Text, Whole, body, required


def health(request: Request) -> Json:
    """Say that the platform works."""
    text = "L'API CPRO est actuellement disponible et fonctionnel."
    return {"statusCodeValue": 200, "statusCode": "OK", "body": text}


# 50 characters with the extension, else HTTP 400.
ADD_FILE = body(
    pieceJointeFichier=Text(), pieceJointeNom=Text(50), pieceJointeTypeMime=Text(255), pieceJointeExtension=Text()
)


def add_file(request: Request) -> Json:
    """Take a file for later use by this account."""
    sent = request.body
    content = decode(sent["pieceJointeFichier"] or "", "pieceJointeFichier")
    if len(content) > codes.FILE_LIMIT:
        raise Refusal(failures.FILE_TOO_LARGE)
    file_id = request.platform.files.add(
        request.account,
        name=required(sent["pieceJointeNom"], "pieceJointeNom"),
        extension=required(sent["pieceJointeExtension"], "pieceJointeExtension"),
        mime=sent["pieceJointeTypeMime"],
        content=content,
        origin="ajouter/fichier",
    )
    return {"pieceJointeId": file_id}


def own_structures(request: Request) -> Json:
    """List the active suppliers the account speaks for."""
    rows = [request.platform.directory.structure(supplier) for supplier in request.account.suppliers]
    found = [
        {"idStructureCPP": row["id"], "identifiant": row["siret"], "designationStructure": row["name"]}
        for row in rows
        if row is not None and row["active"]
    ]
    return {"listeStructures": found}


def bank_details(request: Request) -> Json:
    """List the valid bank details of an own supplier."""
    structure_id = request.body["idStructure"]
    if structure_id not in request.account.suppliers:
        raise Refusal(failures.UNKNOWN_STRUCTURE)
    rows = request.platform.directory.bank_details(structure_id)
    return {
        "listeCoordonneeBancaire": [
            {"idCoordonneeBancaire": row["id"], "nomCoordonneeBancaire": row["name"]} for row in rows
        ]
    }


FIND_RECIPIENT = body(
    identifiant=Text(), nomVilleCodePostal=Text(), typeStructure=Text(), parametresRecherche=page_shape()
)


def find_recipient(request: Request) -> Json:
    """Find active public bodies by the head of their SIRET, or by a part of their name or town."""
    filters: list[tuple[str, list[object]]] = [("kind = ?", [PUBLIC]), ("active = 1", [])]
    if request.body["identifiant"]:
        filters.append(("siret LIKE ?", [request.body["identifiant"] + "%"]))
    if request.body["nomVilleCodePostal"]:
        part = f"%{request.body['nomVilleCodePostal']}%"
        filters.append(("(name LIKE ? OR town LIKE ?)", [part, part]))
    page = read_page(request.body["parametresRecherche"])
    rows, total = request.platform.directory.search(filters, page)
    found = [
        {
            "idStructureCPP": row["id"],
            "siret": row["siret"],
            "nomDestinataire": row["name"],
            "adresseCodePostal": None,
            "adresseVille": row["town"],
        }
        for row in rows
    ]
    return {"listeDestinataires": found, "parametresRetour": page_answer(page, total)}


def download_directory(request: Request) -> Json:
    """Give the public directory as a ZIP; what is inside the real one is not known, here it is one CSV."""
    rows, _ = request.platform.directory.search([("kind = ?", [PUBLIC])], Page(size=10**9))
    lines = ["identifiant;designation;statut;service_obligatoire;engagement_obligatoire;service_ou_engagement"]
    for row in rows:
        flags = [row[name] for name in ("active", "service_required", "engagement_required", "either_required")]
        lines.append(";".join([row["siret"], row["name"], *(str(flag) for flag in flags)]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annuaire.csv", "\n".join(lines) + "\n")
    return {"fichierResultat": base64.b64encode(packed.getvalue()).decode()}


OWN_FILES = body(
    codeLangue=Text(), pieceJointeDesignation=Text(), pieceJointeTypeId=Whole(), parametresRecherche=page_shape()
)


def own_files(request: Request) -> Json:
    """List the account's uploads."""
    page = read_page(request.body["parametresRecherche"])
    designation = request.body["pieceJointeDesignation"]
    rows, total = request.platform.files.of_account(request.account, designation, page.size, page.offset)
    found = [
        {
            "pieceJointeId": row["id"],
            "pieceJointeObjetId": None,
            "pieceJointeDesignation": row["name"],
            "pieceJointeExtension": row["extension"],
            "pieceJointeTypeCode": None,
            "pieceJointeTypeLibelle": None,
            "pieceJointeUtilisateurId": row["account_id"],
        }
        for row in rows
    ]
    return {"listePiecesJointes": found, "parametresRetour": page_answer(page, total)}


STRUCTURE_FILES = body(
    codeLangue=Text(),
    idStructureCPP=Whole(),
    pieceJointeDesignation=Text(),
    pieceJointeTypeId=Whole(),
    parametresRecherche=page_shape(),
)


def structure_files(request: Request) -> Json:
    """List the files kept at a structure: the simulator keeps none."""
    page = read_page(request.body["parametresRecherche"])
    return {"listePiecesJointes": [], "parametresRetour": page_answer(page, 0)}


OPERATIONS = (
    Operation(name="transverses/health-check", declared=body(), perform=health, method="GET", enveloped=False),
    Operation(name="transverses/ajouter/fichier", declared=ADD_FILE, perform=add_file),
    Operation(name="transverses/recuperer/structures/actives/fournisseur", declared=body(), perform=own_structures),
    Operation(name="transverses/recuperer/coordbanc/valides", declared=body(idStructure=Whole()), perform=bank_details),
    Operation(name="transverses/rechercher/destinataire", declared=FIND_RECIPIENT, perform=find_recipient),
    Operation(name="transverses/telecharger/annuaire/destinataire", declared=body(), perform=download_directory),
    Operation(name="transverses/rechercher/pj/moncompte", declared=OWN_FILES, perform=own_files),
    Operation(name="transverses/rechercher/pj/structure", declared=STRUCTURE_FILES, perform=structure_files),
)
