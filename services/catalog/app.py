"""The catalog's app: wiring only."""

from fastapi import FastAPI

from bus import Bus
from chassis.app import create_service
from chassis.clock import Clock
from chassis.events import Consumer
from chassis.http import Transport
from services.catalog.api import (
    base_catalogs,
    base_reviews,
    bundles,
    calendar,
    departments,
    guide_versions,
    guides,
    item_drafts,
    item_standings,
    item_transfers,
    item_versions,
    items,
    lists,
    narrowing,
    obtainable_materials,
    process_pictures,
    publication_rules,
    regions,
    retellings,
    suggestions,
)
from services.catalog.consumers.applications import applications
from services.catalog.consumers.departments import departments as department_news
from services.catalog.events import TOPICS
from services.catalog.indexing import indexing
from services.catalog.kept.listening import listening
from services.catalog.kept.shortcut import keep_answers
from services.catalog.settings import CatalogSettings
from services.catalog.switching import switching
from services.catalog.tables import metadata

__all__ = ["create_app", "metadata"]

CONSUMERS: tuple[Consumer, ...] = (applications, department_news)


def create_app(
    settings: CatalogSettings | None = None, *, bus: Bus | None = None, transport: Transport | None = None, clock: Clock | None = None
) -> FastAPI:
    """The catalog service. Settings are read here where none are given."""
    app = create_service(
        settings or CatalogSettings(),
        title="事项目录 · catalog",
        description="What can be asked of government: items and their guides, how to find them, regions, the working-day calendar.",
        routers=[
            items.router,
            guides.router,
            guide_versions.router,
            suggestions.router,
            item_versions.router,
            item_standings.router,
            item_drafts.router,
            item_transfers.router,
            bundles.router,
            regions.router,
            departments.router,
            lists.router,
            calendar.router,
            obtainable_materials.router,
            base_catalogs.router,
            base_reviews.router,
            narrowing.router,
            process_pictures.router,
            publication_rules.router,
            retellings.router,
        ],
        topics=TOPICS,
        consumers=CONSUMERS,
        alongside=[indexing, switching, listening],
        bus=bus,
        transport=transport,
        clock=clock,
    )
    keep_answers(app)
    return app
