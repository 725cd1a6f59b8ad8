"""Invoices of invented suppliers to the public bodies of the qualification platform, as PDF, each with its truth.

    generate_demo(folder, today=date, run_label="R1")     the portal of the demonstration, side-cars included
    generate_many(folder, count=1000, seed=1)              digital invoices for benchmarks

Everything follows from the arguments: the same call writes the same bytes.
"""

from __future__ import annotations

from include.demo.generator.demo import DemoDocument, generate_demo
from include.demo.generator.many import generate_many

__all__ = ["DemoDocument", "generate_demo", "generate_many"]
