"""Finding items: terms that lead to them, what they are filtered by, how often they are asked for.

Items published before get their entries from the service when it starts: `index_version` 0 says that they have none.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NOTHING = sa.text("'{}'")
_NEW = ("called", "lines", "authority_code", "service_objects", "channels", "reach", "index_version")


def upgrade() -> None:
    texts = postgresql.ARRAY(sa.Text())
    op.drop_column("items", "phrases")
    op.drop_column("items", "readings")
    op.add_column("items", sa.Column("item_no", sa.Integer(), sa.Identity(always=True), nullable=False))
    op.create_unique_constraint(op.f("uq_items_item_no"), "items", ["item_no"])
    for name in ("called", "lines", "service_objects", "channels"):
        op.add_column("items", sa.Column(name, texts, nullable=False, server_default=_NOTHING))
    for name in ("authority_code", "reach"):
        op.add_column("items", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("items", sa.Column("index_version", sa.SmallInteger(), nullable=False, server_default="0"))
    for name in _NEW:
        op.alter_column("items", name, server_default=None)
    op.create_index("ix_items_index_version", "items", ["index_version"])
    op.create_table(
        "item_terms",
        sa.Column("item_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("term", sa.Text(collation="C"), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("impact", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_no"], ["items.item_no"], name=op.f("fk_item_terms_item_no")),
        sa.PrimaryKeyConstraint("item_no", "term", name=op.f("pk_item_terms")),
    )
    impact = sa.text("impact DESC")
    op.create_index("ix_item_terms_term", "item_terms", ["term", impact, "item_no"])
    op.create_index("ix_item_terms_region", "item_terms", ["region_code", "term", impact, "item_no"])
    op.create_table(
        "item_use",
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("heat", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("local_code", name=op.f("pk_item_use")),
    )
    op.create_index("ix_item_use_heat", "item_use", [sa.text("heat DESC")])


def downgrade() -> None:
    op.drop_table("item_use")
    op.drop_table("item_terms")
    for name in (*_NEW, "item_no"):
        op.drop_column("items", name)
    for name in ("phrases", "readings"):
        op.add_column("items", sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=False, server_default=_NOTHING))
        op.alter_column("items", name, server_default=None)
