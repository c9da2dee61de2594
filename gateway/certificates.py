"""The client's certificate, as a proxy that terminates TLS passes it on (RFC 9440), believed of trusted proxies alone.

`Client-Cert` holds it as RFC 9440 writes it, or escaped PEM as nginx's `$ssl_client_escaped_cert`; that the TLS handshake was made with its
key is the proxy's word. `X-SSL-Client-Verify: SUCCESS`, nginx's `$ssl_client_verify`, says that an authority of the proxy's issued it.
"""

import base64
import binascii
from dataclasses import dataclass
import hashlib
import ssl
from urllib.parse import unquote

from starlette.types import Scope

from chassis.problems import Text, Unauthenticated
from gateway.source import Networks, is_within

PASSED_INWARD = b"x-tongban-certificate"
_MOST_BYTES = 16_384


class CertificateRefused(Unauthenticated):
    """The token is bound to a certificate that the connection does not have (RFC 8705, 3)."""

    slug = "certificate-refused"
    title = Text("访问令牌绑定的证书不符", "The token is bound to another certificate")
    detail = Text(
        "访问令牌绑定了客户端证书，请用申请令牌时的证书建立 TLS 连接。({reason})",
        "The token is bound to a client certificate: connect with the one it was asked for with. ({reason})",
    )

    def __init__(self, reason: str) -> None:
        super().__init__(error="invalid_token", reason=reason)


@dataclass(frozen=True, slots=True)
class Certificate:
    """As DER. `is_trusted`: issued by an authority of the proxy's."""

    der: bytes
    is_trusted: bool

    @property
    def thumbprint(self) -> str:
        """`x5t#S256`."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.der).digest()).rstrip(b"=").decode()

    def inward(self) -> bytes:
        """As identity is told of it."""
        return (b"trusted " if self.is_trusted else b"presented ") + base64.b64encode(self.der)


def certificate_of(scope: Scope, trusted: Networks) -> Certificate | None:
    """The connection's; None where it has none, where who says so is not trusted, and where it is not said clearly."""
    client = scope.get("client")
    said = [value for name, value in scope["headers"] if name == b"client-cert"]
    if len(said) != 1 or not 0 < len(said[0]) <= _MOST_BYTES or not client or not is_within(client[0], trusted):
        return None
    verified = [value for name, value in scope["headers"] if name == b"x-ssl-client-verify"]
    try:
        return Certificate(_der(said[0]), is_trusted=verified == [b"SUCCESS"])
    except ValueError:
        return None


def _der(said: bytes) -> bytes:
    """Raises ValueError."""
    if said.startswith(b":") and said.endswith(b":"):
        try:
            return base64.b64decode(said[1:-1], validate=True)
        except binascii.Error as error:
            raise ValueError("not base64") from error
    return ssl.PEM_cert_to_DER_cert(unquote(said.decode("ascii")))


def demand(expected: str, found: Certificate | None) -> None:
    """Raises CertificateRefused."""
    if found is None:
        raise CertificateRefused("the connection has no certificate")
    if found.thumbprint != expected:
        raise CertificateRefused("the connection has another certificate")
