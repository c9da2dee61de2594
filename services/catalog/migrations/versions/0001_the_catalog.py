"""The catalog: regions, items and their versions, calendar, obtainable materials."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from chassis.migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEEP_VERSIONS = """
CREATE FUNCTION refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published item version never changes';
END $$
"""
_ON_VERSIONS = """
CREATE TRIGGER item_versions_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON item_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_version()
"""


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "regions",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent_code", sa.Text()),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_regions_level")),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["regions.code"], name=op.f("fk_regions_parent_code"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    op.create_index("ix_regions_parent_code", "regions", ["parent_code", "code"])
    op.create_table(
        "items",
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("version_id", postgresql.UUID(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("phrases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("readings", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_items_region_code")),
        sa.PrimaryKeyConstraint("local_code", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_region_code"), "items", ["region_code"])
    op.create_index("ix_items_document", "items", ["document"], postgresql_using="gin")
    op.create_table(
        "item_versions",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["local_code"], ["items.local_code"], name=op.f("fk_item_versions_local_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_versions")),
    )
    op.create_index("uq_item_versions_local_code", "item_versions", ["local_code", "number"], unique=True)
    op.execute(_KEEP_VERSIONS)
    op.execute(_ON_VERSIONS)
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("holidays", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("workdays", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_years")),
    )
    op.create_table(
        "obtainable_materials",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("names", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("source IN ('certificate', 'shared')", name=op.f("ck_obtainable_materials_source")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_obtainable_materials")),
    )


def downgrade() -> None:
    for table in ("obtainable_materials", "calendar_years", "item_versions", "items", "regions"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_version()")
    drop_chassis_tables(op)
