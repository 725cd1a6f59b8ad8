"""What a measurement was made on: figures without it mean nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, cores, what it computes in, and how busy it was with other work."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "precision": precision(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def processor() -> str:
    """Its name where the system tells."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def precision() -> str:
    """What scans are recognised in on this processor."""
    try:
        from include.adapters.text.recognition.models import best_precision
    except ImportError:
        return "none: Tesseract reads"
    return best_precision()
