"""What a supplier does about returned invoices: `recycler`, `completer`, `traiterRejet`.

Each is called once, like a submission: these calls change what the platform holds, and no answer may be guessed.

Source: docs/reference/chorus-pro-api.md 3.9.
"""

from __future__ import annotations

import json
from typing import Any

from include.adapters.chorus.failures import proof, read_json, refusal, return_code, unreadable
from include.adapters.chorus.transport import Transport
from include.adapters.chorus.wire import DESIGNATION_LIMIT, shorten
from include.domain.correction import Correction, CorrectionKind
from include.domain.errors import OutcomeUnknownError, SendingOffError

RECYCLE = "factures/v1/recycler"
COMPLETE = "factures/v1/completer"
HANDLE_REJECTION = "factures/v1/traiterRejet"

_OPERATIONS = {
    CorrectionKind.RECYCLE: RECYCLE,
    CorrectionKind.COMPLETE: COMPLETE,
    CorrectionKind.REJECT_HANDLED: HANDLE_REJECTION,
}


class RestCorrections:
    """Implements ChorusCorrections. Safe for threads."""

    _transport: Transport
    _sending: bool

    def encode_correction(self, correction: Correction) -> str:
        """The body of the operation, the same text for the same correction; what has no value is left out."""
        return json.dumps(_given(_body(correction)))

    def correct(self, kind: CorrectionKind, body: str, *, deadline_seconds: float) -> str:
        """Calls once; everything that is neither a clear success nor a refusal is OutcomeUnknownError."""
        if not self._sending:
            raise SendingOffError
        answer = self._transport.submit(_OPERATIONS[kind], body.encode(), deadline_seconds=deadline_seconds)
        error = refusal(answer)
        if error is not None:
            raise error
        if answer.status != 200 or return_code(read_json(answer.text)) != 0:
            raise unreadable(OutcomeUnknownError, answer)
        return proof(answer.text)


def _body(correction: Correction) -> dict[str, Any]:
    match correction.kind:
        case CorrectionKind.RECYCLE:
            return {
                "identifiantFactureCPP": correction.chorus_id,
                "destinataire": {
                    "codeDestinataire": correction.routing.recipient_siret,
                    "codeServiceExecutant": correction.routing.service_code,
                },
                "reference": {"numeroBonCommande": correction.routing.engagement_number},  # singular here
                "commentaire": correction.comment,
            }
        case CorrectionKind.COMPLETE:
            return {
                "identifiantFactureCPP": correction.chorus_id,
                "commentaire": correction.comment,
                "pieceJointeComplementaire": [
                    {
                        "pieceJointeComplementaireDesignation": shorten(sent.name, DESIGNATION_LIMIT),
                        "pieceJointeComplementaireType": sent.type_code,
                        "pieceJointeComplementaireId": sent.upload_id,
                    }
                    for sent in correction.attachments
                ],
            }
        case CorrectionKind.REJECT_HANDLED:
            return {"listeDemandePaiement": [{"idDemandePaiement": correction.chorus_id}]}


def _given(body: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty, at every depth."""
    kept = {key: _given(value) if isinstance(value, dict) else value for key, value in body.items()}
    return {key: value for key, value in kept.items() if value not in (None, "", [], {})}
