"""The catalog, for the item a draft is made from."""

from collections import OrderedDict
import time
from urllib.parse import quote

from chassis.http import HttpClient
from chassis.problems import NotFound
from services.intake.rules.item import Item

_MOST_ITEMS = 2_000


class CatalogClient:
    """Answers items' current versions, each kept for `keep_seconds`; bounded."""

    def __init__(self, http: HttpClient, *, keep_seconds: float) -> None:
        self._http = http
        self._keep_seconds = keep_seconds
        self._kept: OrderedDict[str, tuple[float, Item]] = OrderedDict()

    async def current_item(self, code: str) -> Item | None:
        """The published version, or None for a code the catalog does not know. Raises Unavailable."""
        kept = self._kept.get(code)
        now = time.monotonic()
        if kept is not None and now - kept[0] < self._keep_seconds:
            return kept[1]
        try:
            answer = await self._http.get("catalog", f"/items/{quote(code, safe='')}")
        except NotFound:
            return None
        item = Item.model_validate_json(answer.body)
        self._kept[code] = (now, item)
        self._kept.move_to_end(code)
        if len(self._kept) > _MOST_ITEMS:
            self._kept.popitem(last=False)
        return item
