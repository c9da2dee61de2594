"""Who calls: nobody, a citizen, an organisation, a clerk, a reviewer, a department's system and the operator, each really signed in.

Tokens are fetched anew before they run out, so that a long run does not end up testing nothing but 401.
"""

import asyncio
from collections.abc import Mapping
import time

import httpx
import requests

from host.demo.gateway import Gateway
from host.demo.sign_in import act_for, sign_in, sign_in_system
from tests.support.registration import operator_token
from tests.support.suite import RunningSuite

NOBODY = "nobody"
_TOKEN_SECONDS = 600.0


class Callers:
    """The callers of one suite, in the order of what they may do. `organisation_id` is bound to the citizen of the cast."""

    def __init__(self, suite: RunningSuite, organisation_id: str) -> None:
        self._suite = suite
        self._organisation_id = organisation_id
        self._headers: dict[str, dict[str, str]] = {}
        self._fetched_at = -_TOKEN_SECONDS
        self.session = requests.Session()

    def headers(self) -> Mapping[str, dict[str, str]]:
        """Request headers by caller."""
        if time.monotonic() - self._fetched_at >= _TOKEN_SECONDS:
            tokens = asyncio.run(self._sign_in())
            self._headers = {NOBODY: {}, **{who: {"Authorization": f"Bearer {token}"} for who, token in tokens.items()}}
            self._fetched_at = time.monotonic()
        return self._headers

    async def _sign_in(self) -> dict[str, str]:
        cast = self._suite.cast
        async with httpx.AsyncClient(base_url=self._suite.url, timeout=60) as http:
            gateway = Gateway(http)
            citizen = await sign_in(gateway, cast.citizen.phone, cast.password)
            return {
                "citizen": citizen,
                "organisation": await act_for(gateway, citizen, self._organisation_id),
                "clerk": await sign_in(gateway, cast.clerk, cast.password),
                "reviewer": await sign_in(gateway, cast.reviewer, cast.password),
                "system": await sign_in_system(gateway, cast.system, cast.system_secret),
                "operator": await operator_token(self._suite, gateway),
            }
