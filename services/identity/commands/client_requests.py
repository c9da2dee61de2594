"""A department asks for a client of its system; another administrator approves it, and the secret is told once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import NotFound
from services.identity.commands.put_client import PutClient, put_client
from services.identity.commands.record_change import record_change
from services.identity.errors import ClientExists, DepartmentUnknown, OutOfReach, OwnRequest, RequestDecided
from services.identity.queries.administrators import Administrator
from services.identity.rules.client_trust import trust_of
from services.identity.store import administration, grants, subjects


@dataclass(frozen=True, slots=True)
class RequestClient:
    client_id: str
    name: str
    department: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    purpose: str
    keys_and_trust: Mapping[str, Any] = field(default_factory=dict)
    """Its keys, and what else of rules/client_trust.py it asks for."""


async def request_client(tx: WriteTx, command: RequestClient, by: Administrator) -> RowMapping:
    """The request. Raises DepartmentUnknown, OutOfReach, ClientExists."""
    if await subjects.department(tx, command.department) is None:
        raise DepartmentUnknown()
    if not by.keeps(command.department):
        raise OutOfReach()
    if await grants.client(tx, command.client_id) is not None:
        raise ClientExists()
    row = {
        "id": tx.clock.new_id(),
        "client_id": command.client_id,
        "name": command.name,
        "department": command.department,
        "redirect_uris": list(command.redirect_uris),
        "scopes": list(command.scopes),
        "purpose": command.purpose,
        "keys_and_trust": dict(command.keys_and_trust),
        "state": "requested",
        "requested_by": by.actor.person,
        "requested_at": tx.now,
        "version": 1,
    }
    made = await administration.insert_request(tx, row)
    if made is None:
        raise ClientExists()
    await _record(tx, by, "requested", made)
    return made


async def approve_client(tx: WriteTx, request_id: UUID, by: Administrator, *, seen: int) -> tuple[RowMapping, str | None]:
    """The request and the client's secret. Never by who asked. Raises NotFound, OwnRequest, PreconditionFailed, RequestDecided, ClientExists."""
    row = await _lock(tx, request_id, by, seen)
    client_id = row["client_id"]
    if await grants.lock_client(tx, client_id) is not None:
        raise ClientExists()
    command = PutClient(
        client_id=client_id,
        name=row["name"],
        kind="confidential",
        department=row["department"],
        redirect_uris=tuple(row["redirect_uris"]),
        scopes=tuple(row["scopes"]),
        secret=None,
        jwks=row["keys_and_trust"].get("jwks"),
        jwks_uri=row["keys_and_trust"].get("jwks_uri"),
        trust=trust_of(row["keys_and_trust"]),
    )
    _, secret = await put_client(tx, command)
    decided = await administration.decide_request(tx, request_id, state="approved", by=by.actor.person, reason="")
    await _record(tx, by, "approved", decided)
    return decided, secret


async def refuse_client(tx: WriteTx, request_id: UUID, by: Administrator, *, reason: str, seen: int) -> RowMapping:
    """Raises NotFound, OwnRequest, PreconditionFailed, RequestDecided."""
    await _lock(tx, request_id, by, seen)
    decided = await administration.decide_request(tx, request_id, state="refused", by=by.actor.person, reason=reason)
    await _record(tx, by, "refused", decided)
    return decided


async def _lock(tx: WriteTx, request_id: UUID, by: Administrator, seen: int) -> RowMapping:
    row = await administration.lock_request(tx, request_id)
    if row is None or not by.keeps(row["department"]):
        raise NotFound()
    if row["requested_by"] == by.actor.person and not by.is_operator:
        raise OwnRequest()
    check_version(seen, row["version"])
    if row["state"] != "requested":
        raise RequestDecided()
    return row


async def _record(tx: WriteTx, by: Administrator, action: str, row: RowMapping) -> None:
    after: dict[str, Any] = {
        name: row[name] for name in ("client_id", "name", "redirect_uris", "scopes", "purpose", "keys_and_trust", "decision_reason")
    }
    await record_change(tx, by.actor, action, kind="client", record=row["client_id"], department=row["department"], after=after)
