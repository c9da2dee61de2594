"""The certificate library's app: wiring only."""

from fastapi import FastAPI

from bus import Bus
from chassis.app import create_service
from chassis.clock import Clock
from chassis.http import Transport
from services.certificates.api import certificates, types, uses, verification, wallet
from services.certificates.consumers.decisions import DECISIONS
from services.certificates.events import TOPIC
from services.certificates.seal import keep_seal
from services.certificates.settings import CertificatesSettings
from services.certificates.tables import metadata

__all__ = ["CONSUMERS", "TOPICS", "create_app", "metadata"]

CONSUMERS = (DECISIONS,)
TOPICS = (TOPIC,)


def create_app(
    settings: CertificatesSettings | None = None, *, bus: Bus | None = None, transport: Transport | None = None, clock: Clock | None = None
) -> FastAPI:
    """The library as a FastAPI app."""
    return create_service(
        settings or CertificatesSettings(),
        title="证照库 Certificates",
        description="电子证照目录、归集、制证、用证与验证。Directory, supply, issue, use and verification of electronic certificates.",
        routers=[uses.router, certificates.router, verification.router, wallet.router, types.router],
        topics=TOPICS,
        consumers=CONSUMERS,
        alongside=(keep_seal,),
        bus=bus,
        transport=transport,
        clock=clock,
    )
