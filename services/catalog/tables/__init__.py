"""The catalog's database, by theme: `items`, `lives`, `places` (regions, calendar, what the network can supply), `base_catalogs`."""

from services.catalog.tables.base_catalogs import (
    base_decisions,
    base_differences,
    base_edition_entries,
    base_editions,
    base_entries,
    base_redirects,
)
from services.catalog.tables.house import metadata
from services.catalog.tables.items import item_terms, item_use, item_versions, items
from services.catalog.tables.lives import (
    item_delegations,
    item_draft_changes,
    item_drafts,
    item_recalls,
    item_requests,
    item_standings,
)
from services.catalog.tables.places import calendar_years, obtainable_materials, regions

__all__ = [
    "base_decisions",
    "base_differences",
    "base_edition_entries",
    "base_editions",
    "base_entries",
    "base_redirects",
    "calendar_years",
    "item_delegations",
    "item_draft_changes",
    "item_drafts",
    "item_recalls",
    "item_requests",
    "item_standings",
    "item_terms",
    "item_use",
    "item_versions",
    "items",
    "metadata",
    "obtainable_materials",
    "regions",
]
