"""The gateway as a program outside sees it: requests by its public URL, refusals as problems."""

from collections.abc import Collection, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx


class Unreachable(Exception):
    """No answer: nobody listens, or the connection broke. Whether the request took effect is not known."""


class Refused(Exception):
    """An answer that was not hoped for. `problem` is its document, empty where it had none."""

    def __init__(self, response: httpx.Response) -> None:
        request = response.request
        self.status = response.status_code
        self.problem = _problem(response)
        said = " ".join(str(self.problem[member]) for member in ("type", "detail", "errors") if member in self.problem)
        super().__init__(f"{request.method} {request.url.path} → {response.status_code} {said}".rstrip())

    @property
    def slug(self) -> str:
        """The problem's name, such as `account-exists`."""
        return str(self.problem.get("type", "")).rpartition(":")[2]

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed a moment later."""
        return self.status in (502, 503, 504) or self.slug == "request-in-progress"


class Gateway:
    """One suite by its entrance. The caller owns `http`, whose base URL is the gateway's origin.

    It keeps no cookies: everybody who signs in through it comes with a browser of their own.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        http.cookies = CookieJar(
            policy=DefaultCookiePolicy(allowed_domains=[])
        )  # a bare jar: httpx would copy Cookies into one without the policy
        self._http = http

    @property
    def origin(self) -> str:
        return str(self._http.base_url).rstrip("/")

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        key: str | None = None,
        if_match: str | None = None,
        expect: Collection[int] = (200,),
        **content: Any,
    ) -> httpx.Response:
        """One request below /api; `content` is httpx's (json, data, content, params). Raises Unreachable, Refused."""
        headers: dict[str, str] = dict(content.pop("headers", {}))
        given: Mapping[str, str | None] = {
            "Authorization": f"Bearer {token}" if token else None,
            "Idempotency-Key": key,
            "If-Match": if_match,
        }
        headers |= {name: value for name, value in given.items() if value is not None}
        try:
            response = await self._http.request(method, path, headers=headers, follow_redirects=False, **content)
        except httpx.HTTPError as error:
            raise Unreachable(f"{method} {self.origin}{path}: {error or type(error).__name__}") from error
        if response.status_code not in expect:
            raise Refused(response)
        return response


def _problem(response: httpx.Response) -> dict[str, Any]:
    if "json" not in response.headers.get("content-type", ""):
        return {}
    document = response.json()
    return document if isinstance(document, dict) else {}
