"""Routes of catalog: one router per resource."""
