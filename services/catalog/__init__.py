"""catalog: what can be asked of government here, and the regions and working days everything else counts by.

Owns items (each with its immutable published versions and a search index), regions, the working-day calendar and the list of
materials that the network can supply. Publishes `tongban.catalog.item` and `tongban.catalog.calendar`; reads no topic and
calls no service. Called by everyone for guides (intake when a draft is made), by the operator for loading.
Tables: items, item_versions, regions, calendar_years, obtainable_materials.
"""
