"""What identity's routes share: the parts, the source of a request, transactions whose answers are secret, answers beyond 200."""

from collections.abc import AsyncIterator, Sequence
import ipaddress
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import IPvAnyNetwork

from chassis.database import WriteTx
from chassis.runtime import Runtime
from services.identity.commands.count_attempts import count_attempts
from services.identity.parts import Parts, parts_of
from services.identity.rules.throttling import Limit

_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
PROBLEM_CONTENT = {"application/problem+json": _PROBLEM}
HTML_CONTENT: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}
TOO_MANY_ATTEMPTS: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too many attempts; Retry-After says when to come back", "content": PROBLEM_CONTENT}
}

SECRET_REFUSED: dict[int | str, dict[str, Any]] = {
    **TOO_MANY_ATTEMPTS,
    403: {"description": "The one-time secret is wrong, used or expired", "content": PROBLEM_CONTENT},
}
CREATED: dict[int | str, dict[str, Any]] = {201: {"description": "It is new"}}


def _parts(request: Request) -> Parts:
    return parts_of(request.app.state.runtime)


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


PartsHere = Annotated[Parts, Depends(_parts)]
Running = Annotated[Runtime, Depends(_runtime)]


async def _secret_write(request: Request) -> AsyncIterator[WriteTx]:
    async with request.app.state.runtime.db.write() as tx:
        yield tx


SecretWrites = Annotated[WriteTx, Depends(_secret_write, scope="function")]
"""A writing transaction for answers that hold secrets: they are never stored for an Idempotency-Key."""


def source_of(request: Request, trusted: Sequence[IPvAnyNetwork]) -> str:
    """The address a request came from: the last one in X-Forwarded-For that none of our own proxies wrote about itself."""
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    address = request.client.host if request.client else ""
    while hops and _is_within(address, trusted):
        address = hops.pop()
    return address


def _is_within(address: str, networks: Sequence[IPvAnyNetwork]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


async def seconds_to_wait_before(parts: Parts, limits: dict[str, Limit]) -> int:
    """Count an attempt in a commit of its own, so that it stays counted whatever becomes of the request."""
    async with parts.db.write() as tx:
        return await count_attempts(tx, limits)
