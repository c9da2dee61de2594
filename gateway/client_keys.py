"""The keys that clients sign their requests with, asked of identity and kept for a minute: as long as a withdrawn key may still be good.

A key id nobody knows asks again, at most once in `REFRESH_SECONDS` for each client. While identity is away, what is known is used.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
import math
import time
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import KeySet

from chassis.http import HttpClient, PeerNotFound, PeerRefused, PeerUnavailable
from chassis.logs import get_logger
from chassis.problems import Problem

log = get_logger("tongban.gateway")

MAX_AGE_SECONDS = 60.0
REFRESH_SECONDS = 5.0
MOST_CLIENTS = 5_000
_LONGEST_LOOK_UP = 3.0

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(slots=True)
class _Known:
    keys: Mapping[str, PublicKey] = field(default_factory=dict)
    fetched_at: float = -math.inf
    tried_at: float = -math.inf
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_stale(self, key_id: str) -> bool:
        return key_id not in self.keys or time.monotonic() - self.fetched_at > MAX_AGE_SECONDS


class ClientKeys:
    """One worker's. Only clients of verified tokens are asked about."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def key(self, client_id: str, key_id: str) -> PublicKey | None:
        """None where the client has no such key. Raises Unavailable where nothing is known of the client and identity is away."""
        known = self._known.setdefault(client_id, _Known())
        self._known.move_to_end(client_id)
        if len(self._known) > MOST_CLIENTS:
            self._known.popitem(last=False)
        if known.is_stale(key_id):
            async with known.fetching:
                if known.is_stale(key_id) and time.monotonic() - known.tried_at > REFRESH_SECONDS:
                    await self._renew(client_id, key_id, known)
        if known.fetched_at == -math.inf:
            raise PeerUnavailable(peer="identity")
        return known.keys.get(key_id)

    async def _renew(self, client_id: str, key_id: str, known: _Known) -> None:
        known.tried_at = time.monotonic()
        path = f"/clients/{quote(client_id, safe='')}/request-keys?kid={quote(key_id, safe='')}"
        try:
            document = (await self._http.get("identity", path, as_service=True, timeout=_LONGEST_LOOK_UP)).json()
        except PeerNotFound:
            document = {"keys": []}
        except (Problem, PeerRefused) as error:  # our own standing with identity is not the client's mistake
            log.warning("keys of a client not renewed", client=client_id, error=repr(error))
            return
        known.keys = _keys_of(document)
        known.fetched_at = time.monotonic()


def _keys_of(document: Mapping[str, Any]) -> dict[str, PublicKey]:
    if not document["keys"]:
        return {}
    found = {str(key.kid): key.public_key for key in KeySet.import_key_set({"keys": document["keys"]}).keys}
    return {name: key for name, key in found.items() if isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey)}
