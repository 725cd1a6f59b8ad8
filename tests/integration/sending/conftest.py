"""Fixtures of the use cases that need the real store."""

from __future__ import annotations

from tests.integration.sending.sending_world import world

__all__ = ["world"]
