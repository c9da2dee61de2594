"""The gateway's one table: what was used of each quota. `key` is a digest of policy and caller, `ends_at` seconds since the epoch."""

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
