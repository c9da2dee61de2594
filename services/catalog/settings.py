"""Settings of catalog."""

from typing import ClassVar

from chassis.settings import ServiceSettings


class CatalogSettings(ServiceSettings):
    service: ClassVar[str] = "catalog"
