"""The first state: the qualification data set ("matelas"), and one supplier with two bank accounts."""

from __future__ import annotations

from include.simulator.backend.accounts import Accounts
from include.simulator.backend.directory import PRIVATE, PUBLIC, Directory
from include.simulator.codes import PUBLIC_INVOICES_SERVICE

FIRST_SUPPLIER = "33254021516357"
FIRST_BANK_DETAILS = ["Compte courant", "Compte CIC"]
FIRST_ENGAGEMENTS = ["1300045678", "1300045679", "EJ-2026-001"]

# Five of the seven recipients are documented; 00000000415073 stands for the older generation (it reports no payment
# here), and 12345678200069 is ours: the one that wants a service or an engagement.
BODIES: list[tuple[str, str, dict[str, bool]]] = [
    ("12345678200051", "DESTINATAIRE SANS OBLIGATION", {}),
    ("12345678200036", "DESTINATAIRE ENGAGEMENT OBLIGATOIRE", {"engagement_required": True}),
    ("12345678200028", "DESTINATAIRE SERVICE OBLIGATOIRE", {"service_required": True}),
    (
        "12345678200044",
        "DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES",
        {"service_required": True, "engagement_required": True},
    ),
    ("11000201100044", "DESTINATAIRE ETAT", {"service_required": True}),
    ("12345678200069", "DESTINATAIRE SERVICE OU ENGAGEMENT OBLIGATOIRE", {"either_required": True}),
    ("00000000415073", "DESTINATAIRE ANCIENNE GENERATION", {"reports_payment": False}),
]
# Body, code, name, active, engagement required.
SERVICES: list[tuple[str, str, str, bool, bool]] = [
    ("12345678200051", "ST01", "Service technique", True, False),
    ("12345678200051", "ST99", "Service technique fermé", False, False),
    ("12345678200051", PUBLIC_INVOICES_SERVICE, "Factures publiques", True, False),
    ("12345678200028", "SERVICE_DEST_SERV_OBL", "Service du destinataire à service obligatoire", True, False),
    ("12345678200028", "SERVICE_EJ_OBL", "Service à engagement obligatoire", True, True),
    ("12345678200044", "SERVICE_DEST_SERV_EJ_OBL", "Service du destinataire à service et engagement", True, False),
    ("11000201100044", "SFACETAT", "Service facturier de l'État", True, False),
    ("12345678200069", "SERVICE_AU_CHOIX", "Service du destinataire au choix", True, False),
]


def plant_first_state(accounts: Accounts, directory: Directory) -> None:
    """Fill an empty platform."""
    for siret, name, obligations in BODIES:
        directory.put_structure(siret, PUBLIC, name=name, **obligations)
    for siret, code, name, active, engagement_required in SERVICES:
        body = directory.by_siret(siret)
        if body is not None:
            directory.put_service(body["id"], code, name=name, active=active, engagement_required=engagement_required)
    for number in FIRST_ENGAGEMENTS:
        directory.put_engagement(number)
    supplier = directory.put_structure(FIRST_SUPPLIER, PRIVATE, name="FOURNISSEUR DE QUALIFICATION")
    directory.put_bank_details(supplier, FIRST_BANK_DETAILS)
    account = accounts.create(accounts.credentials.login, accounts.credentials.password)
    accounts.attach(account, supplier)
