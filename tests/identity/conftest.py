"""The identity service under test, with both bases at its border on a real port."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
import socket
from uuid import UUID

import pytest
import uvicorn

from borders.app import create_app as create_border
from chassis.asking import Ask
from chassis.standings import Standing, standing_from
from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from tests.identity.officials import Officials, settle
from tests.identity.provider import CARD, FACE, LI, NOODLES, WANG, Provider
from tests.support.databases import MigratedDatabases
from tests.support.service import running_service
from tests.support.tokens import Issuer


@pytest.fixture
async def provider(migrated_database: MigratedDatabases) -> AsyncIterator[Provider]:
    border = create_border(people=[WANG, LI], organisations=[NOODLES], cards=[CARD], faces=[FACE])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(border, lifespan="off", log_config=None, ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with running_service(
            create_app,
            IdentitySettings,
            database_url=await migrated_database("identity"),
            population_base_url=url,
            legal_person_base_url=url,
            bank_channel_url=url,
            face_service_url=url,
            message_sender_url=url,
        ) as service:
            own = (await service.http.get("/jwks")).json()
            # Tokens of the tests' issuer and identity's own are both believed, as identity's alone are in a whole suite.
            service.peers.on("GET", "identity", "/jwks", {"keys": [*own["keys"], *service.issuer.jwks()["keys"]]})
            service.runtime.standings.ask = _of_both(service.runtime.standings.ask, service.issuer)
            yield Provider(service, border, own, service.as_("service", "identity.admin"))
        server.should_exit = True
        await serving


def _of_both(own: Ask[UUID, Standing], issuer: Issuer) -> Ask[UUID, Standing]:
    """The staff in identity's tables, and those whom only tokens of the tests' issuer know."""

    async def ask(subjects: Collection[UUID]) -> Mapping[UUID, Standing]:
        known = {subject: standing_from(issuer.standings[str(subject)]) for subject in subjects if str(subject) in issuer.standings}
        return {**known, **await own(subjects)}

    return ask


@pytest.fixture
async def officials(provider: Provider) -> Officials:
    return await settle(provider)
