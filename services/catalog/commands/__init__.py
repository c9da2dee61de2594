"""What changes the catalog: one verb per file."""
