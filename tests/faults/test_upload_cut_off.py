"""Intake is killed in an upload, or between storing the file and committing it: nothing half is left, and the client repeats it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from host.demo.journey import Journey
from host.demo.paper import small_pdf
from host.services import SERVICES
from tests.faults.installation import Installation
from tests.faults.journeys import RETRY_SECONDS, steps_between, watched_journey
from tests.faults.ledger import open_ledger
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("faults-postgres")
_MIB = 1 << 20
_LOCK_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tongban-intake' AND wait_event_type = 'Lock'"


@dataclass(frozen=True, slots=True)
class _Upload:
    """One file for the first material that is asked of the applicant, and the folder it goes to."""

    installation: Installation
    journey: Journey
    content: bytes

    @property
    def path(self) -> str:
        return f"/api/intake/v1/applications/{self.journey.story.application_id}/materials/{self.journey.story.asked[0]}/file"

    @property
    def folder(self) -> Path:
        return self.installation.suite.var / "files"

    def stored(self) -> set[Path]:
        """Whole files: those under their final names."""
        return {file for file in self.folder.rglob("*") if file.is_file() and "incoming" not in file.parts}

    def is_half_here(self) -> bool:
        return any(file.stat().st_size > _MIB for file in self.folder.glob("incoming/*"))

    async def send(self, *, last_part: asyncio.Event | None = None) -> httpx.Response:
        """The request, always the same one; its last part waits for the event."""

        async def parts() -> AsyncIterator[bytes]:
            yield self.content[: 2 * _MIB]
            if last_part is not None:
                await last_part.wait()
            yield self.content[2 * _MIB :]

        headers = {
            "Authorization": f"Bearer {await self.journey.token('organisation')}",
            "Idempotency-Key": f"{self.journey.run_id}.cut-off",
            "Content-Length": str(len(self.content)),
        }
        return await self.journey.http.put(self.path, params={"filename": "a.pdf"}, headers=headers, content=parts())

    async def assert_nothing_of_it_counts(self) -> None:
        application = self.journey.story.application_id
        async with self.installation.databases() as ask:
            assert await ask.count("intake", "FROM files WHERE application_id = $1", application) == 0
            assert await ask.count("intake", "FROM materials WHERE application_id = $1 AND standing = 'uploaded'", application) == 0

    async def assert_it_can_be_repeated(self) -> None:
        """Twice, with one effect; and it is read as it was sent."""
        versions = set()
        for _ in range(2):
            answer = await self.send()
            assert answer.status_code == 200, answer.text
            versions.add(answer.headers["etag"])
        assert len(versions) == 1
        read = await self.journey.gateway.call("GET", self.path, token=await self.journey.token("organisation"))
        assert read.content == self.content


async def test_a_file_that_was_cut_off_in_the_middle_is_nowhere(on_postgres: Installation) -> None:
    async def cut(upload: _Upload) -> None:
        before = upload.stored()
        last_part = asyncio.Event()
        sending = asyncio.create_task(upload.send(last_part=last_part))
        await until(upload.is_half_here)
        on_postgres.suite.kill("intake")
        last_part.set()
        await _assert_failed(sending)
        assert upload.stored() == before

    await _journey_with_an_upload_cut(on_postgres, cut)


async def test_a_file_that_was_stored_but_not_committed_belongs_to_nothing(on_postgres: Installation) -> None:
    async def cut(upload: _Upload) -> None:
        before = upload.stored()
        holder = await asyncpg.connect(on_postgres.postgres.dsn(SERVICES["intake"].database))
        try:
            async with holder.transaction():
                # Somebody else is at this application: the upload waits for it, its bytes stored, its row not yet there.
                await holder.execute("SELECT FROM applications WHERE id = $1 FOR UPDATE", upload.journey.story.application_id)
                sending = asyncio.create_task(upload.send())
                await until(lambda: holder.fetchval(_LOCK_WAITS))
                on_postgres.suite.kill("intake")
                await _assert_failed(sending)
        finally:
            await holder.close()
        assert len(upload.stored() - before) == 1

    await _journey_with_an_upload_cut(on_postgres, cut)


async def _journey_with_an_upload_cut(installation: Installation, cut: Callable[[_Upload], Awaitable[None]]) -> None:
    await installation.whole()
    ledger = await open_ledger(installation)
    async with watched_journey(installation) as (journey, watcher):
        for step in steps_between("sign_up", "draft"):
            await journey.take(step, retry_seconds=RETRY_SECONDS)
        upload = _Upload(installation, journey, small_pdf(journey.run_id).ljust(3 * _MIB, b"\n"))
        await cut(upload)
        await installation.whole()
        await upload.assert_nothing_of_it_counts()
        await upload.assert_it_can_be_repeated()
        for step in steps_between("upload", "wallet"):
            await journey.take(step, retry_seconds=RETRY_SECONDS)
        await ledger.settled(journey, watcher)


async def _assert_failed(sending: "asyncio.Task[httpx.Response]") -> None:
    """The client is told nothing, or that it may come again: never that it is done."""
    try:
        answer = await sending
    except httpx.HTTPError:
        return
    assert answer.status_code in (502, 503, 504), answer.text
