"""Settings of the gateway."""

from typing import ClassVar

from pydantic import Field, IPvAnyNetwork

from chassis.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """`request_seconds`, which every service has, is here the time to the first byte of an answer."""

    service: ClassVar[str] = "gateway"

    file_bytes: int = Field(
        default=21 * 1024 * 1024, gt=0, description="Largest body the gateway passes on; services set smaller limits of their own."
    )
    instances: dict[str, list[str]] = Field(
        default_factory=dict,
        description='Services with several addresses, as JSON, {"intake": ["http://10.0.0.7:8104", "http://10.0.0.8:8104"]}; '
        "the others are where peers says.",
    )
    connections: int = Field(
        default=64,
        gt=0,
        description="Most requests in hand at one instance of a service; more wait a moment, then are refused with 503. "
        "Large uploads have half as many of their own.",
    )
    express: bool = Field(
        default=True,
        description="Whether plain requests to services on the network pass from connection to connection, at a fraction of the cost.",
    )
    check_seconds: float = Field(default=2.0, ge=0, description="How often the gateway asks every instance's /readyz; 0: never.")
    trusted_proxies: list[IPvAnyNetwork] = Field(
        default=[],
        description="Networks of load balancers in front of the gateway, whose X-Forwarded-For is believed; by default nobody's.",
    )
    client_certificates: bool = Field(
        default=False,
        description="Whether trusted_proxies ask clients for certificates (RFC 8705) and pass them on in Client-Cert; every one of them then "
        "has to replace or remove what a client wrote there itself.",
    )
    idle_seconds: float = Field(
        default=60.0, gt=0, description="Longest pause in a body, of the client sending, of the client taking, or of the service."
    )
    slowest_bytes: int = Field(default=500, gt=0, description="Bytes a second that an upload must reach, after the first idle_seconds.")
    head_seconds: float = Field(default=10.0, gt=0, description="Longest a client may take to send a request's head.")
    head_bytes: int = Field(default=32_768, ge=1_024, description="Largest request line and headers together.")
    head_fields: int = Field(default=100, gt=0, description="Most headers of a request.")
    client_connections: int = Field(default=10_000, gt=0, description="Most connections of clients that one process holds.")
    allowed_origins: list[str] = Field(
        default=[],
        description="Origins whose pages may call the APIs, such as the halls'; none by default. Pages of public_url need no entry.",
    )
    rate_window_seconds: int = Field(default=60, gt=0, le=3_600, description="Length of the window that quotas are counted in.")
    person_requests: int = Field(
        default=3_000, ge=0, description="Requests of one person or clerk in a window, by whichever client; 0: no limit."
    )
    client_requests: int = Field(
        default=30_000, ge=0, description="Requests of one client system in a window, where its token has no `rl` of its own; 0: no limit."
    )
    source_requests: int = Field(
        default=6_000, ge=0, description="Requests without a good token from one address (IPv6: one /64) in a window; 0: no limit."
    )
    shared_counts: bool = Field(default=True, description="Whether all workers share their counts in the database tongban_gateway.")
