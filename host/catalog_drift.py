"""`tongban catalog …`: an operator imports base catalogs and reviews what they change, against a running suite by its gateway alone."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
import os
from pathlib import Path
from typing import Any

import httpx

from chassis.crypto import KeyRing
from host.demo.gateway import Gateway, Refused, Unreachable
from host.environment import DEFAULT_PORT, master_key_of

Say = Callable[[str], None]

_OPERATOR = "svc-operator"
_PIECE = 256 * 1024
_WAIT_SECONDS = 60
_DECISIONS = {"accept": "accepted", "reject": "rejected", "postpone": "postponed"}
_KINDS = {"added": "新增", "deleted": "取消", "renamed": "更名", "recoded": "换码", "changed": "要素变化"}
_STATES = {"open": "待决 open", "finished": "已办结 finished", "superseded": "已由新版取代 superseded"}


class CatalogCommandFailed(Exception):
    """What the operator asked for was not done; the sentence says why and what to do."""


class Operator:
    """The gateway's API of base catalogs with the operator's token. `catalog` is a base catalog's name."""

    def __init__(self, gateway: Gateway, token: str, catalog: str) -> None:
        self._gateway = gateway
        self._token = token
        self._root = f"/api/catalog/v1/base-catalogs/{catalog}"

    async def call(self, method: str, path: str, *, expect: Sequence[int] = (200,), **content: Any) -> httpx.Response:
        """`path` is below the base catalog, or begins at `/api`. Raises CatalogCommandFailed."""
        address = path if path.startswith("/api") else self._root + path
        try:
            return await self._gateway.call(method, address, token=self._token, expect=expect, **content)
        except Refused as refused:
            raise CatalogCommandFailed(_told(refused.problem) or str(refused)) from refused
        except Unreachable as error:
            raise CatalogCommandFailed(_unanswered(error)) from error

    async def newest(self) -> dict[str, Any]:
        """The newest edition. Raises CatalogCommandFailed where there is none."""
        editions: list[dict[str, Any]] = (await self.call("GET", "/editions", params={"limit": 1})).json()["data"]
        if not editions:
            raise CatalogCommandFailed("还没有导入过这个目录 nothing has been imported: tongban catalog import FILE --catalog NAME …")
        return editions[0]

    async def differences(self, number: int, chosen: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            page = (await self.call("GET", f"/editions/{number}/differences", params={"limit": "200", **chosen, **cursor})).json()
            for one in page["data"]:
                yield one
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}


@asynccontextmanager
async def operator(url: str, var: Path, catalog: str) -> AsyncIterator[Operator]:
    """Signed in as the installation's operator, whose secret its master key gives. Raises CatalogCommandFailed."""
    if not os.environ.get("TONGBAN_MASTER_KEY") and not (var / "master.key").exists():
        raise CatalogCommandFailed(f"{var} 中没有安装，请用 --var 指明数据目录 no installation there; name its folder with --var")
    secret = KeyRing(master_key_of(var), service="host").secret_for(f"client:{_OPERATOR}")
    origin = (url or f"http://127.0.0.1:{os.environ.get('TONGBAN_PORT', DEFAULT_PORT)}").rstrip("/")
    async with httpx.AsyncClient(base_url=origin, timeout=_WAIT_SECONDS, headers={"Accept-Language": "zh-CN"}) as http:
        gateway = Gateway(http)
        form = {"grant_type": "client_credentials", "client_id": _OPERATOR, "client_secret": secret}
        try:
            token = (await gateway.call("POST", "/api/identity/v1/token", data=form)).json()["access_token"]
        except Refused as refused:
            raise CatalogCommandFailed(f"{origin} 不认识这个安装的密钥 does not know this installation's key; --var, --url?") from refused
        except Unreachable as error:
            raise CatalogCommandFailed(_unanswered(error)) from error
        yield Operator(gateway, token, catalog)


