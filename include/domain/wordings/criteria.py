"""Reasons of the station: criteria."""

WORDINGS: dict[str, tuple[str, str]] = {}
