"""Pure decisions of the catalog: what an item is, when it may be published, how it is found."""
