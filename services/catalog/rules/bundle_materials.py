"""Materials of a bundle: what several items ask alike is asked once, what they ask differently is a conflict.

Two items' materials are the same where their names read the same, or where the editor says so. A form to fill in is its own item's,
whatever it is called. The same certificate type under different names is not believed to be the same (the identity card of whom?):
the editor says that it is, or that it stays apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.catalog.rules.bundle import BundleContent, BundleMaterial, Conflict, MaterialUse, Member
from services.catalog.rules.content import Material
from services.catalog.rules.words import normal_form

Ref = tuple[str, str]

_TAKEN = set(BundleMaterial.model_fields) & set(Material.model_fields) - {"key", "necessity", "is_core", "trust_grade"}
_COMPARED = ("source", "certificate_type", "shared_resource", "form", "copies", "is_tolerant", "tolerant_days")


@dataclass(frozen=True, slots=True)
class _Asked:
    member: Member
    material: Material

    @property
    def ref(self) -> Ref:
        return self.member.code, self.material.key


def merge_materials(
    said: BundleContent, members: Sequence[Member], before: Mapping[str, frozenset[str]]
) -> tuple[list[BundleMaterial], list[Conflict]]:
    """In the order of the items. `before` are, for each item, all that are done before it."""
    apart = {(one.item, one.material) for one in said.material_choices if one.decision == "apart"}
    leading = {(one.item, one.material) for one in said.material_choices if one.decision == "as_here"}
    groups = _groups(said, members, apart)
    conflicts = [conflict for group in groups for conflict in _differing(group, leading)]
    conflicts.extend(_perhaps_same(groups, apart, members, before))
    merged: list[BundleMaterial] = []
    taken: set[str] = set()
    for group in groups:
        first = next((asked for asked in group if asked.ref in leading), group[0])
        key = _free(group[0].material.key, taken)
        merged.append(_merged(key, first.material, group, _origin(group, members, before)))
    return merged, conflicts


def makers(material: Material, members: Sequence[Member], needed_by: str) -> list[str]:
    """The bundle's other items whose result is this material."""
    if material.certificate_type is None:
        return []
    return [one.code for one in members if one.code != needed_by and one.content.result_type_code == material.certificate_type]


def _groups(said: BundleContent, members: Sequence[Member], apart: set[Ref]) -> list[list[_Asked]]:
    told = {(ref.item, ref.material): at for at, refs in enumerate(said.same_materials) for ref in refs}
    groups: dict[object, list[_Asked]] = {}
    for member in members:
        for material in member.content.materials:
            asked = _Asked(member, material)
            mark: object = asked.ref if asked.ref in apart else told.get(asked.ref)
            if mark is None:
                mark = asked.ref if material.form == "filled_form" else normal_form(material.name) or asked.ref
            if isinstance(mark, str) and (same := _told_of_that_name(mark, told, members)) is not None:
                mark = same
            groups.setdefault(mark, []).append(asked)
    return list(groups.values())


def _told_of_that_name(name: str, told: Mapping[Ref, int], members: Sequence[Member]) -> int | None:
    """Where a material of this name is said to be the same as others, all of this name are."""
    for member in members:
        for material in member.content.materials:
            if (member.code, material.key) in told and normal_form(material.name) == name:
                return told[member.code, material.key]
    return None


def _differing(group: list[_Asked], leading: set[Ref]) -> Iterator[Conflict]:
    if len(group) == 1 or any(asked.ref in leading for asked in group):
        return
    differing = tuple(name for name in _COMPARED if len({getattr(asked.material, name) for asked in group}) > 1)
    if differing:
        values = {asked.member.code: {name: getattr(asked.material, name) for name in differing} for asked in group}
        yield Conflict("material", "differing", tuple(asked.ref for asked in group), differing, values)


def _perhaps_same(
    groups: list[list[_Asked]], apart: set[Ref], members: Sequence[Member], before: Mapping[str, frozenset[str]]
) -> Iterator[Conflict]:
    by_source: dict[tuple[str, str], list[list[_Asked]]] = {}
    for group in groups:
        if any(asked.ref in apart for asked in group) or _origin(group, members, before):
            continue
        material = group[0].material
        if material.certificate_type:
            by_source.setdefault(("certificate", material.certificate_type), []).append(group)
        elif material.shared_resource:
            by_source.setdefault(("shared", material.shared_resource), []).append(group)
    for alike in by_source.values():
        items = [{asked.member.code for asked in group} for group in alike]
        if len(alike) > 1 and len(set.union(*items)) > 1:
            asked_all = [asked for group in alike for asked in group]
            values = {asked.member.code: {"name": asked.material.name} for asked in asked_all}
            yield Conflict("material", "perhaps_same", tuple(asked.ref for asked in asked_all), ("name",), values)


def _origin(group: list[_Asked], members: Sequence[Member], before: Mapping[str, frozenset[str]]) -> str | None:
    """The item before all that need the material whose result it is."""
    for asked in group:
        for maker in makers(asked.material, members, asked.member.code):
            if all(maker in before[one.member.code] for one in group):
                return maker
    return None


def _merged(key: str, taken: Material, group: list[_Asked], comes_from: str | None) -> BundleMaterial:
    is_required = any(asked.material.necessity == "required" and asked.member.is_for_all for asked in group)
    uses = [
        MaterialUse(
            item=asked.member.code,
            material=asked.material.key,
            necessity=asked.material.necessity,
            needed_when=asked.material.needed_when,
        )
        for asked in group
    ]
    grades = [asked.material.trust_grade for asked in group if asked.material.trust_grade is not None]
    return BundleMaterial(
        key=key,
        **taken.model_dump(include=_TAKEN),
        necessity="required" if is_required else "conditional",
        is_core=any(asked.material.is_core for asked in group),
        trust_grade=min(grades, default=None),
        comes_from=comes_from,
        uses=uses,
    )


def _free(wanted: str, taken: set[str]) -> str:
    key, count = wanted, 1
    while key in taken:
        count += 1
        key = f"{wanted}-{count}"
    taken.add(key)
    return key
