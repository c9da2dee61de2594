"""The life of items: versions from an instant on, recalls, standings, requests, drafts with their history, delegations.

Versions published before took effect when they were published. Their column is filled by a change of type, which rewrites the
table without updating a row: a version never changes, and its trigger refuses an UPDATE even here.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TEXTS = postgresql.ARRAY(sa.Text())
_KEEP = """
CREATE FUNCTION refuse_change_of_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded of the life of an item never changes';
END $$
"""
_KEPT = ("item_recalls", "item_standings", "item_draft_changes")


def _versions() -> None:
    op.add_column("item_versions", sa.Column("effective_from", _INSTANT))
    op.execute("ALTER TABLE item_versions ALTER COLUMN effective_from TYPE timestamptz USING published_at")
    op.alter_column("item_versions", "effective_from", nullable=False)
    op.add_column("item_versions", sa.Column("origin", sa.Text(), nullable=False, server_default="loaded"))
    op.add_column("item_versions", sa.Column("written_by", _TEXTS, nullable=False, server_default=sa.text("'{}'")))
    op.add_column("item_versions", sa.Column("reviewed_by", sa.Text()))
    for name in ("origin", "written_by"):
        op.alter_column("item_versions", name, server_default=None)
    for name, condition in (
        ("origin", "origin IN ('loaded', 'drafted')"),
        ("another_reviewed", "reviewed_by IS NULL OR NOT reviewed_by = ANY (written_by)"),
        ("reviewed", "origin = 'loaded' OR reviewed_by IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_item_versions_{name}"), "item_versions", condition)
    op.create_index("ix_item_versions_effective_from", "item_versions", ["local_code", "effective_from", "number"])
    op.create_table(
        "item_recalls",
        sa.Column("version_id", postgresql.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recalled_by", sa.Text(), nullable=False),
        sa.Column("recalled_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["item_versions.id"], name=op.f("fk_item_recalls_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_item_recalls")),
    )


def _items() -> None:
    op.add_column("items", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("items", sa.Column("standing", sa.Text(), nullable=False, server_default="active"))
    op.add_column("items", sa.Column("next_at", _INSTANT))
    for name in ("is_listed", "standing"):
        op.alter_column("items", name, server_default=None)
    op.create_check_constraint(op.f("ck_items_standing"), "items", "standing IN ('active', 'frozen', 'withdrawn')")
    op.create_index("ix_items_next_at", "items", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))


def _standings() -> None:
    op.create_table(
        "item_requests",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text()),
        sa.Column("moved_to", sa.Text()),
        sa.Column("takes_effect_at", _INSTANT),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_by_name", sa.Text(), nullable=False),
        sa.Column("requested_at", _INSTANT, nullable=False),
        sa.Column("decision", sa.Text()),
        sa.Column("opinion", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_by_name", sa.Text()),
        sa.Column("decided_at", _INSTANT),
        sa.CheckConstraint("kind IN ('restart', 'withdraw')", name=op.f("ck_item_requests_kind")),
        sa.CheckConstraint("decision IN ('approved', 'refused')", name=op.f("ck_item_requests_decision")),
        sa.CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name=op.f("ck_item_requests_decided")),
        sa.CheckConstraint("decided_by <> requested_by", name=op.f("ck_item_requests_another_decided")),
        sa.ForeignKeyConstraint(["local_code"], ["items.local_code"], name=op.f("fk_item_requests_local_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_requests")),
    )
    op.create_index("ix_item_requests_local_code", "item_requests", ["local_code", "id"])
    op.create_index(
        "uq_item_requests_open", "item_requests", ["local_code", "kind"], unique=True, postgresql_where=sa.text("decision IS NULL")
    )
    op.create_table(
        "item_standings",
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text()),
        sa.Column("moved_to", sa.Text()),
        sa.Column("request_id", postgresql.UUID()),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('active', 'frozen', 'withdrawn')", name=op.f("ck_item_standings_state")),
        sa.CheckConstraint("state = 'frozen' OR request_id IS NOT NULL", name=op.f("ck_item_standings_requested")),
        sa.ForeignKeyConstraint(["local_code"], ["items.local_code"], name=op.f("fk_item_standings_local_code")),
        sa.ForeignKeyConstraint(["request_id"], ["item_requests.id"], name=op.f("fk_item_standings_request_id")),
        sa.PrimaryKeyConstraint("local_code", "number", name=op.f("pk_item_standings")),
    )


def _drafts() -> None:
    op.create_table(
        "item_drafts",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("authority_code", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.Column("writers", _TEXTS, nullable=False),
        sa.Column("reviewed_by", sa.Text()),
        sa.Column("reviewed_by_name", sa.Text()),
        sa.Column("reviewed_at", _INSTANT),
        sa.Column("opinion", sa.Text()),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version_id", postgresql.UUID()),
        sa.CheckConstraint("state IN ('draft', 'reviewed', 'published', 'discarded')", name=op.f("ck_item_drafts_state")),
        sa.CheckConstraint("reviewed_by IS NULL OR NOT reviewed_by = ANY (writers)", name=op.f("ck_item_drafts_another_reviewed")),
        sa.CheckConstraint("state NOT IN ('reviewed', 'published') OR reviewed_by IS NOT NULL", name=op.f("ck_item_drafts_reviewed")),
        sa.CheckConstraint("(state = 'published') = (version_id IS NOT NULL)", name=op.f("ck_item_drafts_published")),
        sa.ForeignKeyConstraint(["version_id"], ["item_versions.id"], name=op.f("fk_item_drafts_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_drafts")),
    )
    op.create_index("ix_item_drafts_authority_code", "item_drafts", ["authority_code", "id"])
    op.create_index("ix_item_drafts_local_code", "item_drafts", ["local_code", "id"])
    op.create_table(
        "item_draft_changes",
        sa.Column("draft_id", postgresql.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("done_by_name", sa.Text(), nullable=False),
        sa.Column("done_at", _INSTANT, nullable=False),
        sa.CheckConstraint(
            "action IN ('started', 'changed', 'approved', 'returned', 'published', 'discarded')", name=op.f("ck_item_draft_changes_action")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["item_drafts.id"], name=op.f("fk_item_draft_changes_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "version", name=op.f("pk_item_draft_changes")),
    )


def _delegations() -> None:
    op.create_table(
        "item_delegations",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("authority_code", sa.Text(), nullable=False),
        sa.Column("authority_name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("begins_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("ended_by", sa.Text()),
        sa.Column("end_reason", sa.Text()),
        sa.CheckConstraint("begins_at <= ends_at", name=op.f("ck_item_delegations_order")),
        sa.ForeignKeyConstraint(["local_code"], ["items.local_code"], name=op.f("fk_item_delegations_local_code")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_item_delegations_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_delegations")),
    )
    op.create_index("ix_item_delegations_local_code", "item_delegations", ["local_code", "begins_at"])


def upgrade() -> None:
    _versions()
    _items()
    _standings()
    _drafts()
    _delegations()
    op.execute(_KEEP)
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_life()"
        )


def downgrade() -> None:
    for table in ("item_delegations", "item_draft_changes", "item_drafts", "item_standings", "item_requests", "item_recalls"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_life()")
    op.execute("DELETE FROM item_terms WHERE item_no IN (SELECT item_no FROM items WHERE NOT is_listed)")
    for name in ("is_listed", "standing", "next_at"):
        op.drop_column("items", name)
    op.drop_index("ix_item_versions_effective_from", "item_versions")
    for name in ("effective_from", "origin", "written_by", "reviewed_by"):
        op.drop_column("item_versions", name)
