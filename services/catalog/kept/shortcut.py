"""The layer between the chassis's edge and the routes: gives kept answers, keeps those that a route allows to be kept.

It stands before routing because that and the dependencies are most of what a small answer costs. The edge around it still gives
ids, times and logs. A request with a token is never answered from memory: a bad token must be refused.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import context
from services.catalog.kept.answers import Answer, Headers, KeptAnswers, Key, Terms

PART = "kept_answers"
_TERMS = "kept_terms"
_KEPT_HEADERS = frozenset(
    {b"content-type", b"content-length", b"content-language", b"content-security-policy", b"content-disposition", b"cache-control",
     b"etag", b"vary", b"referrer-policy", b"x-frame-options"}
)  # fmt: skip
_NOT_SENT_UNCHANGED = frozenset({b"content-length", b"content-type", b"content-disposition"})


def keep_answers(app: FastAPI) -> None:
    """Give the service a memory; `listening` keeps it right. Call once, before the app starts."""
    kept = KeptAnswers(app.state.runtime.clock.now)
    app.state.runtime.parts[PART] = kept
    # Appended, not added: it has to stand inside the edge, which is there already.
    app.user_middleware.append(Middleware(Shortcut, kept=kept))


def kept_answers(runtime: Any) -> KeptAnswers:
    kept: KeptAnswers = runtime.parts[PART]
    return kept


def may_be_kept(request: Request, terms: Terms, *, parameters: Sequence[str] = ()) -> None:
    """A route allows its answer to be kept. Not where the query has parameters that it does not know: anybody can make those up."""
    if set(request.query_params) <= set(parameters):
        request.scope["state"][_TERMS] = terms


class Shortcut:
    """See the module's docstring."""

    def __init__(self, app: ASGIApp, kept: KeptAnswers) -> None:
        self._app = app
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        seen = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                await self._app(scope, receive, send)
                return
            if name == b"if-none-match":
                seen = value
        key: Key = (scope["path"], scope["query_string"], context.language())
        answer = self._kept.find(key)
        if answer is None:
            await self._app(scope, receive, _Keeping(self._kept, key, scope, send))
            return
        scope["route"] = answer.route
        if seen and is_seen(seen, answer.etag):
            headers = [pair for pair in answer.headers if pair[0] not in _NOT_SENT_UNCHANGED]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})


class _Keeping:
    """Looks at what goes out, and keeps it where the route allowed and it is one whole answer."""

    def __init__(self, kept: KeptAnswers, key: Key, scope: Scope, send: Send) -> None:
        self._kept = kept
        self._key = key
        self._scope = scope
        self._send = send
        self._epoch = kept.epoch
        self._headers: Headers | None = None

    async def __call__(self, message: Message) -> None:
        terms: Terms | None = self._scope["state"].get(_TERMS)
        if terms is not None:
            if message["type"] == "http.response.start":
                self._headers = self._kept_headers(message) if message["status"] == 200 else None
            elif self._headers is not None and not message.get("more_body"):
                etag = next((value for name, value in self._headers if name == b"etag"), b"")
                answer = Answer(terms, self._headers, message["body"], etag, self._scope["route"])
                self._kept.keep(self._key, answer, epoch=self._epoch)
        await self._send(message)

    def _kept_headers(self, message: Message) -> Headers:
        return tuple(pair for pair in message["headers"] if pair[0].lower() in _KEPT_HEADERS)


def is_seen(if_none_match: bytes, etag: bytes) -> bool:
    """Whether If-None-Match (RFC 9110, weak comparison) names the tag."""
    seen = {part.strip().removeprefix(b"W/") for part in if_none_match.split(b",")}
    return etag in seen or b"*" in seen
