"""What somebody asks for, from the words of an address or a command: checked, and with keys in place of names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from include.application.ports.document_views import IGNORED_TAB, TABS, DocumentFilter
from include.application.ports.invoice_views import RETURNED_TABS, InvoiceFilter
from include.domain.configuration import Configuration
from include.domain.errors import InputError, NotThereError
from include.domain.lifecycle import State
from include.domain.rights import OWNER, Viewer, viewer

WITHOUT_PROVIDER = "none"
"""In place of a provider's name: documents whose provider is not known."""

ALL_TABS: dict[str, tuple[State, ...]] = {
    **TABS,
    "all": tuple(state for states in TABS.values() for state in states),
    IGNORED_TAB: (State.IGNORED,),
}


def viewer_of(configuration: Configuration, user: str | None) -> Viewer:
    """Everything, or what this user sees."""
    return OWNER if user is None else viewer(configuration, user)


def check_administers(viewer: Viewer) -> None:
    """NotThereError for whoever may not see the configuration: what is asked for is not there."""
    if not viewer.administers:
        raise NotThereError("no_such_setting")


def provider_key(configuration: Configuration, name: str | None) -> str | None:
    """The key of a provider named by its name or SIRET; InputError when there is none."""
    if name is None:
        return None
    found = configuration.provider(name)
    if found is None:
        known = ", ".join(provider.name for provider in configuration.providers) or "none"
        raise InputError("no_such_provider", name=name, configured=known)
    return found.key


def provider_name(configuration: Configuration, key: str | None) -> str | None:
    """The name of the provider with this key; the key itself where there is none any more."""
    found = configuration.provider_by_key(key) if key else None
    return found.name if found else key


def document_filter(
    configuration: Configuration,
    *,
    tab: str | None = None,
    states: Sequence[str] = (),
    text: str | None = None,
    provider: str | None = None,
    reasons: Sequence[str] = (),
    recipient: str | None = None,
    arrived: tuple[dt.date | None, dt.date | None] = (None, None),
) -> DocumentFilter:
    """The documents of a tab or of some states; InputError for a tab, state or provider that there is not."""
    without_provider = provider == WITHOUT_PROVIDER
    return DocumentFilter(
        states=_states(tab, states),
        text=_asked(text),
        provider_key=None if without_provider else provider_key(configuration, provider),
        without_provider=without_provider,
        reasons=tuple(reasons),
        recipient=_asked(recipient),
        arrived_from=arrived[0],
        arrived_to=arrived[1],
    )


def _states(tab: str | None, states: Sequence[str]) -> tuple[State, ...]:
    if tab is not None:
        if tab not in ALL_TABS:
            raise InputError("no_such_tab", tab=tab, allowed=", ".join(ALL_TABS))
        return ALL_TABS[tab]
    unknown = [state for state in states if state not in set(State)]
    if unknown:
        raise InputError("no_such_state", state=unknown[0], allowed=", ".join(State))
    return tuple(State(state) for state in states)


def invoice_filter(
    configuration: Configuration,
    *,
    text: str | None = None,
    statuses: Sequence[str] = (),
    provider: str | None = None,
    recipient: str | None = None,
    deposited: tuple[dt.date | None, dt.date | None] = (None, None),
    status_set: tuple[dt.date | None, dt.date | None] = (None, None),
    total: tuple[Decimal | None, Decimal | None] = (None, None),
    overdue_on: dt.date | None = None,
) -> InvoiceFilter:
    """Invoices of the tracking, each range from first to last; InputError for a provider that there is not."""
    return InvoiceFilter(
        text=_asked(text),
        statuses=tuple(statuses),
        provider_key=provider_key(configuration, provider),
        recipient=_asked(recipient),
        deposited_from=deposited[0],
        deposited_to=deposited[1],
        status_from=status_set[0],
        status_to=status_set[1],
        total_min=total[0],
        total_max=total[1],
        overdue_on=overdue_on,
    )


def returned_filter(tab: str | None = None) -> InvoiceFilter:
    """Invoices that their recipients gave back; InputError for a tab that there is not."""
    if tab is not None and tab not in RETURNED_TABS:
        raise InputError("no_such_tab", tab=tab, allowed=", ".join(RETURNED_TABS))
    return InvoiceFilter(returned=True, statuses=(RETURNED_TABS[tab],) if tab else ())


def _asked(text: str | None) -> str | None:
    """None for what is blank."""
    return text if text and text.strip() else None
