"""Region codes (GB/T 2260 and GB/T 10114): province 2 digits, city 2, county 2, street or town 3, village 3.

People write the 12 digits, or only the leading ones; a level not reached is zeros. What lies below a region begins with its
significant digits, so a subtree is a prefix.
"""

_LEVELS = (2, 4, 6, 9, 12)


def subtree_prefix(code: str) -> str:
    """The digits every region of the subtree begins with; empty for the whole country (all zeros)."""
    full = code.ljust(12, "0")
    if not full.strip("0"):
        return ""
    return next(full[:length] for length in _LEVELS if not full[length:].strip("0"))


def lineage(code: str) -> tuple[str, ...]:
    """The region and everything above it, the whole country first, each in 12 digits."""
    prefix = subtree_prefix(code)
    return tuple(prefix[:length].ljust(12, "0") for length in (0, *_LEVELS) if length <= len(prefix))


def is_within(region: str, subtree: str) -> bool:
    """Whether a region is the other one or lies below it."""
    return region.ljust(12, "0").startswith(subtree_prefix(subtree))
