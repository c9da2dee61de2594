"""Walk two contents side by side and say what differs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from services.catalog.rules.comparing.labels import (
    NOTHING,
    Name,
    field_name,
    is_bilingual,
    is_limit,
    is_nothing,
    limit_words,
    value_words,
)

Kind = Literal["added", "removed", "changed", "moved"]
_HERE: Name = ("", "")
_IDENTITIES = (("key",), ("law", "article"), ("question",), ("to", "when"), ("title",), ("name",), ("text",), ("kind",), ("zh",))
_OF_A_FORM = "form"


class Change(NamedTuple):
    """One difference. `pointer` is a JSON pointer into the later content, of what was removed into the earlier."""

    pointer: str
    kind: Kind
    zh: str
    en: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Everything that differs between two contents of an item, as JSON, in the order a guide has it; empty where nothing does."""
    found = list(_groups(before, after, "", _HERE))
    if not found and not _same(before, after):
        found.append(Change("", "changed", "内容的写法有调整", "The way it is written has changed"))
    return found


def _same(before: Any, after: Any) -> bool:
    """Equal, where left out, null and empty are the same, and the order of members counts as little as JSON says."""
    if is_nothing(before) and is_nothing(after):
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        return all(_same(before.get(name), after.get(name)) for name in {*before, *after})
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(_same(one, other) for one, other in zip(before, after, strict=True))
    return type(before) is type(after) and bool(before == after)


def _groups(before: Mapping[str, Any], after: Mapping[str, Any], pointer: str, where: Name) -> Iterator[Change]:
    for field in dict.fromkeys([*after, *before]):
        old, new = before.get(field), after.get(field)
        if not _same(old, new) and field != "key":
            yield from _field(field, old, new, f"{pointer}/{_escaped(field)}", where)


def _field(field: str, old: Any, new: Any, pointer: str, where: Name) -> Iterator[Change]:
    label = _joined(where, field_name(field))
    if field == _OF_A_FORM and isinstance(old, dict) and isinstance(new, dict):
        yield from _form(old, new, pointer)
    elif is_limit(old) and is_limit(new):
        yield from _limit(old, new, pointer, label)
    elif is_bilingual(old) and is_bilingual(new):
        yield from _bilingual(old, new, pointer, label)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _groups(old, new, pointer, label)
    elif isinstance(old or [], list) and isinstance(new or [], list) and not (is_nothing(old) and is_nothing(new)):
        yield from _list(field, old or [], new or [], pointer, where)
    else:
        yield _changed(pointer, label, value_words(field, old), value_words(field, new))


def _limit(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str, label: Name) -> Iterator[Change]:
    if (old["days"], old["unit"]) != (new["days"], new["unit"]):
        yield _changed(pointer, label, limit_words(old), limit_words(new))
    rest = [{name: value for name, value in one.items() if name not in ("days", "unit")} for one in (old, new)]
    yield from _groups(rest[0], rest[1], pointer, label)


def _bilingual(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str, label: Name) -> Iterator[Change]:
    if old["zh"] != new["zh"]:
        yield _changed(f"{pointer}/zh", label, value_words("", old["zh"]), value_words("", new["zh"]))
    if old.get("en") != new.get("en"):
        english = (f"{label[0]}的英文", f"{label[1]} in English")
        yield _changed(f"{pointer}/en", english, value_words("", old.get("en")), value_words("", new.get("en")))


def _list(field: str, old: Sequence[Any], new: Sequence[Any], pointer: str, where: Name) -> Iterator[Change]:
    label = _joined(where, field_name(field))
    mine, theirs = _identified(old), _identified(new)
    for identity, (at, value) in theirs.items():
        place = f"{pointer}/{at}"
        if identity not in mine:
            said = _called(field, value)
            yield Change(place, "added", f"增加{label[0]}{said[0]}", f"Added {label[1]} {said[1]}")
        elif isinstance(value, dict):
            earlier = mine[identity][1]
            said = _called(field, earlier)
            yield from _groups(earlier, value, place, (f"{label[0]}{said[0]}", f"{label[1]} {said[1]}"))
    for identity, (at, value) in mine.items():
        if identity not in theirs:
            said = _called(field, value)
            yield Change(f"{pointer}/{at}", "removed", f"取消{label[0]}{said[0]}", f"Removed {label[1]} {said[1]}")
    before, after = [one for one in mine if one in theirs], [one for one in theirs if one in mine]
    if before != after:
        order = [_called(field, theirs[one][1]) for one in after]
        zh, en = "、".join(one[0] for one in order), ", ".join(one[1] for one in order)
        yield Change(pointer, "moved", f"{label[0]}的顺序调整为：{zh}", f"Order of {label[1]}: {en}")


def _identified(values: Sequence[Any]) -> dict[tuple[Any, ...], tuple[int, Any]]:
    """Each value with its place, by what it is known by; the second of two that are known by the same is known as the second."""
    seen: Counter[Any] = Counter()
    found: dict[tuple[Any, ...], tuple[int, Any]] = {}
    for at, value in enumerate(values):
        identity = _identity(value)
        seen[identity] += 1
        found[(*identity, seen[identity])] = at, value
    return found


