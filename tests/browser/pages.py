"""Every page, once: a new one is one line here, and the tests of all pages take it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page as somebody meets it; `status`: of its answer, `opens`: a control that is clicked first (a dialog)."""

    name: str
    path: str
    user: str = "anna"
    status: int = 200
    opens: str | None = None


PAGES = (
    Shown(name="dashboard", path="/"),
    Shown(name="dashboard of the administrator", path="/", user="boss"),
    Shown(name="documents", path="/documents"),
    Shown(name="documents, all", path="/documents?tab=all&sort=-total"),
    Shown(name="documents, nothing found", path="/documents?q=nothing+like+that"),
    Shown(name="documents, empty tab", path="/documents?tab=discarded"),
    Shown(name="documents, some chosen", path="/documents", opens="tr[data-document] input[name=ids]"),
    Shown(name="job under way", path="/jobs/{job:submit}"),
    Shown(name="job that could not be done", path="/jobs/{job:restore}"),
    Shown(name="submission screen", path="/documents/{H-6}"),
    Shown(name="submission screen, ready", path="/documents/{R-1}?tab=ready"),
    Shown(name="dialog to hold", path="/documents/{H-6}", opens="[data-opens=hold]"),
    Shown(name="keys", path="/documents", opens="[data-keys]"),
    Shown(name="returned", path="/returned"),
    Shown(name="returned, suspended", path="/returned/{sent:S-1}"),
    Shown(name="returned, to recycle", path="/returned/{sent:C-1}"),
    Shown(name="returned, rejected", path="/returned/{sent:J-1}?tab=rejected"),
    Shown(name="tracking", path="/invoices"),
    Shown(name="tracking, filtered", path="/invoices?q=P-&total_min=1&status=MISE_EN_PAIEMENT"),
    Shown(name="invoice", path="/invoices/{sent:P-1}"),
    Shown(name="invoice that is paid late", path="/invoices/{sent:P-3}"),
    Shown(name="runs", path="/runs?dag_id=chorus_auto_submission&run_id=none"),
    Shown(name="notifications", path="/notifications"),
    Shown(name="add documents", path="/add"),
    Shown(name="providers", path="/settings/providers", user="boss"),
    Shown(name="provider", path="/settings/providers/33254021516357", user="boss"),
    Shown(name="new provider", path="/settings/providers/new", user="boss"),
    Shown(
        name="dialog to remove a provider",
        path="/settings/providers/33254021516357",
        user="boss",
        opens="[data-opens=remove]",
    ),
    Shown(name="criteria", path="/settings/criteria", user="boss"),
    Shown(name="criterion", path="/settings/criteria?name=factures+clients", user="boss"),
    Shown(name="new criterion", path="/settings/criteria?new=1", user="boss"),
    Shown(name="older documents", path="/settings/criteria?older=factures+clients", user="boss"),
    Shown(name="association", path="/settings/association", user="boss"),
    Shown(name="recipients", path="/settings/recipients", user="boss"),
    Shown(name="recipient", path="/settings/recipients?siret=12345678200051", user="boss"),
    Shown(name="learned recipients", path="/settings/recipients?tab=learned", user="boss"),
    Shown(name="bank details", path="/settings/bank-details", user="boss"),
    Shown(name="attachments", path="/settings/attachments", user="boss"),
    Shown(
        name="link rule",
        path="/settings/attachments?rule=Facture+client+-%3E+Bon+de+livraison+%28commande+%3D+commande%29",
        user="boss",
    ),
    Shown(name="older links", path="/settings/attachments?older=1", user="boss"),
    Shown(name="new link rule", path="/settings/attachments?new=1", user="boss"),
    Shown(name="people", path="/settings/people", user="boss"),
    Shown(name="one person", path="/settings/people?user=anna", user="boss"),
    Shown(name="new group", path="/settings/people?new=group", user="boss"),
    Shown(name="users by label", path="/settings/label-rights", user="boss"),
    Shown(name="first steps", path="/settings/first-steps", user="boss"),
    Shown(name="mail templates", path="/settings/templates", user="boss"),
    Shown(name="mail template, English", path="/settings/templates?event=alert&language=en", user="boss"),
    Shown(name="portal", path="/settings/portal", user="boss"),
    Shown(name="mails", path="/settings/mail", user="boss"),
    Shown(name="mails through a server", path="/settings/mail", user="boss", opens='[id="mail.in_use"]'),
    Shown(name="operation", path="/settings/operation", user="boss"),
    Shown(name="alerts for some", path="/settings/operation", user="boss", opens='[id="alerts.in_use"]'),
    Shown(name="history of the settings", path="/settings/history", user="boss"),
    Shown(name="revision", path="/settings/history/1", user="boss"),
    Shown(name="configuration file", path="/settings/file", user="boss"),
    Shown(name="documentation of the settings", path="/settings/keys?page=providers", user="boss"),
    Shown(name="settings, not allowed", path="/settings/file", status=403),
    Shown(name="not there", path="/documents/999999", status=404),
    Shown(name="not allowed", path="/documents", user="nobody", status=403),
)
