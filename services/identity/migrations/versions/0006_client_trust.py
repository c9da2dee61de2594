"""What clients register beyond ordinary ones: signed requests, certificates, a quota; and asked for with a request."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("signs_requests", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("clients", sa.Column("request_quota", sa.Integer(), nullable=True))
    op.add_column("clients", sa.Column("token_endpoint_auth_method", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("tls_client_auth_subject_dn", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("tls_client_auth_san_dns", sa.Text(), nullable=True))
    bound = sa.Column("tls_client_certificate_bound_access_tokens", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("clients", bound)
    op.add_column("client_requests", sa.Column("keys_and_trust", postgresql.JSONB(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("client_requests", "keys_and_trust")
    op.drop_column("clients", "tls_client_certificate_bound_access_tokens")
    op.drop_column("clients", "tls_client_auth_san_dns")
    op.drop_column("clients", "tls_client_auth_subject_dn")
    op.drop_column("clients", "token_endpoint_auth_method")
    op.drop_column("clients", "request_quota")
    op.drop_column("clients", "signs_requests")
