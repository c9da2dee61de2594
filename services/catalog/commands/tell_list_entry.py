"""An entry of a list as its events tell it."""

from collections.abc import Mapping
from typing import Any

from services.catalog.events import ListEntryChanged


def list_entry_changed(entry: Mapping[str, Any], edition: Mapping[str, Any], *, is_removed: bool) -> ListEntryChanged:
    """`entry` is what it says, or said last; `edition` the columns of the edition that made it so."""
    return ListEntryChanged(
        list_kind=edition["kind"],
        region_code=edition["region_code"],
        state="removed" if is_removed else "in_force",
        edition=edition["number"],
        issued_on=edition["issued_on"],
        source=edition["source"],
        changed_at=edition["imported_at"],
        **entry,
    )
