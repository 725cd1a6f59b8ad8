"""The application that the web server mounts under `/chorus`."""

from __future__ import annotations

from fastapi import FastAPI

from include.web.api import add as add_api
from include.web.api import (
    association,
    attachments,
    bulk,
    configuration,
    criteria,
    directory,
    document_actions,
    document_check,
    labels,
    link_rules,
    me,
    openapi,
    pages,
    people,
    providers,
    recipients,
    templates,
)
from include.web.api import dashboard as dashboard_api
from include.web.api import documents as documents_api
from include.web.api import invoices as invoices_api
from include.web.api import notifications as notifications_api
from include.web.api import returned as returned_api
from include.web.api import runs as runs_api
from include.web.guards.headers import GuardedAnswers
from include.web.host import Host
from include.web.problems import answer_problems, unforeseen
from include.web.routes import (
    add,
    dashboard,
    documents,
    invoices,
    jobs,
    language,
    notifications,
    returned,
    runs,
    static,
    submission,
)
from include.web.routes.settings import SETTINGS

PAGES = (
    static,
    language,
    dashboard,
    documents,
    add,
    jobs,
    submission,
    invoices,
    returned,
    runs,
    *SETTINGS,
    notifications,
)
TWINS = (
    openapi,
    me,
    pages,
    directory,
    attachments,
    document_check,
    document_actions,
    dashboard_api,
    bulk,
    add_api,
    documents_api,
    returned_api,
    invoices_api,
    runs_api,
    notifications_api,
    configuration,
    criteria,
    association,
    link_rules,
    providers,
    people,
    labels,
    recipients,
    templates,
)
"""What programs call; registered first, since addresses of pages could take theirs for ids."""


def create_app(host: Host) -> FastAPI:
    """All pages and the JSON twin. Nothing is kept in memory between requests: several processes serve one person."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.host = host
    for module in (dashboard_api, dashboard):
        app.include_router(module.asking)
    for module in (*TWINS, *PAGES):
        app.include_router(module.router)
    answer_problems(app)
    app.add_middleware(GuardedAnswers, unforeseen=unforeseen)
    return app
