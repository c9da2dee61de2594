"""The catalog, for the item a draft is made from."""

from collections import OrderedDict
from collections.abc import Mapping
from http import HTTPStatus
import time
from typing import Any
from urllib.parse import quote

import orjson

from chassis.clock import Clock
from chassis.http import HttpClient, PeerRefused
from chassis.problems import NotFound
from services.intake.errors import ItemWithdrawn
from services.intake.rules.item import Item

_MOST_ITEMS = 2_000


class CatalogClient:
    """Answers items' current versions, each kept for `keep_seconds` and never past the instant at which another is in force; bounded."""

    def __init__(self, http: HttpClient, *, keep_seconds: float, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._kept: OrderedDict[str, tuple[float, Item]] = OrderedDict()

    async def current_item(self, code: str) -> Item | None:
        """The published version, or None for a code the catalog does not know. Raises ItemWithdrawn, Unavailable."""
        kept = self._kept.get(code)
        now = time.monotonic()
        if kept is not None and now - kept[0] < self._keep_seconds and self._holds(kept[1]):
            return kept[1]
        try:
            answer = await self._http.get("catalog", f"/items/{quote(code, safe='')}")
        except NotFound:
            return None
        except PeerRefused as refusal:
            if refusal.status != HTTPStatus.GONE:
                raise
            raise withdrawn(code, orjson.loads(refusal.body("zh", None))) from refusal
        item = Item.model_validate_json(answer.body)
        self._kept[code] = (now, item)
        self._kept.move_to_end(code)
        if len(self._kept) > _MOST_ITEMS:
            self._kept.popitem(last=False)
        return item

    def _holds(self, item: Item) -> bool:
        return item.holds_until is None or self._clock.now() < item.holds_until


def withdrawn(code: str, told: Mapping[str, Any]) -> ItemWithdrawn:
    """What the catalog says of an item that is no more."""
    return ItemWithdrawn(code, since=str(told.get("since") or ""), reason=str(told.get("reason") or ""), moved_to=told.get("moved_to"))
