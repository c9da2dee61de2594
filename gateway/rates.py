"""Quotas: for each person, each client, and where nobody is known each source; said in headers, and refused with 429 beyond.

Header fields follow draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy: "person";q=3000;w=60` and
`RateLimit: "person";r=2999;t=42`. Windows are fixed and begin at another second for each caller. A client's registration may carry
a quota of its own: see gateway/terms.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
import hashlib
import zlib

from chassis.actor import Actor
from chassis.problems import Problem, Text
from gateway.counts import Counts, Window
from gateway.settings import GatewaySettings
from gateway.source import group_of
from gateway.terms import terms_of

_PERSONS = frozenset(("person", "organisation", "staff"))


class RateLimited(Problem):
    status = 429
    slug = "rate-limited"
    title = Text("请求过于频繁", "Too many requests")
    detail = Text(
        "已达到每 {window} 秒 {quota} 次的上限，请在 {retry_after} 秒后再试。",
        "The limit of {quota} requests in {window} seconds is reached; try again in {retry_after} seconds.",
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """`quota` requests in `window` seconds."""

    name: str
    quota: int
    window: int


class Rates:
    """Counts requests against the policies that apply. `now` is seconds since the epoch."""

    def __init__(self, settings: GatewaySettings, counts: Counts, now: Callable[[], float]) -> None:
        window = settings.rate_window_seconds
        self._person = Policy("person", settings.person_requests, window)
        self._client = Policy("client", settings.client_requests, window)
        self._source = Policy("source", settings.source_requests, window)
        self._counts = counts
        self._now = now

    async def admit(self, actor: Actor | None, source: str) -> list[tuple[bytes, bytes]]:
        """Count one request; answers the header fields that tell of it. Raises RateLimited, whose headers tell as well."""
        applied = [(policy, key) for policy, key in self._policies(actor, source) if policy.quota]
        if not applied:
            return []
        now = self._now()
        windows = [(policy, _window(policy, key, now)) for policy, key in applied]
        for policy, window in windows:
            if not await self._counts.take(window, policy.quota):
                seconds = max(1, int(window[1] - now))
                headers = {"Retry-After": str(seconds), **{n.decode(): v.decode() for n, v in self._told(windows, now)}}
                raise RateLimited(
                    headers=headers, quota=policy.quota, window=policy.window, retry_after=seconds, violated_policies=[policy.name]
                )
        return self._told(windows, now)

    def _policies(self, actor: Actor | None, source: str) -> list[tuple[Policy, str]]:
        if actor is None:
            return [(self._source, group_of(source))]
        registered = terms_of(actor.raw_token).quota
        client = Policy("client", registered, self._client.window) if registered else self._client
        if actor.kind not in _PERSONS:
            return [(client, actor.client_id)]
        of_person = (self._person, str(actor.person))
        return [of_person, (client, actor.client_id)] if registered else [of_person]

    def _told(self, windows: list[tuple[Policy, Window]], now: float) -> list[tuple[bytes, bytes]]:
        policies = ", ".join(f'"{policy.name}";q={policy.quota};w={policy.window}' for policy, _ in windows)
        left = ", ".join(
            f'"{policy.name}";r={max(0, policy.quota - self._counts.used(window))};t={max(1, int(window[1] - now))}'
            for policy, window in windows
        )
        return [(b"ratelimit-policy", policies.encode()), (b"ratelimit", left.encode())]


def _window(policy: Policy, key: str, now: float) -> Window:
    """Digests, so that the table names nobody; each caller's windows begin at a second of its own, so that not all return at once."""
    digest, offset = _digest(policy.name, key, policy.window)
    return digest, (int(now) - offset) // policy.window * policy.window + policy.window + offset


@lru_cache(maxsize=50_000)
def _digest(name: str, key: str, window: int) -> tuple[bytes, int]:
    digest = hashlib.blake2b(f"{name}:{key}".encode(), digest_size=16).digest()
    return digest, zlib.crc32(digest) % window
