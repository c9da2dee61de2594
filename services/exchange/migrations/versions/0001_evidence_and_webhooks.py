"""The evidence log, subscriptions and webhooks."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from chassis.migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION refuse_change_of_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the evidence log is append-only';
END $$
"""
_KEEP = """
CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_evidence()
"""
_KEEP_STATE = (
    """
CREATE TRIGGER log_state_never_shrinks BEFORE UPDATE ON log_state
FOR EACH ROW WHEN (NEW.size <> OLD.size + 1) EXECUTE FUNCTION refuse_change_of_evidence()
""",
    """
CREATE TRIGGER log_state_never_goes BEFORE DELETE OR TRUNCATE ON log_state
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_evidence()
""",
)


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "log_entries",
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text()),
        sa.Column("leaf", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_log_entries")),
        sa.UniqueConstraint("event_id", name=op.f("uq_log_entries_event_id")),
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_log_nodes")),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_state_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("department", "name", name=op.f("uq_subscriptions_department_name")),
    )
    op.create_table(
        "webhook_events",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_webhook_events")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subscription_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.SmallInteger()),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name=op.f("ck_deliveries_state")),
        sa.ForeignKeyConstraint(["event_id"], ["webhook_events.event_id"], name=op.f("fk_deliveries_event_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name=op.f("fk_deliveries_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("seq", name=op.f("uq_deliveries_seq")),
        sa.UniqueConstraint("subscription_id", "event_id", name=op.f("uq_deliveries_subscription_id_event_id")),
    )
    op.create_index("ix_deliveries_listed", "deliveries", ["subscription_id", "seq"])
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["subscription_id", "key", "seq"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "lanes",
        sa.Column("subscription_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("claim", sa.UUID()),
        sa.Column("is_stopped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name=op.f("fk_lanes_subscription_id")),
        sa.PrimaryKeyConstraint("subscription_id", "key", name=op.f("pk_lanes")),
    )
    op.create_index(
        "ix_lanes_due",
        "lanes",
        ["subscription_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.execute("INSERT INTO log_state (id, size, peaks) VALUES (1, 0, '')")
    op.execute(_REFUSE)
    for table in ("log_entries", "log_nodes"):
        op.execute(_KEEP.format(table=table))
    for statement in _KEEP_STATE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_lanes_due", table_name="lanes", postgresql_where=sa.text("next_attempt_at IS NOT NULL"))
    op.drop_table("lanes")
    op.drop_index("ix_deliveries_waiting", table_name="deliveries", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("ix_deliveries_listed", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("webhook_events")
    op.drop_table("subscriptions")
    op.drop_table("log_state")
    op.drop_table("log_nodes")
    op.drop_table("log_entries")
    op.execute("DROP FUNCTION refuse_change_of_evidence()")
    drop_chassis_tables(op)
