"""Sessions of browsers, and what people agreed to."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.rules.sessions import BrowserSession
from services.identity.store.logout import queue_notices
from services.identity.tables import browser_sessions, consents, token_families

_SESSION = (
    browser_sessions.c.id, browser_sessions.c.subject, browser_sessions.c.subject_kind, browser_sessions.c.signed_in_at,
    browser_sessions.c.expires_at, browser_sessions.c.methods, browser_sessions.c.device, browser_sessions.c.kiosk,
)  # fmt: skip


async def live_session(tx: ReadTx, digest: bytes, *, lock: bool = False) -> BrowserSession | None:
    """The session whose secret has this digest, unless it has ended or expired."""
    statement = select(*_SESSION).where(
        browser_sessions.c.secret_digest == digest, browser_sessions.c.ended_at.is_(None), browser_sessions.c.expires_at > tx.now
    )
    row = await tx.one_or_none(statement.with_for_update() if lock else statement)
    if row is None:
        return None
    return _session(row)


def _session(row: RowMapping) -> BrowserSession:
    return BrowserSession(
        row["id"], row["subject"], row["subject_kind"], row["signed_in_at"], row["expires_at"], tuple(row["methods"]), row["device"],
        row["kiosk"],
    )  # fmt: skip


async def live_sessions(tx: ReadTx, subject: UUID) -> list[BrowserSession]:
    """Of somebody, the newest first."""
    statement = select(*_SESSION).where(
        browser_sessions.c.subject == subject, browser_sessions.c.ended_at.is_(None), browser_sessions.c.expires_at > tx.now
    )
    return [_session(row) for row in await tx.all(statement.order_by(browser_sessions.c.signed_in_at.desc(), browser_sessions.c.id.desc()))]


async def clients_of(tx: ReadTx, session_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Ids of the clients signed in to, by session."""
    found: dict[UUID, list[str]] = {}
    statement = select(token_families.c.session_id, token_families.c.client_id).where(
        token_families.c.session_id.in_(session_ids), token_families.c.revoked_at.is_(None)
    )
    for row in await tx.rows(statement.distinct().order_by(token_families.c.client_id)):
        found.setdefault(row.session_id, []).append(row.client_id)
    return found


async def insert_session(tx: WriteTx, session: BrowserSession, digest: bytes) -> None:
    await tx.execute(
        insert(browser_sessions).values(
            id=session.id, secret_digest=digest, subject=session.subject, subject_kind=session.kind,
            signed_in_at=session.signed_in_at, expires_at=session.expires_at,
            methods=list(session.methods), device=session.device, kiosk=session.kiosk,
        )
    )  # fmt: skip


async def renew_session(tx: WriteTx, session: BrowserSession, digest: bytes) -> None:
    """A new secret and new times for a session that is locked."""
    await tx.execute(
        update(browser_sessions)
        .where(browser_sessions.c.id == session.id)
        .values(
            secret_digest=digest,
            signed_in_at=session.signed_in_at,
            expires_at=session.expires_at,
            methods=list(session.methods),
            device=session.device,
        )
    )


async def has_agreed(tx: ReadTx, subject: UUID, client_id: str, scopes: Iterable[str]) -> bool:
    """Whether the person agreed to the client's having all of these scopes."""
    wanted: Any = sorted(scopes)
    statement = select(consents.c.client_id).where(
        consents.c.subject == subject, consents.c.client_id == client_id, consents.c.scopes.contains(wanted)
    )
    return await tx.scalar(statement) is not None


async def keep_consent(tx: WriteTx, subject: UUID, client_id: str, scopes: Iterable[str]) -> None:
    """What was agreed to before stays."""
    present = await tx.scalar(
        select(consents.c.scopes).where(consents.c.subject == subject, consents.c.client_id == client_id).with_for_update()
    )
    row = {"subject": subject, "client_id": client_id, "scopes": sorted({*scopes, *(present or ())}), "agreed_at": tx.now}
    statement = insert(consents).values(**row)
    changed = {name: statement.excluded[name] for name in ("scopes", "agreed_at")}
    await tx.execute(statement.on_conflict_do_update(index_elements=[consents.c.subject, consents.c.client_id], set_=changed))


async def end_sessions(tx: WriteTx, *, session_id: UUID | None = None, subject: UUID | None = None) -> None:
    """End one session, or every one of somebody, with all that was issued from it; the clients will be told."""
    which = browser_sessions.c.id == session_id if session_id is not None else browser_sessions.c.subject == subject
    statement = update(browser_sessions).where(which, browser_sessions.c.ended_at.is_(None), browser_sessions.c.expires_at > tx.now)
    ended = [row.id for row in await tx.rows(statement.values(ended_at=tx.now).returning(browser_sessions.c.id))]
    families = token_families.c.session_id == session_id if session_id is not None else token_families.c.subject == subject
    await tx.execute(update(token_families).where(families, token_families.c.revoked_at.is_(None)).values(revoked_at=tx.now))
    await queue_notices(tx, ended)


async def delete_expired_sessions(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(browser_sessions).where(browser_sessions.c.expires_at < tx.now))
