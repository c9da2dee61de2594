"""What architecture tests look at: the apps of the house, and its source files."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from chassis.crypto import new_master_key
from host.services import SERVICES

ROOT = Path(__file__).parents[2]
CODE = ("chassis", "bus", "standards", "services", "gateway", "host", "borders", "contracts", "bench")


@cache
def app_of(service: str) -> FastAPI:
    entry = SERVICES[service]
    return entry.create_app(entry.settings_class(master_key=new_master_key()))


def api_routes(service: str) -> Iterator[RouteContext]:
    """Routes that take part in the API: those with a dependency tree."""
    for context in iter_route_contexts(app_of(service).routes):
        if getattr(context, "dependant", None) is not None:
            yield context


def source_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "/versions/" not in str(path))


def code_lines(path: Path) -> int:
    """Lines that are code: neither blank, nor comment, nor part of a docstring."""
    text = path.read_text()
    prose: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        for statement in getattr(node, "body", ()) if isinstance(getattr(node, "body", ()), list) else ():
            is_text = (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
            )
            if is_text:
                prose.update(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return sum(
        1 for number, line in enumerate(text.split("\n"), 1) if line.strip() and not line.strip().startswith("#") and number not in prose
    )
