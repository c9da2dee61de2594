"""Settings of the exchange."""

from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from chassis.settings import ServiceSettings


class ExchangeSettings(ServiceSettings):
    service: ClassVar[str] = "exchange"

    webhook_allow_private: bool = Field(
        default=True,
        description="Whether webhooks may go to loopback and private addresses; turn it off where departments are not on your own network.",
    )
    webhook_attempts: int = Field(default=20, ge=1, le=100, description="Attempts before a delivery is dead and waits for its subscriber.")
    webhook_first_retry_seconds: float = Field(default=1.0, gt=0, description="Pause before the second attempt; it doubles with each one.")
    webhook_longest_retry_seconds: float = Field(default=3600.0, gt=0, description="Longest pause between two attempts.")
    webhook_timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="How long a subscriber may take to answer.")
    webhook_concurrency: int = Field(default=16, ge=1, le=200, description="Most webhooks one process sends at a time.")
    run_webhooks: bool = Field(default=True, description="Whether this process sends webhooks.")

    @property
    def log_origin(self) -> str:
        """The name of the evidence log: in every checkpoint, and the name of its key."""
        return f"{urlsplit(self.public_url).netloc}/evidence"
