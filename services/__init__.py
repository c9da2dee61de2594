"""The services of the suite: each owns its data, none imports another."""
