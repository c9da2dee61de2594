"""Signing keys that change; sign-on of browsers; sign-off that clients hear of; clients' keys; pushed requests; tokens bound to keys."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("signs_from", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE signing_keys SET signs_from = created_at")
    op.alter_column("signing_keys", "signs_from", nullable=False)
    op.add_column("signing_keys", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "browser_sessions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_browser_sessions_secret_digest")),
    )
    op.create_index(op.f("ix_browser_sessions_subject"), "browser_sessions", ["subject"])
    op.create_index(op.f("ix_browser_sessions_expires_at"), "browser_sessions", ["expires_at"])
    op.create_table(
        "consents",
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", "client_id", name=op.f("pk_consents")),
    )
    op.add_column("token_families", sa.Column("session_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_token_families_session_id"), "token_families", "browser_sessions", ["session_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_token_families_session_id"), "token_families", ["session_id"])
    op.add_column("clients", sa.Column("asks_consent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("clients", sa.Column("post_logout_redirect_uris", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("clients", sa.Column("backchannel_logout_uri", sa.Text(), nullable=True))
    op.create_table(
        "logout_notices",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("subject", sa.UUID(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_notices")),
    )
    op.create_index(
        "ix_logout_notices_next_attempt_at",
        "logout_notices",
        ["next_attempt_at"],
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.add_column("clients", sa.Column("jwks", postgresql.JSONB(), nullable=True))
    op.add_column("clients", sa.Column("jwks_uri", sa.Text(), nullable=True))
    op.create_table(
        "used_once",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_once")),
    )
    op.create_index(op.f("ix_used_once_expires_at"), "used_once", ["expires_at"])
    for name in ("require_pushed_authorization_requests", "dpop_bound_access_tokens"):
        op.add_column("clients", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("token_families", sa.Column("dpop_jkt", sa.Text(), nullable=True))
    op.add_column("authorization_codes", sa.Column("dpop_jkt", sa.Text(), nullable=True))
    op.create_table(
        "pushed_requests",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pushed_requests")),
    )
    op.create_index(op.f("ix_pushed_requests_expires_at"), "pushed_requests", ["expires_at"])


def downgrade() -> None:
    op.drop_table("pushed_requests")
    op.drop_column("authorization_codes", "dpop_jkt")
    op.drop_column("token_families", "dpop_jkt")
    op.drop_column("clients", "dpop_bound_access_tokens")
    op.drop_column("clients", "require_pushed_authorization_requests")
    op.drop_table("used_once")
    op.drop_column("clients", "jwks_uri")
    op.drop_column("clients", "jwks")
    op.drop_table("logout_notices")
    op.drop_column("clients", "backchannel_logout_uri")
    op.drop_column("clients", "post_logout_redirect_uris")
    op.drop_column("clients", "asks_consent")
    op.drop_column("token_families", "session_id")
    op.drop_table("consents")
    op.drop_table("browser_sessions")
    op.drop_column("signing_keys", "withdrawn_at")
    op.drop_column("signing_keys", "signs_from")
