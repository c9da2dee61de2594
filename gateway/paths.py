"""Which paths the gateway takes: only such as mean the same here and behind it."""

import re
from urllib.parse import unquote_to_bytes

from chassis.problems import Malformed, NotFound, Text

_PATH = re.compile(rb"[!-~]+")
_BAD_ESCAPES = re.compile(rb"%(?:0[0-9a-f]|1[0-9a-f]|7f|2f|5c)|%(?![0-9a-f]{2})", re.IGNORECASE)
_HIDDEN_AGAIN = re.compile(rb"%(?:2e|2f|5c)", re.IGNORECASE)


class NoSuchService(NotFound):
    slug = "no-such-service"
    detail = Text("没有名为“{service}”的服务。", "There is no service named “{service}”.")


class StrangePath(Malformed):
    slug = "strange-path"
    detail = Text("地址中有不允许的字符。", "The address has characters that are not allowed.")


def is_strange(raw_path: bytes) -> bool:
    """Whether a path could mean one thing here and another behind: control characters, hidden or empty segments, dots, broken UTF-8."""
    if not raw_path.startswith(b"/api/") or not _PATH.fullmatch(raw_path) or b"//" in raw_path:
        return True
    if b"%" in raw_path:
        return bool(_BAD_ESCAPES.search(raw_path)) or _hides_something(raw_path)
    return b"/." in raw_path and any(segment in (b".", b"..") for segment in raw_path.split(b"/"))


def _hides_something(raw_path: bytes) -> bool:
    """Whether unescaping, once or twice, shows dots or slashes that were not there, or bytes that are no UTF-8, overlong forms among them."""
    once = unquote_to_bytes(raw_path)
    try:
        once.decode()
    except UnicodeDecodeError:
        return True
    return bool(_HIDDEN_AGAIN.search(once)) or any(segment in (b".", b"..") for segment in once.split(b"/"))
