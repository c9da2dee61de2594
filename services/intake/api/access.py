"""Who may do what in intake. Which records they see is decided in `store.py`."""

from typing import Annotated

from fastapi import Depends

from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor, Kind
from chassis.problems import Text
from services.intake import store

_APPLICANTS: tuple[Kind, ...] = ("person", "organisation")

_APPLY = AccessRule(
    "intake.apply", Text("以自己或所代表组织的名义申请", "apply in one's own or one's organisation's name"), kinds=_APPLICANTS
)
_WINDOW = AccessRule(
    "intake.window", Text("在窗口受理本地区的申请", "take applications of one's region at the window"), kinds=("staff",), posts=("window",)
)


class _ReceiptHolder(AccessRule):
    """Applicants read their own receipts by `intake.apply`, window staff those of their region by `intake.window`."""

    def __init__(self) -> None:
        meaning = Text("查看受理回执（窗口人员须有 intake.window）", "see a receipt (window staff: intake.window)")
        super().__init__(_APPLY.scope, meaning, kinds=(*_APPLY.kinds, *_WINDOW.kinds))

    def check(self, actor: Actor) -> None:
        if actor.kind in _WINDOW.kinds:
            _WINDOW.check(actor)
        else:
            super().check(actor)


CanApply = Annotated[Actor, Depends(_APPLY)]
CanAttend = Annotated[Actor, Depends(_WINDOW)]
CanSeeReceipt = Annotated[Actor, Depends(_ReceiptHolder())]
AnyoneTracks = Annotated[
    Actor | None, Depends(PublicAccess("the tracking code cannot be guessed, and what it opens says nothing about a person"))
]


def visible_to(actor: Actor) -> store.Visibility:
    """The applications an actor may see: the applicant's own, what windows reach, one's own and those delegated."""
    if actor.kind == "staff":
        return store.at_windows([grant for grant in actor.grants if grant.post in _WINDOW.posts])
    return store.owned_by(actor)
