"""The two statements behind most tokens, straight to the driver, each a transaction by itself: one round trip.

They only ever do what goes well. Whatever else is found changes nothing here and is left to the ordinary way, which says why and ends
what was stolen. Nothing is remembered from one request to the next: a registration changed is changed at once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from chassis.database import Database

_MOST_CONNECTIONS = 4
_SECONDS = 5

_BY_SECRET_ALONE = """(c.jwks IS NULL AND c.jwks_uri IS NULL AND NOT c.signs_requests AND c.token_endpoint_auth_method IS NULL
       AND NOT c.tls_client_certificate_bound_access_tokens AND NOT c.dpop_bound_access_tokens)"""

_CLIENT = f"""
SELECT c.client_id, c.name, c.kind, c.department, d.region, c.scopes, c.secret_digest, c.request_quota,
       {_BY_SECRET_ALONE} AS by_secret_alone
FROM clients c LEFT JOIN departments d ON d.uscc = c.department WHERE c.client_id = $1
"""

_ROTATE = f"""
WITH registered AS MATERIALIZED (
    SELECT c.scopes, c.request_quota,
           CASE c.kind WHEN 'public' THEN $5::bytea IS NULL ELSE c.secret_digest = $5::bytea END AND {_BY_SECRET_ALONE} AS is_proven
    FROM clients c WHERE c.client_id = $2
), used AS (
    UPDATE refresh_tokens r SET used_at = $3 FROM token_families f, people p
    WHERE r.digest = $1 AND r.used_at IS NULL AND f.id = r.family_id AND f.client_id = $2 AND f.revoked_at IS NULL AND f.expires_at > $3
      AND f.dpop_jkt IS NULL AND f.subject_kind = 'person' AND p.id = f.subject
      AND coalesce((SELECT is_proven FROM registered), NOT EXISTS (SELECT FROM registered) AND $6)
    RETURNING f.id AS family_id, f.subject, f.scopes, f.nonce, f.signed_in_at, f.session_id, f.methods, p.name, p.assurance,
              p.citizen_id_index
), next AS (
    INSERT INTO refresh_tokens (digest, family_id, issued_at) SELECT $4, family_id, $3 FROM used
)
SELECT used.*, (SELECT scopes FROM registered) AS client_scopes, (SELECT request_quota FROM registered) AS request_quota FROM used
"""
"""Two that come with the same token at once: the second waits for the first's row, finds it used, and changes nothing."""


class QuickStore:
    """One per process."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def client(self, client_id: str) -> asyncpg.Record | None:
        """The registration as it is now."""
        return await self._fetch(_CLIENT, client_id)

    async def rotate(
        self, digest: bytes, *, client_id: str, now: datetime, next_digest: bytes, secret_digest: bytes | None, is_built_in: bool
    ) -> asyncpg.Record | None:
        """Use a person's refresh token and keep the next, if the token is good and the client proves itself by this secret (None: has none).

        `is_built_in`: the client needs no registration. None, and nothing changed, for everything else.
        """
        return await self._fetch(_ROTATE, digest, client_id, now, next_digest, secret_digest, is_built_in)

    async def _fetch(self, statement: str, *values: Any) -> asyncpg.Record | None:
        async with self._pool.acquire(timeout=_SECONDS) as connection:
            return await connection.fetchrow(statement, *values)


@asynccontextmanager
async def open_quick_store(db: Database) -> AsyncIterator[QuickStore]:
    """A few connections beside the pool of transactions. They are clean when they come back: nothing but the statements above runs."""
    settings = {"application_name": f"tongban-{db.service}-quick", "timezone": "UTC", "jit": "off"}
    async with asyncpg.create_pool(
        db.dsn, min_size=0, max_size=_MOST_CONNECTIONS, reset=_stay_as_you_are, timeout=_SECONDS, server_settings=settings
    ) as pool:
        yield QuickStore(pool)


async def _stay_as_you_are(connection: Any) -> None:
    """The round trip that asyncpg's own reset would cost."""
