"""Settings of the gateway."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    service: ClassVar[str] = "gateway"

    file_bytes: int = Field(
        default=21 * 1024 * 1024, gt=0, description="Largest body the gateway passes on; services set smaller limits of their own."
    )
    connections: int = Field(default=256, gt=0, description="Most connections the gateway holds to services.")
