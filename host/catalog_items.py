"""`tongban catalog export-items|import-items|edit-items`: whole items in and out as a file, and edits of many after a look at each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from host.catalog_drift import CatalogCommandFailed, Operator, Say

_ITEMS = "/api/catalog/v1"
_PAGE = "100"


async def export_items(api: Operator, file: Path, say: Say) -> None:
    """Write every item as one JSON line, by code; the file appears whole or not at all. Raises CatalogCommandFailed."""
    lines: list[bytes] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.call("GET", f"{_ITEMS}/item-contents", params={"limit": _PAGE, **cursor})).json()
        lines += [orjson.dumps(one) for one in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    beside = file.with_name(file.name + ".part")
    try:
        beside.write_bytes(b"".join(line + b"\n" for line in lines))
        beside.replace(file)
    except OSError as error:
        raise CatalogCommandFailed(f"{file}: {error.strerror}") from error
    say(f"已导出 exported {len(lines)} 个事项 items → {file}")


async def import_items(api: Operator, file: Path, *, is_check: bool, say: Say) -> None:
    """Send a file of items; all of it is in force afterwards, or nothing. Raises CatalogCommandFailed."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CatalogCommandFailed(f"{file}: {error.strerror}") from error
    headers = {"Content-Type": "application/x-ndjson"}
    params = {"check": "true" if is_check else "false"}
    done = (await api.call("POST", f"{_ITEMS}/item-imports", content=content, headers=headers, params=params)).json()
    counts = f"新增 new {done['new']}，变更 changed {done['changed']}，不变 unchanged {done['unchanged']}"
    say(f"文件无误，导入将会 the file is whole; importing it: {counts}" if is_check else f"已导入并生效 imported and in force: {counts}")


async def edit_items(api: Operator, choose: Mapping[str, Any], edit: Mapping[str, Any], *, digest: str, say: Say) -> None:
    """Without a digest, show what the edit would do; with the one that was shown, do it. Raises CatalogCommandFailed."""
    body = {"choose": dict(choose), "edit": dict(edit)}
    if digest:
        done = (await api.call("POST", f"{_ITEMS}/bulk-edits", json={**body, "digest": digest})).json()
        say(f"已修改并生效 changed and in force: {done['changed']} 个事项 items")
        return
    shown = (await api.call("POST", f"{_ITEMS}/bulk-edits/preview", json=body)).json()
    for one in shown["items"]:
        say(f"{one['local_code']}\t{one['name']}")
        for change in one["changes"]:
            say(f"    {change['zh']}")
        for finding in one["findings"]:
            say(f"    ✗ {finding['pointer']} {finding['zh']}（{finding['rule']}）")
    say(f"选中 chosen {shown['chosen_count']}，将修改 would change {shown['changed_count']}")
    if not shown["changed_count"]:
        return
    if shown["may_be_applied"]:
        say(f"执行 to apply: 加 add --apply {shown['digest']}")
    else:
        say("修改后有事项不得发布，不能执行 some of it may not be published, and it cannot be applied")
