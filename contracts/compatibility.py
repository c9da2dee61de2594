"""Whether an existing reader can read what a changed contract produces.

A reader of an event or an answer relies on: members it knows staying, required ones staying required, types not widening, values of an
enumeration not growing, formats staying. A caller of an API relies on: paths and kinds of content staying, nothing newly required of
it, nothing that was taken being refused, nothing open being closed.
"""

from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
Compare = Callable[[Schema, Schema, Schema, Schema, str, int], list[str]]

_DEEPEST = 12
_TYPE_OF: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")


def breaking_schema_changes(old: Schema, new: Schema) -> list[str]:
    """Changes between two JSON Schemas of what is *written* that break its readers."""
    return list(dict.fromkeys(_reader(old, new, old, new, "", 0)))


def breaking_api_changes(old: Schema, new: Schema) -> list[str]:
    """Changes between two OpenAPI documents that break a caller."""
    found: list[str] = []
    for path, operations in old.get("paths", {}).items():
        for method, operation in operations.items():
            changed = new.get("paths", {}).get(path, {}).get(method)
            if changed is None:
                found.append(f"{method.upper()} {path}: is gone")
                continue
            changes = [*_request(old, new, operation, changed), *_answers(old, new, operation, changed)]
            found.extend(f"{method.upper()} {path}: {change}" for change in dict.fromkeys(changes))
    return found


def _request(old: Schema, new: Schema, before: Schema, after: Schema) -> Iterator[str]:
    if {} in before.get("security", ()) and {} not in after.get("security", [{}]):
        yield "now needs a token"
    known = {(p["in"], p["name"]): p for p in before.get("parameters", ())}
    for parameter in after.get("parameters", ()):
        was = known.get((parameter["in"], parameter["name"]))
        if parameter.get("required") and not (was and was.get("required")):
            yield f"{parameter['in']} {parameter['name']} is newly required"
        if was is not None:
            yield from _writer(old, new, was.get("schema", {}), parameter.get("schema", {}), f"{parameter['in']} {parameter['name']}", 0)
    if after.get("requestBody", {}).get("required") and not before.get("requestBody", {}).get("required"):
        yield "a body is newly required"
    taken = after.get("requestBody", {}).get("content", {})
    for kind, content in before.get("requestBody", {}).get("content", {}).items():
        if kind not in taken:
            yield f"a body of {kind} is no longer taken"
        else:
            yield from _writer(old, new, content.get("schema", {}), taken[kind].get("schema", {}), "body", 0)


def _answers(old: Schema, new: Schema, before: Schema, after: Schema) -> Iterator[str]:
    for status, response in before.get("responses", {}).items():
        if not status.startswith("2"):
            continue
        if status not in after.get("responses", {}):
            yield f"answer {status} is gone"
            continue
        given = after["responses"][status].get("content", {})
        for kind, content in response.get("content", {}).items():
            if kind not in given:
                yield f"answer {status} no longer comes as {kind}"
            elif "schema" in content:
                changes = _reader(old, new, content["schema"], given[kind].get("schema", {}), "", 0)
                yield from (f"answer {status}{change}" for change in changes)


