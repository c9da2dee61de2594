"""A member of a group that takes records, puts their numbers in a file (the effect), and hangs before it commits.

Run as a process of its own by test_membership, which kills it.
"""

import asyncio
from pathlib import Path
import sys

from bus import Bus
from bus.kafka import KafkaBus
from bus.postgres import PostgresBus


async def main(kind: str, address: str, group: str, topic: str, effects: str) -> None:
    bus: Bus = KafkaBus(address, client_id="crashing") if kind == "kafka" else PostgresBus(address, application_name="crashing")
    await bus.start()
    subscription = await bus.subscribe(group, [topic])
    taken = 0
    with Path(effects).open("a") as file:  # noqa: ASYNC230
        while taken < 10:
            records = await subscription.fetch()
            taken += len(records)
            file.writelines(record.value.decode() + "\n" for record in records)
    print("done", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
