"""Asking the platform now what became of a provider's invoices, without waiting for the night or the hour."""

from __future__ import annotations

from include.application.ports.dag_runs import DagRuns, StartedRun
from include.application.providers.find_provider import find_provider
from include.application.views.filters import check_administers
from include.domain.configuration import Configuration
from include.domain.rights import Viewer


def ask_now(runs: DagRuns, configuration: Configuration, viewer: Viewer, name: str, *, actor: str) -> StartedRun:
    """The run that asks. `name`: the provider's, or its SIRET; InputError where there is none.

    Only who administers may: nothing is sent, but each run costs calls that everybody shares.
    """
    check_administers(viewer)
    return runs.retrieve(find_provider(configuration, name), actor=actor)
