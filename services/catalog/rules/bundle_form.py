"""The one form of a bundle: fields of the same name that read the same are asked once, others are a conflict.

The form asks what every applicant must say; what only some need (an item with `needed_when`) it offers. It is not the law: each
application is checked again by its own item's form, so what a merged form cannot say is caught there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.catalog.rules.bundle import BundleContent, BundleField, BundleSection, Conflict, FieldUse, Member
from services.catalog.rules.content import Bilingual

_CONDITIONS = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas")
_ORIGIN = "x-from-certificate"
_SHARED = Bilingual(zh="共同信息", en="Asked once for all")

Ref = tuple[str, str]


def merge_forms(said: BundleContent, members: Sequence[Member]) -> tuple[dict[str, Any], list[BundleField], list[Conflict]]:
    """The form, its fields with what each fills, and what is not settled (then the first item's field stands)."""
    apart = {(one.item, one.field) for one in said.field_choices if one.decision == "apart"}
    leading = {(one.item, one.field) for one in said.field_choices if one.decision == "as_here"}
    groups = _groups(members, apart)
    properties: dict[str, Any] = {}
    fields: list[BundleField] = []
    conflicts: list[Conflict] = []
    schemas = {(member.code, name): _field(member, name, at) for at, member in enumerate(members) for name in _properties(member)}
    for name, refs in groups.items():
        told = next((ref for ref in refs if ref in leading), None)
        properties[name] = _agreed([schemas[ref] for ref in refs], schemas[told or refs[0]])
        fields.append(BundleField(name=name, uses=[FieldUse(item=item, field=field) for item, field in refs]))
        if told is None and (conflict := _conflict(refs, schemas)) is not None:
            conflicts.append(conflict)
    return _form(said, members, properties, fields), fields, conflicts


def layout(members: Sequence[Member], fields: Sequence[BundleField]) -> list[BundleSection]:
    """What several items ask first, then what each asks alone, in the items' order."""
    shared = [one.name for one in fields if len(one.uses) > 1]
    sections = [BundleSection(title=_SHARED, fields=shared)] if shared else []
    for member in members:
        own = [one.name for one in fields if len(one.uses) == 1 and one.uses[0].item == member.code]
        if own:
            sections.append(BundleSection(title=Bilingual(zh=member.content.name, en=member.content.name_en), fields=own))
    return sections


def conditions_of(form: Mapping[str, Any]) -> list[str]:
    """The keywords of a form that look at several of its fields, by the names these have there."""
    return [keyword for keyword in _CONDITIONS if keyword in form]


def _groups(members: Sequence[Member], apart: set[Ref]) -> dict[str, list[Ref]]:
    """By the field's name in the bundle's form; one kept apart is named after its item's place as well."""
    names = {name for member in members for name in _properties(member)}
    groups: dict[str, list[Ref]] = {}
    for at, member in enumerate(members, start=1):
        for name in _properties(member):
            if (member.code, name) not in apart:
                groups.setdefault(name, []).append((member.code, name))
                continue
            own, tries = f"{name}_{at}", 1
            while own in names:
                tries += 1
                own = f"{name}_{at}_{tries}"
            names.add(own)
            groups[own] = [(member.code, name)]
    return groups


def _properties(member: Member) -> dict[str, Any]:
    properties = member.content.form.get("properties")
    return properties if isinstance(properties, dict) else {}


def _field(member: Member, name: str, at: int) -> Any:
    return _moved(_properties(member)[name], at)


def _moved(value: Any, at: int) -> Any:
    """References go into the item's own form, which the bundle's keeps whole under $defs."""
    if isinstance(value, dict):
        return {
            name: f"#/$defs/item{at + 1}{child[1:]}"
            if name in ("$ref", "$dynamicRef") and isinstance(child, str) and child.startswith("#")
            else _moved(child, at)
            for name, child in value.items()
        }
    if isinstance(value, list):
        return [_moved(child, at) for child in value]
    return value


def _has_references(value: Any) -> bool:
    if isinstance(value, dict):
        return any(name in ("$ref", "$dynamicRef") or _has_references(child) for name, child in value.items())
    return isinstance(value, list) and any(map(_has_references, value))


def _plain(schema: Any) -> Any:
    """What is compared: where a value may be drawn from does not change what it is."""
    return {name: value for name, value in schema.items() if name != _ORIGIN} if isinstance(schema, dict) else schema


def _agreed(schemas: Sequence[Any], chosen: Any) -> Any:
    """The chosen schema; it says where its value is drawn from only where all say the same."""
    origins = [schema.get(_ORIGIN) if isinstance(schema, dict) else None for schema in schemas]
    return chosen if all(origin == origins[0] for origin in origins) else _plain(chosen)


def _conflict(refs: Sequence[Ref], schemas: Mapping[Ref, Any]) -> Conflict | None:
    plain = [_plain(schemas[ref]) for ref in refs]
    if all(one == plain[0] for one in plain):
        return None
    if not all(isinstance(one, dict) for one in plain):
        return Conflict("field", "differing", tuple(refs), ("schema",), {ref[0]: {"schema": schemas[ref]} for ref in refs})
    keywords = sorted({keyword for one in plain for keyword in one})
    differing = tuple(keyword for keyword in keywords if any(one.get(keyword) != plain[0].get(keyword) for one in plain))
    values = {ref[0]: {keyword: one.get(keyword) for keyword in differing} for ref, one in zip(refs, plain, strict=True)}
    return Conflict("field", "differing", tuple(refs), differing, values)


def _form(said: BundleContent, members: Sequence[Member], properties: dict[str, Any], fields: Sequence[BundleField]) -> dict[str, Any]:
    name_of = {(use.item, use.field): one.name for one in fields for use in one.uses}
    form: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": said.name,
        "properties": properties,
        "required": list(dict.fromkeys(name_of[ref] for ref in _required(members))),
    }
    conditions = [_moved(part, at) for at, member in enumerate(members) for part in _conditions(member)]
    if conditions:
        form["allOf"] = conditions
    if all(member.content.form.get("additionalProperties") is False for member in members):
        form["additionalProperties"] = False
    kept = {f"item{at + 1}": _moved(member.content.form, at) for at, member in enumerate(members) if _has_references(member.content.form)}
    if kept:
        form["$defs"] = kept
    return form


def _required(members: Sequence[Member]) -> Iterator[Ref]:
    for member in members:
        names = member.content.form.get("required") if member.is_for_all else None
        for name in names if isinstance(names, list) else ():
            if name in _properties(member):
                yield member.code, name


def _conditions(member: Member) -> Iterator[dict[str, Any]]:
    found = {keyword: member.content.form[keyword] for keyword in conditions_of(member.content.form)} if member.is_for_all else {}
    if found:
        yield found
