"""Who may do what in the catalog."""

from typing import Annotated

from fastapi import Depends

from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor
from chassis.problems import Text

Anyone = Annotated[
    Actor | None, Depends(PublicAccess("What can be asked of government, where and until when is public by law; no person is in it."))
]

CanAdminister = Annotated[
    Actor,
    Depends(
        AccessRule("catalog.admin", Text("维护事项目录、区划和工作日历", "Maintain items, regions and the calendar"), kinds={"service"})
    ),
]
