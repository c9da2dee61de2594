"""Lists by cursor: `?limit=&cursor=`, stable order, no offsets.

A cursor is the sort key of the last row, signed so that nobody builds one by hand, and bound to the list it came from.
"""

import base64
from collections.abc import Callable, Sequence
import hashlib
import hmac
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
import orjson
from pydantic import BaseModel

from chassis.problems import Malformed, Text

Item = TypeVar("Item")
Row = TypeVar("Row")


class CursorInvalid(Malformed):
    slug = "cursor-invalid"
    detail = Text("cursor 无效，请从第一页重新开始。", "The cursor is not valid; start again from the first page.")


Limit = Annotated[int, Query(ge=1, le=200, description="Most rows in one answer.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="`next_cursor` of the answer before.")]


class Page(BaseModel, Generic[Item]):
    """One page of a list. `next_cursor` is null on the last."""

    data: list[Item]
    next_cursor: str | None = None


class Cursors:
    """Signs and opens the cursors of one list."""

    def __init__(self, secret: bytes, list_name: str) -> None:
        self._key = hmac.new(secret, b"cursor:" + list_name.encode(), hashlib.sha256).digest()

    def seal(self, position: Sequence[Any]) -> str:
        body = orjson.dumps(list(position))
        return base64.urlsafe_b64encode(hmac.new(self._key, body, hashlib.sha256).digest()[:12] + body).decode().rstrip("=")

    def open(self, cursor: str | None) -> list[Any] | None:
        """The position after which to go on, or None for the first page. Raises CursorInvalid."""
        if cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError as error:
            raise CursorInvalid() from error
        mac, body = raw[:12], raw[12:]
        if not hmac.compare_digest(mac, hmac.new(self._key, body, hashlib.sha256).digest()[:12]):
            raise CursorInvalid()
        position: list[Any] = orjson.loads(body)
        return position

    def page(
        self, rows: Sequence[Row], limit: int, *, position: Callable[[Row], Sequence[Any]], shape: Callable[[Row], Item]
    ) -> Page[Item]:
        """A page from `limit + 1` rows asked for: the extra one says that there is more."""
        has_more = len(rows) > limit
        shown = rows[:limit]
        return Page[Any](data=[shape(r) for r in shown], next_cursor=self.seal(position(shown[-1])) if has_more else None)
