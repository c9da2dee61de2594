"""What all workers of the gateway share: what was used of each quota, and which signatures were.

Digests name callers and nonces; instants are seconds since the epoch.
"""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table

from chassis.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

rate_counts = Table(
    "rate_counts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("ends_at", BigInteger, primary_key=True, index=True),
    Column("used", BigInteger, nullable=False),
    prefixes=["UNLOGGED"],
)

seen_signatures = Table(
    "seen_signatures",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("until", BigInteger, nullable=False, index=True),
)
"""Logged, other than the counts: a crash must not make a signature good again."""
