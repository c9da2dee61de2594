"""Forged tokens at the gateway; tests/entrance/test_forged_tokens.py shows that every service refuses them itself."""

import pytest

from tests.gateway.conftest import Entrance
from tests.support.forgeries import FORGERIES

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("attack", FORGERIES)
@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
async def test_attack(entrance: Entrance, attack: str, scheme: str) -> None:
    answer = await entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"{scheme} {FORGERIES[attack](entrance.issuer)}"})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:token-refused")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert entrance.toy.seen == []
