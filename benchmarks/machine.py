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
    """What OpenVINO computes in on this processor."""
    try:
        import openvino
    except ImportError:
        return "none: Tesseract reads"
    return "bf16" if "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
