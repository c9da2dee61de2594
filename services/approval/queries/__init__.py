"""What approval answers."""
