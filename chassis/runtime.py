"""What a running service holds: its settings, clock, database, bus, client of the other services, keys."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from prometheus_client import CollectorRegistry

from bus import Bus
from chassis.basis import BasisCheck
from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database
from chassis.dpop import SeenProofs
from chassis.evidence import EvidenceClient
from chassis.http import HttpClient
from chassis.pagination import Cursors
from chassis.settings import ServiceSettings
from chassis.standings import Standings
from chassis.tokens import TokenVerifier

ISSUER_PEER = "identity"
AUDIENCE = "tongban"


@dataclass(slots=True)
class Runtime:
    """One per service and process; routes reach it as `request.app.state.runtime`, handlers of events as an argument.

    `parts` holds what a service adds for itself at start (a file store, a signing key).
    """

    settings: ServiceSettings
    clock: Clock
    db: Database
    bus: Bus
    http: HttpClient
    verifier: TokenVerifier
    standings: Standings
    basis: BasisCheck
    keys: KeyRing
    registry: CollectorRegistry
    evidence: EvidenceClient
    seen_proofs: SeenProofs = field(default_factory=SeenProofs)
    is_draining: bool = False
    parts: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.settings.service

    def cursors(self, list_name: str) -> Cursors:
        """The cursors of one of the service's lists."""
        return Cursors(self.keys.seed_for(f"cursors:{self.name}"), list_name)


class ServiceTokens:
    """This service's own access token, by client credentials; kept until shortly before it expires."""

    def __init__(self, client_id: str, secret: str, clock: Clock) -> None:
        self._client_id = client_id
        self._secret = secret
        self._clock = clock
        self._token: str | None = None
        self._good_until = 0.0
        self.http: HttpClient | None = None

    async def token(self) -> str:
        """Raises PeerRefused when the issuer does not know this service, Unavailable when it is away."""
        now = self._clock.now().timestamp()
        if self._token is None or now >= self._good_until:
            assert self.http is not None
            form = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._secret}
            answer = await self.http.call(
                "POST", ISSUER_PEER, "/token", body=urlencode(form).encode(), headers={"content-type": "application/x-www-form-urlencoded"}
            )
            document = orjson.loads(answer.body)
            self._token = str(document["access_token"])
            self._good_until = now + float(document["expires_in"]) * 0.8
        return self._token

    def forget(self) -> None:
        self._token = None
