"""Typed clients of the services intake asks."""
