"""The review of an edition: each difference is accepted, rejected or postponed.

Accepting takes effect at once and is final; the others may be decided anew. A review is finished when every difference is
accepted or rejected, and superseded by the next edition, which lists anew what is still different.
"""

from collections.abc import Mapping
from typing import Literal

Decision = Literal["accepted", "rejected", "postponed"]
ReviewState = Literal["open", "finished", "superseded"]


def may_decide(decision: Decision | None) -> bool:
    """Whether a difference that was decided so may be decided anew."""
    return decision != "accepted"


def review_state(counts: Mapping[Decision | None, int], *, is_newest: bool) -> ReviewState:
    """`counts` of differences by decision, None for undecided."""
    if not counts.get(None) and not counts.get("postponed"):
        return "finished"
    return "open" if is_newest else "superseded"


def is_code_free(leads_to: str | None, recoded_from: str | None) -> bool:
    """Whether an entry may take a code. One that leads to another entry may go to that entry alone, which then has its old code back."""
    return leads_to is None or leads_to == recoded_from
