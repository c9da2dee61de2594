"""What changes the state of the identity service, one verb a file."""
