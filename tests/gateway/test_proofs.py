"""What the provider's protocols need of the gateway: tokens of the DPoP scheme, and clients that prove themselves to identity."""

import base64

import pytest

from tests.gateway.conftest import Entrance
from tests.support.possession import Holder

BASIC = "Basic " + base64.b64encode(b"client:secret").decode()

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_bound_token_and_its_proof_pass_unchanged_for_the_service_to_judge(entrance: Entrance) -> None:
    holder = Holder(lambda: 0)
    header = f"DPoP {entrance.issuer.token('person', cnf={'jkt': holder.thumbprint})}"
    proof = holder.proof("GET", "/x")
    answer = await entrance.http.get("/api/toy/v1/x", headers={"Authorization": header, "DPoP": proof})
    assert answer.status_code == 200
    assert entrance.toy.seen[0].values("authorization") == [header]
    assert entrance.toy.seen[0].values("dpop") == [proof]


async def test_attack_a_token_nobody_issued_is_stopped_whatever_its_scheme(entrance: Entrance) -> None:
    for scheme in ("DPoP", "dpop", "Bearer"):
        assert (await entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"{scheme} rubbish"})).status_code == 401
    assert entrance.toy.seen == []


@pytest.mark.parametrize("endpoint", ["par", "introspect", "revoke"])
async def test_clients_prove_themselves_by_basic_where_identity_asks_them_to(entrance: Entrance, endpoint: str) -> None:
    answer = await entrance.http.post(f"/api/identity/v1/{endpoint}", data={"token": "x"}, headers={"Authorization": BASIC})
    assert answer.status_code == 200
    assert [entrance.identity.seen[0].raw_path] == [f"/api/identity/v1/{endpoint}"]
