"""Who may use approval's routes. Which cases they see is their department's, decided in SQL."""

from typing import Annotated

from fastapi import Depends

from chassis.access import AccessRule
from chassis.actor import Actor
from chassis.problems import Text

CanWorkCases = Annotated[
    Actor,
    Depends(AccessRule("approval.work", Text("审批本部门的办件。", "Work on the cases of one's own department."), kinds={"staff"})),
]
