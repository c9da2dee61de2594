"""What an id token of ours says when it comes back as a hint: it may have expired, but its signature must be ours."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.database import ReadTx
from services.identity.store import keys


@dataclass(frozen=True, slots=True)
class IdTokenHint:
    """Who the token was about, for which client, from which session."""

    subject: UUID
    client_id: str
    session_id: UUID | None


async def read_hint(tx: ReadTx, token: str, *, issuer: str) -> IdTokenHint | None:
    """None for what is not an id token that this suite issued."""
    known: Any = {"keys": list(await keys.remembered_keys(tx))}
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(known), algorithms=["ES256"])
        claims = decoded.claims
        if decoded.header.get("typ") != "JWT" or claims.get("iss") != issuer:
            return None
        sid = claims.get("sid")
        return IdTokenHint(UUID(claims["sub"]), str(claims["aud"]), UUID(sid) if sid is not None else None)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
