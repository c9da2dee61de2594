"""`tongban contracts`: what services say to each other, written down, and checked against what was committed.

Written: one OpenAPI document per service and one merged for the gateway, one JSON Schema per event type, one AsyncAPI 3 document.
Checked: the committed files are what the code says, and no event or answer lost what a reader may rely on who was written against
the committed files or against the last release.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
import subprocess
from typing import Any

import orjson

from chassis.app import VERSION
from chassis.crypto import new_master_key
from chassis.events import Event
from chassis.openapi import PROBLEM_SCHEMA
from contracts.compatibility import breaking_api_changes, breaking_schema_changes
from host.services import SERVICES

ROOT = Path(__file__).parent.parent / "contracts"


def contract_files() -> dict[Path, bytes]:
    """Every contract as the code says it now, by path."""
    documents = {name: _openapi(name) for name in SERVICES}
    events = {event.type: event for name in SERVICES for event in events_of(name)}
    files: dict[Path, Any] = {ROOT / "openapi" / f"{name}.json": document for name, document in documents.items()}
    files[ROOT / "openapi" / "gateway.json"] = merged(documents)
    files.update({ROOT / "events" / f"{kind}.json": event_schema(event) for kind, event in events.items()})
    files[ROOT / "asyncapi.json"] = asyncapi(events)
    return {path: orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n" for path, content in files.items()}


def write_contracts() -> list[str]:
    """Write them all; answers the paths that changed. A breaking change is written too: the check against history refuses it."""
    changed: list[str] = []
    files = contract_files()
    for stale in (*ROOT.glob("openapi/*.json"), *ROOT.glob("events/*.json")):
        if stale not in files:
            stale.unlink()
            changed.append(f"removed {stale.relative_to(ROOT.parent)}")
    for path, content in files.items():
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            changed.append(str(path.relative_to(ROOT.parent)))
    return changed


def check_contracts(since: str | None = None) -> list[str]:
    """What is wrong with the committed contracts; empty when nothing is. `since` is a git revision, by default the last release's tag."""
    files = contract_files()
    since = since or _git("describe", "--tags", "--abbrev=0", "--match", "v*").strip()
    found = list(_broken_since(since, files)) if since else []
    for path, content in files.items():
        name = path.relative_to(ROOT.parent)
        if not path.exists():
            found.append(f"{name}: is not committed; run `make contracts`")
        elif path.read_bytes() != content:
            found.append(f"{name}: the code says otherwise; run `make contracts` and read the difference")
            found.extend(f"{name}: {change}" for change in breaking_changes(path, orjson.loads(path.read_bytes()), orjson.loads(content)))
    on_disk = {*ROOT.glob("openapi/*.json"), *ROOT.glob("events/*.json")}
    found.extend(
        f"{path.relative_to(ROOT.parent)}: readers may rely on it and the code no longer has it; publish a new version beside it"
        for path in sorted(on_disk - set(files))
    )
    return found


def _broken_since(revision: str, files: dict[Path, bytes]) -> Iterator[str]:
    """What readers written against a revision could no longer read, whatever was committed in between."""
    for path, content in files.items():
        name = path.relative_to(ROOT.parent)
        promised = _git("show", f"{revision}:./{name}")
        if promised:
            yield from (
                f"{name} since {revision}: {change}" for change in breaking_changes(path, orjson.loads(promised), orjson.loads(content))
            )
    listed = _git("ls-tree", "-r", "--name-only", revision, f"{ROOT.name}/events", f"{ROOT.name}/openapi").split()
    yield from (f"{name} since {revision}: is gone" for name in listed if name.endswith(".json") and ROOT.parent / name not in files)


def _git(*arguments: str) -> str:
    """What git says in this checkout; nothing where there is no git, no history or no such revision."""
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT.parent, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def breaking_changes(path: Path, old: Any, new: Any) -> list[str]:
    """What an existing reader of a contract could no longer read."""
    if path.parent.name == "events":
        return breaking_schema_changes(old, new)
    if path.parent.name == "openapi":
        return breaking_api_changes(old, new)
    return []


