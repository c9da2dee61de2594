"""Calls that leave the suite: webhooks."""
