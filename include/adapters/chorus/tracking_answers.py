"""What tracking reads: the history of an invoice, and one invoice in full.

Source: docs/reference/chorus-pro-api.md 3.7 and 3.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from include.adapters.chorus.answers import Amount, Day, Flag, Moment, Text, Wire
from include.domain.codes import UNKNOWN_STATUS
from include.domain.submission import RemoteInvoice
from include.domain.tracking import Agent, EntryKind, HistoryEntry, RemoteAttachment, RemoteDetail


class StatusRow(Wire):
    """Row of `historiquesDesStatuts`."""

    histoStatutId: Text = None
    histoStatutCode: Text = None
    histoStatutDatePassage: Moment = None
    histoStatutCommentaire: Text = None
    histoStatutUtilisateurPrenom: Text = None
    histoStatutUtilisateurNom: Text = None
    histoStatutUtilisateurEmail: Text = None
    histoStatutUtilisateurTelephone: Text = None

    def entry(self) -> HistoryEntry:
        """In our words."""
        return HistoryEntry(
            kind=EntryKind.STATUS,
            entry_id=self.histoStatutId or "",
            code=self.histoStatutCode or UNKNOWN_STATUS,
            at=self.histoStatutDatePassage,
            comment=self.histoStatutCommentaire,
            agent=Agent(
                first_name=self.histoStatutUtilisateurPrenom,
                last_name=self.histoStatutUtilisateurNom,
                mail=self.histoStatutUtilisateurEmail,
                phone=self.histoStatutUtilisateurTelephone,
            ),
        )


class ActionRow(Wire):
    """Row of `historiquesDesActionsUtilisateurs`."""

    histoActionId: Text = None
    histoActionCode: Text = None
    histoActionDateHeure: Moment = None

    def entry(self) -> HistoryEntry:
        """In our words."""
        return HistoryEntry(
            kind=EntryKind.ACTION,
            entry_id=self.histoActionId or "",
            code=self.histoActionCode or UNKNOWN_STATUS,
            at=self.histoActionDateHeure,
        )


class EventRow(Wire):
    """Row of `historiquesDesEvenementsComplementaires`."""

    evenementId: Text = None
    evenementLibelle: Text = None
    evenementQui: Text = None
    evenementDateHeure: Moment = None

    def entry(self) -> HistoryEntry:
        """In our words; who did it is one text here."""
        return HistoryEntry(
            kind=EntryKind.EVENT,
            entry_id=self.evenementId or "",
            code=self.evenementLibelle or UNKNOWN_STATUS,
            at=self.evenementDateHeure,
            agent=Agent(last_name=self.evenementQui),
        )


class RecipientPart(Wire):
    """`destinataire` of `consulter/fournisseur`."""

    codeDestinataire: Text = None
    designationDestinataire: Text = None
    codeServiceExecutant: Text = None


class SupplierPart(Wire):
    """`fournisseur` of `consulter/fournisseur`."""

    codeFournisseur: Text = None


class ReferencesPart(Wire):
    """`references` of `consulter/fournisseur`."""

    dateFacture: Day = None
    dateDepot: Day = None
    typeFacture: Text = None
    numeroBonCommande: Text = None


class TotalsPart(Wire):
    """`montantTotal` of `consulter/fournisseur`."""

    montantHtTotal: Amount = None
    montantTtcTotal: Amount = None
    montantAPayer: Amount = None


class AttachmentRow(Wire):
    """Row of `listeDesPiecesJointes`."""

    pieceJointeId: int
    pieceJointeTypeCode: Text = None
    pieceJointeDesignation: Text = None


class DetailAnswer(Wire):
    """`facture` of `consulter/fournisseur`; parts may be null."""

    identifiantFactureCPP: int = Field(gt=0)
    numeroFacture: Text = None
    statutFacture: Text = None
    rejetTraite: Flag = False
    commentaire: Text = None
    destinataire: RecipientPart | None = None
    fournisseur: SupplierPart | None = None
    references: ReferencesPart | None = None
    montantTotal: TotalsPart | None = None
    listeDesPiecesJointes: Mapping[str, Any] | None = None

    def detail(self, attachments: list[AttachmentRow]) -> RemoteDetail:
        """In our words; the platform gives no date of the status here."""
        recipient = self.destinataire or RecipientPart()
        references = self.references or ReferencesPart()
        totals = self.montantTotal or TotalsPart()
        invoice = RemoteInvoice(
            chorus_id=self.identifiantFactureCPP,
            number=self.numeroFacture or "",
            status=self.statutFacture or UNKNOWN_STATUS,
            status_at=None,
            status_comment=None,
            credit_note=references.typeFacture == "AVOIR",
            supplier_siret=(self.fournisseur or SupplierPart()).codeFournisseur,
            recipient_siret=recipient.codeDestinataire,
            recipient_name=recipient.designationDestinataire,
            service_code=recipient.codeServiceExecutant,
            engagement_number=references.numeroBonCommande,
            total_excl_tax=totals.montantHtTotal,
            total_incl_tax=totals.montantTtcTotal,
            amount_due=totals.montantAPayer,
            issue_date=references.dateFacture,
            deposited_on=references.dateDepot,
            rejection_handled=self.rejetTraite,
        )
        files = tuple(
            RemoteAttachment(
                attachment_id=row.pieceJointeId, type_code=row.pieceJointeTypeCode, name=row.pieceJointeDesignation
            )
            for row in attachments
        )
        return RemoteDetail(invoice=invoice, comment=self.commentaire, attachments=files)
