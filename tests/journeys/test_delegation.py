"""One pen, taken back: whatever shape the suite runs in, the delegate's very next request is refused."""

from datetime import timedelta
from typing import Any

import httpx

from chassis.clock import SystemClock, local_day
from host.demo.gateway import Gateway
from host.demo.sign_in import sign_in
from tests.support.suite import RunningSuite

IDENTITY, APPROVAL = "/api/identity/v1", "/api/approval/v1"


async def test_a_revoked_delegation_stops_the_very_next_request(suite: RunningSuite) -> None:
    cast = suite.cast
    async with httpx.AsyncClient(base_url=suite.url, timeout=60) as http:

        async def bearer(login: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {await sign_in(Gateway(http), login, cast.password)}"}

        chief = await bearer(cast.decider)
        mine = (await http.get(f"{IDENTITY}/authority", headers=chief)).json()
        (own,) = [one for one in mine["grants"] if one["delegation"] is None]
        today = local_day(SystemClock().now())
        body: dict[str, Any] = {
            "delegate": cast.clerk, "posts": [own["post"]], "region": own["region"], "grade": own["grade"], "reason": "leave",
            "valid_from": today.isoformat(), "valid_until": (today + timedelta(days=2)).isoformat(), "password": cast.password,
        }  # fmt: skip
        given = await http.post(f"{IDENTITY}/delegations", json=body, headers=chief)
        assert given.status_code == 201, given.text
        deputy = await bearer(cast.clerk)
        for _ in range(3):
            assert (await http.get(f"{APPROVAL}/tasks", headers=deputy)).status_code == 200
        revoked = await http.post(
            f"{IDENTITY}/delegations/{given.json()['id']}/revoke", json={"reason": "回岗"}, headers={**chief, "If-Match": '"1"'}
        )
        assert revoked.status_code == 200, revoked.text
        for path in (f"{APPROVAL}/tasks", "/api/intake/v1/window/applications", f"{IDENTITY}/me"):
            refused = await http.get(path, headers=deputy)
            assert (refused.status_code, refused.json()["type"]) == (401, "urn:tongban:problem:authority-changed"), path
        again = await bearer(cast.clerk)
        assert (await http.get("/api/intake/v1/window/applications", headers=again)).status_code == 200
        assert (await http.get(f"{APPROVAL}/tasks", headers=again)).status_code == 403
