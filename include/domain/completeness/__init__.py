"""Is this draft complete, and would the platform take it? A list of reasons, each with its field and what to do.

validation_input.py  what is looked at, and what is found
validate.py          every check: identity, confidence, what is frozen
decisions.py         what a document says of itself, and who has to decide
totals.py            amounts that agree to the cent
recipient.py         the body in the directory, and what it demands
attachments.py       which files go along, and whether the platform takes them
"""

from __future__ import annotations

from include.domain.completeness.attachments import attachments_wanted, chosen_attachments
from include.domain.completeness.validate import validate
from include.domain.completeness.validation_input import ValidationInput, ValidationResult

__all__ = ["ValidationInput", "ValidationResult", "attachments_wanted", "chosen_attachments", "validate"]
