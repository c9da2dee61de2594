"""Verification with the sources outside in a process of their own, as they are: one that hangs, and all of them gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
import os
import sys
import time
from typing import Any

import httpx
import pytest

from host.borders import sample_card, sample_liveness
from host.sample_city import load_city
from services.identity.app import create_app
from services.identity.settings import IdentitySettings
from tests.identity.provider import PASSWORD
from tests.identity.relying_party import free_port
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service
from tests.support.waiting import until

PROMISED = 3.0
"""Seconds: Wuhan's promise, and the default budget."""


@dataclass(slots=True)
class City:
    service: ServiceUnderTest
    border: httpx.AsyncClient
    process: asyncio.subprocess.Process

    async def behave(self, **of_source: str) -> None:
        for source, mode in of_source.items():
            behaviour = {"mode": mode, "delay_ms": 60_000 if mode == "slow" else 0}
            answer = await self.border.put(f"/behaviour/{source.replace('_', '-')}", json=behaviour)
            assert answer.status_code == 200, answer.text

    async def sign_up(self, **given: str) -> tuple[float, dict[str, Any]]:
        """Seconds until the answer, and what it says of the verification. The level comes with it."""
        body = {"name": CITIZEN.name, "citizen_id": CITIZEN.citizen_id, "phone": CITIZEN.phone, "password": PASSWORD, **given}
        began = time.monotonic()
        answer = await self.service.http.post("/people", json=body)
        seconds = time.monotonic() - began
        assert answer.status_code == 201, answer.text
        said: dict[str, Any] = answer.json()["verification"]
        return seconds, said


CITIZEN = next(citizen for citizen in load_city().citizens)


@pytest.fixture
async def city(migrated_database: MigratedDatabases) -> AsyncIterator[City]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "host", "borders", "--port", str(port), env=dict(os.environ), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=url) as border:
            await until(lambda: _answers(border), seconds=60)
            async with running_service(
                create_app, IdentitySettings, database_url=await migrated_database("identity"), population_base_url=url,
                bank_channel_url=url, face_service_url=url,
            ) as service:  # fmt: skip
                assert service.runtime.settings.border_seconds == PROMISED  # type: ignore[attr-defined]
                yield City(service, border, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(border: httpx.AsyncClient) -> bool:
    try:
        return (await border.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_verification_answers_within_3_seconds_with_the_first_source_hung(city: City) -> None:
    await city.behave(population_base="slow")
    seconds, said = await city.sign_up(bank_card=sample_card(CITIZEN))
    assert (said["assurance"], said["verdict"]) == (3, "confirmed")
    assert [(check["source"], check["finding"]) for check in said["checks"]] == [
        ("population-base", "unreachable"),
        ("bank-channel", "match"),
    ]
    assert seconds < PROMISED


async def test_with_all_sources_gone_it_says_so_at_once_and_lets_the_person_go_on_at_level_1(city: City) -> None:
    city.process.kill()
    await city.process.wait()
    seconds, said = await city.sign_up(bank_card=sample_card(CITIZEN), liveness_reference=sample_liveness(CITIZEN))
    assert (said["assurance"], said["verdict"]) == (1, "unavailable")
    assert [check["finding"] for check in said["checks"]] == ["unreachable"] * 3
    assert "可以继续办理" in said["notice"]
    assert seconds < PROMISED


async def test_with_every_source_hung_the_budget_is_kept_and_the_person_goes_on_at_level_1(city: City) -> None:
    await city.behave(population_base="slow", bank_channel="slow", face_service="slow")
    seconds, said = await city.sign_up(bank_card=sample_card(CITIZEN), liveness_reference=sample_liveness(CITIZEN))
    assert (said["assurance"], said["verdict"]) == (1, "unavailable")
    assert PROMISED - 0.1 <= seconds < PROMISED + 2
