"""Every event becomes one entry that nobody can change."""

import asyncio
import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.evidence import InclusionProof, Leaf, ProofRejected, check_proof
from services.exchange.commands.enter_event import enter_event
from standards import merkle
from standards.signed_note import VerifierKey, parse_checkpoint, verify_note
from tests.exchange.conftest import DEPARTMENT, OTHER_DEPARTMENT, Exchange


async def proof_of(exchange: Exchange, event_id: str, **headers: str) -> InclusionProof:
    answer = await exchange.service.http.get(f"/evidence/proofs/{event_id}", headers=headers)
    assert answer.status_code == 200, answer.text
    return InclusionProof.model_validate_json(answer.content)


async def verifier_key(exchange: Exchange) -> str:
    return (await exchange.service.http.get("/evidence/key")).text.strip()


async def test_every_event_is_proven_to_be_in_the_log_at_every_size(exchange: Exchange) -> None:
    key = await verifier_key(exchange)
    service = exchange.service.as_("service", "exchange.evidence.read")
    ids: list[str] = []
    for number in range(9):
        ids.append(await exchange.bring({"application_id": f"a-{number}"}, key=f"a-{number}"))
        for event_id in ids:
            proof = await proof_of(exchange, event_id, **service)
            body = orjson.dumps({"application_id": f"a-{ids.index(event_id)}"})
            leaf = check_proof(proof, verifier_key=key, body=body)
            assert (leaf.event_id, proof.tree_size) == (event_id, number + 1)


async def test_a_proof_does_not_hold_for_other_bytes_another_leaf_or_another_key(exchange: Exchange) -> None:
    key = await verifier_key(exchange)
    await exchange.bring({"n": 0})
    event_id = await exchange.bring({"accepted_at": "2026-09-21"})
    proof = await proof_of(exchange, event_id, **exchange.service.as_("service", "exchange.evidence.read"))
    with pytest.raises(ProofRejected, match="digest"):
        check_proof(proof, verifier_key=key, body=b'{"accepted_at":"2026-09-20"}')
    backdated = proof.model_copy(update={"leaf": proof.leaf.replace("2026-09-21", "2026-09-20")})
    with pytest.raises(ProofRejected, match="inclusion"):
        check_proof(backdated, verifier_key=key)
    stranger = VerifierKey.of(VerifierKey.parse(key).name, Ed25519PrivateKey.generate()).encode()
    with pytest.raises(ProofRejected, match="checkpoint"):
        check_proof(proof, verifier_key=stranger)


async def test_the_salt_goes_to_services_and_to_the_systems_of_the_department(exchange: Exchange) -> None:
    event_id = await exchange.bring({"n": 1})
    as_ = exchange.service.as_
    allowed = [as_("service", "exchange.evidence.read"), as_("system", "exchange.evidence.read", department=DEPARTMENT)]
    refused = [
        {},
        as_("system", "exchange.evidence.read", department=OTHER_DEPARTMENT),
        as_("system", "exchange.subscribe", department=DEPARTMENT),
        as_("person", "exchange.evidence.read"),
    ]
    assert all([(await proof_of(exchange, event_id, **headers)).salt for headers in allowed])
    assert not any([(await proof_of(exchange, event_id, **headers)).salt for headers in refused])


async def test_an_event_told_twice_is_entered_once_as_it_was_first_told(exchange: Exchange) -> None:
    event_id = await exchange.bring({"n": 1})
    async with exchange.service.runtime.db.write() as tx:
        await tx.execute(text("DELETE FROM inbox"))
    await exchange.bring({"n": 2}, event_id=event_id)
    proof = await proof_of(exchange, event_id, **exchange.service.as_("service", "exchange.evidence.read"))
    assert proof.tree_size == 1
    check_proof(proof, verifier_key=await verifier_key(exchange), body=b'{"n":1}')


async def test_an_event_that_is_not_in_the_log_has_no_proof_yet(exchange: Exchange) -> None:
    answer = await exchange.service.http.get("/evidence/proofs/01999999-0000-7000-8000-000000000001")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:tongban:problem:evidence-entry-not-found")


