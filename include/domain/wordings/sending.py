"""Reasons of the station: sending."""

WORDINGS: dict[str, tuple[str, str]] = {}
