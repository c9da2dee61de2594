"""Who may use the exchange's routes."""

from typing import Annotated

from fastapi import Depends

from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor
from chassis.problems import Text
from services.exchange.errors import NoDepartment

CanSubscribe = Annotated[
    Actor,
    Depends(
        AccessRule(
            "exchange.subscribe", Text("订阅本部门事项的事件。", "Subscribe to events of one's own department's matters."), kinds={"system"}
        )
    ),
]

AnyoneVerifying = Annotated[
    Actor | None,
    Depends(PublicAccess("the log holds salted digests and signatures, no personal data; salts go only to those who may read the event")),
]

AnyoneReceiving = Annotated[Actor | None, Depends(PublicAccess("public keys are meant for everyone"))]


def department_of(actor: Actor) -> str:
    """The code of the department the system belongs to. Raises NoDepartment."""
    if actor.department is None:
        raise NoDepartment()
    return actor.department
