"""Register an OAuth client, or change it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
import secrets
from typing import Any, Literal

from sqlalchemy import null

from chassis.database import WriteTx
from services.identity.errors import DepartmentUnknown
from services.identity.rules.client_trust import ClientTrust
from services.identity.rules.clients import secret_digest
from services.identity.store import grants, subjects


@dataclass(frozen=True, slots=True)
class PutClient:
    """A confidential client with a department is that department's system. `secret` None: keep the present one, or make one."""

    client_id: str
    name: str
    kind: Literal["public", "confidential"]
    department: str | None
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    secret: str | None = field(repr=False)
    asks_consent: bool = False
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    trust: ClientTrust = field(default_factory=ClientTrust)

    @property
    def has_secret(self) -> bool:
        """Whether it proves itself by one: not where it has keys or certificates."""
        return self.kind == "confidential" and self.jwks is None and self.jwks_uri is None and self.trust.token_endpoint_auth_method is None


async def put_client(tx: WriteTx, command: PutClient) -> tuple[bool, str | None]:
    """Whether it is new, and the secret if one was made: it is told this once. Raises DepartmentUnknown."""
    if command.department is not None and await subjects.department(tx, command.department) is None:
        raise DepartmentUnknown()
    present = await grants.lock_client(tx, command.client_id)
    made: str | None = None
    digest: bytes | None = None
    if command.has_secret:
        digest = present["secret_digest"] if present is not None else None
        if command.secret is not None:
            digest = secret_digest(command.secret)
        elif digest is None:
            made = secrets.token_urlsafe(32)
            digest = secret_digest(made)
    row = {
        "client_id": command.client_id,
        "name": command.name,
        "kind": command.kind,
        "department": command.department,
        "redirect_uris": list(command.redirect_uris),
        "scopes": list(command.scopes),
        "secret_digest": digest,
        "asks_consent": command.asks_consent,
        "post_logout_redirect_uris": list(command.post_logout_redirect_uris),
        "backchannel_logout_uri": command.backchannel_logout_uri,
        "jwks": command.jwks if command.jwks is not None else null(),
        "jwks_uri": command.jwks_uri,
        "require_pushed_authorization_requests": command.require_pushed_authorization_requests,
        "dpop_bound_access_tokens": command.dpop_bound_access_tokens,
        **asdict(command.trust),
    }
    return await grants.put_client(tx, row), made
