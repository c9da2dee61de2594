"""Real guides (SOURCES.md of the folder that TONGBAN_REAL_DATA names) as an operator would enter them: what they say and no more.

The district's 1,135 items are known by name, department and type; 81 guides also say limits, materials, conditions, fees.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
import json
import re
from typing import Any

from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Finding, Obtainable, findings
from standards.errors import StandardViolation
from standards.uscc import make_uscc, parse_uscc
from tests.catalog.real_catalog import REAL_FILE, real_rows
from tests.catalog.sample import item, sample_obtainable_materials

GUIDE_FILES = ("service_guides_statutory.json", "guides_local_samples.json", "guides_construction_jiangbei_2018.json")
_DAYS = re.compile(r"([0-9]+)\s*个?(工作)?日")
_UNSAID: dict[str, Any] = {
    "name_en": None, "synonyms": [], "base_code": None, "implementation_code": None, "materials": [], "conditions": [],
    "statutory_limit": None, "result_type_code": None, "result_validity_months": None, "results": [],
}  # fmt: skip


@dataclass
class Checked:
    """What the rules found. `examples` has, for each rule, the first few as (item, the text found wrong)."""

    items: int = 0
    clean: int = 0
    found: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """A report for people."""
        yield f"{self.items} items checked, {self.clean} with nothing against them"
        for rule, count in self.found.most_common():
            yield f"{count:5} {rule}"
            yield from (f"      {name}: {text}" for name, text in self.examples[rule])


def network() -> list[Obtainable]:
    """What the sample city's network can supply."""
    return [Obtainable(code, tuple(body["names"])) for code, body in sample_obtainable_materials().items()]


def district_items() -> Iterator[ItemContent]:
    """The items of the district. A department known by its nine-character code gets the credit code that holds it."""
    for row in real_rows():
        authority = {"code": _credit_code(row["dept_code"], row["department"]), "name": row["department"]}
        kind = row["task_type_code"] if row["task_type_code"] in ("10", "20") else row["task_type_code"].zfill(2)
        yield ItemContent.model_validate(item(**{**_UNSAID, "name": row["name"][:200], "authority": authority, "item_type": kind}))


def real_guides() -> Iterator[ItemContent]:
    for file in GUIDE_FILES:
        for guide in json.loads((REAL_FILE.parent / file).read_text(encoding="utf-8")):
            yield ItemContent.model_validate(item(**{**_UNSAID, **_said(guide)}))


def check(items: Iterator[ItemContent]) -> Checked:
    checked, known = Checked(), network()
    for content in items:
        found = findings(content, known)
        checked.items += 1
        checked.clean += not found
        for one in found:
            checked.found[one.rule] += 1
            examples = checked.examples.setdefault(one.rule, [])
            if len(examples) < 4:
                examples.append((content.name, _text_at(content, one)))
    return checked


def _said(guide: dict[str, Any]) -> dict[str, Any]:
    statutory, promised = _limit(guide.get("statutory_limit") or guide.get("statutory")), _limit(guide.get("promised"))
    names, conditions = _listed(guide.get("materials")), _listed(guide.get("conditions") or guide.get("condition"))
    fee = guide.get("fee") or "不收费"
    is_charged = isinstance(fee, str) and re.search(r"[0-9]+元", fee) is not None
    basis = re.search(r"[^（(]*〔[0-9]{4}〕[0-9]+号", fee) if isinstance(fee, str) else None
    return {
        "name": guide["name"],
        "item_type": str(guide.get("item_type", "01"))[:2],
        "statutory_limit": {**statutory, "basis": _basis(guide)} if statutory else None,
        "promised_limit": promised or statutory or {"days": 20, "unit": "working_day"},
        "materials": [
            {"key": f"m{at}", "name": name[:200], "source": "applicant"} for at, name in enumerate(names) if isinstance(name, str)
        ],
        "conditions": conditions,
        "fee": {"is_charged": is_charged, "text": {"zh": str(fee)[:2000]}, "basis": basis.group() if basis and is_charged else None},
    }


def _listed(said: Any) -> list[str]:
    """What a guide lists, however its file writes lists."""
    entries = said.get("items") if isinstance(said, dict) else [said] if isinstance(said, str) else said
    return [one.strip() for one in entries or [] if isinstance(one, str) and len(one.strip()) > 1]


def _limit(said: Any) -> dict[str, Any] | None:
    if isinstance(said, dict):
        unit = "working_day" if "工作" in str(said.get("unit")) else "calendar_day"
        return {"days": said["days"], "unit": unit} if isinstance(said.get("days"), int) else None
    found = _DAYS.search(said) if isinstance(said, str) else None
    return {"days": int(found[1]), "unit": "working_day" if found[2] else "calendar_day"} if found else None


def _basis(guide: dict[str, Any]) -> str | None:
    limit = guide.get("statutory_limit")
    return limit.get("source") if isinstance(limit, dict) else None


def _credit_code(code: str, department: str) -> str:
    try:
        return parse_uscc(code).value
    except StandardViolation:
        return make_uscc("11", "511602", code[:8] if re.fullmatch("[0-9A-Z]{9}", code) else f"DEM{len(department):05d}")


def _text_at(content: ItemContent, finding: Finding) -> str:
    """What the finding points at, for a reader of the report."""
    at: Any = content.model_dump(mode="json")
    for part in finding.pointer.split("/")[1:]:
        parent, at = at, at[int(part)] if isinstance(at, list) else at.get(part)
    return str(parent.get("name") if finding.rule == "needless-ask" else at)[:60]
