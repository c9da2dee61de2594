"""The catalog's database, by theme: `items`, `lives`, `places` (regions, departments, calendar, what the network can
supply), `base_catalogs`, `bundles`, `lists`."""

from services.catalog.tables.base_catalogs import (
    base_decisions,
    base_differences,
    base_edition_entries,
    base_editions,
    base_entries,
    base_redirects,
)
from services.catalog.tables.bundles import bundle_members, bundle_versions, bundles
from services.catalog.tables.house import metadata
from services.catalog.tables.items import item_terms, item_use, item_versions, items
from services.catalog.tables.lists import list_editions, list_entries, list_entry_versions
from services.catalog.tables.lives import (
    item_delegations,
    item_draft_changes,
    item_drafts,
    item_recalls,
    item_requests,
    item_standings,
)
from services.catalog.tables.places import calendar_years, departments, obtainable_materials, region_changes, regions

__all__ = [
    "base_decisions",
    "base_differences",
    "base_edition_entries",
    "base_editions",
    "base_entries",
    "base_redirects",
    "bundle_members",
    "bundle_versions",
    "bundles",
    "calendar_years",
    "departments",
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
    "list_editions",
    "list_entries",
    "list_entry_versions",
    "metadata",
    "obtainable_materials",
    "region_changes",
    "regions",
]
