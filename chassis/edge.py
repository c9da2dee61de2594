"""The edge of a service: where a request gets its transaction, its idempotency and its stored answer.

A writing route takes `tx: Writes`. The transaction commits after the answer is built and before it is sent. With an
`Idempotency-Key` the answer is stored in the same commit as the effect, so a repeated request gets the same answer and has
no second effect: same key and request, same answer; same key, other request, 422; still in progress, 409.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
import hashlib
import hmac
import re
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Header, Request, Response, params
from fastapi.routing import APIRoute
import orjson

from chassis.actor import Actor
from chassis.database import ReadTx, WriteTx
from chassis.problems import (
    Conflict,
    FieldError,
    Invalid,
    Malformed,
    PreconditionFailed,
    PreconditionRequired,
    Text,
    UnreadableBody,
    UnreadableText,
    UnsupportedContent,
)

_KEY = re.compile(r"^[\x21-\x7e]{8,128}$")
_STORED_HEADERS = ("content-type", "etag", "location")
_JSON = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
_SUSPECT = re.compile(rb"\\u0000|\d{19}|\d[eE]")
_MOST_LEVELS = 64
_MOST_NUMBER = float(2**63)
_TOO_LARGE = Text("数超出 64 位", "is a number beyond 64 bits")
_TOO_DEEP = Text("嵌套超过 64 层", "is nested beyond 64 levels")
_SAFE_METHODS = frozenset({"GET", "HEAD"})


class IdempotencyKeyReused(Invalid):
    slug = "idempotency-key-reused"
    detail = Text(
        "这个 Idempotency-Key 已用于另一个请求，请换一个新的。", "This Idempotency-Key was used for another request; use a new one."
    )


class IdempotencyKeyInvalid(Malformed):
    slug = "idempotency-key-invalid"
    detail = Text("Idempotency-Key 应为 8 到 128 个可见 ASCII 字符。", "Idempotency-Key must be 8 to 128 visible ASCII characters.")


class RequestInProgress(Conflict):
    slug = "request-in-progress"
    detail = Text(
        "带同一 Idempotency-Key 的请求正在处理，请稍后再试。", "A request with this Idempotency-Key is being handled; try again shortly."
    )


class AnsweredWithoutEffect(Exception):
    """The answer, after which the transaction rolls back: a stored one that is repeated, or what a trial found would happen."""

    def __init__(self, response: Response) -> None:
        self.response = response


class EdgeRoute(APIRoute):
    """The route class of every service's routers: refuses text no database can store, stores and repeats idempotent answers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        stream_limit: int | None = getattr(self.endpoint, "stream_limit_bytes", None)
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        async def at_the_edge(request: Request) -> Response:
            if "\x00" in request.scope["path"] or not _is_text(request.scope["query_string"]):
                raise UnreadableText()
            if stream_limit is not None:
                request.state.body_limit.limit = stream_limit
            elif body := await request.body():
                _refuse_unstorable(body, request.headers.get("content-type", ""), takes_json=takes_json)
            response = await handle(request)
            pending: _Pending | None = getattr(request.state, "pending_answer", None)
            if pending is not None:
                await pending.store(response)
            return response

        return at_the_edge


def _is_text(query: bytes) -> bool:
    """Whether a query decodes to UTF-8 without NUL; what cannot be read is not searched for as if it were something else."""
    decoded = unquote_to_bytes(query)
    try:
        return "\x00" not in decoded.decode()
    except UnicodeDecodeError:
        return False


def _refuse_unstorable(body: bytes, content_type: str, *, takes_json: bool) -> None:
    """Refuses JSON that parses and yet cannot be kept: NUL, lone surrogates, numbers beyond 64 bits, nesting without end.

    Raises UnsupportedContent, UnreadableBody, UnreadableText, Invalid.
    """
    if not _JSON.match(content_type):
        if takes_json:
            raise UnsupportedContent(accepted="application/json")
        return
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadableBody() from error
    if _SUSPECT.search(body) or body.count(b"[") + body.count(b"{") > _MOST_LEVELS:
        _check_storable(value, _MOST_LEVELS)


