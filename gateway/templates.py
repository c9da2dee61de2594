"""Route templates of everything behind the gateway, so that logs name what was used and never whose."""

from functools import lru_cache
from typing import Any

import orjson

from gateway.documents import CONTRACT


class Templates:
    """Finds the template of a path among those of the merged API document; unknown paths have their service's prefix for a name."""

    def __init__(self, templates: list[str]) -> None:
        self._root: dict[str, Any] = {}
        for template in templates:
            node = self._root
            for part in template.strip("/").split("/"):
                node = node.setdefault("{}" if part.startswith("{") else part, {})
            node[""] = template
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, path: str) -> str:
        parts = path.strip("/").split("/")
        found = _walk(self._root, parts)
        return found or "/" + "/".join(parts[:3])


def _walk(node: dict[str, Any], parts: list[str]) -> str | None:
    if not parts:
        found: str | None = node.get("")
        return found
    for key in (parts[0], "{}"):
        if key and key in node:
            found = _walk(node[key], parts[1:])
            if found is not None:
                return found
    return None


def templates_of_the_house() -> Templates:
    """Those of the committed merged document."""
    return Templates(list(orjson.loads(CONTRACT.read_bytes())["paths"]))