def _resolve(root: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target.get(step, {})
        schema = target
    return schema


def _types(root: Schema, schema: Schema) -> set[str]:
    """The JSON types a value may have; `any` where nothing is said."""
    schema = _resolve(root, schema)
    parts = schema.get("anyOf") or schema.get("oneOf")
    if parts:
        return set().union(*(_types(root, part) for part in parts))
    kind = schema.get("type")
    if kind is None:
        return {_TYPE_OF.get(type(value), "any") for value in _values(schema)} or {"any"}
    return {kind} if isinstance(kind, str) else set(kind)


def _alternatives(root: Schema, schema: Schema) -> list[Schema]:
    """The schema's alternatives that are not null; itself where it has none."""
    schema = _resolve(root, schema)
    parts = [_resolve(root, part) for part in schema.get("anyOf") or schema.get("oneOf") or [schema]]
    return [part for part in parts if part.get("type") != "null"]


def _one_of_several(compare: Compare, roots: tuple[Schema, Schema], each: list[Schema], of: list[Schema], at: str, depth: int) -> list[str]:
    """Where there are several alternatives: each must be understood as one of the others; what is told is the nearest miss."""
    found: list[str] = []
    for one in each:
        pairs = [(other, one) if compare is _reader else (one, other) for other in of]
        misses = [compare(*roots, was, now, at, depth + 1) for was, now in pairs]
        if misses:
            nearest: list[str] = min(misses, key=len)
            found.extend(nearest)
    return found


def _reader(old: Schema, new: Schema, before: Schema, after: Schema, at: str, depth: int) -> list[str]:
    if depth > _DEEPEST or "any" in _types(old, before):
        return []
    widened = _types(new, after) - _types(old, before) - ({"integer"} if "number" in _types(old, before) else set())
    if widened:
        return [f"{at or '/'}: may now be {', '.join(sorted(widened))}"]
    known, told = _alternatives(old, before), _alternatives(new, after)
    if len(known) > 1 or len(told) > 1:
        return _one_of_several(_reader, (old, new), told, known, at, depth)
    return [change for was, now in zip(known, told, strict=False) for change in _reader_of_one(old, new, was, now, at, depth)]


def _reader_of_one(old: Schema, new: Schema, before: Schema, after: Schema, at: str, depth: int) -> list[str]:
    found: list[str] = []
    if _values(before) and not (_values(after) and set(_values(after)) <= set(_values(before))):
        found.append(f"{at or '/'}: has values its readers do not know")
    if "format" in before and after.get("format") != before["format"]:
        found.append(f"{at or '/'}: is no longer a {before['format']}")
    for name, schema in before.get("properties", {}).items():
        changed = after.get("properties", {}).get(name)
        if changed is None:
            found.append(f"{at}/{name}: is gone")
            continue
        if name in before.get("required", ()) and name not in after.get("required", ()):
            found.append(f"{at}/{name}: is no longer always there")
        found.extend(_reader(old, new, schema, changed, f"{at}/{name}", depth + 1))
    for place, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(before.get(place), dict):
            inner = after.get(place, {})
            found.extend(_reader(old, new, before[place], inner if isinstance(inner, dict) else {}, at + mark, depth + 1))
    return found


def _writer(old: Schema, new: Schema, before: Schema, after: Schema, at: str, depth: int) -> list[str]:
    if depth > _DEEPEST or "any" in _types(new, after):
        return []
    narrowed = _types(old, before) - _types(new, after) - ({"integer"} if "number" in _types(new, after) else set())
    if narrowed:
        return [f"{at}: may no longer be {', '.join(sorted(narrowed))}"]
    sent, taken = _alternatives(old, before), _alternatives(new, after)
    if len(sent) > 1 or len(taken) > 1:
        return _one_of_several(_writer, (old, new), sent, taken, at, depth)
    return [change for was, now in zip(sent, taken, strict=False) for change in _writer_of_one(old, new, was, now, at, depth)]


def _writer_of_one(old: Schema, new: Schema, before: Schema, after: Schema, at: str, depth: int) -> list[str]:
    found = [f"{at}/{name}: is newly required" for name in after.get("required", ()) if name not in before.get("required", ())]
    if _values(after) and not (_values(before) and set(_values(before)) <= set(_values(after))):
        found.append(f"{at}: no longer takes values it took")
    for bound in (*_UPPER, *_LOWER):
        was, now = before.get(bound), after.get(bound)
        if now is not None and (was is None or (now < was if bound in _UPPER else now > was)):
            found.append(f"{at}: has a narrower {bound}")
    found.extend(f"{at}: must now keep to a {rule}" for rule in ("pattern", "format") if after.get(rule) not in (None, before.get(rule)))
    for name, schema in before.get("properties", {}).items():
        changed = after.get("properties", {}).get(name)
        if changed is not None:
            found.extend(_writer(old, new, schema, changed, f"{at}/{name}", depth + 1))
        elif after.get("additionalProperties") is False:
            found.append(f"{at}/{name}: is no longer taken")
    if isinstance(before.get("items"), dict) and isinstance(after.get("items"), dict):
        found.extend(_writer(old, new, before["items"], after["items"], f"{at}[]", depth + 1))
    return found


def _values(schema: Schema) -> list[Any]:
    """The only values there are, where they are named."""
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))
