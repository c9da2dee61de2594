"""Real servers for one machine: PostgreSQL from a wheel, Apache Kafka from pinned Maven coordinates.

Used alike by `tongban up`, `make stack` and the tests.
"""
