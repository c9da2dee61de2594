"""A citizen lets a neighbour act in one item, everywhere in the suite, until the very moment it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from host.demo.gateway import Gateway
from host.demo.sign_in import act_for, sign_in
from host.sample_city import load_city
from tests.support.suite import RunningSuite

IDENTITY, INTAKE, CERTIFICATES = "/api/identity/v1", "/api/intake/v1", "/api/certificates/v1"


async def test_a_mandate_opens_one_item_at_intake_and_its_end_closes_it_at_the_next_request(suite: RunningSuite) -> None:
    cast = suite.cast
    owner, neighbour = load_city().citizens[:2]
    async with httpx.AsyncClient(base_url=suite.url, timeout=60) as http:
        gateway = Gateway(http)
        own, other = await sign_in(gateway, owner.citizen_id, cast.password), await sign_in(gateway, neighbour.citizen_id, cast.password)
        body: dict[str, Any] = {
            "kind": "helper",
            "agent": {"name": neighbour.name, "citizen_id": neighbour.citizen_id},
            "items": [cast.item_code],
            "ends_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        }
        mandate = (await gateway.call("POST", f"{IDENTITY}/me/mandates", token=own, json=body, expect=(201,))).json()
        acting = await act_for(gateway, other, mandate["id"])
        draft = {"item_code": cast.item_code, "form": {}}
        begun = (await gateway.call("POST", f"{INTAKE}/applications", token=acting, json=draft, expect=(201,))).json()
        assert (begun["applicant"]["name"], begun["handler"]["name"]) == (owner.name, neighbour.name)
        mine = (await gateway.call("GET", f"{INTAKE}/applications/{begun['id']}", token=own)).json()
        assert mine["handler"]["name"] == neighbour.name
        await gateway.call("GET", f"{CERTIFICATES}/wallet", token=acting, expect=(403,))

        path = f"{IDENTITY}/me/mandates/{mandate['id']}/end"
        await gateway.call("POST", path, token=own, if_match='"1"')
        refused = await gateway.call("GET", f"{INTAKE}/applications/{begun['id']}", token=acting, expect=(401,))
        assert refused.json()["type"] == "urn:tongban:problem:basis-ended"
