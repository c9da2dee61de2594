"""What changes intake's state: one verb a file."""
