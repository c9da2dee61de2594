"""What was worked out before, for keys that come again, in bounded space."""

from typing import Any, TypeVar

Found = TypeVar("Found")


class Memo(dict[Any, Found]):
    """A dict that starts anew when it holds `most`: cheaper at each look than keeping order, and what is in use is soon back."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Any, found: Found) -> None:
        if len(self) >= self._most:
            self.clear()
        super().__setitem__(key, found)
