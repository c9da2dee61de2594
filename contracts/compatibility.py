"""Whether an existing reader can read what a changed contract produces.

A reader of an event or an answer relies on: members it knows staying, required ones staying required, types not widening, values of an
enumeration not growing. A caller of an API relies on: paths staying, nothing newly required of it.
"""

from typing import Any


def breaking_schema_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Changes between two JSON Schemas of what is *written* that break its readers."""
    return list(dict.fromkeys(_reader(old, new, old, new, "", 0)))


def breaking_api_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Changes between two OpenAPI documents that break a caller."""
    found: list[str] = []
    for path, operations in old.get("paths", {}).items():
        for method, operation in operations.items():
            changed = new.get("paths", {}).get(path, {}).get(method)
            if changed is None:
                found.append(f"{method.upper()} {path}: is gone")
                continue
            found.extend(f"{method.upper()} {path}: {change}" for change in _operation(old, new, operation, changed))
    return found


def _operation(old: dict[str, Any], new: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    found: list[str] = []
    known = {(p["in"], p["name"]): p for p in before.get("parameters", ())}
    for parameter in after.get("parameters", ()):
        was = known.get((parameter["in"], parameter["name"]))
        if parameter.get("required") and not (was and was.get("required")):
            found.append(f"{parameter['in']} {parameter['name']} is newly required")
    request_before, request_after = _json(before.get("requestBody")), _json(after.get("requestBody"))
    if request_after is not None:
        found.extend(_writer(old, new, request_before or {}, request_after, "body", 0))
    for status, response in before.get("responses", {}).items():
        if not status.startswith("2"):
            continue
        if status not in after.get("responses", {}):
            found.append(f"answer {status} is gone")
            continue
        schema = _json(response)
        if schema is not None:
            changed = _json(after["responses"][status]) or {}
            found.extend(f"answer {status}{change}" for change in _reader(old, new, schema, changed, "", 0))
    return list(dict.fromkeys(found))


def _json(part: dict[str, Any] | None) -> dict[str, Any] | None:
    schema: dict[str, Any] | None = (part or {}).get("content", {}).get("application/json", {}).get("schema")
    return schema


def _resolve(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target.get(step, {})
        schema = target
    return schema


def _types(root: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    schema = _resolve(root, schema)
    if "anyOf" in schema or "oneOf" in schema:
        return set().union(*(_types(root, part) for part in schema.get("anyOf", schema.get("oneOf", ()))))
    kind = schema.get("type")
    if kind is None:
        kind = "const" if "const" in schema else "any"
    return {kind} if isinstance(kind, str) else set(kind)


def _alternative(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, or the one alternative of it that is not null."""
    schema = _resolve(root, schema)
    parts = [p for p in schema.get("anyOf", ()) if _resolve(root, p).get("type") != "null"]
    return _resolve(root, parts[0]) if len(parts) == 1 else schema


def _reader(old: dict[str, Any], new: dict[str, Any], before: dict[str, Any], after: dict[str, Any], at: str, depth: int) -> list[str]:
    if depth > 12:
        return []
    widened = _types(new, after) - _types(old, before)
    if widened and "any" not in _types(old, before):
        return [f"{at or '/'}: may now be {', '.join(sorted(widened))}"]
    before, after = _alternative(old, before), _alternative(new, after)
    found: list[str] = []
    if "enum" in before and set(after.get("enum", ["…"])) - set(before["enum"]):
        found.append(f"{at or '/'}: has values its readers do not know")
    if "const" in before and after.get("const") != before["const"]:
        found.append(f"{at or '/'}: is no longer always {before['const']}")
    for name, schema in before.get("properties", {}).items():
        changed = after.get("properties", {}).get(name)
        if changed is None:
            found.append(f"{at}/{name}: is gone")
            continue
        if name in before.get("required", ()) and name not in after.get("required", ()):
            found.append(f"{at}/{name}: is no longer always there")
        found.extend(_reader(old, new, schema, changed, f"{at}/{name}", depth + 1))
    if "items" in before and isinstance(after.get("items"), dict):
        found.extend(_reader(old, new, before["items"], after["items"], f"{at}[]", depth + 1))
    return found


def _writer(old: dict[str, Any], new: dict[str, Any], before: dict[str, Any], after: dict[str, Any], at: str, depth: int) -> list[str]:
    if depth > 12:
        return []
    narrowed = _types(old, before) - _types(new, after) if before else set()
    if narrowed and "any" not in _types(new, after) and "any" not in narrowed:
        return [f"{at}: may no longer be {', '.join(sorted(narrowed))}"]
    before, after = _alternative(old, before), _alternative(new, after)
    found = [f"{at}/{name}: is newly required" for name in after.get("required", ()) if before and name not in before.get("required", ())]
    if "enum" in after and set(before.get("enum", ())) - set(after["enum"]):
        found.append(f"{at}: no longer takes values it took")
    for name, schema in before.get("properties", {}).items():
        changed = after.get("properties", {}).get(name)
        if changed is None:
            if after.get("additionalProperties") is False:
                found.append(f"{at}/{name}: is no longer taken")
            continue
        found.extend(_writer(old, new, schema, changed, f"{at}/{name}", depth + 1))
    return found
