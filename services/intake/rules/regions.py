"""Where an application may be made: in a region the item's lies in, or one within it."""

from standards.regions import is_within


def are_related(one: str, other: str) -> bool:
    """Whether one of the two regions lies in the other's subtree."""
    return is_within(one, other) or is_within(other, one)
