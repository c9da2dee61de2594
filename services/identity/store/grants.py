"""Clients, codes, refresh tokens, attempts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, case, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.rules.client_trust import FACTS
from services.identity.tables import (
    attempt_counters,
    authorization_codes,
    clients,
    departments,
    refresh_tokens,
    token_families,
)  # fmt: skip

_CLIENT = (
    clients.c.client_id, clients.c.name, clients.c.kind, clients.c.department, departments.c.region, clients.c.redirect_uris,
    clients.c.scopes, clients.c.secret_digest, clients.c.asks_consent,
    clients.c.post_logout_redirect_uris, clients.c.jwks, clients.c.jwks_uri,
    clients.c.require_pushed_authorization_requests, clients.c.dpop_bound_access_tokens, *(clients.c[name] for name in FACTS),
)  # fmt: skip
_FAMILY = (
    token_families.c.id.label("family_id"), token_families.c.client_id, token_families.c.subject, token_families.c.subject_kind,
    token_families.c.scopes, token_families.c.nonce, token_families.c.signed_in_at, token_families.c.expires_at, token_families.c.revoked_at,
    token_families.c.session_id, token_families.c.dpop_jkt, token_families.c.methods,
)  # fmt: skip
_MOST_COUNTED = 1_000_000


async def client(tx: ReadTx, client_id: str) -> RowMapping | None:
    return await tx.one_or_none(
        select(*_CLIENT).outerjoin(departments, departments.c.uscc == clients.c.department).where(clients.c.client_id == client_id)
    )


async def lock_client(tx: WriteTx, client_id: str) -> RowMapping | None:
    """Its kind and secret digest, locked."""
    return await tx.one_or_none(select(clients.c.kind, clients.c.secret_digest).where(clients.c.client_id == client_id).with_for_update())


async def put_client(tx: WriteTx, row: dict[str, Any]) -> bool:
    """True when it is new."""
    statement = insert(clients).values(**row)
    changed = {name: statement.excluded[name] for name in row if name != "client_id"}
    statement = statement.on_conflict_do_update(index_elements=[clients.c.client_id], set_=changed)
    return bool(await tx.scalar(statement.returning(literal_column("(xmax = 0)"))))


async def insert_family(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(token_families).values(**row))


async def insert_code(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(authorization_codes).values(**row))


async def lock_code(tx: WriteTx, digest: bytes) -> RowMapping | None:
    """The code with its family, both locked."""
    return await tx.one_or_none(
        select(
            authorization_codes.c.redirect_uri,
            authorization_codes.c.code_challenge,
            authorization_codes.c.expires_at.label("code_expires_at"),
            authorization_codes.c.used_at,
            authorization_codes.c.dpop_jkt.label("code_dpop_jkt"),
            *_FAMILY,
        )
        .join(token_families, token_families.c.id == authorization_codes.c.family_id)
        .where(authorization_codes.c.digest == digest)
        .with_for_update()
    )


async def mark_code_used(tx: WriteTx, digest: bytes) -> None:
    await tx.execute(update(authorization_codes).where(authorization_codes.c.digest == digest).values(used_at=tx.now))


async def insert_refresh_token(tx: WriteTx, digest: bytes, family_id: UUID) -> None:
    await tx.execute(insert(refresh_tokens).values(digest=digest, family_id=family_id, issued_at=tx.now))


async def lock_refresh_token(tx: WriteTx, digest: bytes) -> RowMapping | None:
    """The token with its family, both locked."""
    return await tx.one_or_none(
        select(refresh_tokens.c.used_at, *_FAMILY)
        .join(token_families, token_families.c.id == refresh_tokens.c.family_id)
        .where(refresh_tokens.c.digest == digest)
        .with_for_update()
    )


async def refresh_token(tx: ReadTx, digest: bytes) -> RowMapping | None:
    """The token with its family."""
    return await tx.one_or_none(
        select(refresh_tokens.c.used_at, *_FAMILY)
        .join(token_families, token_families.c.id == refresh_tokens.c.family_id)
        .where(refresh_tokens.c.digest == digest)
    )


async def bind_family(tx: WriteTx, family_id: UUID, thumbprint: str) -> None:
    """From now on it is refreshed with proofs of this key only."""
    await tx.execute(update(token_families).where(token_families.c.id == family_id).values(dpop_jkt=thumbprint))


async def is_family_live(tx: ReadTx, family_id: UUID) -> bool:
    statement = select(token_families.c.id).where(token_families.c.id == family_id, token_families.c.revoked_at.is_(None))
    return await tx.scalar(statement) is not None


async def mark_refresh_token_used(tx: WriteTx, digest: bytes) -> None:
    await tx.execute(update(refresh_tokens).where(refresh_tokens.c.digest == digest).values(used_at=tx.now))


async def revoke_family(tx: WriteTx, family_id: UUID) -> None:
    await tx.execute(
        update(token_families).where(token_families.c.id == family_id, token_families.c.revoked_at.is_(None)).values(revoked_at=tx.now)
    )


async def delete_expired(tx: WriteTx, *, counters_before: datetime) -> int:
    """Sign-ins that can no longer be refreshed, with all issued from them, and attempts nobody counts any more. Rows deleted."""
    families = await tx.execute(delete(token_families).where(token_families.c.expires_at < tx.now))
    return families + await tx.execute(delete(attempt_counters).where(attempt_counters.c.window_began < counters_before))


async def count_attempt(tx: WriteTx, key: str, window: timedelta) -> tuple[int, datetime]:
    """Count one attempt; the attempts in the window with it, and when that window began."""
    statement = insert(attempt_counters).values(key=key, window_began=tx.now, attempts=1)
    is_over = attempt_counters.c.window_began <= tx.now - window
    statement = statement.on_conflict_do_update(
        index_elements=[attempt_counters.c.key],
        set_={
            "window_began": case((is_over, statement.excluded.window_began), else_=attempt_counters.c.window_began),
            "attempts": case((is_over, 1), else_=func.least(attempt_counters.c.attempts + 1, _MOST_COUNTED)),
        },
    )
    row = await tx.one(statement.returning(attempt_counters.c.attempts, attempt_counters.c.window_began))
    return row["attempts"], row["window_began"]


async def forgive_attempt(tx: WriteTx, key: str) -> None:
    """Give back one counted attempt that was right."""
    await tx.execute(
        update(attempt_counters).where(attempt_counters.c.key == key).values(attempts=func.greatest(attempt_counters.c.attempts - 1, 0))
    )


async def forget_attempts(tx: WriteTx, key: str) -> None:
    await tx.execute(delete(attempt_counters).where(attempt_counters.c.key == key))
