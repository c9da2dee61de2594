"""Which headers pass: everything but what ends at a connection and what only the gateway may say."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

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
BODILESS = frozenset((204, 304))
_PREFIXES = (b"x-forwarded-", b"x-ssl-", b"x-tongban-")
_OF_THE_CONNECTION = frozenset((b"host", b"content-length"))
_DROPPED_FROM_ANSWERS = HOP_BY_HOP | {b"date", b"server", b"x-powered-by", b"alt-svc"}
_NEVER_NAMED_AWAY = frozenset((b"content-length", b"host", b"authorization", b"cookie"))
_NAMES_NOTHING = frozenset((b"keep-alive", b"close", b"Keep-Alive", b"Close"))


def forwarded(received: Headers, ours: Mapping[bytes, bytes]) -> Headers:
    """The client's headers that pass, and ours. Content-Length and Host are the connection's, and left out."""
    named = named_by_connection(received)
    kept = [pair for pair in received if _passes(pair[0]) and pair[0] not in named and pair[0] not in ours]
    return [*kept, *ours.items()]


@lru_cache(maxsize=1024)
def _passes(name: bytes) -> bool:
    """Some servers read x_real_ip as x-real-ip."""
    is_stopped = name in HOP_BY_HOP or name in TRUSTED_FROM_US_ONLY or name in _OF_THE_CONNECTION
    return not (is_stopped or b"_" in name or name.startswith(_PREFIXES))


def answered(received: Headers, status: int) -> Headers:
    """A service's headers that pass to the client, with names in lower case. Origins are the gateway's to allow."""
    lowered = [(_lowered(name), value) for name, value in received]
    named = named_by_connection(lowered)
    if status in BODILESS:
        named |= {b"content-length"}  # of a body that does not come: the client would wait for it
    return [pair for pair in lowered if _passes_back(pair[0]) and pair[0] not in named]


@lru_cache(maxsize=1024)
def _lowered(name: bytes) -> bytes:
    return name.lower()


@lru_cache(maxsize=1024)
def _passes_back(name: bytes) -> bool:
    return name not in _DROPPED_FROM_ANSWERS and not name.startswith(b"access-control-")


def named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """The headers that end at this connection because `Connection` says so (RFC 9110, 7.6.1)."""
    said = [value for name, value in headers if name == b"connection" and value not in _NAMES_NOTHING]
    if not said:
        return frozenset()
    return frozenset(part.strip().lower() for value in said for part in value.split(b",")) - _NEVER_NAMED_AWAY
