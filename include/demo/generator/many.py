"""Many invoices for benchmarks."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from include.demo.generator import cast, render
from include.demo.generator.invoice import truth
from include.demo.generator.layouts import LAYOUTS
from include.demo.generator.publish import publish

_FIRST_DAY = dt.date(2026, 1, 1)
_IN_A_FOLDER = 500


def generate_many(
    folder: Path, *, count: int, seed: int, today: dt.date = _FIRST_DAY + dt.timedelta(days=90)
) -> list[Mapping[str, Any]]:
    """Files complete digital invoices with numbers of their own, a few hundred to a folder; returns their truths."""
    truths = []
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        layout = rng.choice(list(LAYOUTS.values()))
        number = f"B{seed}-{index:06d}"
        body = rng.choice(cast.BODIES)
        invoice = cast.draw_invoice(rng, number=number, body=body, today=today, several_rates=rng.random() < 0.2)
        name = f"{number}.pdf"
        publish(folder, f"{index // _IN_A_FOLDER:03d}/{name}", render.digital(invoice, layout, rng))
        truths.append(
            truth(invoice, file=name, kind="digital", quality="digital", layout=layout.name, vat_rows=layout.vat_rows)
        )
    return truths