def _check_storable(value: Any, levels: int, pointer: str = "") -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise UnreadableText()
    elif isinstance(value, float):
        if abs(value) >= _MOST_NUMBER:
            raise Invalid(errors=[FieldError(pointer, "number_too_large", _TOO_LARGE)])
    elif isinstance(value, dict | list):
        if levels == 0:
            raise Invalid(errors=[FieldError("", "nested_too_deeply", _TOO_DEEP)])
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _check_storable(name, 0)
            _check_storable(inner, levels - 1, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")


class _Pending:
    """An accepted Idempotency-Key whose answer is not stored yet."""

    def __init__(self, tx: WriteTx, owner: str, operation: str, key: str, fingerprint: bytes) -> None:
        self._tx = tx
        self._row = (owner, operation, key, fingerprint)

    async def store(self, response: Response) -> None:
        headers = {name: response.headers[name] for name in _STORED_HEADERS if name in response.headers}
        connection = await self._tx.asyncpg()
        await connection.execute(
            "INSERT INTO idempotency_keys (owner, operation, key, fingerprint, status, headers, body, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8)",
            *self._row,
            response.status_code,
            orjson.dumps(headers).decode(),
            bytes(response.body),
            self._tx.now,
        )


async def _read_tx(request: Request) -> AsyncIterator[ReadTx]:
    async with request.app.state.runtime.db.read() as tx:
        yield tx


async def _write_tx(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(description="Same key and request: the same answer, one effect. 8 to 128 visible ASCII characters.")
    ] = None,
) -> AsyncIterator[WriteTx]:
    if not hasattr(request.state, "access"):
        raise RuntimeError("a writing route must name its access rule before its transaction")
    if request.method in _SAFE_METHODS:  # it writes an audit only; there is no effect to repeat
        idempotency_key = None
    if idempotency_key is not None and not _KEY.match(idempotency_key):
        raise IdempotencyKeyInvalid()
    async with request.app.state.runtime.db.write() as tx:
        if idempotency_key is not None:
            request.state.pending_answer = await _begin_idempotent(request, tx, idempotency_key)
        yield tx


Reads = Annotated[ReadTx, Depends(_read_tx, scope="function")]
"""A route's read-only transaction."""

Writes = Annotated[WriteTx, Depends(_write_tx, scope="function")]
"""A route's writing transaction; name the access rule's parameter before it."""


async def _begin_idempotent(request: Request, tx: WriteTx, key: str) -> _Pending:
    actor: Actor | None = request.state.access
    owner = actor.key if actor else "public"
    operation = f"{request.method} {request.url.path}"
    told = ["if-match", *(["content-type", "content-length"] if _is_streamed(request) else []), *([] if actor else ["authorization"])]
    # Keyed: a body may hold a password or a personal number, whose plain digest could be guessed from a stolen table.
    secret = request.app.state.runtime.keys.seed_for("idempotency")
    digest = hmac.new(
        secret, "\n".join([request.url.query, *(request.headers.get(name, "") for name in told), ""]).encode(), hashlib.sha256
    )
    if not _is_streamed(request):
        digest.update(await request.body())
    fingerprint = digest.digest()
    connection = await tx.asyncpg()
    lock = int.from_bytes(hashlib.sha256(f"{owner}\n{operation}\n{key}".encode()).digest()[:8], "big", signed=True)
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", lock):
        raise RequestInProgress()
    row = await connection.fetchrow(
        "SELECT fingerprint, status, headers::text AS headers, body FROM idempotency_keys WHERE owner = $1 AND operation = $2 AND key = $3",
        owner,
        operation,
        key,
    )
    if row is None:
        return _Pending(tx, owner, operation, key, fingerprint)
    if row["fingerprint"] != fingerprint:
        raise IdempotencyKeyReused()
    headers = {**orjson.loads(row["headers"]), "Idempotent-Replay": "true"}
    raise AnsweredWithoutEffect(Response(content=row["body"], status_code=row["status"], headers=headers))


def _is_streamed(request: Request) -> bool:
    """A streamed body is read by its route; of it only the declared kind and size are in the fingerprint."""
    return hasattr(request.scope.get("endpoint"), "stream_limit_bytes")


def etag(version: int) -> str:
    """The ETag of a record's version number."""
    return f'"{version}"'


def _if_match(if_match: Annotated[str | None, Header(description='The ETag you read, for example "3".')] = None) -> int:
    if if_match is None:
        raise PreconditionRequired()
    value = if_match.strip().removeprefix("W/").strip('"')
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise PreconditionFailed()
    return int(value)


IfMatch = Annotated[int, Depends(_if_match)]
"""The version the caller saw; compare with `check_version`. 428 without the header."""


def _if_match_or_new(
    if_match: Annotated[str | None, Header(description='The ETag you read, for example "3"; left out for a record that is new.')] = None,
) -> int | None:
    return None if if_match is None else _if_match(if_match)


IfMatchOrNew = Annotated[int | None, Depends(_if_match_or_new)]
"""The version the caller saw, None without the header: for routes that enter a record or change it."""


def check_version(seen: int, actual: int) -> None:
    """Raises PreconditionFailed when somebody changed the record meanwhile."""
    if seen != actual:
        raise PreconditionFailed(seen=seen, actual=actual)


def _uses(dependant: Any, call: Callable[..., Any]) -> bool:
    return dependant.call is call or any(_uses(inner, call) for inner in dependant.dependencies)


def takes_write(dependant: Any) -> bool:
    """Whether a route opens a writing transaction."""
    return _uses(dependant, _write_tx)


def takes_if_match(dependant: Any) -> bool:
    return _uses(dependant, _if_match) or _uses(dependant, _if_match_or_new)


def takes_stream(limit_bytes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark an endpoint that reads its body itself, in pieces, up to a limit of its own."""

    def mark(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        endpoint.__dict__["stream_limit_bytes"] = limit_bytes
        return endpoint

    return mark
