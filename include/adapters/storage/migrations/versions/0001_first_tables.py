"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from include.adapters.storage.core.tables import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrades the schema."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_try", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_state_next_try", ["state", "next_try"], unique=False)

    op.create_table(
        "directory_entries",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column("entry", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "siret", name=op.f("pk_directory_entries")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("portal_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", UtcDateTime(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("metadata_sha256", sa.Text(), nullable=False),
        sa.Column("classification_rule", sa.Text(), nullable=True),
        sa.Column("metadata", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("links", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("missing_passes", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("linked_under", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("portal_id", "version", name=op.f("uq_documents_portal_id_version")),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index("ix_documents_content_sha256", ["content_sha256"], unique=False)

    op.create_table(
        "layout_examples",
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_key", sa.Text(), nullable=False),
        sa.Column("classification_rule", sa.Text(), nullable=False),
        sa.Column("example", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("taught_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("content_sha256", name=op.f("pk_layout_examples")),
    )
    with op.batch_alter_table("layout_examples", schema=None) as batch_op:
        batch_op.create_index("ix_layout_examples_due", ["due"], unique=False)
        batch_op.create_index(
            "ix_layout_examples_provider_key_classification_rule", ["provider_key", "classification_rule"], unique=False
        )

    op.create_table(
        "learned_recipients",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("wording_key", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=False),
        sa.Column("first_invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("last_invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("times_used", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_recipients")),
        sa.UniqueConstraint("environment", "wording_key", "siret", "service_code", name="uq_learned_recipients_line"),
    )
    op.create_table(
        "passes",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_passes")),
    )
    op.create_table(
        "providers",
        sa.Column("provider_key", sa.Text(), nullable=False),
        sa.Column("open_since", UtcDateTime(), nullable=True),
        sa.Column("half", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("next_probe_at", UtcDateTime(), nullable=True),
        sa.Column("last_success_at", UtcDateTime(), nullable=True),
        sa.Column("password_expires_at", UtcDateTime(), nullable=True),
        sa.Column("password_ask_at", UtcDateTime(), nullable=True),
        sa.Column("certificate_expires_at", UtcDateTime(), nullable=True),
        sa.Column("account", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("account_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("provider_key", name=op.f("pk_providers")),
    )
    op.create_table(
        "readings",
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("reading", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("unreadable", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("content_sha256", name=op.f("pk_readings")),
    )
    op.create_table(
        "remote_readings",
        sa.Column("provider_key", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("refusal", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider_key", "content_sha256", name=op.f("pk_remote_readings")),
    )
    op.create_table(
        "retrievals",
        sa.Column("provider_key", sa.Text(), nullable=False),
        sa.Column("watermark", UtcDateTime(), nullable=True),
        sa.Column("full_at", UtcDateTime(), nullable=True),
        sa.Column("last_good_at", UtcDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("provider_key", name=op.f("pk_retrievals")),
    )
    op.create_table(
        "revisions",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("configuration", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_revisions")),
    )
    op.create_table(
        "uploads",
        sa.Column("provider_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider_key", "sha256", name=op.f("pk_uploads")),
    )
    op.create_table(
        "document_links",
        sa.Column("invoice_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attachment_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_document_id"], ["documents.id"], name=op.f("fk_document_links_attachment_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_document_id"], ["documents.id"], name=op.f("fk_document_links_invoice_document_id")
        ),
        sa.PrimaryKeyConstraint(
            "invoice_document_id", "attachment_document_id", "rule", name=op.f("pk_document_links")
        ),
    )
    with op.batch_alter_table("document_links", schema=None) as batch_op:
        batch_op.create_index("ix_document_links_attachment_document_id", ["attachment_document_id"], unique=False)

    op.create_table(
        "invoices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shelved_from", sa.Text(), nullable=True),
        sa.Column("shelved_reason", sa.Text(), nullable=True),
        sa.Column("shelved_by", sa.Text(), nullable=True),
        sa.Column("criteria_revision", sa.Integer(), nullable=True),
        sa.Column("judged_revision", sa.Integer(), nullable=True),
        sa.Column("criteria", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("backfilled", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("provider_scope", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("content_sha256", sa.Text(), nullable=True),
        sa.Column("provider_key", sa.Text(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("edits", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reasons", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("attachments", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("attachment_types", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("invoice_number", sa.Text(), nullable=True),
        sa.Column("supplier_siret", sa.Text(), nullable=True),
        sa.Column("recipient_siret", sa.Text(), nullable=True),
        sa.Column("total_incl_tax", sa.Text(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("ever_unknown", sa.Boolean(), nullable=False),
        sa.Column("empty_searches", sa.Integer(), nullable=False),
        sa.Column("search_after", UtcDateTime(), nullable=True),
        sa.Column("refused_values", sa.Text(), nullable=True),
        sa.Column("chorus_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("status_at", UtcDateTime(), nullable=True),
        sa.Column("rerouted", sa.Boolean(), nullable=False),
        sa.Column("successor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("written_back", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_invoices_document_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["invoices.id"], name=op.f("fk_invoices_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("document_id", name=op.f("uq_invoices_document_id")),
        sa.UniqueConstraint("environment", "chorus_id", name=op.f("uq_invoices_environment_chorus_id")),
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invoices_environment_recipient_siret", ["environment", "recipient_siret"], unique=False
        )
        batch_op.create_index("ix_invoices_provider_key_state", ["provider_key", "state"], unique=False)
        batch_op.create_index("ix_invoices_state", ["state"], unique=False)

    op.create_table(
        "link_keys",
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_link_keys_document_id")),
        sa.PrimaryKeyConstraint("document_id", "side", "key", name=op.f("pk_link_keys")),
    )
    with op.batch_alter_table("link_keys", schema=None) as batch_op:
        batch_op.create_index("ix_link_keys_key", ["key"], unique=False)

    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("provider_key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("submission", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("refusal_number", sa.Integer(), nullable=True),
        sa.Column("refusal_label", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("chorus_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_attempts_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index("ix_attempts_invoice_id", ["invoice_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_key", sa.Text(), nullable=True),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("distributed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_events_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("once", name=op.f("uq_events_once")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_distributed", ["distributed"], unique=False)

    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_key", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=True),
        sa.Column("theirs", sa.Text(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_findings_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("invoice_id", "kind", name=op.f("uq_findings_invoice_id_kind")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index("ix_findings_provider_key_closed_at", ["provider_key", "closed_at"], unique=False)

    op.create_table(
        "moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_moves_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
    )
    with op.batch_alter_table("moves", schema=None) as batch_op:
        batch_op.create_index("ix_moves_invoice_id", ["invoice_id"], unique=False)

    op.create_table(
        "remote_invoices",
        sa.Column(
            "invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status_at", UtcDateTime(), nullable=True),
        sa.Column("status_comment", sa.Text(), nullable=True),
        sa.Column("credit_note", sa.Boolean(), nullable=False),
        sa.Column("supplier_siret", sa.Text(), nullable=True),
        sa.Column("recipient_siret", sa.Text(), nullable=True),
        sa.Column("recipient_name", sa.Text(), nullable=True),
        sa.Column("service_code", sa.Text(), nullable=True),
        sa.Column("engagement_number", sa.Text(), nullable=True),
        sa.Column("total_excl_tax", sa.Text(), nullable=True),
        sa.Column("total_incl_tax", sa.Text(), nullable=True),
        sa.Column("amount_due", sa.Text(), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("deposited_on", sa.Date(), nullable=True),
        sa.Column("rejection_handled", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("history_due", UtcDateTime(), nullable=True),
        sa.Column("history_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_remote_invoices_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_remote_invoices")),
    )
    with op.batch_alter_table("remote_invoices", schema=None) as batch_op:
        batch_op.create_index("ix_remote_invoices_history_due", ["history_due"], unique=False)

    op.create_table(
        "reserved_keys",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_reserved_keys_invoice_id")),
        sa.PrimaryKeyConstraint("environment", "kind", "value", name=op.f("pk_reserved_keys")),
    )
    with op.batch_alter_table("reserved_keys", schema=None) as batch_op:
        batch_op.create_index("ix_reserved_keys_invoice_id", ["invoice_id"], unique=False)

    op.create_table(
        "searches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("asked", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("found", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("decided", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_searches_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
    )
    with op.batch_alter_table("searches", schema=None) as batch_op:
        batch_op.create_index("ix_searches_invoice_id", ["invoice_id"], unique=False)

    op.create_table(
        "tracked_statuses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("agent_first_name", sa.Text(), nullable=True),
        sa.Column("agent_last_name", sa.Text(), nullable=True),
        sa.Column("agent_mail", sa.Text(), nullable=True),
        sa.Column("agent_phone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_tracked_statuses_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracked_statuses")),
        sa.UniqueConstraint("invoice_id", "kind", "entry", name=op.f("uq_tracked_statuses_invoice_id_kind_entry")),
    )
    op.create_table(
        "delivery_events",
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_events_delivery_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_delivery_events_event_id")),
        sa.PrimaryKeyConstraint("delivery_id", "event_id", name=op.f("pk_delivery_events")),
    )
