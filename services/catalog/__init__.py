"""catalog: what can be asked of government here, and the regions and working days everything else counts by.

Owns items (each with its immutable published versions, its drafts, how it stands, to whom it is delegated, and a search index), bundles
of items, the four lists, regions and their history, the working-day calendar, what the network can supply, and the base catalogs from
above with their reviews; keeps a copy of departments. Publishes `tongban.catalog.item`, `.bundle`, `.region`, `.calendar`,
`.base-entry` and `.list-entry`; reads `tongban.intake.application` and `tongban.identity.department`; calls no service. Called by everyone for guides, by
the operator for loading. Tables, by theme, in `tables`.
"""
