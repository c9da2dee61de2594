"""What stands against publishing a bundle, and the guide that is made of it.

Every finding names its rule and points at what the editor wrote; all are told at once. A bundle is made only of items in force,
none twice, in an order without circles that puts whoever makes a certificate before whoever needs it, with every conflict settled.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.catalog.rules.bundle import BundleContent, BundleGuide, Conflict, GuideItem, Member
from services.catalog.rules.bundle_form import conditions_of, layout, merge_forms
from services.catalog.rules.bundle_materials import makers, merge_materials
from services.catalog.rules.bundle_order import all_before, circle, overall_limit, stages
from services.catalog.rules.form_schema import form_fields
from services.catalog.rules.publication import Finding
from services.catalog.rules.regions import lineage


@dataclass(frozen=True, slots=True)
class Assembled:
    """What came of a bundle: the guide where its items and their order allow one, what is not settled, what stands against it."""

    guide: BundleGuide | None
    conflicts: Sequence[Conflict]
    findings: Sequence[Finding]


def assemble(said: BundleContent, members: Mapping[str, Member]) -> Assembled:
    """`members` are the items in force, by code."""
    findings = [*_items(said, members), *_order(said)]
    if findings:
        return Assembled(None, (), findings)
    ordered = [members[one.local_code] for one in said.items]
    before = all_before({one.local_code: one.after for one in said.items})
    materials, conflicts = merge_materials(said, ordered, before)
    form, fields, field_conflicts = merge_forms(said, ordered)
    conflicts = [*conflicts, *field_conflicts]
    findings = [*_results(ordered, before), *_choices(said, members), *map(_unsettled, conflicts)]
    stage_of = stages({one.local_code: one.after for one in said.items})
    guide = BundleGuide(
        items=[_guide_item(member, stage_of[member.code]) for member in ordered],
        materials=materials,
        form=form,
        form_layout=layout(ordered, fields),
        fields=fields,
        overall_limit=overall_limit(ordered),
        visits=max(member.content.visits for member in ordered),
        materials_before=sum(len(member.content.materials) for member in ordered),
        fields_before=sum(len(form_fields(member.content.form)) for member in ordered),
    )
    return Assembled(guide, conflicts, findings)


def _guide_item(member: Member, stage: int) -> GuideItem:
    content = member.content
    return GuideItem(
        local_code=member.code,
        version_id=member.version_id,
        version_number=member.version_number,
        name=content.name,
        name_en=content.name_en,
        authority=content.authority,
        promised_limit=content.promised_limit,
        result_type_code=content.result_type_code,
        needed_when=member.said.needed_when,
        after=member.said.after,
        stage=stage,
    )


def _items(said: BundleContent, members: Mapping[str, Member]) -> Iterator[Finding]:
    seen: set[str] = set()
    for at, one in enumerate(said.items):
        place = f"/items/{at}/local_code"
        if one.local_code in seen:
            yield Finding(place, "item-twice", f"事项 {one.local_code} 重复", f"The item {one.local_code} is in the bundle twice.")
        seen.add(one.local_code)
        member = members.get(one.local_code)
        if member is None:
            zh = f"事项 {one.local_code} 没有发布，或已取消；请先发布，或从本件事中移出"
            yield Finding(place, "item-not-in-force", zh, f"The item {one.local_code} is not in force; publish it first, or leave it out.")
        elif member.content.region_code not in lineage(said.region_code):
            zh = f"事项 {one.local_code} 不在本区划或其上级办理"
            yield Finding(place, "item-of-another-region", zh, f"The item {one.local_code} is not done in this region or above it.")
    if all(one.needed_when is not None for one in said.items):
        yield Finding("/items", "item-for-all-missing", "至少应有一个人人都要办的事项", "At least one item is for everybody.")


def _order(said: BundleContent) -> Iterator[Finding]:
    codes = {one.local_code for one in said.items}
    for at, one in enumerate(said.items):
        for place, before in enumerate(one.after):
            if before not in codes:
                zh, en = f"本件事中没有事项 {before}", f"The bundle has no item {before}."
                yield Finding(f"/items/{at}/after/{place}", "after-unknown", zh, en)
    found = circle({one.local_code: [code for code in one.after if code in codes] for one in said.items})
    if found:
        way = " → ".join([*found, found[0]])
        yield Finding("/items", "order-in-a-circle", f"先后顺序成环：{way}", f"The order runs in a circle: {way}.")


def _results(members: Sequence[Member], before: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    for at, member in enumerate(members):
        for material in member.content.materials:
            made_by = makers(material, members, member.code)
            if made_by and not before[member.code].intersection(made_by):
                zh = f"“{material.name}”是本件事中 {made_by[0]} 的结果，请把它排在前面"
                en = f"“{material.name}” is the result of {made_by[0]} in this bundle; put that before."
                yield Finding(f"/items/{at}/after", "result-needed-before", zh, en)


def _choices(said: BundleContent, members: Mapping[str, Member]) -> Iterator[Finding]:
    """Choices that name nothing, and fields apart that a condition of their form speaks of by name."""
    known = {(code, material.key) for code, member in members.items() for material in member.content.materials}
    for at, refs in enumerate(said.same_materials):
        for place, ref in enumerate(refs):
            if (ref.item, ref.material) not in known:
                yield _unknown(f"/same_materials/{at}/{place}", ref.item, ref.material)
    for at, choice in enumerate(said.material_choices):
        if (choice.item, choice.material) not in known:
            yield _unknown(f"/material_choices/{at}", choice.item, choice.material)
    for at, field in enumerate(said.field_choices):
        member = members.get(field.item)
        if member is None or field.field not in form_fields(member.content.form):
            yield _unknown(f"/field_choices/{at}", field.item, field.field)
        elif field.decision == "apart" and conditions_of(member.content.form):
            zh = f"事项 {field.item} 的表单有跨字段的条件，字段 {field.field} 不能分开填写；请用 as_here"
            en = f"The form of {field.item} has conditions across fields, so {field.field} cannot be kept apart; use as_here."
            yield Finding(f"/field_choices/{at}/decision", "apart-field-in-condition", zh, en)


def _unknown(place: str, item: str, name: str) -> Finding:
    return Finding(place, "choice-unknown", f"事项 {item} 没有 {name}", f"The item {item} has no {name}.")


def _unsettled(conflict: Conflict) -> Finding:
    refs = ", ".join(f"{item}: {name}" for item, name in conflict.refs)
    if conflict.kind == "perhaps_same":
        zh = f"{refs} 取自同一证照或数据而名称不同；请用 same_materials 说明是同一材料，或在 material_choices 中分开（apart）"
        en = f"{refs} come from the same source under different names; say in same_materials that they are the same, or keep them apart."
        return Finding("/material_choices", "material-perhaps-same", zh, en)
    what = "、".join(conflict.differing)
    place = "/material_choices" if conflict.about == "material" else "/field_choices"
    zh = f"{refs} 的 {what} 不一致；请选定以哪个事项为准（as_here）或分开（apart）"
    en = f"{refs} differ in {', '.join(conflict.differing)}; choose whose stands (as_here), or keep them apart."
    return Finding(place, f"{conflict.about}-conflict", zh, en)
