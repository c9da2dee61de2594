"""The merged API document and its interactive page, served from files: nothing is fetched from elsewhere."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

CONTRACT = Path(__file__).parent.parent / "contracts" / "openapi" / "gateway.json"

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>通办 Tongban API</title><link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/docs/assets/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "/openapi.json", dom_id: "#ui", deepLinking: true, docExpansion: "none", filter: true});</script></body></html>
"""
_POLICY = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"


@lru_cache(maxsize=4)
def merged_document(public_url: str) -> bytes:
    """The OpenAPI document of everything behind the gateway, with this gateway as its server."""
    document = orjson.loads(CONTRACT.read_bytes())
    document["servers"] = [{"url": public_url}]
    return orjson.dumps(document)


def swagger_assets() -> Path:
    """The folder of Swagger UI's files, in the package that ships them."""
    spec = find_spec("swagger_ui")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "static"


async def api_page(request: Request) -> Response:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})
