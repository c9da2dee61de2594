"""What the token endpoint issues, whichever way a request came through it."""

from datetime import datetime
from uuid import UUID

from chassis.schema import View
from services.identity.commands.redeem import HeldKey, Redeemed
from services.identity.errors import OAuthRefused
from services.identity.parts import Parts
from services.identity.queries.acting import Acting
from services.identity.queries.principals import own_principal
from services.identity.rules.authorization import ACCESS_LIFETIME, Fault
from services.identity.rules.claims import Principal, access_claims, id_claims
from services.identity.rules.client_trust import with_trust
from services.identity.rules.clients import Client
from services.identity.rules.scopes import granted, parse_scope


class TokenView(View):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = int(ACCESS_LIFETIME.total_seconds())
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None
    issued_token_type: str | None = None


def for_sign_in(
    redeemed: Redeemed | Fault, principal: Principal | None, client: Client, parts: Parts, key: HeldKey, *, narrowed_to: frozenset[str]
) -> TokenView:
    """The tokens of somebody who signed in, as their account is now. Raises OAuthRefused."""
    if isinstance(redeemed, Fault):
        raise OAuthRefused(redeemed)
    if principal is None:
        raise OAuthRefused(Fault("invalid_grant", "the account is gone"))
    scopes = granted(principal.kind, redeemed.scopes, ceiling=client.scopes, posts=principal.posts)
    if narrowed_to:
        scopes &= granted(principal.kind, narrowed_to, ceiling=scopes, posts=principal.posts)
    id_token = None
    if "openid" in scopes:
        id_token = parts.signer.id_token(
            id_claims(
                principal,
                issuer=parts.settings.public_url,
                client_id=client.client_id,
                nonce=redeemed.nonce,
                now=parts.clock.now(),
                signed_in_at=redeemed.signed_in_at,
                session_id=redeemed.session_id,
                methods=redeemed.methods,
            )
        )
    return TokenView(
        access_token=signed(parts, principal, client, scopes, key, grant_id=redeemed.family_id, signed_in_at=redeemed.signed_in_at),
        token_type=key.token_type,
        scope=" ".join(sorted(scopes)),
        refresh_token=redeemed.refresh_token,
        id_token=id_token,
    )


def for_itself(scope: str, client: Client, parts: Parts, key: HeldKey) -> TokenView:
    """The token of a system or service of the suite. Raises OAuthRefused."""
    principal = own_principal(client)
    if principal is None:
        raise OAuthRefused(Fault("unauthorized_client", "this client signs people in; it does not act for itself"))
    asked = parse_scope(scope)
    scopes = granted(principal.kind, asked, ceiling=client.scopes)
    if asked and not scopes:
        raise OAuthRefused(Fault("invalid_scope", "none of these scopes is for this client"))
    return TokenView(access_token=signed(parts, principal, client, scopes, key), token_type=key.token_type, scope=" ".join(sorted(scopes)))


def signed(
    parts: Parts, principal: Principal, client: Client, scopes: frozenset[str], key: HeldKey, *,
    acting: Acting | None = None, grant_id: UUID | None = None, signed_in_at: datetime | None = None,
) -> str:  # fmt: skip
    """An access token."""
    claims = access_claims(
        principal,
        issuer=parts.settings.public_url,
        client_id=client.client_id,
        scopes=scopes,
        now=parts.clock.now(),
        token_id=parts.clock.new_id(),
        delegate=acting.person if acting else None,
        grant_id=grant_id,
        thumbprint=key.thumbprint,
        signed_in_at=signed_in_at,
    )
    claims = with_trust(claims, client.trust, certificate=key.certificate)
    return parts.signer.access_token(acting.limit(claims) if acting else claims)
