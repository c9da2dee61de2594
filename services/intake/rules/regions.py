"""Regions as codes of 2+2+2+3+3 digits: a region's subtree is what begins with its significant digits."""

_LEVELS = (2, 4, 6, 9, 12)


def subtree_prefix(code: str) -> str:
    """The digits every region of the subtree begins with; empty for the whole country (all zeros)."""
    if not code.strip("0"):
        return ""
    return next(code[:length] for length in _LEVELS if not code[length:].strip("0"))


def are_related(one: str, other: str) -> bool:
    """Whether one of the two regions lies in the other's subtree."""
    return one.startswith(subtree_prefix(other)) or other.startswith(subtree_prefix(one))
