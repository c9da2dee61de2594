"""`tongban catalog …`: an operator loads regions, what became of them, and the working-day calendar, by the gateway alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
import csv
from datetime import date
import io
import json
from pathlib import Path
from typing import Any

from host.catalog_drift import CatalogCommandFailed, Operator
from host.working_notices import library_notices
from standards.regions import lineage

Say = Callable[[str], None]

_CATALOG = "/api/catalog/v1"
_REGIONS_AT_ONCE = 2_000
_CHANGES_AT_ONCE = 1_000
_TOLD_AT_ONCE = 500
_REGION_COLUMNS = {"code": ("code", "code12", "区划代码"), "name": ("name", "名称"), "parent": ("parent_code", "parent_code12", "上级代码")}
_KINDS = {
    "更名": "renamed", "同名改码": "recoded", "撤销": "abolished", "新设": "established", "区划调整": "adjusted", "划转": "adjusted",
    "码位改派": "reassigned", "驻地迁移": "seat_moved", "合并": "merged", "分设": "split",
}  # fmt: skip
_RESTRUCTURED = "撤"
"""撤县设市, 撤县设区, 撤地设市 and their like: what goes on is the same place under another rank."""


async def load_regions(api: Operator, file: Path, say: Say) -> None:
    """Send regions from the top down, so many at once; sent again they change nothing. Raises CatalogCommandFailed."""
    rows = sorted(_regions(_table(file)), key=lambda row: (row["level"], row["code"]))
    for at in range(0, len(rows), _REGIONS_AT_ONCE):
        part = rows[at : at + _REGIONS_AT_ONCE]
        await api.call("PUT", f"{_CATALOG}/regions", json={"regions": part})
        say(f"  {at + len(part)} / {len(rows)}")
    say(f"已载入区划 regions loaded: {len(rows)}")


async def record_changes(api: Operator, file: Path, say: Say) -> None:
    """Send what became of regions; what is known is passed over. Raises CatalogCommandFailed."""
    rows, left_out = region_changes(_table(file))
    added = 0
    for at in range(0, len(rows), _CHANGES_AT_ONCE):
        part = rows[at : at + _CHANGES_AT_ONCE]
        added += (await api.call("POST", f"{_CATALOG}/region-changes", json={"changes": part})).json()["added"]
        say(f"  {at + len(part)} / {len(rows)}")
    say(f"已记录区划变更 changes recorded: {len(rows)}，其中新增 new: {added}，没有代码未记 without a code: {left_out}")


async def load_calendar(api: Operator, *, years: Sequence[int], file: Path | None, say: Say) -> None:
    """Load notices from a file, or those that the library carries. Raises CatalogCommandFailed."""
    notices = _notices_of(file) if file is not None else {year: _notice(year) for year in years or library_notices()}
    for year, notice in sorted(notices.items()):
        answer = await api.call("PUT", f"{_CATALOG}/calendar/{year}", expect=(200, 201), json=notice)
        is_new = "新载入 loaded" if answer.status_code == 201 else "已有 known"
        say(f"{year}\t{is_new}\t放假 off {len(notice['holidays'])}\t调休上班 worked {len(notice['workdays'])}")


async def tell_again(api: Operator, kind: str, say: Say) -> None:
    """Tell again how everything of a kind stands. Raises CatalogCommandFailed."""
    told = 0
    cursor: dict[str, str] = {}
    while True:
        query = {"limit": str(_TOLD_AT_ONCE), **cursor}
        page = (await api.call("POST", f"{_CATALOG}/retellings/{kind}", params=query)).json()
        told += page["count"]
        say(f"  {told}")
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    say(f"已重新通报 told again: {kind} {told}")


def region_changes(table: Sequence[Mapping[str, str]]) -> tuple[list[dict[str, Any]], int]:
    """Changes as the API takes them, and how many rows have no code at all. A year alone is its last day: code tables are its."""
    rows: list[dict[str, Any]] = []
    left_out = 0
    for row in table:
        codes = {"old_code": row.get("old_code") or None, "new_code": row.get("new_code") or None}
        if not any(codes.values()):
            left_out += 1
            continue
        on = row.get("effective_on") or f"{row.get('year', '')}-12-31"
        kind = row.get("kind") or row.get("type") or ""
        told = "restructured" if kind.startswith(_RESTRUCTURED) and kind not in _KINDS else _KINDS.get(kind, kind)
        rows.append(
            {"effective_on": on, "kind": told, **codes, "old_name": row.get("old_name") or None, "new_name": row.get("new_name") or None}
        )
    return rows, left_out


def _regions(table: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    for line, row in enumerate(table, start=2):
        found = {
            name: next((row[header].strip() for header in headers if row.get(header)), "") for name, headers in _REGION_COLUMNS.items()
        }
        if len(found["code"]) != 12 or not found["name"]:
            raise CatalogCommandFailed(f"第 {line} 行没有 12 位代码或名称 line {line} has no code of 12 digits or no name")
        level = len(lineage(found["code"])) - 1
        yield {"code": found["code"], "name": found["name"], "level": level, "parent_code": found["parent"] or None}


def _table(file: Path) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    except OSError as error:
        raise CatalogCommandFailed(f"{file}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CatalogCommandFailed(f"{file} 不是 UTF-8 的 CSV is no CSV in UTF-8") from error


def _notice(year: int) -> dict[str, Any]:
    found = library_notices().get(year)
    if found is None:
        known = sorted(library_notices())
        raise CatalogCommandFailed(f"没有 {year} 年的通知，只有 no notice of that year, only {known[0]}–{known[-1]}；请用 --file")
    return {"holidays": _days(found.holidays), "workdays": _days(found.workdays), "source": found.source}


def _notices_of(file: Path) -> dict[int, dict[str, Any]]:
    """A JSON file of {"2027": {"holidays": [...], "workdays": [...], "source": "..."}}."""
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
        return {int(year): {name: notice[name] for name in ("holidays", "workdays", "source")} for year, notice in document.items()}
    except OSError as error:
        raise CatalogCommandFailed(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        shape = '{"2027": {"holidays": ["2027-01-01"], "workdays": [], "source": "…"}}'
        raise CatalogCommandFailed(f"{file} 应写作 is written {shape}") from error


def _days(days: Sequence[date]) -> list[str]:
    return [day.isoformat() for day in days]
