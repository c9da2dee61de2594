"""Services over the network: several instances each, a pool of connections for each, tried again where that is safe."""

import asyncio
from collections.abc import Mapping, Sequence

import aiohttp
from starlette.types import Receive, Scope, Send
from yarl import URL

from chassis.http import SAFE_METHODS, PeerUnavailable
from chassis.problems import Problem
from gateway.backends import READY_SECONDS, Call
from gateway.headers import Headers, answered
from gateway.instances import Instance, Instances, RetryBudget
from gateway.lines import CONNECT_SECONDS, IDLE_SECONDS, Line, Lines
from gateway.sockets import relay
from gateway.taken_over import TakenOver
from gateway.upload import Upload

_MOST_TRIES = 3
_REPEATABLE = SAFE_METHODS | {"TRACE"}


class NetworkBackend:
    """Services at their addresses. `addresses` gives each service's instances as base URLs."""

    def __init__(self, addresses: Mapping[str, Sequence[str]], *, lines: int = 64, idle_seconds: float = IDLE_SECONDS) -> None:
        """`lines` is the most connections kept for the short way to each instance."""
        self._services = {service: Instances(service, bases) for service, bases in addresses.items() if bases}
        every = (instance for instances in self._services.values() for instance in instances.all)
        self._lines = {instance: Lines(instance, lines, idle_seconds=idle_seconds) for instance in every}
        self._budgets = {service: RetryBudget() for service in self._services}
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    def slots(self, service: str) -> int:
        return len(self._services[service].all) if service in self._services else 1

    async def forward(self, call: Call, scope: Scope, upload: Upload, send: Send) -> None:
        """Tried again on another instance when no answer began and nothing can have been done twice (or nothing was sent at all)."""
        instances = self._instances(call.service)
        taken_over: TakenOver | None = scope["state"].get("taken_over")
        if taken_over is None:
            self._budgets[call.service].earn()
        may_repeat = may_be_repeated(call.method, call.headers)
        tried: list[Instance] = list(taken_over.tried) if taken_over is not None else []
        while True:
            instance = instances.choose(tried)
            tried.append(instance)
            attempt = _Attempt(self._session(call.service), instance, call, scope, upload, send)
            instance.in_hand += 1
            try:
                await attempt.run()
            except (aiohttp.ClientError, OSError, Problem) as error:
                if upload.is_abandoned:
                    return
                if upload.problem is not None:
                    raise upload.problem from error
                instances.failed(instance)
                is_safe = may_repeat or isinstance(error, aiohttp.ClientConnectorError)
                if attempt.has_begun or not (is_safe and upload.can_be_repeated) or not self.may_try_again(call.service, len(tried)):
                    raise PeerUnavailable(peer=call.service) from error
            except asyncio.CancelledError:
                if not attempt.has_begun and not upload.is_abandoned:
                    instances.failed(instance)  # the deadline ended it: an instance that never answers is not well
                raise
            else:
                return
            finally:
                self.came_back(call.service, instance, has_answered=attempt.has_begun)

    def take_line(self, service: str) -> tuple[Instance, Lines, Line] | None:
        """An idle line to an instance of a service that is well."""
        instance = self._services[service].choose_well() if service in self._services else None
        if instance is None:
            return None
        lines = self._lines[instance]
        line = lines.take()
        return None if line is None else (instance, lines, line)

    def set_out(self, service: str, instance: Instance) -> None:
        """A request, at its first try."""
        self._budgets[service].earn()
        instance.in_hand += 1

    def came_back(self, service: str, instance: Instance, *, has_answered: bool) -> None:
        instance.in_hand -= 1
        if has_answered:
            self._services[service].succeeded(instance)

    def failed(self, service: str, instance: Instance) -> None:
        self._services[service].failed(instance)

    def may_try_again(self, service: str, tries: int) -> bool:
        """Whether a request that may be repeated is. It costs."""
        return tries < _MOST_TRIES and self._budgets[service].spend()

    async def open_lines(self, service: str, count: int) -> None:
        """Open lines before they are wanted. Raises OSError, TimeoutError."""
        for instance in self._services[service].all:
            for _ in range(count):
                await self._lines[instance].open()

    async def connect(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        instances = self._instances(call.service)
        instance = instances.choose()
        instance.in_hand += 1
        try:
            await relay(self._session(call.service), instance.base, call, scope, receive, send)
        except (aiohttp.ClientError, OSError) as error:
            instances.failed(instance)
            raise PeerUnavailable(peer=call.service) from error
        finally:
            instance.in_hand -= 1

    async def check(self, service: str) -> bool:
        if service not in self._services:
            return False
        instances = self._services[service]
        states = await asyncio.gather(*(self._is_ready(service, instance) for instance in instances.all))
        for instance, is_ready in zip(instances.all, states, strict=True):
            instances.checked(instance, is_ready=is_ready)
        return any(states)

    async def _is_ready(self, service: str, instance: Instance) -> bool:
        try:
            timeout = aiohttp.ClientTimeout(total=READY_SECONDS)
            async with self._session(service).get(f"{instance.base}/readyz", timeout=timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        for lines in self._lines.values():
            await lines.close()
        for session in self._sessions.values():
            await session.close()

    def _instances(self, service: str) -> Instances:
        if service not in self._services:
            raise PeerUnavailable(peer=service)
        return self._services[service]

    def _session(self, service: str) -> aiohttp.ClientSession:
        """One pool for each service: what waits for one holds nothing of another's. Gates bound how many are asked at once."""
        found = self._sessions.get(service)
        if found is None:
            found = self._sessions[service] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return found


def may_be_repeated(method: str, headers: Headers) -> bool:
    """Whether doing it twice does no more than doing it once."""
    return method in _REPEATABLE or any(name == b"idempotency-key" for name, _ in headers)


class _Attempt:
    """One try at one instance. `has_begun` says that the client has been given the head of an answer."""

    def __init__(self, session: aiohttp.ClientSession, instance: Instance, call: Call, scope: Scope, upload: Upload, send: Send) -> None:
        self._session = session
        self._base = instance.base
        self._call = call
        self._scope = scope
        self._upload = upload
        self._send = send
        self.has_begun = False

    async def run(self) -> None:
        """Ends early, raising nothing, when the client leaves."""
        async with asyncio.timeout(None) as while_wanted:
            leaving = asyncio.create_task(self._end_when_client_leaves(while_wanted))
            try:
                await self._ask()
                leaving.cancel()  # once answered, the client may go
            finally:
                leaving.cancel()

    async def _end_when_client_leaves(self, while_wanted: asyncio.Timeout) -> None:
        await self._upload.client_leaves()
        while_wanted.reschedule(0)

    async def _ask(self) -> None:
        call, upload = self._call, self._upload
        headers = [(name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in call.headers]
        body: object = None
        if upload.has_body and upload.is_whole:
            body = upload.body
            headers.append(("content-length", str(len(upload.body))))
        elif upload.has_body:
            body = upload.chunks()
            headers += [("content-length", value.decode("latin-1")) for name, value in self._scope["headers"] if name == b"content-length"]
        target = self._base + call.raw_path.decode("ascii") + ("?" + call.query.decode("ascii") if call.query else "")
        async with self._session.request(
            call.method, URL(target, encoded=True), headers=headers, data=body or None, allow_redirects=False
        ) as response:
            self.has_begun = True
            passed = answered(list(response.raw_headers), response.status)
            await self._send({"type": "http.response.start", "status": response.status, "headers": passed})
            async for chunk in response.content.iter_any():
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            await self._send({"type": "http.response.body", "body": b""})
