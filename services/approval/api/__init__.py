"""The HTTP API of approval."""
