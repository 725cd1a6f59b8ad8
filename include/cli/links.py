"""`chorus links`: attachments by link rules, and explicit back-fills of older ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from include.cli.output import print_object, print_table, say
from include.texts import Text

if TYPE_CHECKING:
    from include.application.ports.links import PossibleLink

app = typer.Typer(
    help="Documents that go along with invoices, by the rules in attachments.links.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Keeps `backfill` a sub-command while it is the only one."""


@app.command()
def backfill(
    apply: Annotated[bool, typer.Option("--apply", help="Link them; without it they are only shown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Shows the links that only the `since` of their rules keeps out; with --apply it makes them.

    Invoices that are sent already keep what was sent: they are counted and left alone.
    """
    from include import bootstrap
    from include.application.intake.link_documents import make_older_links, older_links
    from include.domain.links import rule_id
    from include.domain.rights import OWNER

    services = bootstrap.services()
    try:
        revision, configuration = services.store.configuration.current()
        links = services.store.links
        older, sent = older_links(links, configuration, revision, services.clock, services.store.internal_errors)
        actor, linked = services.settings.actor, 0
        if apply:
            linked = make_older_links(links, older, services.clock, actor=actor, viewer=OWNER)
    finally:
        services.close()
    rules = {rule_id(rule): rule.identity for rule in configuration.attachments.links}
    if as_json:
        rows = [_row(link, rules[link.rule]) for link in older]
        print_object({"applied": apply, "linked": linked, "sent": len(sent), "links": rows})
        return
    print_table(
        ("invoice", "attachment", "rule"),
        [(link.invoice_portal_id, link.attachment_portal_id, rules[link.rule]) for link in older],
        title=Text("title.older_links", {"number": len(older)}),
    )
    if sent:
        say("links_sent", count=len(sent))
    say("linked" if apply else "not_linked", count=linked)


def _row(link: PossibleLink, rule: str) -> dict[str, Any]:
    return {
        "invoice": {"id": link.invoice_document_id, "portal_id": link.invoice_portal_id},
        "attachment": {"id": link.attachment_document_id, "portal_id": link.attachment_portal_id},
        "rule": rule,
    }
