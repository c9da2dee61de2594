"""For each rule of publication an item that breaks it and nothing else, and its repaired twin."""

from dataclasses import dataclass
from typing import Any

from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Finding, Obtainable, Retired, findings
from tests.catalog.sample import AUTHORITY, item

LICENCE = Obtainable("12511600DEM099990F001", ("营业执照",))


@dataclass(frozen=True)
class Pair:
    """`pointers` are where the bad item is found wrong. `also`: rules that the same fault cannot but break."""

    bad: dict[str, Any]
    good: dict[str, Any]
    pointers: tuple[str, ...]
    is_region_known: bool = True
    is_authority_known: bool = True
    retired_base_code: Retired | None = None
    also: frozenset[str] = frozenset()

    def refused(self) -> list[Finding]:
        """What is found against the bad example."""
        content = ItemContent.model_validate(self.bad)
        known = {"is_region_known": self.is_region_known, "is_authority_known": self.is_authority_known}
        return findings(content, [LICENCE], **known, retired_base_code=self.retired_base_code)


def said(zh: str) -> dict[str, str]:
    return {"zh": zh}


def material(key: str = "proof", name: str = "经营场所照片", **more: Any) -> dict[str, Any]:
    return {"key": key, "name": name, "source": "applicant", **more}


def with_material(**changes: Any) -> dict[str, Any]:
    return item(materials=[*item()["materials"], material(**changes)])


def step(key: str, *to: str, kind: str = "review", **more: Any) -> dict[str, Any]:
    named = {"review": ("审查", "reviewer", 1), "decide": ("决定", "decider", 2)}.get(key, (f"环节{key}", "reviewer", 1))
    return {
        "key": key, "name": named[0], "kind": kind, "post": named[1], "grade": named[2], "ways": [{"to": one} for one in to], **more,
    }  # fmt: skip


