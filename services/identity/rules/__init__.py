"""Pure decisions of the identity service: no framework, database, clock or I/O."""
