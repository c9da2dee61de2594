"""FastAPI's own errors as problems: what is wrong with which field, in the reader's language."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis import context
from chassis.asgi import as_problem
from chassis.edge import AnsweredWithoutEffect
from chassis.problems import (
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    Text,
    TooLarge,
    Unauthenticated,
    UnreadableBody,
)  # fmt: skip

_TEXTS: dict[str, Text] = {
    "missing": Text("必填", "is required"),
    "extra_forbidden": Text("没有这个字段", "is not a known field"),
    "string_type": Text("应为文本", "must be text"),
    "string_too_short": Text("至少 {min_length} 个字符", "must have at least {min_length} characters"),
    "string_too_long": Text("最多 {max_length} 个字符", "must have at most {max_length} characters"),
    "string_pattern_mismatch": Text("格式应为 {pattern}", "must match {pattern}"),
    "int_type": Text("应为整数", "must be an integer"),
    "int_parsing": Text("应为整数", "must be an integer"),
    "int_parsing_size": Text("整数过大", "is too large an integer"),
    "int_from_float": Text("应为整数", "must be an integer"),
    "bool_type": Text("应为 true 或 false", "must be true or false"),
    "bool_parsing": Text("应为 true 或 false", "must be true or false"),
    "float_type": Text("应为数字", "must be a number"),
    "float_parsing": Text("应为数字", "must be a number"),
    "finite_number": Text("应为有限的数", "must be a finite number"),
    "multiple_of": Text("应为 {multiple_of} 的倍数", "must be a multiple of {multiple_of}"),
    "greater_than_equal": Text("不小于 {ge}", "must be at least {ge}"),
    "less_than_equal": Text("不大于 {le}", "must be at most {le}"),
    "greater_than": Text("应大于 {gt}", "must be more than {gt}"),
    "uuid_parsing": Text("应为 UUID", "must be a UUID"),
    "uuid_type": Text("应为 UUID", "must be a UUID"),
    "literal_error": Text("应为 {expected} 之一", "must be one of {expected}"),
    "enum": Text("应为 {expected} 之一", "must be one of {expected}"),
    "list_type": Text("应为数组", "must be a list"),
    "dict_type": Text("应为对象", "must be an object"),
    "model_attributes_type": Text("应为 JSON 对象", "must be a JSON object"),
    "model_type": Text("应为 JSON 对象", "must be a JSON object"),
    "too_long": Text("最多 {max_length} 项", "must have at most {max_length} entries"),
    "too_short": Text("至少 {min_length} 项", "must have at least {min_length} entries"),
    "date_from_datetime_parsing": Text("应为日期，如 2026-10-01", "must be a date such as 2026-10-01"),
    "date_type": Text("应为日期，如 2026-10-01", "must be a date such as 2026-10-01"),
    "date_from_datetime_inexact": Text("应为日期，如 2026-10-01", "must be a date such as 2026-10-01"),
    "datetime_type": Text("应为时间，如 2026-10-01T09:00:00+08:00", "must be a time such as 2026-10-01T09:00:00+08:00"),
    "date_parsing": Text("应为日期，如 2026-10-01", "must be a date such as 2026-10-01"),
    "datetime_from_date_parsing": Text("应为时间，如 2026-10-01T09:00:00+08:00", "must be a time such as 2026-10-01T09:00:00+08:00"),
    "datetime_parsing": Text("应为时间，如 2026-10-01T09:00:00+08:00", "must be a time such as 2026-10-01T09:00:00+08:00"),
    "timezone_aware": Text("时间应带时区", "must have a time zone"),
    "url_parsing": Text("应为网址", "must be a URL"),
    "url_scheme": Text("网址应以 {expected_schemes} 开头", "must be a URL of scheme {expected_schemes}"),
}
_PLACES = {"query": "query:", "header": "header:", "path": "path:", "cookie": "cookie:"}


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    async def on_problem(request: Request, error: Exception) -> Response:
        return problem_response(as_problem(error))

    async def on_answered(request: Request, answered: Exception) -> Response:
        """Out here the transaction has been rolled back already."""
        assert isinstance(answered, AnsweredWithoutEffect)
        return answered.response

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        details = error.errors()
        if any(d["type"] == "json_invalid" for d in details):
            return problem_response(UnreadableBody())
        return problem_response(Invalid(errors=[field_error(d) for d in details]))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        known: dict[int, type[Problem]] = {401: Unauthenticated, 403: Forbidden, 404: NotFound, 405: MethodNotAllowed, 413: TooLarge}
        if error.status_code == 400:
            return problem_response(UnreadableBody())
        problem = known[error.status_code]() if error.status_code in known else Malformed(reason=error.detail)
        problem.headers.update(error.headers or {})
        return problem_response(problem)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(AnsweredWithoutEffect, on_answered)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)


def problem_response(problem: Problem) -> Response:
    """A response with the problem document."""
    request = context.current()
    language = context.language()
    return Response(
        content=problem.body(language, request.request_id if request else None),
        status_code=problem.status,
        media_type="application/problem+json",
        headers={**problem.headers, "Content-Language": "zh-CN" if language == "zh" else "en"},
    )


def field_error(detail: Any) -> FieldError:
    """One of Pydantic's errors as ours."""
    place, *rest = detail["loc"] or ("body",)
    if place in _PLACES:
        pointer = _PLACES[place] + ".".join(map(str, rest))
    else:
        pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in rest)
    known = _TEXTS.get(detail["type"])
    facts = {k: str(v) for k, v in (detail.get("ctx") or {}).items()}
    text = Text(*(_braceless(part.format_map(_Lenient(facts))) for part in known)) if known else _plain(detail)
    return FieldError(pointer=pointer, code=detail["type"], detail=text)


def _plain(detail: Any) -> Text:
    """A validator's own message; those of our models are written "中文|English"."""
    message = str(detail["msg"]).removeprefix("Value error, ")
    zh, _, en = message.partition("|")
    return Text(_braceless(zh), _braceless(en or zh))


def _braceless(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


class _Lenient(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
