"""Clients of systems that belong to others."""
