"""OAuth clients: who may ask for tokens, how they prove themselves, and where an answer may be sent.

Redirect addresses match exactly; only the port of a loopback address may differ (RFC 8252, 7.3).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
import hashlib
import hmac
import ipaddress
from typing import Any, Literal
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from services.identity.rules.client_trust import ClientTrust
from services.identity.rules.scopes import SCOPES, SERVICE_SCOPES

ClientKind = Literal["public", "confidential", "service", "kiosk"]
_SUBJECTS = uuid5(NAMESPACE_URL, "urn:tongban:client")
ACCOUNT = "account"
"""The account page of this very service, as a client of its sign-in."""
RESERVED_PREFIX = "svc-"
KIOSK_PREFIX = "kiosk-"
"""Before the id of a registered kiosk: what it is called as a client."""
_FOR_PEOPLE = frozenset(name for name, scope in SCOPES.items() if scope.kinds & {"person", "organisation", "staff"})


@dataclass(frozen=True, slots=True)
class Client:
    """`scopes` is the most it passes on. A client with a department is that department's system and may act for itself.

    One that `asks_consent` gets nothing of a person who has not agreed.
    """

    client_id: str
    name: str
    kind: ClientKind
    scopes: frozenset[str]
    redirect_uris: frozenset[str] = frozenset()
    department: str | None = None
    region: str | None = None
    secret_digest: bytes | None = field(default=None, repr=False)
    asks_consent: bool = False
    post_logout_redirect_uris: frozenset[str] = frozenset()
    jwks: Mapping[str, Any] | None = field(default=None, hash=False)
    jwks_uri: str | None = None
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    trust: ClientTrust = field(default_factory=ClientTrust)

    @property
    def has_keys(self) -> bool:
        """Whether it proves itself by assertions it signs, and by nothing else."""
        return self.trust.token_endpoint_auth_method is None and (self.jwks is not None or self.jwks_uri is not None)


def built_in_client(client_id: str, public_url: str) -> Client | None:
    """The suite's own clients, which need no registration: its services, the hall, and the demonstration on the command line."""
    if client_id in SERVICE_SCOPES:
        return Client(client_id, client_id.removeprefix(RESERVED_PREFIX), "service", SERVICE_SCOPES[client_id])
    loopback = frozenset({"http://127.0.0.1/callback", "http://[::1]/callback"})
    if client_id == "tongban-demo":
        return Client(client_id, "通办演示", "public", _FOR_PEOPLE, loopback, post_logout_redirect_uris=loopback)
    if client_id == ACCOUNT:
        return Client(
            client_id, "我的账号", "public", frozenset(), frozenset({account_address(public_url), kiosk_page_address(public_url)})
        )
    if client_id == "hall":
        home = public_url.rstrip("/")
        back = loopback | {home + "/"}
        return Client(client_id, "通办网上大厅", "public", _FOR_PEOPLE, loopback | {home + "/callback"}, post_logout_redirect_uris=back)
    return None


def account_address(public_url: str) -> str:
    return public_url.rstrip("/") + "/api/identity/v1/account"


def kiosk_page_address(public_url: str) -> str:
    """Where a kiosk's code is confirmed: `verification_uri` (RFC 8628, 3.2)."""
    return public_url.rstrip("/") + "/api/identity/v1/device"


def client_subject(client_id: str) -> UUID:
    """The `sub` of a system or service: the same after every restart and registration."""
    return uuid5(_SUBJECTS, client_id)


def secret_digest(secret: str) -> bytes:
    """What is kept of a secret. A plain digest is enough because secrets are long and random (at least 32 characters)."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_secret(secret: str, digest: bytes | None) -> bool:
    """Whether it is the secret, in constant time."""
    return digest is not None and hmac.compare_digest(secret_digest(secret), digest)


def is_acceptable_redirect(uri: str) -> bool:
    """Whether an address may be registered: https, http on loopback, or a private-use scheme with a dot; no fragment, no user."""
    parts = _split(uri)
    if parts is None or "#" in uri or "\\" in uri or not uri.isascii() or any(c.isspace() or not c.isprintable() for c in uri):
        return False
    if parts.scheme in ("http", "https"):
        has_place = bool(parts.hostname) and parts.username is None
        return has_place and (parts.scheme == "https" or _is_loopback(parts) or parts.hostname == "localhost")
    return "." in parts.scheme and not parts.netloc and parts.path.startswith("/")


def is_registered(registered: Collection[str], asked: str) -> bool:
    """Whether the answer may be sent there."""
    if asked in registered:
        return True
    parts = _split(asked)
    if parts is None or parts.scheme != "http" or parts.username is not None or not _is_loopback(parts):
        return False
    return is_acceptable_redirect(asked) and any(_without_port(asked) == _without_port(one) for one in registered)


def with_parameters(uri: str, **parameters: str | None) -> str:
    """The address with parameters added to its query; None and empty ones are left out."""
    parts = urlsplit(uri)
    added = urlencode({name: value for name, value in parameters.items() if value})
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, added]))))


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_loopback(parts: SplitResult) -> bool:
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _without_port(uri: str) -> tuple[str, str | None, str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path, parts.query
