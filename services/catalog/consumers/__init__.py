"""What catalog hears."""
