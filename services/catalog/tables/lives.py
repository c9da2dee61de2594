"""The life of items: drafts and their reviews, versions taken back before they began, freezes, withdrawals, delegations.

What was recorded stays: a standing, a recall and each state of a draft are rows that never change (triggers refuse it). People are
written as `kind:id` of the natural person or system behind the request, so that one who writes and one who reviews can be told apart.
"""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSON, UUID

from services.catalog.tables.house import metadata

item_recalls = Table(
    "item_recalls",
    metadata,
    Column("version_id", UUID, ForeignKey("item_versions.id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("recalled_by", Text, nullable=False),
    Column("recalled_at", DateTime(timezone=True), nullable=False),
)

item_standings = Table(
    "item_standings",
    metadata,
    Column("local_code", Text, ForeignKey("items.local_code"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text),
    Column("moved_to", Text),
    Column("request_id", UUID, ForeignKey("item_requests.id")),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('active', 'frozen', 'withdrawn')", name="state"),
    CheckConstraint("state = 'frozen' OR request_id IS NOT NULL", name="requested"),
)

item_requests = Table(
    "item_requests",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("local_code", Text, ForeignKey("items.local_code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text),
    Column("moved_to", Text),
    Column("takes_effect_at", DateTime(timezone=True)),
    Column("requested_by", Text, nullable=False),
    Column("requested_by_name", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("decision", Text),
    Column("opinion", Text),
    Column("decided_by", Text),
    Column("decided_by_name", Text),
    Column("decided_at", DateTime(timezone=True)),
    CheckConstraint("kind IN ('restart', 'withdraw')", name="kind"),
    CheckConstraint("decision IN ('approved', 'refused')", name="decision"),
    CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name="decided"),
    CheckConstraint("decided_by <> requested_by", name="another_decided"),
)
Index("ix_item_requests_local_code", item_requests.c.local_code, item_requests.c.id)
Index(
    "uq_item_requests_open",
    item_requests.c.local_code,
    item_requests.c.kind,
    unique=True,
    postgresql_where=item_requests.c.decision.is_(None),
)

item_drafts = Table(
    "item_drafts",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("local_code", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("based_on", Integer, nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("writers", ARRAY(Text), nullable=False),
    Column("reviewed_by", Text),
    Column("reviewed_by_name", Text),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("opinion", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("version_id", UUID, ForeignKey("item_versions.id")),
    CheckConstraint("state IN ('draft', 'reviewed', 'published', 'discarded')", name="state"),
    CheckConstraint("reviewed_by IS NULL OR NOT reviewed_by = ANY (writers)", name="another_reviewed"),
    CheckConstraint("state NOT IN ('reviewed', 'published') OR reviewed_by IS NOT NULL", name="reviewed"),
    CheckConstraint("(state = 'published') = (version_id IS NOT NULL)", name="published"),
)
Index("ix_item_drafts_authority_code", item_drafts.c.authority_code, item_drafts.c.id)
Index("ix_item_drafts_local_code", item_drafts.c.local_code, item_drafts.c.id)

item_draft_changes = Table(
    "item_draft_changes",
    metadata,
    Column("draft_id", UUID, ForeignKey("item_drafts.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("action", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("done_by", Text, nullable=False),
    Column("done_by_name", Text, nullable=False),
    Column("done_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("action IN ('started', 'changed', 'approved', 'returned', 'published', 'discarded')", name="action"),
)

item_delegations = Table(
    "item_delegations",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("local_code", Text, ForeignKey("items.local_code"), nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("authority_name", Text, nullable=False),
    Column("region_code", Text, ForeignKey("regions.code"), nullable=False),
    Column("document", Text, nullable=False),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("ended_by", Text),
    Column("end_reason", Text),
    CheckConstraint("begins_at <= ends_at", name="order"),
)
Index("ix_item_delegations_local_code", item_delegations.c.local_code, item_delegations.c.begins_at)
