"""Every SQL statement of the identity service, by what it is about."""
