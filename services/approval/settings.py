"""Settings of approval."""

from typing import ClassVar

from chassis.settings import ServiceSettings


class ApprovalSettings(ServiceSettings):
    """Approval adds nothing to what every service can be told."""

    service: ClassVar[str] = "approval"
