"""Stand-ins for systems that belong to others: small servers for one machine and for tests, never for production."""
