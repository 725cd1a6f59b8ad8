"""Reasons of the station: completeness."""

WORDINGS: dict[str, tuple[str, str]] = {}
