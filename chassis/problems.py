"""Errors as RFC 9457 problems, in the reader's language.

    Problem
    ├── Invalid 422            the request is understood and wrong; errors[] point at fields
    ├── Malformed 400          the request cannot be read at all
    ├── Unauthenticated 401    who asks is not known
    ├── Forbidden 403          who asks may not
    ├── NotFound 404           also what someone may not see
    ├── Conflict 409           the state does not allow it now
    ├── PreconditionFailed 412 somebody changed it meanwhile
    ├── TooLarge 413
    └── Unavailable 503        a part is down; Retry-After says when to come back

A service names its facts by inheriting one of these with its own `slug` and texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from typing import Any, ClassVar, NamedTuple

import orjson

from chassis import context

PROBLEM_TYPE = "urn:tongban:problem:"


class Text(NamedTuple):
    """A sentence in both languages; `{name}` is filled from the problem's facts."""

    zh: str
    en: str

    def render(self, language: context.Language, facts: Mapping[str, Any]) -> str:
        text = self.zh if language == "zh" else self.en
        try:
            return text.format(**facts)
        except (KeyError, IndexError, ValueError):
            return text


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field. `pointer` is a JSON pointer into the body, or `query:name`, `header:name`, `path:name`."""

    pointer: str
    code: str
    detail: Text


class Problem(Exception):
    """A named fact the caller can act on. Keyword facts fill the texts and appear as members of the answer."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[Text] = Text("服务内部错误", "Internal error")
    detail: ClassVar[Text | None] = Text("请稍后再试，并把请求编号告诉我们。", "Try again later and tell us the request id.")

    def __init__(self, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None, **facts: Any) -> None:
        super().__init__(self.slug)
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.facts = facts

    def body(self, language: context.Language, request_id: str | None) -> bytes:
        """The problem document as JSON bytes."""
        document: dict[str, Any] = {
            "type": PROBLEM_TYPE + self.slug,
            "title": self.title.render(language, self.facts),
            "status": self.status,
        }
        if self.detail is not None:
            document["detail"] = self.detail.render(language, self.facts)
        if request_id:
            document["request_id"] = request_id
        if self.errors:
            document["errors"] = [
                {"pointer": e.pointer, "code": e.code, "detail": e.detail.render(language, self.facts)} for e in self.errors
            ]
        for name, value in self.facts.items():
            document.setdefault(name, value)
        try:
            return orjson.dumps(document, default=str)
        except TypeError:  # facts with lone surrogates or numbers beyond 64 bits
            return json.dumps(document, default=str).encode()


class Malformed(Problem):
    status = 400
    slug = "malformed-request"
    title = Text("请求无法读取", "The request cannot be read")
    detail = Text("{reason}", "{reason}")


class UnreadableText(Malformed):
    slug = "unreadable-text"
    detail = Text(
        "请求中有无法保存的字符（空字符或不完整的编码），请改用 UTF-8 文本。",
        "The request has characters that cannot be stored (NUL or broken encoding); send UTF-8 text.",
    )


class UnreadableBody(Malformed):
    slug = "unreadable-body"
    detail = Text("请求体不是有效的 UTF-8 JSON，请检查后重发。", "The body is not valid UTF-8 JSON; check it and send it again.")


class Invalid(Problem):
    status = 422
    slug = "invalid-request"
    title = Text("请求内容有误", "The request is not valid")
    detail = Text("请按 errors 中的提示逐项改正后重发。", "Correct each point in errors and send the request again.")


class Unauthenticated(Problem):
    status = 401
    slug = "unauthenticated"
    title = Text("请先登录", "Sign in first")
    detail = Text("请求缺少有效的访问令牌。", "The request has no valid access token.")

    def __init__(self, *, error: str | None = None, **facts: Any) -> None:
        challenge = 'Bearer realm="tongban"' + (f', error="{error}"' if error else "")
        super().__init__(headers={"WWW-Authenticate": challenge}, **facts)


class Forbidden(Problem):
    status = 403
    slug = "forbidden"
    title = Text("无权办理", "Not allowed")
    detail = Text("当前身份没有做这件事的权限。", "This identity may not do this.")


class NotFound(Problem):
    status = 404
    slug = "not-found"
    title = Text("没有找到", "Not found")
    detail = Text("没有这条记录，或当前身份看不到它。", "There is no such record, or this identity may not see it.")


class MethodNotAllowed(Problem):
    status = 405
    slug = "method-not-allowed"
    title = Text("不支持此方法", "Method not allowed")
    detail = Text("此地址不支持该请求方法。", "This address does not take that method.")


class Conflict(Problem):
    status = 409
    slug = "conflict"
    title = Text("当前状态不允许", "The state does not allow it")
    detail = Text("记录当前的状态不允许这样做。", "The record's state does not allow this now.")


class PreconditionFailed(Problem):
    status = 412
    slug = "changed-meanwhile"
    title = Text("内容已被他人修改", "Changed meanwhile")
    detail = Text("您看到之后有人改过它，请刷新后再试。", "Somebody changed it after you read it; read it again and retry.")


class TooLarge(Problem):
    status = 413
    slug = "too-large"
    title = Text("内容过大", "Too large")
    detail = Text("请求体超过上限 {limit_bytes} 字节。", "The body is over the limit of {limit_bytes} bytes.")


class UnsupportedContent(Problem):
    status = 415
    slug = "unsupported-content"
    title = Text("不支持的内容类型", "Unsupported content type")
    detail = Text("此处接受：{accepted}。", "Accepted here: {accepted}.")


class PreconditionRequired(Problem):
    status = 428
    slug = "precondition-required"
    title = Text("缺少前提条件", "Precondition required")
    detail = Text("请带上 If-Match，值为您读到的 ETag。", "Send If-Match with the ETag you read.")


class Unavailable(Problem):
    status = 503
    slug = "unavailable"
    title = Text("暂时无法办理", "Temporarily unavailable")
    detail = Text(
        "系统的一部分暂时不可用，请稍后再试；您的内容没有丢失。",
        "A part of the system is down for now; try again shortly. Nothing was lost.",
    )

    def __init__(self, *, retry_after: int = 2, **facts: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, **facts)


class DeadlineExceeded(Unavailable):
    status = 504
    slug = "deadline-exceeded"
    title = Text("处理超时", "Took too long")
    detail = Text(
        "在规定时间内没有完成，请稍后用相同的 Idempotency-Key 重试。", "Not finished in time; retry later with the same Idempotency-Key."
    )