def events_of(service: str) -> Iterator[type[Event]]:
    """The event classes a service publishes; none where it has no events module."""
    if find_spec(f"services.{service}.events") is None:
        return
    module = import_module(f"services.{service}.events")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Event) and isinstance(getattr(value, "type", None), str):
            yield value


def event_schema(event: type[Event]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tongban:event:{event.type}",
        "x-topic": event.topic,
        **event.model_json_schema(mode="serialization"),
    }


def merged(documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One document for everything behind the gateway; schema names carry their service."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA}
    for name, document in documents.items():
        renamed = _renamed(document, name)
        paths.update(renamed["paths"])
        schemas.update({key: value for key, value in renamed["components"]["schemas"].items() if key != "Problem"})
    for operations in paths.values():
        for operation in operations.values():
            for status in _GATEWAY_ANSWERS:
                operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{status}"})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "通办 Tongban",
            "version": VERSION,
            "description": "一网通办平台的全部接口。Every API of the platform, behind one gateway.",
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": _GATEWAY_ANSWERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


_GATEWAY_ANSWERS: dict[str, Any] = {
    status: {
        "description": meaning,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, meaning in {
        "408": "The request did not arrive in time",
        "429": "Too many requests; Retry-After says when to come back",
        "431": "The request's head is too large",
    }.items()
}
"""What the gateway itself may answer to any request, whoever it is for."""


def asyncapi(events: dict[str, type[Event]]) -> dict[str, Any]:
    """The AsyncAPI 3 document of every topic and the events on it."""
    channels: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for kind, event in sorted(events.items()):
        channel = channels.setdefault(event.topic, {"address": event.topic, "messages": {}})
        channel["messages"][kind] = {"$ref": f"#/components/messages/{kind}"}
        messages[kind] = {
            "name": kind,
            "title": event.__name__,
            "summary": (event.__doc__ or "").strip().split("\n")[0],
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
            "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": {"$ref": f"events/{kind}.json"}},
        }
    for topic in channels:
        pointer = "#/channels/" + topic.replace("~", "~0").replace("/", "~1")
        operations[f"publish {topic}"] = {"action": "send", "channel": {"$ref": pointer}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "通办 Tongban events",
            "version": VERSION,
            "description": "CloudEvents 1.0, Kafka binary mode; key = the aggregate's id.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"CloudEventHeaders": _HEADERS}},
    }


_HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_subject", "content-type", "traceparent"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "format": "uri-reference"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string"},
        "ce_authority": {"type": "string", "description": "USCC of the department the event belongs to, where there is one"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string"},
    },
}


def _openapi(name: str) -> dict[str, Any]:
    entry = SERVICES[name]
    settings = entry.settings_class(master_key=new_master_key())
    document: dict[str, Any] = entry.create_app(settings).openapi()
    return document


def _renamed(document: dict[str, Any], service: str) -> dict[str, Any]:
    prefix = service.capitalize()

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: _reference(value, prefix) if key == "$ref" else walk(value) for key, value in node.items()}
        return [walk(value) for value in node] if isinstance(node, list) else node

    walked: dict[str, Any] = walk(document)
    schemas = walked["components"]["schemas"]
    walked["components"]["schemas"] = {key if key == "Problem" else f"{prefix}{key}": value for key, value in schemas.items()}
    for operations in walked["paths"].values():
        for operation in operations.values():
            operation["operationId"] = f"{service}_{operation['operationId']}"
            operation["tags"] = [f"{service} · {tag}" for tag in operation.get("tags", ())] or [service]
    return walked


def _reference(value: Any, prefix: str) -> Any:
    head = "#/components/schemas/"
    if isinstance(value, str) and value.startswith(head) and not value.endswith("/Problem"):
        return head + prefix + value.removeprefix(head)
    return value