async def test_an_event_whose_id_could_be_read_as_two_lines_is_parked(exchange: Exchange) -> None:
    await exchange.bring({"n": 1}, event_id="one\ntwo", authority=None)
    assert any("one short line" in error for error in await exchange.service.dead_letters())
    assert (await exchange.service.http.get("/evidence/entries")).json()["entries"] == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entries SET leaf = 'x'",
        "DELETE FROM log_entries",
        "TRUNCATE log_entries",
        "UPDATE log_nodes SET hash = ''",
        "DELETE FROM log_nodes",
        "UPDATE log_state SET size = 0, peaks = ''",
        "DELETE FROM log_state",
    ],
)
async def test_the_database_refuses_to_change_what_was_entered(exchange: Exchange, statement: str) -> None:
    await exchange.bring({"n": 1})
    with pytest.raises(DBAPIError, match="append-only"):
        async with exchange.service.runtime.db.write() as tx:
            await tx.execute(text(statement))


async def test_events_entered_at_the_same_time_all_stand_in_one_line(exchange: Exchange) -> None:
    runtime = exchange.service.runtime

    async def enter(number: int) -> None:
        async with runtime.db.write() as tx:
            await enter_event(event_id=f"e-{number}", event_type="t", event_time="now", body=b"{}", authority=None, salt_seed=b"s", tx=tx)

    await asyncio.gather(*(enter(number) for number in range(40)))
    entries = (await exchange.service.http.get("/evidence/entries")).json()["entries"]
    assert [entry["leaf_index"] for entry in entries] == list(range(40))
    frontier = merkle.Frontier()
    for entry in entries:
        frontier, _ = frontier.append(merkle.leaf_hash(entry["leaf"].encode()))
    note = verify_note((await exchange.service.http.get("/evidence/checkpoint")).text, [VerifierKey.parse(await verifier_key(exchange))])
    checkpoint = parse_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("127.0.0.1:8000/evidence", 40, frontier.root())


async def test_a_checkpoint_of_nothing_is_signed_too(exchange: Exchange) -> None:
    note = verify_note((await exchange.service.http.get("/evidence/checkpoint")).text, [VerifierKey.parse(await verifier_key(exchange))])
    assert parse_checkpoint(note.text).root == merkle.EMPTY_ROOT


async def test_entries_are_read_on_from_the_last_one_seen(exchange: Exchange) -> None:
    ids = [await exchange.bring({"n": number}, key=str(number)) for number in range(5)]
    seen: list[str] = []
    after = -1
    while entries := (await exchange.service.http.get("/evidence/entries", params={"after": after, "limit": 2})).json()["entries"]:
        seen += [Leaf.parse(entry["leaf"]).event_id for entry in entries]
        after = entries[-1]["leaf_index"]
    assert seen == ids


async def test_a_monitor_rebuilds_the_root_from_tiles_alone(exchange: Exchange) -> None:
    runtime = exchange.service.runtime
    async with runtime.db.write() as tx:
        for number in range(259):
            await enter_event(event_id=f"e-{number}", event_type="t", event_time="now", body=b"{}", authority=None, salt_seed=b"s", tx=tx)
    full = await exchange.service.http.get("/evidence/tile/0/000")
    partial = await exchange.service.http.get("/evidence/tile/0/001.p/3")
    above = await exchange.service.http.get("/evidence/tile/1/000.p/1")
    assert (len(full.content), len(partial.content), len(above.content)) == (256 * 32, 3 * 32, 32)
    assert "immutable" in full.headers["cache-control"]
    assert "immutable" not in partial.headers["cache-control"]
    frontier = merkle.Frontier()
    hashes = full.content + partial.content
    for place in range(0, len(hashes), 32):
        frontier, nodes = frontier.append(hashes[place : place + 32])
        if frontier.size == 256:
            assert nodes[-1].hash == above.content
    root_line = (await exchange.service.http.get("/evidence/checkpoint")).text.split("\n")[2]
    assert frontier.root() == base64.b64decode(root_line)


@pytest.mark.parametrize(
    ("path", "status"),
    [("0/000", 404), ("0/000.p/2", 404), ("1/000.p/1", 404), ("0/0", 400), ("0/x", 400), ("8/000", 422), ("-1/000", 422)],
)
async def test_a_tile_that_is_not_there_or_not_named_so_is_the_callers_mistake(exchange: Exchange, path: str, status: int) -> None:
    await exchange.bring({"n": 1})
    assert (await exchange.service.http.get(f"/evidence/tile/{path}")).status_code == status
