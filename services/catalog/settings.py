"""Settings of catalog."""

from typing import ClassVar

from pydantic import Field

from chassis.settings import ServiceSettings


class CatalogSettings(ServiceSettings):
    """What catalog can be told beside what every service can."""

    service: ClassVar[str] = "catalog"

    switching_seconds: float = Field(
        default=5.0,
        ge=0,
        description="Longest between two looks for versions that have come into force, to tell of them; 0: only when somebody searches.",
    )
