"""What clients and services must know to talk to the provider: its addresses and its public keys."""

from fastapi import Response

from chassis.app import service_router
from chassis.edge import Reads
from chassis.schema import View
from services.identity.api.access import AnyoneDiscovers
from services.identity.api.edge import PartsHere
from services.identity.rules.claims import ACR_VALUES
from services.identity.rules.client_keys import ALGORITHMS
from services.identity.rules.scopes import SCOPES
from services.identity.store import keys

router = service_router("discovery")

GRANT_TYPES = (
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:device_code",
)

CONFIDENTIAL_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")


_CLIENTS_PROVE_THEMSELVES_AT = {
    "token": "/token",
    "introspection": "/introspect",
    "revocation": "/revoke",
    "pushed_authorization_request": "/par",
}


class PublicKeyView(View):
    """A JWK, EC P-256."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class KeySetView(View):
    keys: list[PublicKeyView]


class ProviderView(View):
    """OpenID Connect Discovery 1.0 and RFC 8414."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    end_session_endpoint: str
    introspection_endpoint: str
    revocation_endpoint: str
    device_authorization_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = GRANT_TYPES
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("ES256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = (*CONFIDENTIAL_METHODS, "none")
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS
    introspection_endpoint_auth_methods_supported: tuple[str, ...] = CONFIDENTIAL_METHODS
    introspection_endpoint_auth_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = (*CONFIDENTIAL_METHODS, "none")
    revocation_endpoint_auth_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    claims_supported: tuple[str, ...] = (
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "sid",
        "name",
        "actor_kind",
        "assurance",
        "department",
    )
    prompt_values_supported: tuple[str, ...] = ("none", "login", "consent", "select_account")
    acr_values_supported: tuple[str, ...] = ACR_VALUES
    ui_locales_supported: tuple[str, ...] = ("zh-CN", "en")
    authorization_response_iss_parameter_supported: bool = True
    backchannel_logout_supported: bool = True
    backchannel_logout_session_supported: bool = True
    pushed_authorization_request_endpoint: str
    require_pushed_authorization_requests: bool = False
    dpop_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS
    tls_client_certificate_bound_access_tokens: bool = True
    mtls_endpoint_aliases: dict[str, str] | None = None
    request_parameter_supported: bool = False
    claims_parameter_supported: bool = False
    request_uri_parameter_supported: bool = False


@router.get("/jwks")
async def jwks(_: AnyoneDiscovers, tx: Reads, response: Response) -> KeySetView:
    """The public keys that tokens are verified with."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return KeySetView.model_validate({"keys": await keys.public_keys(tx)})


@router.get("/openid-configuration", response_model_exclude_none=True)
async def openid_configuration(_: AnyoneDiscovers, parts: PartsHere, response: Response) -> ProviderView:
    """Where everything is."""
    response.headers["Cache-Control"] = "public, max-age=300"
    here = parts.settings.public_url.rstrip("/") + "/api/identity/v1"
    proving = {f"{name}_endpoint": path for name, path in _CLIENTS_PROVE_THEMSELVES_AT.items()}
    aliases = {name: f"{parts.settings.mtls_url.rstrip('/')}/api/identity/v1{path}" for name, path in proving.items()}
    return ProviderView(
        issuer=parts.settings.public_url,
        authorization_endpoint=f"{here}/authorize",
        userinfo_endpoint=f"{here}/userinfo",
        end_session_endpoint=f"{here}/logout",
        **{name: here + path for name, path in proving.items()},
        mtls_endpoint_aliases=aliases if parts.settings.mtls_url else None,
        device_authorization_endpoint=f"{here}/device-authorization",
        jwks_uri=f"{here}/jwks",
        scopes_supported=sorted(SCOPES),
    )
