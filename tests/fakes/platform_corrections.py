"""Corrections of the fake platform: what it takes from a supplier about a returned invoice, and what it refuses."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from include.domain.correction import ANSWERS, Correction, CorrectionKind
from include.domain.errors import RemoteRefusedError
from include.domain.submission import SentAttachment

if TYPE_CHECKING:
    from tests.fakes.chorus import FakePlatform, HeldInvoice

UNKNOWN_INVOICE = 20000
WRONG_STATE = 20002


def encode(correction: Correction) -> str:
    """What `correct` of the fake takes."""
    return json.dumps(dataclasses.asdict(correction), default=str, sort_keys=True)


def correct(platform: FakePlatform, siret: str, kind: CorrectionKind, body: str) -> None:
    """Takes the correction, or refuses it."""
    sent: dict[str, Any] = json.loads(body)
    mine = [held for held in platform.invoices if held.sent.supplier_siret == siret]
    held = next((held for held in mine if held.chorus_id == sent["chorus_id"]), None)
    if held is None:
        raise RemoteRefusedError(UNKNOWN_INVOICE, "facture inconnue", status=200)
    if held.status != ANSWERS[kind] or held.rejection_handled:
        raise RemoteRefusedError(WRONG_STATE, "statut incompatible", status=200)
    platform.corrected.append((kind, held.sent.number))
    _take(platform, held, kind, sent)


def _take(platform: FakePlatform, held: HeldInvoice, kind: CorrectionKind, sent: dict[str, Any]) -> None:
    now = platform.clock.now()
    match kind:
        case CorrectionKind.RECYCLE:
            given = {name: value for name, value in sent["routing"].items() if value is not None}
            held.sent = dataclasses.replace(held.sent, **given)
            held.move("DEPOSEE", now, sent["comment"])
        case CorrectionKind.COMPLETE:
            added = tuple(SentAttachment(**attachment) for attachment in sent["attachments"])
            if not {attachment.upload_id for attachment in added} <= platform.uploads.keys():
                raise RemoteRefusedError(29902, "piece jointe inconnue", status=200)
            held.sent = dataclasses.replace(held.sent, attachments=(*held.sent.attachments, *added))
            held.move("COMPLETEE", now, sent["comment"])
        case CorrectionKind.REJECT_HANDLED:
            held.rejection_handled = True
