"""Loads the sample city into a running suite, through the gateway's API alone, as a city's own loading program would.

Every write can be repeated, so a load that broke off is simply done again. What has been loaded is remembered in the installation's
folder under the identity of the databases: another database, or changed sample files, are loaded anew.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
import hashlib
from pathlib import Path
import time
from typing import Any
from urllib.parse import quote

import aiohttp
import asyncpg
import orjson

from chassis.crypto import KeyRing
from chassis.settings import with_database
from host import city_bodies as bodies
from host.environment import Environment
from host.sample_city import SampleCity, load_city
from host.services import SERVICES

Say = Callable[[str], None]

_AT_ONCE = 12
_ATTEMPTS = 6
_NOT_NOW = (503, 504)
"""A part is not up yet, or the machine is too busy to answer in time: every write here may be sent again."""
_OPERATOR = "svc-operator"
_MARKER = "sample-city.loaded"


class CityNotLoaded(SystemExit):
    """Ends the command: which request was refused, and how."""


class _Refused(Exception):
    """A request that did not do what it was for."""


def system_secret(keys: KeyRing, client_id: str) -> str:
    """The secret of a sample department's system: whoever holds the installation's master key knows it."""
    return keys.secret_for(f"client:{client_id}")


async def load_if_missing(environment: Environment, say: Say) -> None:
    """Load the sample city unless these databases have it. Raises CityNotLoaded."""
    marker = environment.var / _MARKER
    wanted = await _fingerprint(environment, load_city())
    if marker.exists() and marker.read_text().strip() == wanted:
        return
    began = time.monotonic()
    city = load_city()
    say(f"正在载入示例城市{city.name.zh}… loading the sample city, {city.name.en}")
    keys = KeyRing(environment.master_key, service="host")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        api = _Api(session, f"http://127.0.0.1:{environment.port}")
        try:
            await api.sign_in(keys.secret_for(f"client:{_OPERATOR}"))
            await _load(api, city, keys, with_people=environment.with_borders)
        except _Refused as error:
            text = "示例城市没有载完；再次启动会接着载入 the sample city is not loaded; the next start goes on with it"
            raise CityNotLoaded(f"{text}:\n{error}") from error
    _write(marker, wanted)
    say(
        f"  {len(city.departments)} 个部门、{len(city.staff)} 名工作人员、{len(city.items)} 个事项、{len(city.certificate_types)} 种证照"
        f" departments, staff, items, certificate types · {time.monotonic() - began:.1f} s"
    )


async def _load(api: "_Api", city: SampleCity, keys: KeyRing, *, with_people: bool) -> None:
    """Waves: what is in one depends only on those before. Passwords take longest, so staff start early and run beside the others."""
    await _all(api.put("identity", f"/departments/{d.uscc}", bodies.department(d)) for d in city.departments)
    await _all([_all(_staff(api, city)), _city(api, city, keys, with_people=with_people)])


async def _city(api: "_Api", city: SampleCity, keys: KeyRing, *, with_people: bool) -> None:
    await _all(_directories(api, city, keys))
    await _all(_contents(api, city, with_people=with_people))


def _staff(api: "_Api", city: SampleCity) -> Iterable[Coroutine[Any, Any, None]]:
    for member in city.staff:
        yield api.put("identity", f"/staff/{member.login}", bodies.staff_member(city, member))


def _directories(api: "_Api", city: SampleCity, keys: KeyRing) -> Iterable[Coroutine[Any, Any, None]]:
    yield api.put("catalog", "/regions", bodies.regions(city))
    for year, notice in bodies.calendar_years(city).items():
        yield api.put("catalog", f"/calendar/{year}", notice)
    for system in city.systems:
        body = bodies.department_system(city, system, system_secret(keys, system.client_id))
        yield api.put("identity", f"/clients/{system.client_id}", body)
    for kind in city.certificate_types:
        yield api.put("certificates", f"/certificate-types/{kind.type_code}", bodies.certificate_type(kind))
    for code, material in bodies.obtainable_materials(city).items():
        yield api.put("catalog", f"/obtainable-materials/{quote(code)}", material)


def _contents(api: "_Api", city: SampleCity, *, with_people: bool) -> Iterable[Coroutine[Any, Any, None]]:
    for item in city.items:
        yield api.put("catalog", f"/items/{bodies.item_code(item)}", bodies.item(city, item))
    for certificate in city.certificates:
        yield api.post("certificates", "/certificates", bodies.certificate(city, certificate), known="certificate-already-supplied")
    # The last citizen is left for whoever wants to sign somebody up; the demonstration does.
    for citizen in city.citizens[:-1] if with_people else ():
        yield api.post("identity", "/people", bodies.citizen(citizen), known="account-exists", as_operator=False)


async def _all(requests: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of them at once, as far as the client lets them; the first refusal ends the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(request)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


class _Api:
    """The gateway's API as the operator uses it."""

    def __init__(self, session: aiohttp.ClientSession, origin: str) -> None:
        self._session = session
        self._origin = origin
        self._token = ""
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def sign_in(self, secret: str) -> None:
        """Raises _Refused."""
        form = {"grant_type": "client_credentials", "client_id": _OPERATOR, "client_secret": secret}
        status, answer = await self._send("POST", "/api/identity/v1/token", {"data": form})
        if status != 200:
            raise _refused("POST /token", status, answer)
        self._token = orjson.loads(answer)["access_token"]

    async def put(self, service: str, path: str, body: bodies.Body) -> None:
        await self._write("PUT", service, path, body, known=None, as_operator=True)

    async def post(self, service: str, path: str, body: bodies.Body, *, known: str, as_operator: bool = True) -> None:
        """`known` is the problem that says that it is there already."""
        await self._write("POST", service, path, body, known=known, as_operator=as_operator)

    async def _write(self, method: str, service: str, path: str, body: bodies.Body, *, known: str | None, as_operator: bool) -> None:
        headers = {"Content-Type": "application/json"}
        if as_operator:
            headers["Authorization"] = f"Bearer {self._token}"
        request = {"data": orjson.dumps(body), "headers": headers}
        async with self._gate:
            status, answer = await self._send(method, f"/api/{service}/v1{path}", request)
        if status < 300 or (status == 409 and known is not None and f":{known}".encode() in answer):
            return
        raise _refused(f"{method} {service}{path}", status, answer)

    async def _send(self, method: str, path: str, request: dict[str, Any]) -> tuple[int, bytes]:
        """Repeats what did not get through or met a part that was not up yet."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._session.request(method, self._origin + path, **request) as response:
                    answer = await response.read()
                    if response.status not in _NOT_NOW or attempt == _ATTEMPTS:
                        return response.status, answer
            except (aiohttp.ClientError, TimeoutError) as error:
                if attempt == _ATTEMPTS:
                    raise _Refused(f"{method} {path}: {error or type(error).__name__}") from error
            await asyncio.sleep(0.3 * attempt)
        raise AssertionError("unreachable")


def _refused(what: str, status: int, answer: bytes) -> _Refused:
    return _Refused(f"{what} → {status}\n{answer.decode(errors='replace')[:2000]}")


async def _fingerprint(environment: Environment, city: SampleCity) -> str:
    """Which city in which databases: they are told apart by their server's and their own identity, not by their address."""
    admin = await asyncpg.connect(with_database(environment.database_url, "postgres", replace=True), timeout=10)
    try:
        server = await admin.fetchval("SELECT system_identifier FROM pg_control_system()")
        rows = await admin.fetch(
            "SELECT datname, oid FROM pg_database WHERE datname = ANY($1) ORDER BY datname", [e.database for e in SERVICES.values()]
        )
    finally:
        await admin.close()
    facts = [server, *(f"{row['datname']}={row['oid']}" for row in rows), environment.with_borders, city.model_dump_json()]
    return hashlib.sha256("\n".join(map(str, facts)).encode()).hexdigest()


def _write(marker: Path, text: str) -> None:
    partial = marker.with_suffix(".new")
    partial.write_text(text + "\n")
    partial.replace(marker)
