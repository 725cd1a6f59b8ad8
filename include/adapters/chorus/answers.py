"""What comes back: tolerant readings of the platform's answers (docs/reference/chorus-pro-api.md 2).

Any key may be null or missing, dates come in three shapes, zoneless times are those of Paris. What we cannot do without
(an id) is required; everything else is None when it cannot be read, so that one odd date costs no invoice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from include.domain.codes import UNKNOWN_STATUS
from include.domain.errors import RemoteUnavailableError
from include.domain.submission import RemoteInvoice
from include.domain.values import LONGEST_NUMBER, within_reach

PARIS = ZoneInfo("Europe/Paris")
NOTHING = (None, "")


def read_moment(value: object) -> dt.datetime | None:
    """An aware UTC time from any of the three wire formats; a bare date is its midnight in Paris."""
    if not isinstance(value, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=PARIS)).astimezone(dt.UTC)
    except OverflowError:
        return None


def read_date(value: object) -> dt.date | None:
    """The day in Paris."""
    moment = read_moment(value)
    return None if moment is None else moment.astimezone(PARIS).date()


def read_amount(value: object) -> Decimal | None:
    """A Decimal from a JSON number or a text; None for what can be no amount."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str) and len(value) > LONGEST_NUMBER:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return within_reach(amount)


def read_text(value: object) -> str | None:
    """A text that says something."""
    return None if value is None or isinstance(value, dict | list) else str(value).strip() or None


def read_flag(value: object) -> bool:
    """A yes in any of the spellings seen; null and missing are no."""
    return value is True or (isinstance(value, str) and value.strip().lower() in ("true", "oui", "o", "1"))


Moment = Annotated[dt.datetime | None, BeforeValidator(read_moment)]
Day = Annotated[dt.date | None, BeforeValidator(read_date)]
Amount = Annotated[Decimal | None, BeforeValidator(read_amount)]
Text = Annotated[str | None, BeforeValidator(read_text)]
Flag = Annotated[bool, BeforeValidator(read_flag)]


class Wire(BaseModel):
    """What all answers share. Unknown keys are the platform's business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TakenAnswer(Wire):
    """Answer of `soumettre`."""

    identifiantFactureCPP: int = Field(gt=0)
    statutFacture: Text = None
    dateDepot: Day = None
    empreinteCertificatDepot: Text = None


def fingerprint_of(raw: str) -> str | None:
    """The fingerprint of the deposit in the raw answer that was kept as proof, if it is one."""
    try:
        return TakenAnswer.model_validate_json(raw).empreinteCertificatDepot
    except ValueError:
        return None


class UploadAnswer(Wire):
    """Answer of `ajouter/fichier` and, with what was read beside it, of `deposer/pdf`."""

    pieceJointeId: int = Field(gt=0)


class StructureRow(Wire):
    """Row of `structures/rechercher` and of `recuperer/structures/actives/fournisseur`, which name the SIRET apart."""

    idStructureCPP: int
    identifiantStructure: Text = None
    identifiant: Text = None
    designationStructure: Text = None
    statut: Text = None

    @property
    def siret(self) -> str | None:
        """Under whichever name it came."""
        return self.identifiantStructure or self.identifiant


class BankRow(Wire):
    """Row of `recuperer/coordbanc/valides`."""

    idCoordonneeBancaire: int
    nomCoordonneeBancaire: Text = None


class TypeRow(Wire):
    """Row of `recuperer/typespj`."""

    codeTypePieceJointe: str
    libelleTypePieceJointe: Text = None


class Demands(Wire):
    """`parametres` of `structures/consulter`: what a body asks for (docs/reference/chorus-pro-api.md 5.2)."""

    codeServiceDoitEtreRenseigne: Flag = False
    numeroEJDoitEtreRenseigne: Flag = False
    gestionNumeroEJOuCodeService: Flag = False
    statutMiseEnPaiementNestPasRemonte: Flag = False


class Address(Wire):
    """`adressePostaleDuSiege` of `structures/consulter`."""

    ville: Text = None


class RecipientRow(Wire):
    """Row of `rechercher/destinataire`."""

    siret: Text = None
    nomDestinataire: Text = None
    adresseVille: Text = None


class OwnStructure(Wire):
    """`informationGenerales` (sic) of `structures/consulter`, as far as it is about our own structure."""

    dateExpirationMotPasseCompteTech: Moment = None


class ServiceRow(Wire):
    """Row of `structures/rechercher/services`."""

    idService: int
    codeService: Text = None
    libelleService: Text = None
    estActif: Flag = False
    dateDbtService: Moment = None
    dateFinService: Moment = None

    def active_at(self, moment: dt.datetime) -> bool:
        """Open now; the dates are often absent."""
        begun = self.dateDbtService is None or self.dateDbtService <= moment
        ended = self.dateFinService is not None and self.dateFinService < moment
        return self.estActif and begun and not ended


class ServiceDemands(Wire):
    """`parametres` of `structures/consulter/service`."""

    numeroEngagement: Flag = False


class InvoiceRow(Wire):
    """Row of `rechercher/fournisseur`."""

    identifiantFactureCPP: int
    numeroFacture: Text = None
    statut: Text = None
    dateHeureEtatCourant: Moment = None
    commentaireEtatCourant: Text = None
    typeFacture: Text = None
    dateFacture: Day = None
    dateDepot: Day = None
    montantHT: Amount = None
    montantTTC: Amount = None
    montantAPayer: Amount = None
    codeFournisseur: Text = None
    codeDestinataire: Text = None
    designationDestinataire: Text = None
    codeServiceExecutant: Text = None
    numeroBonCommande: Text = None
    rejetTraite: Flag = False

    def invoice(self) -> RemoteInvoice:
        """In our words; the status stays the platform's own."""
        return RemoteInvoice(
            chorus_id=self.identifiantFactureCPP,
            number=self.numeroFacture or "",
            status=self.statut or UNKNOWN_STATUS,
            status_at=self.dateHeureEtatCourant,
            status_comment=self.commentaireEtatCourant,
            credit_note=self.typeFacture == "AVOIR",
            supplier_siret=self.codeFournisseur,
            recipient_siret=self.codeDestinataire,
            recipient_name=self.designationDestinataire,
            service_code=self.codeServiceExecutant,
            engagement_number=self.numeroBonCommande,
            total_excl_tax=self.montantHT,
            total_incl_tax=self.montantTTC,
            amount_due=self.montantAPayer,
            issue_date=self.dateFacture,
            deposited_on=self.dateDepot,
            rejection_handled=self.rejetTraite,
        )


Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], value: object, operation: str) -> Model:
    """The value as this model; RemoteUnavailableError when what we cannot do without is not in it."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) or "answer" for fault in error.errors())
        raise RemoteUnavailableError("answer_unreadable", operation=operation, places=places) from error


def rows(model: type[Model], payload: Mapping[str, Any], key: str, operation: str) -> list[Model]:
    """The rows of a list that may be null or missing."""
    listed = payload.get(key)
    if listed in NOTHING:
        return []
    if not isinstance(listed, list):
        raise RemoteUnavailableError("answer_no_list", operation=operation, key=key)
    return [read(model, row, operation) for row in listed]
