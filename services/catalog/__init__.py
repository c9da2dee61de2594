"""catalog: what can be asked of government here, and the regions and working days everything else counts by.

<<<<<<< HEAD
Owns items (each with its immutable published versions, its drafts, how it stands, to whom it is delegated, and a search index), bundles
of items, the four lists, regions and their history, the working-day calendar, what the network can supply, and the base catalogs from
above with their reviews; keeps a copy of departments. Publishes `tongban.catalog.item`, `.bundle`, `.region`, `.calendar` and
`.base-entry`; reads `tongban.intake.application` and `tongban.identity.department`; calls no service. Called by everyone for guides, by
the operator for loading. Tables, by theme, in `tables`.
=======
Owns items (each with its immutable published versions, its drafts, how it stands, to whom it is delegated, and a search index), regions,
the working-day calendar, the list of materials that the network can supply, and the base catalogs from above with the reviews of what
their editions change. Publishes `tongban.catalog.item`, `tongban.catalog.calendar` and `tongban.catalog.base-entry`; reads no topic and
calls no service. Called by everyone for guides (intake when a draft is made), by departments for their items, by the operator for loading.
Tables: items, item_versions, item_recalls, item_standings, item_requests, item_drafts, item_draft_changes, item_delegations, regions,
calendar_years, obtainable_materials; base_editions, base_edition_entries, base_entries, base_redirects, base_differences, base_decisions.
>>>>>>> h-catalog-life
"""
