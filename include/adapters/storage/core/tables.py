"""The tables, as one picture. The migrations build the same; a test compares them.

documents 1 - 0..1 invoices 1 - n attempts. Everything that decides whether an invoice may be sent stands in `invoices`
(state, version, revisions) and `reserved_keys`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from include.adapters.storage.core.column_types import CauseJson, CompressedJson
from include.adapters.storage.core.column_types import UtcDateTime as UtcDateTime

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns are named by the query that made it."""


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


JSON = sa.JSON(none_as_null=True)
"""None is the SQL NULL, never the JSON word null: both databases then compare alike."""

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""A text that is compared byte by byte on both databases, so that rows come in the same order."""


def _id() -> sa.Column[int]:
    # SQLite counts by itself only for INTEGER, not for BIGINT
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)


documents = sa.Table(
    "documents",
    metadata,
    _id(),
    sa.Column("portal_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, default=1),
    sa.Column("latest", sa.Boolean, nullable=False, default=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("arrived_at", UtcDateTime, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("metadata_sha256", sa.Text, nullable=False),
    sa.Column("classification_rule", sa.Text),
    sa.Column("metadata", JSON, nullable=False),
    sa.Column("links", JSON, nullable=False),
    sa.Column("missing_passes", sa.Integer, nullable=False, default=0),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    # digest of the link rules under which its links were made; NULL: due again
    sa.Column("linked_under", sa.Text),
    sa.UniqueConstraint("portal_id", "version"),
    sa.Index("ix_documents_content_sha256", "content_sha256"),
)

invoices = sa.Table(
    "invoices",
    metadata,
    _id(),
    sa.Column("document_id", sa.ForeignKey("documents.id"), unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, default=1),
    sa.Column("shelved_from", sa.Text),
    sa.Column("shelved_reason", sa.Text),
    sa.Column("shelved_by", sa.Text),
    # revisions of the configuration under which the two assessments were made; NULL: due again
    sa.Column("criteria_revision", sa.Integer),
    sa.Column("judged_revision", sa.Integer),
    sa.Column("criteria", JSON),
    # criteria that took it by an explicit back-fill, whatever their `since` says
    sa.Column("backfilled", JSON),
    sa.Column("provider_scope", JSON),
    sa.Column("content_sha256", sa.Text),
    sa.Column("provider_key", sa.Text),
    sa.Column("environment", sa.Text),
    sa.Column("edits", JSON),
    sa.Column("draft", JSON),
    sa.Column("reasons", JSON),
    sa.Column("warnings", JSON),
    sa.Column("attachments", JSON),
    sa.Column("attachment_types", JSON),
    # what a person did to them: added files, those left out, types
    sa.Column("attachment_edits", JSON),
    sa.Column("flag", sa.Text),
    sa.Column("invoice_number", sa.Text),
    # the number folded, by which the platform's list and ours are held against each other
    sa.Column("number_key", sa.Text),
    sa.Column("supplier_siret", sa.Text),
    sa.Column("recipient_siret", sa.Text),
    sa.Column("total_incl_tax", sa.Text),
    sa.Column("labels", sa.Text),
    # the claim (docs/reference/exactly-once.md 2); lease_until is seconds since 1970 by the database's own clock
    sa.Column("owner", sa.Text),
    sa.Column("lease_until", sa.Float),
    # the search (docs/reference/exactly-once.md 4)
    sa.Column("ever_unknown", sa.Boolean, nullable=False, default=False),
    sa.Column("empty_searches", sa.Integer, nullable=False, default=0),
    sa.Column("search_after", UtcDateTime),
    sa.Column("refused_values", sa.Text),
    # what the platform says
    sa.Column("chorus_id", sa.BigInteger),
    sa.Column("status", sa.Text),
    sa.Column("status_at", UtcDateTime),
    # sent on to another body or service: what led to the first one was wrong
    sa.Column("rerouted", sa.Boolean, nullable=False, default=False),
    # the corrected invoice, with a number of its own, that follows this rejected one
    sa.Column("successor_id", sa.ForeignKey("invoices.id")),
    # what was last written into the portal about it; NULL: nothing yet
    sa.Column("written_back", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("environment", "chorus_id"),
    sa.Index("ix_invoices_state", "state"),
    # with the time, so that what stands where is counted from the index alone
    sa.Index("ix_invoices_provider_key_state_created_at", "provider_key", "state", "created_at"),
    sa.Index("ix_invoices_number_key", "number_key"),
    sa.Index("ix_invoices_environment_recipient_siret", "environment", "recipient_siret"),
    sa.Index("ix_invoices_created_at", "created_at"),
    sa.Index("ix_invoices_status", "status"),
)

link_keys = sa.Table(
    "link_keys",
    metadata,
    sa.Column("document_id", sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("side", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Index("ix_link_keys_key", "key"),
)

document_links = sa.Table(
    "document_links",
    metadata,
    sa.Column("invoice_document_id", sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("attachment_document_id", sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("rule", sa.Text, primary_key=True),
    sa.Column("backfilled", sa.Boolean, nullable=False),
    sa.Index("ix_document_links_attachment_document_id", "attachment_document_id"),
)

readings = sa.Table(
    "readings",
    metadata,
    sa.Column("content_sha256", sa.Text, primary_key=True),
    sa.Column("reading", CompressedJson, nullable=False),
    sa.Column("unreadable", sa.Boolean, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("searchable_copy", sa.Text),
    sa.Column("stale", sa.Boolean, nullable=False, default=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
)

attempts = sa.Table(
    "attempts",
    metadata,
    _id(),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), nullable=False),
    # `submission`, or the kind of a correction
    sa.Column("kind", sa.Text, nullable=False, default="submission"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("provider_key", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    # what it sends, in the shape of its kind
    sa.Column("submission", JSON, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("claimed_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("answer", sa.Text),
    sa.Column("refusal_number", sa.Integer),
    sa.Column("refusal_label", sa.Text),
    sa.Column("note", CauseJson),
    sa.Column("chorus_id", sa.BigInteger),
    # NULL: outside Airflow
    sa.Column("task_run_id", sa.ForeignKey("task_runs.id")),
    sa.Index("ix_attempts_invoice_id", "invoice_id"),
    sa.Index("ix_attempts_closed_at", "closed_at"),
    sa.Index("ix_attempts_provider_key_closed_at", "provider_key", "closed_at"),
    sa.Index("ix_attempts_provider_key_claimed_at", "provider_key", "claimed_at"),
    sa.Index("ix_attempts_task_run_id", "task_run_id", "invoice_id"),
)

# what the platform answered to searches for an invoice; the same answer again only counts
searches = sa.Table(
    "searches",
    metadata,
    _id(),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    # supplier and number of each question
    sa.Column("asked", JSON, nullable=False),
    sa.Column("found", JSON, nullable=False),
    # the code of a cause
    sa.Column("decided", sa.Text, nullable=False),
    sa.Index("ix_searches_invoice_id", "invoice_id"),
)

reserved_keys = sa.Table(
    "reserved_keys",
    metadata,
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), nullable=False),
    sa.Index("ix_reserved_keys_invoice_id", "invoice_id"),
)

moves = sa.Table(
    "moves",
    metadata,
    _id(),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("cause", CauseJson, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("task_run_id", sa.ForeignKey("task_runs.id")),
    sa.Index("ix_moves_invoice_id", "invoice_id"),
    sa.Index("ix_moves_task_run_id", "task_run_id", "invoice_id"),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("provider_key", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("upload_id", sa.BigInteger, nullable=False),
    sa.Column("uploaded_at", UtcDateTime, nullable=False),
)

# what the platform itself read from a content, for the provider that asked; `refusal`: it could not be analysed
remote_readings = sa.Table(
    "remote_readings",
    metadata,
    sa.Column("provider_key", sa.Text, primary_key=True),
    sa.Column("content_sha256", sa.Text, primary_key=True),
    sa.Column("fields", JSON, nullable=False),
    sa.Column("refusal", JSON),
    sa.Column("read_at", UtcDateTime, nullable=False),
)

providers = sa.Table(
    "providers",
    metadata,
    sa.Column("provider_key", sa.Text, primary_key=True),
    sa.Column("open_since", UtcDateTime),
    sa.Column("half", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("next_probe_at", UtcDateTime),
    sa.Column("last_success_at", UtcDateTime),
    # how long the login holds; the password's end is asked again at password_ask_at
    sa.Column("password_expires_at", UtcDateTime),
    sa.Column("password_ask_at", UtcDateTime),
    sa.Column("certificate_expires_at", UtcDateTime),
    # the supplier's own structure and bank details as the platform last told them
    sa.Column("account", JSON),
    sa.Column("account_at", UtcDateTime),
)

# when the next call of a client of Chorus Pro may begin, in seconds since 1970 by the database's own clock
call_turns = sa.Table(
    "call_turns",
    metadata,
    sa.Column("client", sa.Text, primary_key=True),
    sa.Column("next_at", sa.Float, nullable=False),
)

# what the platform says of an invoice, as it was last retrieved, beside what we sent
remote_invoices = sa.Table(
    "remote_invoices",
    metadata,
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("status_at", UtcDateTime),
    sa.Column("status_comment", sa.Text),
    sa.Column("credit_note", sa.Boolean, nullable=False),
    sa.Column("supplier_siret", sa.Text),
    sa.Column("recipient_siret", sa.Text),
    sa.Column("recipient_name", sa.Text),
    sa.Column("service_code", sa.Text),
    sa.Column("engagement_number", sa.Text),
    sa.Column("total_excl_tax", sa.Text),
    sa.Column("total_incl_tax", sa.Text),
    sa.Column("amount_due", sa.Text),
    sa.Column("issue_date", sa.Date),
    sa.Column("deposited_on", sa.Date),
    sa.Column("rejection_handled", sa.Boolean, nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("history_due", UtcDateTime),
    sa.Column("history_at", UtcDateTime),
    sa.Index("ix_remote_invoices_history_due", "history_due"),
)

tracked_statuses = sa.Table(
    "tracked_statuses",
    metadata,
    _id(),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime),
    sa.Column("comment", sa.Text),
    # the person at the public body: personal data
    sa.Column("agent_first_name", sa.Text),
    sa.Column("agent_last_name", sa.Text),
    sa.Column("agent_mail", sa.Text),
    sa.Column("agent_phone", sa.Text),
    sa.UniqueConstraint("invoice_id", "kind", "entry"),
)

retrievals = sa.Table(
    "retrievals",
    metadata,
    sa.Column("provider_key", sa.Text, primary_key=True),
    sa.Column("watermark", UtcDateTime),
    sa.Column("full_at", UtcDateTime),
    sa.Column("last_good_at", UtcDateTime),
    sa.Column("counts", JSON),
    sa.Column("seconds", sa.Float),
    sa.Column("failed_at", UtcDateTime),
    sa.Column("failure", sa.Text),
)

# where what we say of an invoice and what the platform says differ
findings = sa.Table(
    "findings",
    metadata,
    _id(),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("provider_key", sa.Text, nullable=False),
    sa.Column("ours", sa.Text),
    sa.Column("theirs", sa.Text),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    # NULL: it still stands
    sa.Column("closed_at", UtcDateTime),
    sa.UniqueConstraint("invoice_id", "kind"),
    sa.Index("ix_findings_provider_key_closed_at", "provider_key", "closed_at"),
)

directory_entries = sa.Table(
    "directory_entries",
    metadata,
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("siret", sa.Text, primary_key=True),
    sa.Column("entry", JSON, nullable=False),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
)

learned_recipients = sa.Table(
    "learned_recipients",
    metadata,
    _id(),
    sa.Column("environment", sa.Text, nullable=False),
    # the wording without case, accents, punctuation and legal forms, and as first printed
    sa.Column("wording_key", sa.Text, nullable=False),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("siret", sa.Text, nullable=False),
    # empty: the wording means the body; else this service of it (NULL would not be unique)
    sa.Column("service_code", sa.Text, nullable=False),
    # no foreign keys: a line outlives the invoices that taught it
    sa.Column("first_invoice_id", sa.BigInteger, nullable=False),
    sa.Column("last_invoice_id", sa.BigInteger, nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("times_used", sa.Integer, nullable=False),
    sa.Column("kept", sa.Boolean, nullable=False, default=False),
    # new, and no pass looked yet whether an unsent invoice waits for it
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.UniqueConstraint("environment", "wording_key", "siret", "service_code", name="uq_learned_recipients_line"),
)

# what an invoice teaches about where the values of its supplier stand
layout_examples = sa.Table(
    "layout_examples",
    metadata,
    sa.Column("content_sha256", sa.Text, primary_key=True),
    # no foreign key: an example outlives its invoice
    sa.Column("invoice_id", sa.BigInteger, nullable=False),
    sa.Column("provider_key", sa.Text, nullable=False),
    # folded; empty: none
    sa.Column("classification_rule", sa.Text, nullable=False),
    # NULL: the platform took it, and nothing was learned from it yet
    sa.Column("example", JSON),
    sa.Column("accepted", sa.Boolean, nullable=False),
    # accepted since it was last learned from
    sa.Column("due", sa.Boolean, nullable=False),
    # learned, and no pass has used it yet for what waits
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Column("taught_at", UtcDateTime, nullable=False),
    sa.Index("ix_layout_examples_provider_key_classification_rule", "provider_key", "classification_rule"),
    sa.Index("ix_layout_examples_due", "due"),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("configuration", JSON, nullable=False),
    sa.Column("changes", JSON, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    # invoices that were not sent yet, so that it had them assessed again; NULL: nobody counted
    sa.Column("touched", sa.Integer),
)

events = sa.Table(
    "events",
    metadata,
    _id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("provider_key", sa.Text),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id")),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("facts", JSON, nullable=False),
    sa.Column("once", sa.Text, unique=True),
    sa.Column("distributed", sa.Boolean, nullable=False, default=False),
    sa.Index("ix_events_distributed", "distributed"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    _id(),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("next_try", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("owner", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("note", sa.Text),
    sa.Index("ix_deliveries_state_next_try", "state", "next_try"),
)

delivery_events = sa.Table(
    "delivery_events",
    metadata,
    sa.Column("delivery_id", sa.ForeignKey("deliveries.id"), primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id"), primary_key=True),
)
