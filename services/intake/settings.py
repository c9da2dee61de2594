"""Settings of intake."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from chassis.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """What intake can be told beside what every service can."""

    service: ClassVar[str] = "intake"

    files_dir: Path = Field(
        default=Path("var/files"),
        description="Folder of uploaded materials, encrypted and named by content; shared by all intake processes.",
    )
    item_cache_seconds: float = Field(
        default=10.0, ge=0, description="How long a process goes on using an item's current version before it asks the catalog again."
    )
