"""Begin a sign-in at a client: an authorization code, good once, for a minute, for this client and this PKCE challenge only."""

from datetime import timedelta
import secrets
from uuid import UUID

from chassis.database import WriteTx
from services.identity.rules.authorization import CODE_LIFETIME, AuthorizationRequest
from services.identity.rules.clients import secret_digest
from services.identity.rules.scopes import parse_scope
from services.identity.store import grants


async def issue_code(tx: WriteTx, request: AuthorizationRequest, *, subject: UUID, kind: str, session: timedelta) -> str:
    """The code. The person (or staff member) has just proven who they are."""
    family_id = tx.clock.new_id()
    family = {
        "id": family_id,
        "client_id": request.client_id,
        "subject": subject,
        "subject_kind": kind,
        "scopes": sorted(parse_scope(request.scope)),
        "nonce": request.nonce,
        "signed_in_at": tx.now,
        "expires_at": tx.now + session,
    }
    code = secrets.token_urlsafe(32)
    row = {
        "digest": secret_digest(code),
        "family_id": family_id,
        "redirect_uri": request.redirect_uri,
        "code_challenge": request.code_challenge,
        "expires_at": tx.now + CODE_LIFETIME,
    }
    await grants.insert_family(tx, family)
    await grants.insert_code(tx, row)
    return code
