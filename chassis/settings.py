"""Settings of a service: read once, in `create_app`, never at import.

`TONGBAN_<SERVICE>_<NAME>` wins over `TONGBAN_<NAME>`, so one environment can serve many services in one process.
"""

from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("json", "console")


class ServiceSettings(BaseSettings):
    """What every service can be told. A service adds its own by inheriting and naming itself in `service`."""

    service: ClassVar[str] = "service"

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: str = Field(
        default="postgresql://postgres@127.0.0.1:5432",
        description="PostgreSQL server; without a database name the service uses its own, tongban_<service>.",
    )
    database_pool: int = Field(default=8, ge=1, le=200, description="Most connections one process of the service holds.")
    kafka: str | None = Field(default=None, description="Bootstrap servers of Apache Kafka; without it the bus is the log in PostgreSQL.")
    bus_database_url: str | None = Field(
        default=None, description="Database of the PostgreSQL bus; by default tongban_bus on the same server."
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="Origin under which people and systems reach the gateway; also the token issuer."
    )
    peers: dict[str, str] = Field(
        default_factory=dict,
        description='Base URLs of the other services as JSON, {"identity": "http://10.0.0.7:8101"}; the host fills it in.',
    )
    master_key: SecretStr = Field(
        default=SecretStr(""),
        description="32 bytes in base64url; field encryption, blind indexes and the services' own client secrets are derived from it. Required.",
    )
    previous_master_keys: list[SecretStr] = Field(
        default_factory=list,
        description="Retired master keys, newest first: they may still decrypt, and the oldest keeps blind indexes and signing seeds as they were.",
    )
    log_level: str = Field(default="INFO", pattern=f"^({'|'.join(LOG_LEVELS)})$", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field(default="json", pattern=f"^({'|'.join(LOG_FORMATS)})$", description="json for machines, console for people.")
    request_seconds: float = Field(default=30.0, gt=0, description="Longest a request may take; the deadline travels to other services.")
    body_bytes: int = Field(default=1_048_576, gt=0, description="Largest request body; routes that take files say their own limit.")
    drain_seconds: float = Field(default=10.0, ge=0, description="How long a stopping service finishes what it has begun.")
    run_relay: bool = Field(default=True, description="Whether this process publishes the outbox (one process at a time does).")
    run_consumers: bool = Field(default=True, description="Whether this process reads its topics.")
    topic_partitions: int = Field(default=6, ge=1, le=1000, description="Partitions of a topic when it is created.")
    clock_offset_seconds: int = Field(default=0, description="Shifts the clock for rehearsals of a coming date; leave 0 in production.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        own = EnvSettingsSource(settings_cls, env_prefix=f"TONGBAN_{cls.service.upper()}_")
        shared = EnvSettingsSource(settings_cls, env_prefix="TONGBAN_")
        return init_settings, own, shared

    @property
    def dsn(self) -> str:
        """The service's own database as a URL for asyncpg."""
        return with_database(self.database_url, f"tongban_{self.service}")

    @property
    def bus_dsn(self) -> str:
        return self.bus_database_url or with_database(self.database_url, "tongban_bus", replace=True)


def with_database(url: str, database: str, *, replace: bool = False) -> str:
    """The URL with a database name, kept if it has one already unless `replace`."""
    parts = urlsplit(url)
    if parts.path.strip("/") and not replace:
        return url
    return urlunsplit((parts.scheme, parts.netloc, "/" + database, parts.query, ""))
