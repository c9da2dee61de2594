"""What reads the catalog."""
