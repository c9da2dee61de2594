"""Runs any set of the services: one process with everything, or one process for each. The `tongban` command lives here."""