def _identity(value: Any) -> tuple[Any, ...]:
    if isinstance(value, dict):
        names = next((names for names in _IDENTITIES if all(not is_nothing(value.get(name)) for name in names)), ())
        if names:
            return (names, *(_word(value[name]) for name in names))
    return (type(value).__name__, _word(value))


def _word(value: Any) -> str:
    return value_words("", value)[0]


def _called(field: str, value: Any) -> Name:
    """What one part of a list is called in a sentence."""
    if not isinstance(value, dict) or is_bilingual(value):
        return value_words(field, value)
    if not is_nothing(value.get("law")):
        name = f"《{value['law']}》{value.get('article') or ''}"
        return name, name
    for known in ("name", "title", "question", "label", "text", "standard"):
        if not is_nothing(value.get(known)):
            return value_words("", value[known])
    return value_words(field, value)


def _form(old: Mapping[str, Any], new: Mapping[str, Any], pointer: str) -> Iterator[Change]:
    """A form's fields by their names, called by their titles; then the rest of its rules."""
    before, after = old.get("properties") or {}, new.get("properties") or {}
    if not isinstance(before, dict) or not isinstance(after, dict):
        before = after = {}
    for name in dict.fromkeys([*after, *before]):
        place = f"{pointer}/properties/{_escaped(name)}"
        title = _title(name, after.get(name, before.get(name)))
        if name not in before:
            yield Change(place, "added", f"表单增加字段“{title}”", f"Added form field “{title}”")
        elif name not in after:
            yield Change(place, "removed", f"表单取消字段“{title}”", f"Removed form field “{title}”")
        elif not _same(before[name], after[name]):
            yield from _schema(before[name], after[name], place, (f"表单字段“{title}”", f"form field “{title}”"))
    yield from _required(old, new, after, pointer)
    if list(before) != list(after) and sorted(before) == sorted(after):
        yield Change(f"{pointer}/properties", "moved", "表单字段的顺序有调整", "The order of form fields has changed")
    rest = [{key: value for key, value in one.items() if key not in ("properties", "required")} for one in (old, new)]
    yield from _schema(rest[0], rest[1], pointer, ("表单", "form"))


def _required(old: Mapping[str, Any], new: Mapping[str, Any], fields: Mapping[str, Any], pointer: str) -> Iterator[Change]:
    before, after = old.get("required") or [], new.get("required") or []
    for name in after:
        if name not in before:
            title = _title(name, fields.get(name))
            yield Change(f"{pointer}/required", "changed", f"表单字段“{title}”改为必填", f"Form field “{title}” must now be filled in")
    for name in before:
        if name not in after:
            title = _title(name, fields.get(name))
            yield Change(
                f"{pointer}/required", "changed", f"表单字段“{title}”不再必填", f"Form field “{title}” need not be filled in any more"
            )


_RULES: Mapping[str, Name] = {
    "title": ("标题", "title"),
    "x-title-en": ("英文标题", "English title"),
    "description": ("说明", "description"),
    "type": ("数据类型", "type"),
    "enum": ("可选值", "choices"),
    "minLength": ("最少字数", "fewest characters"),
    "maxLength": ("最多字数", "most characters"),
    "minimum": ("最小值", "least value"),
    "maximum": ("最大值", "greatest value"),
    "minItems": ("最少项数", "fewest entries"),
    "maxItems": ("最多项数", "most entries"),
    "pattern": ("格式", "pattern"),
    "format": ("格式", "format"),
    "default": ("默认值", "default"),
}


def _schema(old: Any, new: Any, pointer: str, where: Name) -> Iterator[Change]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield Change(pointer, "changed", f"{where[0]}的校验规则有调整", f"The rules of {where[1]} have changed")
        return
    for keyword in dict.fromkeys([*new, *old]):
        before, after = old.get(keyword), new.get(keyword)
        if _same(before, after):
            continue
        place = f"{pointer}/{_escaped(keyword)}"
        known = _RULES.get(keyword)
        if known is None or isinstance(before, dict) or isinstance(after, dict):
            yield Change(place, "changed", f"{where[0]}的校验规则（{keyword}）有调整", f"A rule of {where[1]} ({keyword}) has changed")
        else:
            yield _changed(place, _joined(where, known), _plain(before), _plain(after))


def _plain(value: Any) -> Name:
    return NOTHING if value is None else value_words("", value)


def _title(name: str, schema: Any) -> str:
    title = schema.get("title") if isinstance(schema, dict) else None
    return title if isinstance(title, str) and title else name


def _changed(pointer: str, label: Name, old: Name, new: Name) -> Change:
    zh = f"{label[0]}由{_spaced(old[0])}改为{_spaced(new[0])}".rstrip()
    return Change(pointer, "changed", zh, f"{label[1][:1].upper()}{label[1][1:]}: {old[1]} → {new[1]}")


def _spaced(words: str) -> str:
    """Figures stand apart from Chinese text: 由 20 个工作日改为 10 个工作日."""
    begins = " " if words[:1].isascii() and words[:1].isalnum() else ""
    ends = " " if words[-1:].isascii() and words[-1:].isalnum() else ""
    return f"{begins}{words}{ends}"


def _joined(where: Name, label: Name) -> Name:
    return (f"{where[0]}的{label[0]}", f"{where[1]}, {label[1]}") if where[0] else label


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