def planned(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An item with a plan; its list of steps is review and decide."""
    return item(process_plan={"stages": [{"key": "all", "name": said("办理")}], "steps": list(steps)}, **changes)


DECIDE = step("decide", kind="decide")
LIST = (step("review", "decide"), DECIDE)


def question(key: str, *choices: str, kind: str = "single") -> dict[str, Any]:
    return {"key": key, "text": said(f"{key}是什么？"), "kind": kind, "choices": [{"key": one, "label": said(one)} for one in choices]}


def row(key: str, when: dict[str, list[str]], **more: Any) -> dict[str, Any]:
    return {"key": key, "name": said(key), "when": when, **more}


def table(*rows: dict[str, Any], rule: str = "only", questions: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    asked = questions if questions is not None else [question("shop", "new", "old")]
    conditional = material("seating", "座位图", necessity="conditional", needed_when="有堂食的")
    changes = {"materials": [*item()["materials"], conditional], **changes}
    return item(situation_table={"rule": rule, "questions": asked, "rows": list(rows)}, **changes)


NEW, OLD = row("new", {"shop": ["new"]}, materials=["seating"]), row("old", {"shop": ["old"]})
FEE = {"is_charged": True, "text": said("每本10元"), "basis": "川发改价格〔2017〕472号"}
ENTRY = {"name": said("工本费"), "standard": said("每本10元")}
RESULT = item()["results"][0]
LAYOUT = [{"title": said("基本信息"), "fields": ["premises"]}]
TWELVE = [question(f"q{at}", "yes", "no") for at in range(14)]
CHOICES = [one for at in range(12) for one in (
    step("review" if at == 0 else f"s{at}", f"l{at}", f"r{at}"), step(f"l{at}", f"s{at + 1}"), step(f"r{at}", f"s{at + 1}"),
)]  # fmt: skip


def retold(key: str) -> list[dict[str, Any]]:
    """Twenty-four choices that lead the same way, said as steps in a row."""
    return [step("review", key), step(key, "decide")]


PAIRS: dict[str, Pair] = {
    "instant-takes-days": Pair(item(kind="instant"), item(kind="instant", promised_limit={"days": 0}), ("/promised_limit/days",)),
    "statutory-limit-without-basis": Pair(item(statutory_limit={"days": 20}), item(), ("/statutory_limit/basis",)),
    "limit-units-differ": Pair(item(promised_limit={"days": 8, "unit": "calendar_day"}), item(), ("/promised_limit/unit",)),
    "promise-exceeds-law": Pair(
        table({**NEW, "promised_limit": {"days": 21}}, OLD, promised_limit={"days": 21}),
        table({**NEW, "promised_limit": {"days": 20}}, OLD, promised_limit={"days": 20}),
        ("/promised_limit/days", "/situation_table/rows/0/promised_limit/days"),
    ),
    "authority-code-invalid": Pair(
        item(delegated_authority={"code": "11511602DEM0000140", "name": "监管所", "basis": "委托书"}),
        item(delegated_authority={"code": AUTHORITY, "name": "监管所", "basis": "委托书"}),
        ("/delegated_authority/code",),
    ),
    "item-type-differs": Pair(item(item_type="07"), item(), ("/item_type",)),
    "base-code-invalid": Pair(item(base_code="00013102400", implementation_code=None), item(implementation_code=None), ("/base_code",)),
    "implementation-code-invalid": Pair(item(implementation_code="0" * 30), item(), ("/implementation_code",)),
    "implementation-code-differs": Pair(item(exercise_level="3"), item(), ("/implementation_code",)),
    "handling-code-invalid": Pair(
        item(handling_item_code=f"{AUTHORITY}40001310240001"),
        item(handling_item_code=f"{AUTHORITY}400013102400001"),
        ("/handling_item_code",),
    ),
    "handling-code-differs": Pair(
        item(handling_item_code=f"{AUTHORITY}300013102400001"),
        item(handling_item_code=f"{AUTHORITY}400013102400001"),
        ("/handling_item_code",),
    ),
    "base-code-retired": Pair(item(), item(), ("/base_code",), retired_base_code=Retired("000131024001")),
    "region-unknown": Pair(item(), item(), ("/region_code",), is_region_known=False),
    "authority-unknown": Pair(item(), item(), ("/authority/code",), is_authority_known=False),
    "certificate-type-missing": Pair(
        with_material(source="certificate"), with_material(source="certificate", certificate_type="X1"), ("/materials/2/certificate_type",)
    ),
    "shared-resource-missing": Pair(
        with_material(source="shared"), with_material(source="shared", shared_resource="premises"), ("/materials/2/shared_resource",)
    ),
    "needed-when-missing": Pair(
        with_material(necessity="conditional"),
        with_material(necessity="conditional", needed_when="有堂食的"),
        ("/materials/2/needed_when",),
    ),
    "tolerant-days-missing": Pair(
        with_material(is_tolerant=True), with_material(is_tolerant=True, tolerant_days=5), ("/materials/2/tolerant_days",)
    ),
    "duplicate-key": Pair(with_material(key="application-form"), with_material(), ("/materials/2/key",)),
    "needless-ask": Pair(
        with_material(name="营业执照复印件"),
        with_material(key="licence", name="营业执照", source="certificate", certificate_type=LICENCE.code),
        ("/materials/2/source",),
    ),
    "commitment-not-allowed": Pair(
        item(materials=[material(source="commitment")], sensitivities=["health"]),
        item(materials=[material()], sensitivities=["health"]),
        ("/materials/0/source",),
    ),
    "tolerance-on-core-material": Pair(
        with_material(is_core=True, is_tolerant=True, tolerant_days=5),
        with_material(is_core=False, is_tolerant=True, tolerant_days=5),
        ("/materials/2/is_tolerant",),
    ),
    "beyond-catalog-without-basis": Pair(
        planned(step("review", "decide", is_beyond_catalog=True), DECIDE, materials=[material(is_beyond_catalog=True)]),
        planned(
            step("review", "decide", is_beyond_catalog=True, basis="某省条例第八条"),
            DECIDE,
            materials=[material(is_beyond_catalog=True, legal_basis=[{"law": "某省条例", "article": "第八条"}])],
        ),
        ("/materials/0/legal_basis", "/process_plan/steps/0/basis"),
    ),
    "catch-all": Pair(with_material(name="其他材料"), with_material(name="房屋租赁合同"), ("/materials/2/name",)),
    "text-points-elsewhere": Pair(item(conditions=["详见附件"]), item(conditions=["经营场所面积不小于20平方米"]), ("/conditions/0",)),
    "abbreviation-unexplained": Pair(
        with_material(name="环评批复和GSP证书"),
        with_material(name="环境影响评价（环评）批复和药品经营质量管理规范（GSP）证书"),
        ("/materials/2/name", "/materials/2/name"),
    ),
    "material-undefined": Pair(
        table({**NEW, "materials": ["seating", "menu"]}, OLD), table(NEW, OLD), ("/situation_table/rows/0/materials/1",)
    ),
    "step-undefined": Pair(
        table({**NEW, "steps": ["visit"]}, OLD), table({**NEW, "steps": ["review"]}, OLD), ("/situation_table/rows/0/steps/0",)
    ),
    "field-undefined": Pair(
        table({**NEW, "fields": ["seats"]}, OLD), table({**NEW, "fields": ["premises"]}, OLD), ("/situation_table/rows/0/fields/0",)
    ),
    "answer-undefined": Pair(
        table(NEW, OLD, row("odd", {"shop": ["mobile"], "age": ["young"]}), row("none", {"shop": []})),
        table(NEW, OLD),
        (
            "/situation_table/rows/2/when/shop/0",
            "/situation_table/rows/2/when/age",
            "/situation_table/rows/3/when/shop",
        ),
        also=frozenset({"situation-unreachable"}),
    ),
    "situation-material-not-conditional": Pair(
        table({**NEW, "materials": ["business-licence"]}, OLD), table(NEW, OLD), ("/materials/1/necessity",)
    ),
    "conditional-step-fixed": Pair(
        table({**NEW, "steps": ["decide"]}, OLD), table({**NEW, "steps": ["review"]}, OLD), ("/situation_table/rows/0/steps/0",)
    ),
    "situations-too-many": Pair(
        table(*(row(f"r{at}", {f"q{at}": ["yes"]}) for at in range(14)), rule="every", questions=TWELVE),
        table(*(row(f"r{at}", {f"q{at}": ["yes"]}) for at in range(3)), rule="every", questions=TWELVE[:3]),
        ("/situation_table/questions",),
    ),
    "situation-without-outcome": Pair(table(NEW), table(NEW, OLD), ("/situation_table/rows",)),
    "situations-contradict": Pair(table(NEW, row("any", {"shop": ["new", "old"]})), table(NEW, OLD), ("/situation_table/rows/1",)),
    "situation-unreachable": Pair(
        table(row("any", {}), NEW, rule="first", questions=[question("shop", "new", "old")]),
        table(NEW, row("any", {}), rule="first"),
        ("/situation_table/rows/1",),
        also=frozenset({"question-never-asked"}),
    ),
    "question-never-asked": Pair(
        table(NEW, OLD, questions=[question("shop", "new", "old"), question("age", "young", "old")]),
        table(NEW, OLD),
        ("/situation_table/questions/1",),
    ),
    "fee-without-basis": Pair(
        item(fee={**FEE, "basis": None}, fee_entries=[ENTRY]),
        item(fee=FEE, fee_entries=[{**ENTRY, "basis": "川发改价格〔2017〕472号"}]),
        ("/fee/basis", "/fee_entries/0/basis"),
    ),
    "free-and-charged": Pair(
        item(fee_entries=[{**ENTRY, "basis": "文件"}]), item(fee=FEE, fee_entries=[{**ENTRY, "basis": "文件"}]), ("/fee/is_charged",)
    ),
    "seal-missing": Pair(item(results=[{**RESULT, "seal": None}]), item(), ("/results/0/seal",)),
    "result-differs": Pair(item(results=[{**RESULT, "type_code": "X9"}]), item(), ("/results",)),
    "process-without-decider": Pair(item(process=item()["process"][:1]), item(), ("/process",)),
    "process-differs": Pair(planned(step("review", "decide", grade=2), DECIDE), planned(*LIST), ("/process/0",)),
    "process-way-undefined": Pair(
        planned(step("review", "decide", "archive", stage="first"), DECIDE),
        planned(step("review", "decide", "archive", stage="all"), DECIDE, step("archive", "decide")),
        ("/process_plan/steps/0/stage", "/process_plan/steps/0/ways/1/to"),
    ),
    "process-step-unreachable": Pair(
        planned(*LIST, step("visit", "decide")),
        planned(step("review", "visit"), DECIDE, step("visit", "decide")),
        ("/process_plan/steps/2",),
    ),
    "process-circle": Pair(
        planned(step("review", "decide"), {**DECIDE, "ways": [{"to": "review"}]}),
        planned(step("review", "decide"), {**DECIDE, "ways": [{"to": "review", "is_return": True}]}),
        ("/process_plan/steps",),
    ),
    "grade-without-hands": Pair(item(process=item()["process"][1:]), item(), ("/process/0/grade",)),
    "session-alone": Pair(
        planned(step("review", "meet"), step("meet", "decide", kind="joint_session"), DECIDE),
        planned(
            step("review", "meet"),
            step("meet", "decide", kind="joint_session", participants=[{"authority": {"code": AUTHORITY, "name": "消防队"}}]),
            DECIDE,
        ),
        ("/process_plan/steps/1/participants",),
    ),
    "special-procedure-untold": Pair(
        planned(step("review", "hear"), step("hear", "decide", kind="hearing"), DECIDE),
        planned(step("review", "hear"), step("hear", "decide", kind="hearing", days=20), DECIDE, special_procedures=["hearing"]),
        ("/process_plan/steps/1/days", "/special_procedures"),
    ),
    "process-too-branched": Pair(
        planned(*CHOICES, step("s12", "decide"), DECIDE), planned(*retold("visit"), DECIDE), ("/process_plan/steps",)
    ),
    "process-dead-end": Pair(
        planned(step("review", "archive", "decide"), DECIDE, step("archive")),
        planned(step("review", "archive", "decide"), DECIDE, step("archive", "decide")),
        ("/process_plan/steps/2",),
    ),
    "process-branch-never-comes": Pair(
        planned(step("review", "fire", "decide"), step("fire", "decide"), {**DECIDE, "waits_for": "all"}),
        planned(step("review", "fire", "decide", split="all"), step("fire", "decide"), {**DECIDE, "waits_for": "all"}),
        ("/process_plan/steps/2",),
        also=frozenset({"process-dead-end"}),
    ),
    "process-branch-begins-twice": Pair(
        planned(step("review", "fire", "decide", split="all"), step("fire", "decide"), DECIDE),
        planned(step("review", "fire", "decide", split="all"), step("fire", "decide"), {**DECIDE, "waits_for": "all"}),
        ("/process_plan/steps/2",),
    ),
    "process-decides-twice": Pair(
        planned(step("review", "decide"), {**DECIDE, "ways": [{"to": "again"}]}, step("again", kind="decide")),
        planned(step("review", "decide"), {**DECIDE, "ways": [{"to": "again"}]}, step("again", kind="certificate")),
        ("/process_plan/steps/2",),
    ),
    "process-decides-early": Pair(
        planned(step("review", "fire", "decide", split="all"), step("fire"), DECIDE),
        planned(step("review", "fire", "decide", split="all"), step("fire", "decide"), {**DECIDE, "waits_for": "all"}),
        ("/process_plan/steps/1",),
    ),
    "process-over-limit": Pair(
        planned(step("review", "decide", days=6), {**DECIDE, "days": 3}),
        planned(step("review", "decide", days=6), {**DECIDE, "days": 2}),
        ("/process_plan",),
    ),
    "form-invalid": Pair(item(form={"type": "array"}), item(), ("/form/type",)),
    "layout-field-unknown": Pair(
        item(form_layout=[{"title": said("基本信息"), "fields": ["premises", "owner"]}]),
        item(form_layout=LAYOUT),
        ("/form_layout/0/fields/1",),
    ),
    "layout-field-repeated": Pair(item(form_layout=[*LAYOUT, *LAYOUT]), item(form_layout=LAYOUT), ("/form_layout/1/fields/0",)),
    "layout-field-missing": Pair(
        item(form={"type": "object", "properties": {"premises": {}, "owner": {}}, "required": ["premises", "owner"]}, form_layout=LAYOUT),
        item(form={"type": "object", "properties": {"premises": {}, "owner": {}}, "required": ["premises"]}, form_layout=LAYOUT),
        ("/form_layout",),
    ),
}
