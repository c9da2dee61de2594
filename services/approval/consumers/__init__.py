"""What approval hears, one file a topic."""
