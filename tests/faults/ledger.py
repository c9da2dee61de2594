"""What a journey must have left in the databases of a suite, whatever was killed on the way: everything once, nothing else.

`open_ledger` before a journey counts what is there; `Ledger.settled` afterwards waits until every event had its effects, and compares.
Journeys at one suite are taken one after the other, so what is new is the journey's.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from host.demo.journey import Journey
from host.demo.receiver import Receiver
from host.services import SERVICES
from standards.merkle import Frontier, leaf_hash
from standards.signed_note import parse_checkpoint
from tests.faults.installation import Databases, Installation
from tests.support.waiting import until

APPLICATION, CASE, CERTIFICATE = "tongban.intake.application", "tongban.approval.case", "tongban.certificates.certificate"
TOLD = {
    APPLICATION: ["submitted.v1", "accepted.v1", "concluded.v1", "delivered.v1"],
    CASE: ["opened.v1", "task_completed.v1", "task_completed.v1", "decided.v1"],
    CERTIFICATE: ["issued.v1"],
}
"""What one journey tells, per aggregate, in order."""

_MADE = {
    "intake": ("applications", "receipts", "files"),
    "approval": ("cases", "tasks"),
    "certificates": ("certificates",),
}
_SETTLE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """The numbers of rows before a journey."""

    installation: Installation
    before: Mapping[str, int]

    async def settled(self, journey: Journey, watcher: Receiver) -> None:
        """Everything the journey was to do, it did once. Waits for what follows by events."""
        async with self.installation.databases() as ask:
            await until(lambda: _is_quiet(ask), seconds=_SETTLE_SECONDS)
            await self._check_rows(ask, journey)
            await _check_told(ask, journey)
            await _check_evidence(ask, journey)
            await _check_webhooks(ask, journey, watcher)

    async def _check_rows(self, ask: Databases, journey: Journey) -> None:
        after = await _rows_made(ask)
        made = {table: after[table] - self.before[table] for table in after}
        assert made == {"applications": 1, "receipts": 1, "files": len(journey.story.asked), "cases": 1, "tasks": 2, "certificates": 1}
        story = journey.story
        application = (await ask.rows("intake", "SELECT * FROM applications WHERE id = $1", story.application_id))[0]
        assert (application["state"], str(application["certificate_id"])) == ("delivered", story.certificate_id)
        case = (await ask.rows("approval", "SELECT * FROM cases WHERE application_id = $1", story.application_id))[0]
        assert (case["state"], case["outcome"], case["receipt_number"]) == ("decided", "granted", story.receipt_number)
        issued = await ask.rows("certificates", "SELECT id::text FROM certificates WHERE case_id = $1", case["id"])
        assert issued == [{"id": story.certificate_id}]
        uses = await ask.rows("certificates", "SELECT certificate_id FROM certificate_uses WHERE application_id = $1", story.application_id)
        filled = await ask.count("intake", "FROM materials WHERE application_id = $1 AND standing = 'filled'", story.application_id)
        assert len(uses) == len({use["certificate_id"] for use in uses}) == filled > 0
        for service in SERVICES:
            assert await ask.rows(service, "SELECT consumer, type, error FROM dead_letters") == [], service


async def open_ledger(installation: Installation) -> Ledger:
    """To be opened at a quiet suite."""
    async with installation.databases() as ask:
        return Ledger(installation, await _rows_made(ask))


async def emitted(ask: Databases) -> list[dict[str, Any]]:
    """Every event the services ever told, per service in the order they told it: id, topic, key, type."""
    told = "SELECT id::text, aggregatetype AS topic, aggregateid AS key, type FROM outbox ORDER BY seq"
    return [row for service in SERVICES for row in await ask.rows(service, told)]


async def _is_quiet(ask: Databases) -> bool:
    """Whether no event waits anywhere; also when one is given up, which `settled` then finds."""
    for service in SERVICES:
        if await ask.count(service, "FROM outbox WHERE published_at IS NULL"):
            return False
    entered = {row["event_id"] for row in await ask.rows("exchange", "SELECT event_id FROM log_entries")}
    if {row["id"] for row in await emitted(ask)} - entered:
        return False
    if await ask.count("intake", "FROM applications WHERE accepted_at IS NOT NULL AND delivered_at IS NULL"):
        return False
    told = await ask.count("intake", "FROM outbox WHERE aggregatetype = $1", APPLICATION)
    for service, topics in (("approval", [CASE]), ("certificates", [CERTIFICATE])):
        told += await ask.count(service, "FROM outbox WHERE aggregatetype = ANY ($1)", topics)
    heard = await ask.count("exchange", "FROM inbox WHERE consumer = 'exchange.webhooks'")
    return heard >= told and not await ask.count("exchange", "FROM deliveries WHERE state = 'waiting'")


async def _check_told(ask: Databases, journey: Journey) -> None:
    for service, topic, key in _aggregates(journey):
        told = "SELECT type FROM outbox WHERE aggregatetype = $1 AND aggregateid = $2 ORDER BY seq"
        types = [row["type"] for row in await ask.rows(service, told, topic, key)]
        assert types == _types(topic)


async def _check_evidence(ask: Databases, journey: Journey) -> None:
    """The log holds each event of the suite once, and its signed root is the root of just these entries."""
    entries = await ask.rows("exchange", "SELECT leaf_index, event_id, leaf FROM log_entries ORDER BY leaf_index")
    assert Counter(entry["event_id"] for entry in entries) == Counter(row["id"] for row in await emitted(ask))
    log = Frontier()
    for place, entry in enumerate(entries):
        assert entry["leaf_index"] == place
        log, _ = log.append(leaf_hash(entry["leaf"].encode()))
    note = (await journey.gateway.call("GET", "/api/exchange/v1/evidence/checkpoint")).text
    checkpoint = parse_checkpoint(note.rpartition("\n\n")[0] + "\n")
    assert (checkpoint.size, checkpoint.root) == (log.size, log.root())


async def _check_webhooks(ask: Databases, journey: Journey, watcher: Receiver) -> None:
    assert await ask.rows("exchange", "SELECT event_id, state FROM deliveries WHERE state <> 'delivered'") == []
    assert await ask.rows("exchange", "SELECT key FROM lanes") == []
    assert (journey.receiver.refused, watcher.refused) == (0, 0)
    arrived = list(watcher.received.values())
    for _, topic, key in _aggregates(journey):
        field = {APPLICATION: "application_id", CASE: "case_id", CERTIFICATE: "certificate_id"}[topic]
        mine = [one.event_type for one in arrived if one.event_type.startswith(f"{topic}.") and one.body[field] == key]
        assert mine == _types(topic)


async def _rows_made(ask: Databases) -> dict[str, int]:
    return {table: await ask.count(service, f"FROM {table}") for service, tables in _MADE.items() for table in tables}


def _aggregates(journey: Journey) -> list[tuple[str, str, str]]:
    """Service, topic and key of what the journey made."""
    story = journey.story
    return [
        ("intake", APPLICATION, story.application_id),
        ("approval", CASE, story.case_id),
        ("certificates", CERTIFICATE, story.certificate_id),
    ]


def _types(topic: str) -> list[str]:
    return [f"{topic}.{name}" for name in TOLD[topic]]
