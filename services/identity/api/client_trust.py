"""What a client may register beyond an ordinary one: keys, signed requests, certificates, a quota; and what of it makes no sense."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from chassis.problems import FieldError, Text
from services.identity.rules.client_certificates import is_subject_name, registered_thumbprints
from services.identity.rules.client_keys import KeysRefused, read_keys, request_keys
from services.identity.rules.client_trust import FACTS, LARGEST_QUOTA, ByCertificate, ClientTrust
from services.identity.rules.logout import is_acceptable_back_channel


class ClientKeysBody(BaseModel):
    jwks: dict[str, Any] | None = Field(
        default=None, description="Public keys (JWK set): it proves itself by private_key_jwt, not by a secret"
    )
    jwks_uri: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="Where it publishes them instead, and changes them by itself: https, or http on this machine"
    )
    signs_requests: bool = Field(
        default=False, description="Requests with its tokens are good only with its signature (RFC 9421), by a P-256 or Ed25519 key"
    )
    request_quota: int | None = Field(
        default=None,
        ge=1,
        le=LARGEST_QUOTA,
        strict=True,
        description="Requests it may make in a window of the gateway; left out: as many as any other",
    )
    token_endpoint_auth_method: ByCertificate | None = Field(
        default=None,
        description="By its certificate (RFC 8705): one that names it, or one in its keys as `x5c` or `x5t#S256`. Left out: by its keys "
        "or its secret",
    )
    tls_client_auth_subject_dn: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="For `tls_client_auth`: the certificate's subject, as RFC 4514 writes it"
    )
    tls_client_auth_san_dns: Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9*.-]+$")] | None = Field(
        default=None, description="For `tls_client_auth`, instead: a DNS name in the certificate"
    )
    tls_client_certificate_bound_access_tokens: bool = Field(
        default=False, description="Its tokens are good only on connections with the certificate they were asked for with"
    )

    def trust(self) -> ClientTrust:
        return ClientTrust(**self.model_dump(include=set(FACTS)))


class ClientKeysView(BaseModel):
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    signs_requests: bool = False
    request_quota: int | None = None
    token_endpoint_auth_method: Literal["tls_client_auth", "self_signed_tls_client_auth"] | None = None
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_certificate_bound_access_tokens: bool = False


def trust_errors(body: ClientKeysBody, *, kind: str, has_secret: bool, is_dpop_bound: bool) -> list[FieldError]:
    """Everything that is wrong with these parts of a registration."""
    has_keys = body.jwks is not None or body.jwks_uri is not None
    is_plain = kind != "public" and not has_secret
    found = _key_errors(body, is_plain=is_plain) if has_keys else []
    if body.signs_requests and not has_keys:
        text = Text("签名请求的客户端应登记公钥", "needs keys: jwks or jwks_uri")
        found.append(FieldError("/signs_requests", "without-keys", text))
    if body.token_endpoint_auth_method is not None and not is_plain:
        text = Text("以证书自证的客户端是不带密钥口令的机密客户端", "is for a confidential client without a secret")
        found.append(FieldError("/token_endpoint_auth_method", "ambiguous", text))
    if body.tls_client_certificate_bound_access_tokens and (kind == "public" or is_dpop_bound):
        text = Text("用于机密客户端，且不与 DPoP 并用", "is for a confidential client, and not beside DPoP")
        found.append(FieldError("/tls_client_certificate_bound_access_tokens", "ambiguous", text))
    return found + _name_errors(body)


def _key_errors(body: ClientKeysBody, *, is_plain: bool) -> list[FieldError]:
    found: list[FieldError] = []
    if not is_plain or None not in (body.jwks, body.jwks_uri):
        text = Text(
            "密钥集用于不带密钥口令的机密客户端，上传与地址二选一", "keys are for a confidential client without a secret, uploaded or by URL"
        )  # fmt: skip
        found.append(FieldError("/jwks", "ambiguous", text))
    if body.jwks_uri is not None and not is_acceptable_back_channel(body.jwks_uri):
        text = Text("应为 https 地址或本机 http 地址", "must be https, or http on loopback, without fragment or user")
        found.append(FieldError("/jwks_uri", "unacceptable", text))
    if body.jwks is not None:
        try:
            read_keys(body.jwks, may_only_sign_requests=body.token_endpoint_auth_method is not None)
            if body.signs_requests:
                request_keys(body.jwks)
        except KeysRefused as refusal:
            text = Text(f"密钥集不可用：{refusal}", f"is not usable: {refusal}")
            found.append(FieldError("/jwks", "unacceptable", text))
    return found


def _name_errors(body: ClientKeysBody) -> list[FieldError]:
    names = (body.tls_client_auth_subject_dn, body.tls_client_auth_san_dns)
    needed = 1 if body.token_endpoint_auth_method == "tls_client_auth" else 0
    found: list[FieldError] = []
    if sum(name is not None for name in names) != needed:
        text = Text(
            "tls_client_auth 应登记主体名称或 DNS 名称之一，其他方式不登记",
            "tls_client_auth has a subject or a DNS name, other ways neither",
        )
        found.append(FieldError("/tls_client_auth_subject_dn", "ambiguous", text))
    if body.tls_client_auth_subject_dn is not None and not is_subject_name(body.tls_client_auth_subject_dn):
        text = Text("应为 RFC 4514 格式的主体名称", "must be a distinguished name as RFC 4514 writes it")
        found.append(FieldError("/tls_client_auth_subject_dn", "unreadable", text))
    has_own = body.jwks_uri is not None or bool(registered_thumbprints(body.jwks or {}))
    if body.token_endpoint_auth_method == "self_signed_tls_client_auth" and not has_own:
        text = Text("密钥集中没有证书（x5c 或 x5t#S256）", "no certificate is among the keys (x5c or x5t#S256)")
        found.append(FieldError("/jwks", "without-certificate", text))
    return found
