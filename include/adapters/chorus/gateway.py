"""Chorus Pro for one provider: the port ChorusGateway over PISTE."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import count

from pydantic import ValidationError

from include.adapters.chorus import wire
from include.adapters.chorus.analysis import read_analysis
from include.adapters.chorus.answers import (
    BankRow,
    InvoiceRow,
    OwnStructure,
    StructureRow,
    TakenAnswer,
    TypeRow,
    UploadAnswer,
    read,
    rows,
)
from include.adapters.chorus.corrections import RestCorrections
from include.adapters.chorus.directory import CONSULT, listed_services
from include.adapters.chorus.failures import proof, read_json, refusal, return_code, unreadable
from include.adapters.chorus.tracking import SEARCH, RestTracking
from include.adapters.chorus.transport import HEALTH_CHECK, Transport
from include.adapters.http.exchange import Answer
from include.application.ports.chorus import Analysis
from include.domain.codes import UNKNOWN_STATUS
from include.domain.directory import BankAccount, SupplierAccount
from include.domain.errors import OutcomeUnknownError, SendingOffError, SupplierForbiddenError
from include.domain.submission import RemoteInvoice, Submission, Taken, number_key

SUBMIT = "factures/v1/soumettre"
ANALYSE = "factures/v1/deposer/pdf"
UPLOAD = "transverses/v1/ajouter/fichier"
ACTIVE_STRUCTURES = "transverses/v1/recuperer/structures/actives/fournisseur"
BANK_ACCOUNTS = "transverses/v1/recuperer/coordbanc/valides"
ATTACHMENT_TYPES = "transverses/v1/recuperer/typespj"

CHECK_SECONDS = 30.0
UPLOAD_SECONDS = 300.0
"""Time limit of an upload, in seconds: ten megabytes over a slow line."""


class RestChorusGateway(RestTracking, RestCorrections):
    """Implements ChorusGateway. Safe for threads."""

    def __init__(self, transport: Transport, *, siret: str, credit_note_sign: wire.Sign, sending: bool = True) -> None:
        self._transport = transport
        self._sending = sending
        self._siret = siret
        self._credit_note_sign = credit_note_sign
        self._supplier_id: int | None = None

    def check(self) -> None:
        """Health-check, with the token it needs."""
        self._transport.safe(HEALTH_CHECK, enveloped=False, seconds=CHECK_SECONDS)

    def supplier(self) -> SupplierAccount:
        """The structure with our SIRET among those this account may invoice for, and its valid bank details."""
        structure = self._structure()
        payload = self._transport.safe(BANK_ACCOUNTS, wire.bank_accounts(structure.idStructureCPP))
        banks = rows(BankRow, payload, "listeCoordonneeBancaire", BANK_ACCOUNTS)
        return SupplierAccount(
            structure_id=structure.idStructureCPP,
            siret=self._siret,
            name=structure.designationStructure or self._siret,
            bank_accounts=tuple(
                BankAccount(id=bank.idCoordonneeBancaire, name=bank.nomCoordonneeBancaire or "") for bank in banks
            ),
        )

    def attachment_types(self) -> Sequence[tuple[str, str]]:
        """Codes and labels for invoices, in the platform's order."""
        payload = self._transport.safe(ATTACHMENT_TYPES, wire.ATTACHMENT_TYPES)
        listed = rows(TypeRow, payload, "listeTypePieceJointe", ATTACHMENT_TYPES)
        return [(row.codeTypePieceJointe, row.libelleTypePieceJointe or row.codeTypePieceJointe) for row in listed]

    def supplier_services(self) -> Mapping[str, int]:
        """By code the ids of the supplier's own services; closed ones are left to the platform to refuse."""
        listed = listed_services(self._transport, self._own_id())
        return {row.codeService: row.idService for row in listed if row.codeService}

    def password_expires_at(self) -> dt.datetime | None:
        """What the platform says of its own account in `structures/consulter`."""
        payload = self._transport.safe(CONSULT, wire.structure(self._own_id()))
        return read(OwnStructure, payload.get("informationGenerales") or {}, CONSULT).dateExpirationMotPasseCompteTech

    def upload(self, name: str, content: bytes, mime_type: str) -> int:
        """Stores a file; repeating it after a lost answer leaves an unused copy there, which harms nobody."""
        payload = self._transport.safe(UPLOAD, wire.upload(name, content, mime_type), seconds=UPLOAD_SECONDS)
        return read(UploadAnswer, payload, UPLOAD).pieceJointeId

    def analyse(self, name: str, content: bytes, *, signed: bool) -> Analysis:
        """Stores a PDF and has it read; the answer's codeRetour is optional in the Swagger."""
        body = wire.analysis(name, content, signed=signed)
        payload = self._transport.safe(ANALYSE, body, enveloped=False, seconds=UPLOAD_SECONDS)
        upload_id = read(UploadAnswer, payload, ANALYSE).pieceJointeId
        return Analysis(upload_id=upload_id, fields=read_analysis(payload))

    def encode(self, submission: Submission) -> str:
        """The body of `soumettre`."""
        return wire.encode(submission, credit_note_sign=self._credit_note_sign)

    def submit(self, body: str, *, deadline_seconds: float) -> Taken:
        """Sends once; see docs/reference/exactly-once.md 3 for what each answer means."""
        if not self._sending:
            raise SendingOffError
        return read_taken(self._transport.submit(SUBMIT, body.encode(), deadline_seconds=deadline_seconds))

    def search(self, number: str) -> Sequence[RemoteInvoice]:
        """Reads on until a page brings nothing new: a short page, or the totals told, prove nothing."""
        supplier_id = self._own_id()
        found: dict[int, RemoteInvoice] = {}
        for page in count(1):
            payload = self._transport.safe(SEARCH, wire.invoice_search(supplier_id, number, page))
            fresh = [
                row.invoice()
                for row in rows(InvoiceRow, payload, "listeFactures", SEARCH)
                if row.identifiantFactureCPP not in found
            ]
            if not fresh:
                break
            found |= {invoice.chorus_id: invoice for invoice in fresh}
        wanted = number_key(number)
        return [invoice for invoice in found.values() if number_key(invoice.number) == wanted]

    def _own_id(self) -> int:
        if self._supplier_id is None:
            self._supplier_id = self._structure().idStructureCPP
        return self._supplier_id

    def _structure(self) -> StructureRow:
        payload = self._transport.safe(ACTIVE_STRUCTURES, wire.ACTIVE_STRUCTURES)
        for row in rows(StructureRow, payload, "listeStructures", ACTIVE_STRUCTURES):
            if row.siret == self._siret:
                return row
        raise SupplierForbiddenError(self._siret, connection=self._transport.identity.connection_id)


def read_taken(answer: Answer) -> Taken:
    """Taken, refused for good, or OutcomeUnknownError: everything that says neither clearly."""
    error = refusal(answer)
    if error is not None:
        raise error
    payload = read_json(answer.text)
    if answer.status != 200 or return_code(payload) != 0:
        raise unreadable(OutcomeUnknownError, answer)
    try:
        taken = TakenAnswer.model_validate(payload)
    except ValidationError:
        raise unreadable(OutcomeUnknownError, answer) from None
    return Taken(
        chorus_id=taken.identifiantFactureCPP,
        status=taken.statutFacture or UNKNOWN_STATUS,
        deposited_on=taken.dateDepot,
        fingerprint=taken.empreinteCertificatDepot,
        raw=proof(answer.text),
    )
