"""The exchange's app."""

from fastapi import FastAPI

from bus import Bus
from chassis.app import create_service
from chassis.clock import Clock
from chassis.http import Transport
from services.exchange.api import evidence as evidence_api
from services.exchange.api import subscriptions as subscriptions_api
from services.exchange.consumers.evidence import evidence
from services.exchange.consumers.webhooks import webhooks
from services.exchange.courier import run_courier
from services.exchange.keys import open_keys
from services.exchange.settings import ExchangeSettings
from services.exchange.tables import metadata

__all__ = ["create_app", "metadata"]

CONSUMERS = (evidence, webhooks)
TOPICS: tuple[str, ...] = ()


def create_app(
    settings: ExchangeSettings | None = None, *, bus: Bus | None = None, transport: Transport | None = None, clock: Clock | None = None
) -> FastAPI:
    return create_service(
        settings or ExchangeSettings(),
        title="通办 · 共享交换 Exchange",
        description="存证日志、事件订阅与签名推送。The evidence log, subscriptions and signed webhooks.",
        routers=[evidence_api.router, subscriptions_api.router],
        topics=TOPICS,
        consumers=CONSUMERS,
        alongside=[open_keys, run_courier],
        bus=bus,
        transport=transport,
        clock=clock,
    )
