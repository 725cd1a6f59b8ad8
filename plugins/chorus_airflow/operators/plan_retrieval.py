"""Lists the providers whose invoices are loaded this way: nightly into our store, or asked live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from chorus_airflow.station import Asked, StationOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class PlanRetrievalOperator(StationOperator):
    """Retired providers too: they send nothing any more, and are still tracked."""

    def __init__(self, *, loading: Literal["local", "remote"], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.loading = loading

    def work(self, services: Services, asked: Asked, context: Context) -> Any:
        """Provider keys; the one that the form names, whatever its mode."""
        from include.application.retrieve_invoices import in_mode

        if asked.provider is not None:
            return [services.river().provider(asked.provider).key]
        _, configuration = services.store.configuration.current()
        return [provider.key for provider in in_mode(configuration, self.loading)]
