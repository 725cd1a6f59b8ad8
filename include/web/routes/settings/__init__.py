"""The settings pages."""

from __future__ import annotations

from include.web.routes.settings import (
    association,
    attachments,
    banks,
    criteria,
    file,
    first_steps,
    history,
    keys,
    mail,
    operation,
    people,
    portal,
    providers,
    recipients,
    templates,
)

SETTINGS = (
    first_steps,
    history,
    keys,
    file,
    association,
    attachments,
    banks,
    criteria,
    recipients,
    people,
    templates,
    portal,
    mail,
    operation,
    providers,
)
"""Their modules, in the order in which addresses are tried."""
