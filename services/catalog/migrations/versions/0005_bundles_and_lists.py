"""Bundles, the four lists, the history of regions, departments as identity tells of them."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEEP = """
CREATE FUNCTION refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published bundle, an imported list and a change of regions are kept as they were';
END $$
"""
_KEPT = ("bundle_versions", "list_editions", "list_entry_versions", "region_changes")
_TABLES = (
    "bundle_members", "bundle_versions", "bundles", "list_entries", "list_entry_versions", "list_editions", "departments", "region_changes",
)  # fmt: skip


def _bundles() -> None:
    op.create_table(
        "bundles",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version_id", postgresql.UUID(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_because", sa.Text()),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_bundles_region_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bundles")),
    )
    op.create_index(op.f("ix_bundles_region_code"), "bundles", ["region_code"])
    op.create_table(
        "bundle_versions",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.Column("guide", postgresql.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["bundles.code"], name=op.f("fk_bundle_versions_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_versions")),
    )
    op.create_index("uq_bundle_versions_code", "bundle_versions", ["code", "number"], unique=True)
    op.create_table(
        "bundle_members",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("version_id", postgresql.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["bundles.code"], name=op.f("fk_bundle_members_code")),
        sa.PrimaryKeyConstraint("code", "local_code", name=op.f("pk_bundle_members")),
    )
    op.create_index("ix_bundle_members_local_code", "bundle_members", ["local_code", "code"])


def _edition_key(table: str) -> sa.ForeignKeyConstraint:
    edition = ["list_editions.kind", "list_editions.region_code", "list_editions.number"]
    return sa.ForeignKeyConstraint(["kind", "region_code", "edition"], edition, name=op.f(f"fk_{table}_kind"))


def _lists() -> None:
    op.create_table(
        "list_editions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('power', 'responsibility', 'negative', 'fee')", name=op.f("ck_list_editions_kind")),
        sa.CheckConstraint("file_kind IN ('csv', 'xlsx', 'json')", name=op.f("ck_list_editions_file_kind")),
        sa.PrimaryKeyConstraint("kind", "region_code", "number", name=op.f("pk_list_editions")),
    )
    op.create_table(
        "list_entry_versions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", postgresql.JSONB()),
        _edition_key("list_entry_versions"),
        sa.PrimaryKeyConstraint("kind", "region_code", "code", "edition", name=op.f("pk_list_entry_versions")),
    )
    op.create_table(
        "list_entries",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("base_code", sa.Text()),
        sa.Column("item_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("entry", postgresql.JSONB(), nullable=False),
        _edition_key("list_entries"),
        sa.PrimaryKeyConstraint("kind", "region_code", "code", name=op.f("pk_list_entries")),
    )
    op.create_index("ix_list_entries_department", "list_entries", ["kind", "region_code", "department", "code"])
    op.create_index("ix_list_entries_base_code", "list_entries", ["base_code"])
    op.create_index("ix_list_entries_item_codes", "list_entries", ["item_codes"], postgresql_using="gin")


def _places() -> None:
    op.add_column("regions", sa.Column("ended_on", sa.Date()))
    op.create_table(
        "region_changes",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("old_code", sa.Text()),
        sa.Column("old_name", sa.Text()),
        sa.Column("new_code", sa.Text()),
        sa.Column("new_name", sa.Text()),
        sa.CheckConstraint("old_code IS NOT NULL OR new_code IS NOT NULL", name=op.f("ck_region_changes_some_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_changes")),
    )
    told = ["effective_on", "kind", "old_code", "new_code", "old_name", "new_name"]
    op.create_index("uq_region_changes", "region_changes", told, unique=True, postgresql_nulls_not_distinct=True)
    op.create_index("ix_region_changes_old_code", "region_changes", ["old_code"])
    op.create_index("ix_region_changes_new_code", "region_changes", ["new_code"])
    op.create_table(
        "departments",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text()),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departments")),
    )
    op.create_index("ix_departments_region_code", "departments", ["region_code", "code"])


def upgrade() -> None:
    _bundles()
    _lists()
    _places()
    op.execute(_KEEP)
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record()"
        )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("regions", "ended_on")
    op.execute("DROP FUNCTION refuse_change_of_record()")
