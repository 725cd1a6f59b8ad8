"""Utilisateurs and Engagements: what the account is attached to, and whether an engagement exists."""

from __future__ import annotations

from include.simulator.answers import Json, page_answer, page_shape, read_page
from include.simulator.operations import Operation, Request
from include.simulator.wire import Anything, Text, body


def my_attachments(request: Request) -> Json:
    """List the structures the account is attached to."""
    page = read_page(request.body["parametresRecherche"])
    found = [request.platform.directory.structure(supplier) for supplier in request.account.suppliers]
    rows: list[Json] = [
        {
            "idStructure": row["id"],
            "identifiantStructure": row["siret"],
            "typeIdentifiantStructure": "SIRET",
            "designationStructure": row["name"],
            "roleUtilisateur": "FOURNISSEUR",
            "statutUtilisateur": "ACTIF",
            "statutRattachementStructure": "VALIDEE",
            "idRattachementStructure": row["id"],
            "listeServicesRattache": [],
        }
        for row in found
        if row is not None
    ]
    shown = rows[page.offset : page.offset + page.size]
    return {"listeStructureRattachement": shown, "parametresRetour": page_answer(page, len(rows))}


# No description of this service was ever public: beside what OCA sends, a pagination object is let through.
ENGAGEMENT = body(
    structureReceptriceEngagementJuridique=Text(),
    numeroEngagementJuridique=Text(50),
    etatCourantEngagementJuridique=Text(),
    parametresRecherche=Anything(),
)


def find_engagement(request: Request) -> Json:
    """Give the engagement in a list, or an empty list when it is unknown."""
    number = request.body["numeroEngagementJuridique"]
    known = number is not None and request.platform.directory.knows_engagement(number)
    found = [{"numeroEngagementJuridique": number, "etatCourantEngagementJuridique": "COMMANDE"}] if known else []
    return {"listeEngagementJuridique": found}


OPERATIONS = (
    Operation(
        name="utilisateurs/monCompte/recuperer/rattachements",
        declared=body(parametresRecherche=page_shape(["IdStructure"])),
        perform=my_attachments,
    ),
    Operation(name="engagementsJuridiques/rechercher", declared=ENGAGEMENT, perform=find_engagement),
)
