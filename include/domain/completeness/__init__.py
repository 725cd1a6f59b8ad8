"""Is this draft complete, and would the platform take it? A list of reasons, each with its field and what to do.

case.py          what is looked at, and what is found
judge.py         the verdict: identity, trust, what is frozen
totals.py        amounts that agree to the cent
recipient.py     the body in the directory, and what it demands
attachments.py   which files go along, and whether the platform takes them
"""

from __future__ import annotations

from include.domain.completeness.attachments import attachments_wanted, chosen_attachments
from include.domain.completeness.case import Case, Findings
from include.domain.completeness.judge import judge

__all__ = ["Case", "Findings", "attachments_wanted", "chosen_attachments", "judge"]
