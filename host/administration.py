"""`tongban admin …`: administration from the command line, through the gateway's API alone.

Most of it is done as the operator, whose secret follows from the installation's master key: who holds that key keeps the city.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
import os
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import httpx

from chassis.crypto import KeyRing
from host.demo.gateway import Gateway, Refused, Unreachable
from host.demo.sign_in import sign_in_system
from host.environment import DEFAULT_PORT, master_key_of

Say = Callable[[str], None]

_IDENTITY = "/api/identity/v1"
_OPERATOR = "svc-operator"
_WORTH_A_LOOK = (
    "request_quota", "signs_requests", "token_endpoint_auth_method", "tls_client_auth_subject_dn", "tls_client_auth_san_dns", "jwks_uri",
)  # fmt: skip
"""Of a request for a client, beside its scopes: what whoever approves it answers for."""


RESTATED = ("person", "organisation", "department", "staff", "delegation", "mandate")


class AdministrationFailed(SystemExit):
    """Ends the command with sentences that say what to do."""


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """`uscc`, `department` and `region` are of the department they administer, with everything below it."""

    login: str
    name: str
    uscc: str
    department: str
    region: str


@asynccontextmanager
async def _gateway(url: str) -> AsyncIterator[Gateway]:
    """The running suite. What it refuses, or that it does not answer, ends the command with the reason."""
    origin = (url or f"http://127.0.0.1:{os.environ.get('TONGBAN_PORT', DEFAULT_PORT)}").rstrip("/")
    async with httpx.AsyncClient(base_url=origin, timeout=60, headers={"Accept-Language": "zh-CN"}) as http:
        try:
            yield Gateway(http)
        except Unreachable as error:
            raise AdministrationFailed(f"{error}\n系统没有应答；请确认它正在运行 nobody answers: is the suite running?") from error
        except Refused as refused:
            raise AdministrationFailed(refusal(refused.problem) or str(refused)) from refused


@asynccontextmanager
async def _operator(url: str, var: Path) -> AsyncIterator[tuple[Gateway, str]]:
    """The gateway, and the operator's access token."""
    if not os.environ.get("TONGBAN_MASTER_KEY") and not (var / "master.key").exists():
        raise AdministrationFailed(f"没有 {var / 'master.key'}；请用 --var 指明数据目录 name the installation's folder with --var")
    secret = KeyRing(master_key_of(var), service="host").secret_for(f"client:{_OPERATOR}")
    async with _gateway(url) as gateway:
        yield gateway, await sign_in_system(gateway, _OPERATOR, secret)


def refusal(problem: dict[str, Any]) -> str:
    """A problem document as lines for people; empty for one that says nothing."""
    lines = [line for line in (problem.get("title"), problem.get("detail")) if line]
    lines += [f"  {fault['detail']}" for fault in problem.get("errors", ())]
    return "\n".join(map(str, lines))


async def invite_first(url: str, var: Path, say: Say) -> None:
    """A one-time secret for the first administrator."""
    async with _operator(url, var) as (gateway, token):
        made = (await gateway.call("POST", f"{_IDENTITY}/first-administrator/invitation", token=token, expect=(201,))).json()
    say(made["secret"])
    say(f"一次有效，{made['expires_at']} 前使用；交给首任管理员，由其运行 tongban admin become")
    say(f"good once, until {made['expires_at']}; hand it to the first administrator, who runs: tongban admin become")


async def become_first(url: str, who: FirstAdministrator, *, secret: str, password: str, say: Say) -> None:
    """Take the first administrator's place with the secret; done by that person, without the master key."""
    department = {"uscc": who.uscc, "name": who.department, "region": who.region}
    body = {"secret": secret, "login": who.login, "name": who.name, "password": password, "department": department}
    async with _gateway(url) as gateway:
        await gateway.call("POST", f"{_IDENTITY}/first-administrator", json=body, expect=(201,))
    say(f"{who.name}（{who.login}）已是首任管理员，请登录 is the first administrator and can sign in")


