"""Lists the providers whose invoices are loaded this way: nightly into our store, or asked live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from chorus_airflow.stage import RunRequest, StageOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.bootstrap import Services


class PlanRetrievalOperator(StageOperator):
    """Returns the keys of the providers; retired ones too, because what they sent is still tracked."""

    def __init__(self, *, loading: Literal["local", "remote"], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.loading = loading

    def work(self, services: Services, request: RunRequest, context: Context) -> Any:
        """Provider keys; the one that the form names, whatever its mode."""
        from include.application.providers.find_provider import find_provider
        from include.application.tracking.retrieve_invoices import in_mode

        _, configuration = services.store.configuration.current()
        if request.provider is not None:
            return [find_provider(configuration, request.provider).key]
        return [provider.key for provider in in_mode(configuration, self.loading)]
