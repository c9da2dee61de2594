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

CanMaintainItems = Annotated[
    Actor,
    Depends(
        AccessRule(
            "catalog.items.maintain",
            Text("起草和维护本部门、本辖区的事项", "Draft and maintain the items of one's own department and region"),
            kinds={"staff", "system", "service"},
        )
    ),
]

CanReviewItems = Annotated[
    Actor,
    Depends(
        AccessRule(
            "catalog.items.review",
            Text("审核他人起草的本部门事项", "Review the items of one's own department that others have drafted"),
            kinds={"staff"},
        )
    ),
]

CanStopItems = Annotated[
    Actor,
    Depends(
        AccessRule(
            "catalog.items.stop",
            Text(
                "冻结、委托本部门事项，撤回未生效版本；决定下级事项的重启和取消",
                "Freeze and delegate items, recall versions ahead; decide on restarts and withdrawals below",
            ),
            kinds={"staff", "service"},
        )
    ),
]
