"""The platform's directory as one provider sees it (docs/reference/chorus-pro-api.md 3.10 and 5.2)."""

from __future__ import annotations

import logging
from itertools import count

from include.adapters.chorus import wire
from include.adapters.chorus.answers import (
    Address,
    Demands,
    RecipientRow,
    ServiceDemands,
    ServiceRow,
    StructureRow,
    read,
    rows,
)
from include.adapters.chorus.transport import Transport
from include.application.ports.clock import Clock
from include.domain.directory import DirectoryEntry, DirectoryService, FoundBody
from include.domain.errors import RemoteRefusedError

logger = logging.getLogger(__name__)

SEARCH = "structures/v1/rechercher"
CONSULT = "structures/v1/consulter"
SEARCH_RECIPIENT = "transverses/v1/rechercher/destinataire"
SERVICES = "structures/v1/rechercher/services"
SERVICE = "structures/v1/consulter/service"

SERVICES_CONSULTED = 200
"""Most services whose own demand is asked for, at one call each; where a body has more, the platform is left to
refuse."""


class RestDirectory:
    """Implements Directory."""

    def __init__(self, transport: Transport, clock: Clock, *, services_consulted: int = SERVICES_CONSULTED) -> None:
        self._transport = transport
        self._clock = clock
        self._services_consulted = services_consulted

    def search(self, text: str, *, limit: int) -> list[FoundBody]:
        """One page of the platform's search for recipients, which looks at names and addresses alike.

        Nobody has confirmed that one yet (docs/reference/chorus-pro-api.md 3.11): where it is refused, the search for
        structures is asked instead, which does not tell the towns.
        """
        try:
            return self._recipients(text, limit)
        except RemoteRefusedError as error:
            logger.info("The search for recipients is refused: %s", error)
            return self._structures(text, limit)

    def _structures(self, text: str, limit: int) -> list[FoundBody]:
        now = self._clock.now()
        found: dict[str, FoundBody] = {}
        for body in wire.structure_searches(text, limit):
            for row in rows(StructureRow, self._transport.safe(SEARCH, body), "listeStructures", SEARCH):
                if row.siret and _is_active(row):
                    name = row.designationStructure or row.siret
                    found.setdefault(row.siret, FoundBody(siret=row.siret, name=name, fetched_at=now))
        return list(found.values())[:limit]

    def _recipients(self, text: str, limit: int) -> list[FoundBody]:
        payload = self._transport.safe(SEARCH_RECIPIENT, wire.recipient_search(text, limit))
        found = rows(RecipientRow, payload, "listeDestinataires", SEARCH_RECIPIENT)
        now = self._clock.now()
        return [
            FoundBody(siret=row.siret, name=row.nomDestinataire or row.siret, town=row.adresseVille, fetched_at=now)
            for row in found
            if row.siret
        ][:limit]

    def find(self, siret: str) -> DirectoryEntry | None:
        """The body with its demands and services; None where the platform lists none with this SIRET."""
        payload = self._transport.safe(SEARCH, wire.structure_search(siret))
        found = [row for row in rows(StructureRow, payload, "listeStructures", SEARCH) if row.siret == siret]
        if not found:
            return None
        row = next((row for row in found if _is_active(row)), found[0])
        structure_id = row.idStructureCPP
        consulted = self._transport.safe(CONSULT, wire.structure(structure_id))
        demands = read(Demands, consulted.get("parametres") or {}, CONSULT)
        return DirectoryEntry(
            siret=siret,
            structure_id=structure_id,
            name=row.designationStructure or siret,
            active=_is_active(row),
            service_required=demands.codeServiceDoitEtreRenseigne,
            engagement_required=demands.numeroEJDoitEtreRenseigne,
            service_or_engagement=demands.gestionNumeroEJOuCodeService,
            town=read(Address, consulted.get("adressePostaleDuSiege") or {}, CONSULT).ville,
            reports_payment=not demands.statutMiseEnPaiementNestPasRemonte,
            services=self._services(structure_id, demands),
            fetched_at=self._clock.now(),
        )

    def _services(self, structure_id: int, demands: Demands) -> tuple[DirectoryService, ...]:
        listed = listed_services(self._transport, structure_id)
        now = self._clock.now()
        active = {row.idService for row in listed if row.active_at(now)}
        asked = self._worth_asking(structure_id, active, demands)
        return tuple(
            DirectoryService(
                code=row.codeService,
                name=row.libelleService or row.codeService,
                active=row.idService in active,
                engagement_required=row.idService in asked and self._engagement_required(structure_id, row.idService),
            )
            for row in listed
            if row.codeService
        )

    def _worth_asking(self, structure_id: int, active: set[int], demands: Demands) -> set[int]:
        """The services that are asked for their own demand; none where the body demands an engagement of everybody."""
        if demands.numeroEJDoitEtreRenseigne and not demands.gestionNumeroEJOuCodeService:
            return set()
        if len(active) > self._services_consulted:
            logger.warning(
                "Structure %s has %d active services: their demands are not asked", structure_id, len(active)
            )
            return set()
        return active

    def _engagement_required(self, structure_id: int, service_id: int) -> bool:
        payload = self._transport.safe(SERVICE, wire.service(structure_id, service_id))
        return read(ServiceDemands, payload.get("parametres") or {}, SERVICE).numeroEngagement


def listed_services(transport: Transport, structure_id: int) -> list[ServiceRow]:
    """Every service of a structure, closed ones too; reads on until a page brings nothing new."""
    listed: dict[int, ServiceRow] = {}
    for page in count(1):
        payload = transport.safe(SERVICES, wire.services(structure_id, page))
        fresh = {row.idService: row for row in rows(ServiceRow, payload, "listeServices", SERVICES)}
        if fresh.keys() <= listed.keys():
            break
        listed |= fresh
    return list(listed.values())


def _is_active(row: StructureRow) -> bool:
    """The search says ACTIVE, its filter ACTIF; a status left out is no objection."""
    return (row.statut or "ACTIVE").upper() in ("ACTIVE", "ACTIF")
