"""Departments below departments, what staff may do, delegations, one-time secrets, who changed what, requests of department systems."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("departments", sa.Column("parent", sa.Text(), nullable=True))
    op.add_column("departments", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(op.f("ix_departments_parent"), "departments", ["parent"])
    op.create_foreign_key(op.f("fk_departments_parent"), "departments", "departments", ["parent"], ["uscc"])
    op.add_column("staff", sa.Column("item_departments", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("staff", sa.Column("item_codes", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("staff", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("staff", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    _delegations()
    op.create_table(
        "one_time_secrets",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_one_time_secrets_staff_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_one_time_secrets")),
    )
    _changes()
    _client_requests()


def _delegations() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("delegator", sa.UUID(), nullable=False),
        sa.Column("delegate", sa.UUID(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("posts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("item_departments", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("item_codes", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.UUID(), nullable=True),
        sa.Column("revocation_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["delegate"], ["staff.id"], name=op.f("fk_delegations_delegate")),
        sa.ForeignKeyConstraint(["delegator"], ["staff.id"], name=op.f("fk_delegations_delegator")),
        sa.ForeignKeyConstraint(["department"], ["departments.uscc"], name=op.f("fk_delegations_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_delegate"), "delegations", ["delegate"])
    op.create_index(op.f("ix_delegations_delegator"), "delegations", ["delegator"])
    op.create_index("ix_delegations_in_force", "delegations", ["delegate", "valid_until"], postgresql_where=sa.text("revoked_at IS NULL"))


def _changes() -> None:
    op.create_table(
        "administrative_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.UUID(), nullable=False),
        sa.Column("changed_by_kind", sa.Text(), nullable=False),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrative_changes")),
    )
    op.create_index(op.f("ix_administrative_changes_department"), "administrative_changes", ["department"])
    op.create_index("ix_administrative_changes_record", "administrative_changes", ["record_kind", "record"])


def _client_requests() -> None:
    op.create_table(
        "client_requests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("redirect_uris", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.UUID(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department"], ["departments.uscc"], name=op.f("fk_client_requests_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_requests")),
    )
    op.create_index(op.f("ix_client_requests_department"), "client_requests", ["department"])
    op.create_index(
        "uq_client_requests_open", "client_requests", ["client_id"], unique=True, postgresql_where=sa.text("state = 'requested'")
    )


def downgrade() -> None:
    op.drop_table("client_requests")
    op.drop_table("administrative_changes")
    op.drop_table("one_time_secrets")
    op.drop_table("delegations")
    for column in ("left_at", "version", "item_codes", "item_departments"):
        op.drop_column("staff", column)
    op.drop_constraint(op.f("fk_departments_parent"), "departments", type_="foreignkey")
    op.drop_index(op.f("ix_departments_parent"), "departments")
    op.drop_column("departments", "version")
    op.drop_column("departments", "parent")
