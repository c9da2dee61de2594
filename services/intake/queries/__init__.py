"""What intake shows."""
