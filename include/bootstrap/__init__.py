"""Composition: settings in, services out. The only room that knows every adapter, one file for each group of services.

Nothing is opened here: the database, the reader's workers, the portal and the remote connect at their first use.
"""

from __future__ import annotations

from include.bootstrap.administration import table_writer
from include.bootstrap.composition import Services, services
from include.bootstrap.process import SystemClock
from include.bootstrap.sending import build_pipeline, build_send_again
from include.bootstrap.storage import content_store

__all__ = [
    "Services",
    "SystemClock",
    "build_pipeline",
    "build_send_again",
    "content_store",
    "services",
    "table_writer",
]
