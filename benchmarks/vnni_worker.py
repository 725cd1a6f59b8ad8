"""A reading process that uses nothing newer than AVX-512 VNNI (no AMX, no bf16), whatever the processor has."""

from __future__ import annotations

import os

os.environ["ONEDNN_MAX_CPU_ISA"] = "AVX512_CORE_VNNI"  # noqa: TID251 - no setting of ours: what OpenVINO looks for

from include.adapters.text.worker import main

__all__ = ["main"]
