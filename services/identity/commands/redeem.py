"""Redeem a code or a refresh token: each is good once. A second use means that it was stolen, by whoever came first or second,
so everything issued from that sign-in ends. Refusals are answers, not exceptions: the transaction that ends a family must commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
import secrets
from typing import Any
from uuid import UUID

from chassis.database import WriteTx
from services.identity.rules.authorization import Fault, is_proof
from services.identity.rules.clients import secret_digest
from services.identity.store import grants


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A live sign-in and its next refresh token. `scopes` as first asked for, `methods` how the person proved who they are (`amr`)."""

    subject: UUID
    kind: str
    scopes: frozenset[str]
    nonce: str
    signed_in_at: datetime
    session_id: UUID | None
    family_id: UUID
    refresh_token: str = field(repr=False)
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldKey:
    """The key the client proved to hold, if any. A client without a secret binds refreshing to it; the others have their own proof.

    Or the `x5t#S256` of the certificate whose key it proved to hold when it connected.
    """

    thumbprint: str | None = None
    binds_refreshing: bool = False
    certificate: str | None = None

    @property
    def token_type(self) -> str:
        return "Bearer" if self.thumbprint is None else "DPoP"


async def redeem_code(tx: WriteTx, code: str, *, client_id: str, redirect_uri: str, code_verifier: str, key: HeldKey) -> Redeemed | Fault:
    """The sign-in the code began. The client is authenticated before."""
    digest = secret_digest(code)
    row = await grants.lock_code(tx, digest)
    if row is None or row["client_id"] != client_id:
        return Fault("invalid_grant", "no such code for this client")
    if row["used_at"] is not None:
        await grants.revoke_family(tx, row["family_id"])
        return Fault("invalid_grant", "the code was used before; everything issued from it is revoked")
    if row["code_expires_at"] <= tx.now or row["revoked_at"] is not None:
        return Fault("invalid_grant", "the code has expired")
    if row["redirect_uri"] != redirect_uri:
        return Fault("invalid_grant", "redirect_uri is not the one the code was sent to")
    if not is_proof(code_verifier, row["code_challenge"]):
        return Fault("invalid_grant", "code_verifier does not match the code_challenge")
    if row["code_dpop_jkt"] not in (None, key.thumbprint):
        return Fault("invalid_grant", "the code was asked for with the key of another proof")
    await grants.mark_code_used(tx, digest)
    if key.thumbprint is not None and key.binds_refreshing:
        await grants.bind_family(tx, row["family_id"], key.thumbprint)
    return await go_on(tx, row)


async def redeem_refresh_token(tx: WriteTx, token: str, *, client_id: str, key: HeldKey) -> Redeemed | Fault:
    """The sign-in the refresh token continues. The client is authenticated before."""
    digest = secret_digest(token)
    row = await grants.lock_refresh_token(tx, digest)
    if row is None or row["client_id"] != client_id:
        return Fault("invalid_grant", "no such refresh token for this client")
    if row["used_at"] is not None:
        await grants.revoke_family(tx, row["family_id"])
        return Fault("invalid_grant", "the refresh token was used before; the sign-in is revoked")
    if row["revoked_at"] is not None or row["expires_at"] <= tx.now:
        return Fault("invalid_grant", "the sign-in has ended")
    if row["dpop_jkt"] not in (None, key.thumbprint):
        return Fault("invalid_grant", "the refresh token is bound to another key")
    await grants.mark_refresh_token_used(tx, digest)
    return await go_on(tx, row)


async def go_on(tx: WriteTx, row: Mapping[Any, Any]) -> Redeemed:
    """The sign-in of a family, with a new refresh token."""
    refresh_token = secrets.token_urlsafe(32)
    await grants.insert_refresh_token(tx, secret_digest(refresh_token), row["family_id"])
    return Redeemed(
        subject=row["subject"],
        kind=row["subject_kind"],
        scopes=frozenset(row["scopes"]),
        nonce=row["nonce"],
        signed_in_at=row["signed_in_at"],
        session_id=row["session_id"],
        family_id=row["family_id"],
        refresh_token=refresh_token,
        methods=tuple(row["methods"]),
    )
