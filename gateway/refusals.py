"""What a client is told of what is no request, in plain bytes: there is no request to answer."""

import re

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chassis import context
from chassis.problems import Malformed, Problem, Text, Unavailable

_ACCEPTED = re.compile(rb"\naccept-language:[ \t]*([^\r\n]{1,200})", re.IGNORECASE)


class UnreadableRequest(Malformed):
    slug = "unreadable-request"
    title = Text("请求不符合 HTTP 规范", "The request is not valid HTTP")
    detail = Text(
        "请求的地址或头部有不允许的字符，或长度说明有歧义；地址请用百分号编码。",
        "The target or a header has characters that are not allowed, or the length is ambiguous; percent-encode the target.",
    )


class HeadTooLarge(Problem):
    status = 431
    slug = "head-too-large"
    title = Text("请求头过大", "The request's head is too large")
    detail = Text(
        "请求行和头部不得超过 {limit_bytes} 字节、{limit_fields} 项。",
        "The request line and headers may have {limit_bytes} bytes and {limit_fields} fields.",
    )


class TooSlow(Problem):
    status = 408
    slug = "too-slow"
    title = Text("请求发送过慢", "The request came too slowly")
    detail = Text(
        "请求没有在规定时间内发完，请检查网络后重发。", "The request was not sent in time; check the connection and send it again."
    )


class TooManyConnections(Unavailable):
    slug = "too-many-connections"


def refusal(problem: Problem, unread: bytes) -> bytes:
    """The whole answer. `unread` is what came last: what is refused has often not been read to its headers."""
    accepted = _ACCEPTED.search(unread)
    language = context.preferred_language(accepted and accepted.group(1).decode("latin-1"))
    body = problem.body(language, context.new_request_id())
    headers = {
        **problem.headers,
        "Content-Type": "application/problem+json",
        "Content-Language": "zh-CN" if language == "zh" else "en",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
    }
    lines = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items())
    return STATUS_LINE[problem.status] + lines + b"\r\n" + body
