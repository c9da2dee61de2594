"""Which headers pass: everything but what ends at a connection and what only the gateway may say."""

from collections.abc import Iterable, Mapping

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
TRUSTED_FROM_US_ONLY = frozenset(
    (
        b"cf-connecting-ip",
        b"client-cert",
        b"client-cert-chain",
        b"client-ip",
        b"forwarded",
        b"true-client-ip",
        b"via",
        b"x-client-cert",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-deadline-ms",
        b"x-forwarded",
        b"x-original-url",
        b"x-originating-ip",
        b"x-passed-on-by",
        b"x-real-ip",
        b"x-remote-addr",
        b"x-remote-ip",
        b"x-remote-user",
        b"x-request-id",
        b"x-rewrite-url",
        b"traceparent",
        b"tracestate",
        b"x-http-method",
        b"x-http-method-override",
        b"x-method-override",
    )
)
"""Claims about who asks, by which way, until when, and of another method or address than the request line's."""
_BODILESS = frozenset((204, 304))
_PREFIXES = (b"x-forwarded-", b"x-ssl-", b"x-tongban-")
_KEPT_BY_THE_ANSWER = frozenset((b"date", b"server", b"x-powered-by", b"alt-svc"))
_NEVER_NAMED_AWAY = frozenset((b"content-length", b"host", b"authorization", b"cookie"))


def forwarded(received: Headers, ours: Mapping[bytes, bytes]) -> Headers:
    """The client's headers that pass, and ours. Content-Length and Host are the connection's, and left out."""
    named = named_by_connection(received)
    kept = [
        (name, value)
        for name, value in received
        if name not in HOP_BY_HOP
        and name not in TRUSTED_FROM_US_ONLY
        and name not in named
        and name not in ours
        and name not in (b"host", b"content-length")
        and b"_" not in name  # some servers read x_real_ip as x-real-ip
        and not name.startswith(_PREFIXES)
    ]
    return [*kept, *ours.items()]


def answered(received: Headers, status: int) -> Headers:
    """A service's headers that pass to the client, with names in lower case. Origins are the gateway's to allow."""
    lowered = [(name.lower(), value) for name, value in received]
    dropped = HOP_BY_HOP | _KEPT_BY_THE_ANSWER | named_by_connection(lowered)
    if status in _BODILESS:
        dropped |= {b"content-length"}  # of a body that does not come: the client would wait for it
    return [(name, value) for name, value in lowered if name not in dropped and not name.startswith(b"access-control-")]


def named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """The headers that end at this connection because `Connection` says so (RFC 9110, 7.6.1)."""
    said = [value for name, value in headers if name == b"connection"]
    if not said:
        return frozenset()
    return frozenset(part.strip().lower() for value in said for part in value.split(b",")) - _NEVER_NAMED_AWAY
