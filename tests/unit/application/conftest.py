"""Fixtures of the use cases that need the real store."""

from __future__ import annotations

from tests.unit.application.sending_world import migrated, world

__all__ = ["migrated", "world"]
