"""Where the real samples lie in the demonstration's portal; their origin and licences are in `samples/README.md`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent / "samples"

ANSWERED = "Comptabilite/Factures/Reprise"
"""Samples whose side-car names our supplier and a body of the platform, so that they can be sent."""
FOREIGN = "Comptabilite/Factures/Autres fournisseurs"
"""Samples as they are: their suppliers are not ours."""

_OURS: Mapping[str, Any] = {
    "classification_rule": "Facture reprise",
    "metadata": {"fournisseur": "33254021516357", "destinataire": "12345678200051", "service": "ST01"},
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A real document: its file, where it goes, and what is to become of it."""

    file: str
    folder: str
    purpose: str
    side_car: Mapping[str, Any] | None = None

    @property
    def expected_state(self) -> str:
        """Sent if the side-car says for whom; else a person has to, because the supplier is not ours."""
        return "to_complete" if self.side_car is None else "submitted"


def _ours(file: str, purpose: str) -> Sample:
    return Sample(file=file, folder=ANSWERED, purpose=purpose, side_car=_OURS)


def _foreign(file: str, purpose: str) -> Sample:
    return Sample(file=file, folder=FOREIGN, purpose=purpose)


SAMPLE_DOCUMENTS: tuple[Sample, ...] = (
    _ours("fnfe_F20220027_basicwl.pdf", "Factur-X, profile BASIC WL, with a part already paid"),
    _ours("fnfe_F20220028_avoir_en16931.pdf", "Factur-X, a credit note"),
    _ours("fnfe_UC1_2023025_en16931.pdf", "Factur-X, profile EN 16931, parties overridden by metadata"),
    _ours("caslimites_OK-001.pdf", "Factur-X to a body of its own, overridden by metadata"),
    _foreign("fnfe_F20220024_basic.pdf", "Factur-X, profile BASIC, two rates of VAT"),
    _foreign("fnfe_F20220025_extended.pdf", "Factur-X, profile EXTENDED"),
    _foreign("fnfe_F20220026_minimum.pdf", "Factur-X, profile MINIMUM: much stands on the page only"),
    _foreign("fnfe_F20180027_en16931.pdf", "Factur-X with a deposit already paid"),
    _foreign("akretion_F20260023_en16931.pdf", "Factur-X, four rows of VAT"),
    _foreign("fxkit_design_fr.pdf", "Factur-X of another producer, another layout"),
    _foreign("zf_de_EN16931_Rabatte.pdf", "ZUGFeRD: the same data in a German invoice of three pages"),
    _foreign("caslimites_OK-001_lowres.pdf", "a scan in low resolution, compact dates"),
    _foreign("fnfe_UC1_2023025_skew.pdf", "a skewed and noisy scan"),
)


def sample_truths() -> dict[str, Mapping[str, Any]]:
    """What each sample holds, by file name."""
    lines = (SAMPLES / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return {truth["file"]: truth for truth in map(json.loads, lines)}
