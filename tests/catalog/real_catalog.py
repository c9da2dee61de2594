"""The 1,135 items of a real district (SOURCES.md of the folder that TONGBAN_REAL_DATA names), and known changes made to them."""

import csv
from dataclasses import dataclass, field
import io
import os
from pathlib import Path
import random

import pytest

_FOLDER = os.environ.get("TONGBAN_REAL_DATA", "")
REAL_FILE = Path(_FOLDER) / "items_guangan_511602.csv"
COLUMNS = ["code=sc_item_code", "item_type=task_type_code", "region_code=area_code12", "department_code=dept_code"]
needs_real_data = pytest.mark.skipif(not _FOLDER or not REAL_FILE.exists(), reason="TONGBAN_REAL_DATA names no folder with the real items")

EACH = 12
NEW_ITEMS = (
    "无人机起降点备案", "共享单车投放备案", "网约房经营登记", "宠物诊疗从业人员登记", "充电桩建设补贴申领", "电竞场馆设立备案",
    "密室逃脱类场所备案", "预制菜加工小作坊登记", "托育机构备案", "露营营地经营备案", "直播电商基地认定", "低空旅游项目审批",
)  # fmt: skip


@dataclass
class SeededEdition:
    """`changes` are (kind, code before, code after)."""

    content: bytes
    changes: set[tuple[str, str | None, str | None]] = field(default_factory=set)


def real_rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(REAL_FILE.read_text(encoding="utf-8-sig"))))


def seeded_edition(seed: int) -> SeededEdition:
    """Sixty changes, twelve of each kind, to entries chosen by the seed; rows in another order."""
    chance = random.Random(seed)
    rows = real_rows()
    chosen = chance.sample(rows, EACH * 4)
    changes: set[tuple[str, str | None, str | None]] = set()
    for at, row in enumerate(chosen):
        code, kind = row["sc_item_code"], ("deleted", "renamed", "recoded", "changed")[at // EACH]
        if kind == "deleted":
            rows.remove(row)
        elif kind == "renamed":
            row["name"] = f"{row['name']}（含变更）" if at % 2 else f"新版{chance.randint(100, 999)}号事项"
        elif kind == "recoded":
            row["sc_item_code"] = f"N{code}"[:80]
            row["name"] += "办理" if at % 4 == 0 and len(row["name"]) > 10 else ""
        else:
            field_name = ("department", "main_item", "task_type", "dept_code")[at % 4]
            row[field_name] += "改"
        changes.add((kind, code, None if kind == "deleted" else row["sc_item_code"]))
    for number, name in enumerate(NEW_ITEMS):
        code = f"511NEW{number:08}-511602000000-000"
        rows.append({**rows[number], "name": name, "main_item": "", "sc_item_code": code, "department": "区新业态局"})
        changes.add(("added", None, code))
    chance.shuffle(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return SeededEdition(text.getvalue().encode(), changes)
