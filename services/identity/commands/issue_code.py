"""Begin a sign-in at a client: an authorization code, good once, for a minute, for this client and this PKCE challenge only."""

import secrets

from chassis.database import WriteTx
from services.identity.rules.authorization import CODE_LIFETIME, AuthorizationRequest
from services.identity.rules.clients import secret_digest
from services.identity.rules.scopes import parse_scope
from services.identity.rules.sessions import BrowserSession
from services.identity.store import grants


async def issue_code(tx: WriteTx, request: AuthorizationRequest, session: BrowserSession) -> str:
    """The code. What is issued for it ends with the session, however late in it the client asked."""
    family_id = tx.clock.new_id()
    family = {
        "id": family_id,
        "client_id": request.client_id,
        "subject": session.subject,
        "subject_kind": session.kind,
        "session_id": session.id,
        "scopes": sorted(parse_scope(request.scope)),
        "nonce": request.nonce,
        "signed_in_at": session.signed_in_at,
        "expires_at": session.expires_at,
        "methods": list(session.methods),
    }
    code = secrets.token_urlsafe(32)
    row = {
        "digest": secret_digest(code),
        "family_id": family_id,
        "redirect_uri": request.redirect_uri,
        "code_challenge": request.code_challenge,
        "expires_at": tx.now + CODE_LIFETIME,
        "dpop_jkt": request.dpop_jkt or None,
    }
    await grants.insert_family(tx, family)
    await grants.insert_code(tx, row)
    return code