async def import_file(url: str, var: Path, kind: Literal["departments", "staff"], file: Path, *, check: bool, say: Say) -> None:
    """All of a CSV file, or nothing of it and every fault by line and column."""
    content = file.read_bytes()
    async with _operator(url, var) as (gateway, token):
        answer = await gateway.call(
            "POST", f"{_IDENTITY}/imports/{kind}", token=token, content=content, headers={"Content-Type": "text/csv"},
            params={"check": str(check).lower()},
        )  # fmt: skip
    done = answer.json()
    say("检查通过，未导入 checked; nothing was imported" if check else "已导入 imported")
    say(f"  新增 new {done['entered']} · 变更 changed {done['changed']} · 未变 unchanged {done['unchanged']}")


async def list_client_requests(url: str, var: Path, say: Say) -> None:
    """Requests for clients that wait for a decision."""
    async with _operator(url, var) as (gateway, token):
        cursor: str | None = None
        while True:
            params = {"state": "requested", **({"cursor": cursor} if cursor else {})}
            page = (await gateway.call("GET", f"{_IDENTITY}/client-requests", token=token, params=params)).json()
            for one in page["data"]:
                say(f"{one['id']}  {one['client_id']}  {one['department']}  {one['name']}  {' '.join(one['scopes'])}\n    {one['purpose']}")
                if more := [f"{name}={one[name]}" for name in _WORTH_A_LOOK if one.get(name)]:
                    say("    " + "  ".join(more))
            cursor = page["next_cursor"]
            if cursor is None:
                return


async def decide_client_request(url: str, var: Path, request_id: str, *, refuse_because: str | None, say: Say) -> None:
    """Approve a request, telling the secret this once; or refuse it with a reason."""
    path = f"{_IDENTITY}/client-requests/{request_id}"
    async with _operator(url, var) as (gateway, token):
        seen = (await gateway.call("GET", path, token=token)).headers["etag"]
        if refuse_because is not None:
            body = {"reason": refuse_because}
            done = (await gateway.call("POST", f"{path}/refuse", token=token, if_match=seen, json=body)).json()
            say(f"已退回 refused: {done['client_id']}")
            return
        done = (await gateway.call("POST", f"{path}/approve", token=token, if_match=seen)).json()
    say(done["secret"])
    say(f"{done['client_id']} 的密钥，仅显示这一次 the secret of {done['client_id']}, shown this once")


async def put_client(url: str, var: Path, client_id: str, file: Path, say: Say) -> None:
    """Register a client from a JSON file, or change it; a secret that was made is told this once."""
    try:
        body = json.loads(file.read_bytes())
    except ValueError as error:
        raise AdministrationFailed(f"{file} 不是 JSON is not JSON: {error}") from error
    path = f"{_IDENTITY}/clients/{quote(client_id, safe='')}"
    async with _operator(url, var) as (gateway, token):
        answer = await gateway.call("PUT", path, token=token, json=body, expect=(200, 201))
    done = answer.json()
    say(f"{client_id} 已{'登记 registered' if answer.status_code == 201 else '变更 changed'}")
    if "secret" in done:
        say(done["secret"])
        say("以上密钥仅显示这一次 the secret is shown this once")


async def restate(url: str, var: Path, kinds: Sequence[str], say: Say) -> None:
    """One line a kind, with the number of records told."""
    async with _operator(url, var) as (gateway, token):
        for kind in kinds:
            total, after = 0, None
            while True:
                body = {"kind": kind, "after": after}
                told = (await gateway.call("POST", f"{_IDENTITY}/restatements", token=token, json=body)).json()
                total, after = total + told["count"], told["next"]
                if after is None:
                    break
            say(f"{kind}\t{total}")


async def reset_password(url: str, var: Path, login: str, say: Say) -> None:
    """End a member's password and sign-ins; print the secret by which they choose a new one."""
    async with _operator(url, var) as (gateway, token):
        made = (await gateway.call("POST", f"{_IDENTITY}/staff/{login}/password-reset", token=token)).json()
    say(made["secret"])
    say(f"{login} 凭此重设密码，一次有效，{made['expires_at']} 前使用 lets {login} choose a new password, once, until then")
