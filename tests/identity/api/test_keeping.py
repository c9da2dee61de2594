"""What is kept: the signing key outlives the process and is shared by those that start together; expired sign-ins are forgotten."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from services.identity.commands.forget_expired import forget_expired
from services.identity.signing import open_signer
from tests.identity.provider import WANG, Provider


async def test_a_later_process_signs_with_the_same_key(provider: Provider) -> None:
    runtime = provider.service.runtime
    signer = await open_signer(runtime.db, runtime.keys, runtime.clock)
    assert provider.claims(signer.access_token({"sub": "x"})) == {"sub": "x"}


async def test_processes_that_start_together_make_one_key(provider: Provider) -> None:
    runtime = provider.service.runtime
    async with runtime.db.write() as tx:
        await tx.execute(text("DELETE FROM signing_keys"))
    await asyncio.gather(*(open_signer(runtime.db, runtime.keys, runtime.clock) for _ in range(4)))
    async with runtime.db.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM signing_keys")) == 1
        assert "PRIVATE" not in str(await tx.one(text("SELECT * FROM signing_keys")))


async def test_what_has_expired_is_forgotten_and_what_lives_is_not(provider: Provider) -> None:
    await provider.sign_up()
    await provider.tokens(WANG.citizen_id)
    provider.service.clock.advance(timedelta(hours=6))
    await provider.tokens(WANG.citizen_id)
    provider.service.clock.advance(timedelta(hours=6, seconds=1))
    async with provider.service.runtime.db.write() as tx:
        await forget_expired(tx)
    async with provider.service.runtime.db.read() as tx:
        for table in ("token_families", "authorization_codes", "refresh_tokens"):
            assert await tx.scalar(text(f"SELECT count(*) FROM {table}")) == 1
        assert await tx.scalar(text("SELECT count(*) FROM attempt_counters")) == 0
