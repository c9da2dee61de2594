"""The HTTP API of the exchange."""
