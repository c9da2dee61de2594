"""Quotas: for each person, each client, and where nobody is known each source; said in headers, and refused with 429 beyond.

Header fields follow draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy: "person";q=3000;w=60` and
`RateLimit: "person";r=2999;t=42`. Windows are fixed and begin at another second for each caller. A client's registration may carry
a quota of its own: see gateway/terms.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
import hashlib
import zlib

from chassis.actor import Actor
from chassis.problems import Problem, Text
from gateway.counts import Counts, Window
from gateway.memo import Memo
from gateway.settings import GatewaySettings
from gateway.source import group_of
from gateway.terms import terms_of

_MOST_SHARES = 50_000
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


class _Share:
    """What applies to one caller: the policies, whose windows under each, when those begin; and the header that tells of it."""

    __slots__ = ("_from", "_until", "_windows", "policies", "told")

    def __init__(self, policies: tuple[tuple[Policy, bytes, int], ...]) -> None:
        self.policies = policies
        self.told = ", ".join(f'"{policy.name}";q={policy.quota};w={policy.window}' for policy, _, _ in policies).encode()
        self._windows: list[tuple[Policy, Window]] = []
        self._from = self._until = 0

    def windows(self, now: float) -> list[tuple[Policy, Window]]:
        """Each caller's windows begin at a second of its own, so that not all return at once."""
        if not self._from <= now < self._until:
            second = int(now)
            self._windows = [
                (p, (digest, (second - offset) // p.window * p.window + p.window + offset)) for p, digest, offset in self.policies
            ]
            self._from = max((window[1] - policy.window for policy, window in self._windows), default=0)
            self._until = min((window[1] for _, window in self._windows), default=0)
        return self._windows


class Rates:
    """Counts requests against the policies that apply. `now` is seconds since the epoch."""

    def __init__(self, settings: GatewaySettings, counts: Counts, now: Callable[[], float]) -> None:
        window = settings.rate_window_seconds
        self._person = Policy("person", settings.person_requests, window)
        self._client = Policy("client", settings.client_requests, window)
        self._source = Policy("source", settings.source_requests, window)
        self._counts = counts
        self._now = now
        self._shares: Memo[_Share] = Memo(_MOST_SHARES)

    async def admit(self, actor: Actor | None, source: str) -> list[tuple[bytes, bytes]]:
        """Count one request; answers the header fields that tell of it. Raises RateLimited, whose headers tell as well."""
        share, now = self._share(actor, source), self._now()
        windows = share.windows(now)
        for policy, window in windows:
            if not await self._counts.take(window, policy.quota):
                seconds = max(1, int(window[1] - now))
                headers = {"Retry-After": str(seconds), **{n.decode(): v.decode() for n, v in self._told(share, windows, now)}}
                raise RateLimited(
                    headers=headers, quota=policy.quota, window=policy.window, retry_after=seconds, violated_policies=[policy.name]
                )
        return self._told(share, windows, now)

    def admit_now(self, actor: Actor | None, source: str) -> list[tuple[bytes, bytes]] | None:
        """As `admit`; None, and nothing counted, where that would wait or refuse."""
        share, now = self._share(actor, source), self._now()
        windows = share.windows(now)
        for policy, window in windows:
            if not self._counts.has_room(window, policy.quota):
                return None
        for _, window in windows:
            self._counts.count(window)
        return self._told(share, windows, now)

    def _share(self, actor: Actor | None, source: str) -> _Share:
        key = source if actor is None else actor.raw_token
        found = self._shares.get(key)
        if found is None:
            applied = [(policy, whose) for policy, whose in self._policies(actor, source) if policy.quota]
            found = _Share(tuple((policy, *_digest(policy.name, whose, policy.window)) for policy, whose in applied))
            self._shares[key] = found
        return found

    def _policies(self, actor: Actor | None, source: str) -> list[tuple[Policy, str]]:
        if actor is None:
            return [(self._source, group_of(source))]
        registered = terms_of(actor.raw_token).quota
        client = Policy("client", registered, self._client.window) if registered else self._client
        if actor.kind not in _PERSONS:
            return [(client, actor.client_id)]
        of_person = (self._person, str(actor.person))
        return [of_person, (client, actor.client_id)] if registered else [of_person]

    def _told(self, share: _Share, windows: list[tuple[Policy, Window]], now: float) -> list[tuple[bytes, bytes]]:
        if not windows:
            return []
        used = self._counts.used
        left = ", ".join([f'"{p.name}";r={max(0, p.quota - used(window))};t={max(1, int(window[1] - now))}' for p, window in windows])
        return [(b"ratelimit-policy", share.told), (b"ratelimit", left.encode())]


def _digest(name: str, key: str, window: int) -> tuple[bytes, int]:
    """A digest, so that the table names nobody, and the second in which this caller's windows begin."""
    digest = hashlib.blake2b(f"{name}:{key}".encode(), digest_size=16).digest()
    return digest, zlib.crc32(digest) % window