async def import_file(api: Operator, file: Path, *, issued_on: str, source: str, columns: Sequence[str], is_check: bool, say: Say) -> None:
    """Send a file, tell how far it is and what it changes. Sent again after a break it is one edition. Raises CatalogCommandFailed."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CatalogCommandFailed(f"{file}: {error.strerror}") from error

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), _PIECE):
            yield content[at : at + _PIECE]
            sent = min(at + _PIECE, len(content))
            say(f"  已上传 sent {sent * 100 // len(content)} % · {sent // 1024} / {len(content) // 1024} KiB")
        say("  正在逐行核对并与现行目录比对… checking every row, comparing with what is in force")

    headers = {"Content-Length": str(len(content)), "Content-Type": "application/octet-stream"}
    told = (
        {"params": {"column": list(columns)}}
        if is_check
        else {"params": {"issued_on": issued_on, "source": source, "column": list(columns)}}
    )
    path = "/checks" if is_check else "/editions"
    answer = await api.call("POST", path, expect=(200, 201), headers=headers, content=pieces(), **told)
    found = answer.json()
    if is_check:
        say(f"文件无误 the file is whole: {found['entry_count']} 条 entries")
        for one in found["differences"]:
            say(_line(one))
        say(_sum(found["kinds"]))
    elif answer.status_code == 200:
        say(f"与第 {found['number']} 版是同一文件，没有任何变化 the very file of edition {found['number']}; nothing changed")
    else:
        say(f"已导入为第 {found['number']} 版 imported as edition {found['number']}: {found['entry_count']} 条 entries")
        say(_sum(found["differences"]["kinds"]))
        if found["state"] == "open":
            say("请审阅后采纳，采纳前不生效 review it, nothing is in force before: tongban catalog review list --catalog NAME")


async def show_review(api: Operator, say: Say) -> None:
    """How far the review of each edition is, newest first."""
    await api.newest()
    for one in (await api.call("GET", "/editions", params={"limit": 50})).json()["data"]:
        counts = one["differences"]
        decided = "，".join(
            f"{text} {counts[name]}"
            for name, text in (("undecided", "未决"), ("accepted", "采纳"), ("rejected", "不采纳"), ("postponed", "暂缓"))
        )
        say(f"第 {one['number']} 版\t{one['issued_on']}\t{_STATES[one['state']]}\t{decided}\t{_sum(counts['kinds'])}\t{one['source']}")


async def list_review(api: Operator, *, number: int | None, chosen: Mapping[str, str], say: Say) -> None:
    """One line a difference, each with what to name it by."""
    edition = number or (await api.newest())["number"]
    count = 0
    async for one in api.differences(edition, chosen):
        count += 1
        standing = one["decision"]["decision"] if one["decision"] else "undecided"
        say(f"{one['id']}\t{standing}\t{_line(one)}\t实施事项 items: {one['implementation_count']}")
    say(f"{count} 条 differences. 决定 decide: tongban catalog review accept|reject|postpone ID … --reason …")


async def decide_some(api: Operator, verb: str, identifiers: Sequence[str], *, reason: str, say: Say) -> None:
    """Decide differences by their ids, one after another; stops at the first that is refused. Raises CatalogCommandFailed."""
    for identifier in identifiers:
        path = f"/api/catalog/v1/base-differences/{identifier}"
        seen = (await api.call("GET", path)).headers["etag"]
        body = {"decision": _DECISIONS[verb], "reason": reason}
        done = (await api.call("PUT", f"{path}/decision", json=body, if_match=seen)).json()
        say(f"{identifier}\t{done['decision']['decision']}\t{_line(done)}")


async def decide_all(api: Operator, verb: str, *, chosen: Mapping[str, str], reason: str, say: Say) -> None:
    """Decide everything undecided in the newest edition that is chosen, in one transaction. Raises CatalogCommandFailed."""
    number = (await api.newest())["number"]
    count = 0
    async for _ in api.differences(number, {**chosen, "decision": "undecided"}):
        count += 1
    body = {"decision": _DECISIONS[verb], "reason": reason, "expected_count": count, **chosen}
    done = (await api.call("POST", f"/editions/{number}/decisions", json=body)).json()
    say(f"第 {number} 版：已决定 decided {count} 条，{_STATES[done['state']]}")


def _line(one: Mapping[str, Any]) -> str:
    """One difference as people read it."""
    before, after = one["before"], one["after"]
    entry = after or before
    changes = "；".join(f"{change['field']}: {change['before'] or '（无）'} → {change['after'] or '（无）'}" for change in one["changes"])
    sure = f"\t把握 {one['confidence']:.0%}" if one["kind"] == "recoded" else ""
    return f"{_KINDS[one['kind']]}\t{entry['code']}\t{entry['name']}（{entry['department']}）{sure}" + (f"\t{changes}" if changes else "")


def _sum(kinds: Mapping[str, int]) -> str:
    return "、".join(f"{_KINDS[kind]} {count}" for kind, count in kinds.items() if count) or "没有差异 no differences"


def _told(problem: Mapping[str, Any]) -> str:
    """A problem as lines: what it is, then each fault by line and column."""
    lines = [str(problem.get("detail") or problem.get("title") or "")]
    for error in problem.get("errors", ()):
        kind, _, place = error["pointer"].partition(":")
        line, _, column = place.partition(":")
        where = f"第 {line} 行{f' · {column}' if column else ''}" if kind == "line" else column or line or error["pointer"]
        lines.append(f"  {where}：{error['detail']}")
    return "\n".join(line for line in lines if line)


def _unanswered(error: Unreachable) -> str:
    return f"{error}\n系统没有应答；请确认 make run 正在运行，再试一次即可，不会重复 nobody answers: is it running? Trying again does nothing twice"
