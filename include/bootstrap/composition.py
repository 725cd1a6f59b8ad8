"""All services of a process, put together."""

from __future__ import annotations

from collections.abc import Callable

from include.adapters.secrets.airflow_cli import AirflowCliSecrets
from include.adapters.secrets.chain import SecretsChain
from include.adapters.secrets.environment import EnvironmentSecrets
from include.application.ports.figures import Measure
from include.application.ports.runs import RunRef
from include.application.ports.secrets import Secrets
from include.bootstrap.administration import AdministrationServices
from include.bootstrap.process import SystemClock
from include.bootstrap.sending import SendingServices
from include.bootstrap.tracking import TrackingServices
from include.settings import Settings, settings


class Services(SendingServices, TrackingServices, AdministrationServices):
    """Everything an entrance needs."""

    def close(self) -> None:
        """Ends the reader's workers and gives connections back."""
        if "reader" in self.__dict__:
            self.reader.close()
        if "store" in self.__dict__:
            self.store.database.close()


def services(
    *,
    given: Settings | None = None,
    secrets: Secrets | None = None,
    mask_secret: Callable[[str], None] = lambda _secret: None,
    measure: Measure | None = None,
    run: RunRef | None = None,
) -> Services:
    """The services of this process; Airflow's tasks and web server bring `secrets`, masker and `measure` of theirs.

    A task names itself as `run`, which is kept with what it does.
    """
    found = given or settings()
    if secrets is None:
        secrets = EnvironmentSecrets(found.environment)
        if found.secrets == "airflow":
            secrets = SecretsChain(secrets, AirflowCliSecrets())
    return Services(
        settings=found, clock=SystemClock(), secrets=secrets, mask_secret=mask_secret, measure=measure, run=run
    )
