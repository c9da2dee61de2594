"""OpenAPI documents that name every answer a route can give, derived from what the route depends on."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from chassis.access import AccessRule, rules_of
from chassis.edge import takes_if_match, takes_write

_PROBLEM = "Problem"
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem. `type` is stable; `title` and `detail` are in the reader's language.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {"pointer": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_MEANINGS = {
    400: "The request cannot be read",
    401: "No valid access token",
    403: "This identity may not",
    404: "No such record, or not visible to this identity",
    409: "The state does not allow it, or the same request is in progress",
    412: "Somebody changed it meanwhile",
    413: "The body is too large",
    415: "Unsupported content type",
    422: "The request is not valid; errors[] point at fields",
    428: "If-Match is missing",
    429: "Too many requests; Retry-After says when to come back",
    503: "A part is down; Retry-After says when to come back",
    504: "Not finished in time",
}


def install_openapi(app: FastAPI, *, title: str, version: str, description: str) -> None:
    """Make the app describe itself with every problem named."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app, title=title, version=version, description=description)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def describe(app: FastAPI, *, title: str, version: str, description: str) -> dict[str, Any]:
    """The app's OpenAPI 3.1 document."""
    document = get_openapi(title=title, version=version, description=description, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas[_PROBLEM] = PROBLEM_SCHEMA
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for context in iter_route_contexts(app.routes):
        path = str(getattr(context, "path_format", ""))
        dependant = getattr(context, "dependant", None)
        for method in sorted(getattr(context, "methods", None) or ()):
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None and dependant is not None:
                _name_answers(operation, dependant, has_path_parameters="{" in path)
    return document


def _name_answers(operation: dict[str, Any], dependant: Any, *, has_path_parameters: bool) -> None:
    responses = operation.setdefault("responses", {})
    if "422" in responses and "application/problem+json" not in responses["422"].get("content", {}):
        del responses["422"]
    rules = rules_of(dependant)
    for status in sorted(set(_statuses(operation, dependant, has_path_parameters))):
        responses.setdefault(
            str(status),
            {
                "description": _MEANINGS[status],
                "content": {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{_PROBLEM}"}}},
            },
        )
    guarded = [rule for rule in rules if isinstance(rule, AccessRule)]
    operation["security"] = [{"token": []}] if guarded else [{}, {"token": []}]
    for rule in guarded:
        note = f"权限 scope `{rule.scope}`：{rule.meaning.zh} / {rule.meaning.en}"
        operation["description"] = "\n\n".join(filter(None, [operation.get("description"), note]))


def _statuses(operation: dict[str, Any], dependant: Any, has_path_parameters: bool) -> Iterator[int]:
    yield from (400, 401, 503, 504)
    if any(isinstance(rule, AccessRule) for rule in rules_of(dependant)):
        yield 403
    if has_path_parameters:
        yield 404
    if operation.get("parameters") or "requestBody" in operation:
        yield 422
    if "requestBody" in operation:
        yield from (413, 415)
    if takes_write(dependant):
        yield from (404, 409, 413, 422)
    if takes_if_match(dependant):
        yield from (412, 428)
