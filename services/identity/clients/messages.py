"""Short messages to phones, through the operator's message service at the border, or onto the console where none is set.

A message for somebody who has not signed in is sent beside the request that wants it: how long that takes, and whether it is sent at all, must not show in the answer, or
it would tell which numbers have an account. Nothing is tried twice: a person who gets no code asks for another.
"""

import asyncio
import sys
import time

import orjson

from chassis.http import Breaker, Request, Transport, TransportFailed
from chassis.logs import get_logger
from chassis.tasks import end
from services.identity.rules.people import mask_phone

log = get_logger("tongban.identity.messages")

_MOST_WAITING = 1_000


class Messages:
    """`url` is the message service's; `seconds` the longest that one message may take."""

    def __init__(self, transport: Transport, *, url: str | None, seconds: float) -> None:
        self._transport = transport
        self._url = url.rstrip("/") if url else None
        self._seconds = seconds
        self._breaker = Breaker(threshold=3, cooldown=5.0)
        self._sending: set[asyncio.Task[None]] = set()

    def takes_more(self) -> bool:
        """False while the last messages all failed, or too many wait: so it is for everyone who asks, whatever their number."""
        return len(self._sending) < _MOST_WAITING and self._breaker.allows(time.monotonic())

    def send_soon(self, phone: str, text: str) -> None:
        """Returns at once."""
        task = asyncio.create_task(self.send(phone, text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def settle(self) -> None:
        """Finish what is being sent."""
        await end(*self._sending, seconds=self._seconds)

    async def send(self, phone: str, text: str) -> None:
        """A message that could not be sent is logged without its text."""
        if self._url is None:  # one machine, or a rehearsal: the operator reads what the phone would
            sys.stdout.write(f"短信 message → {mask_phone(phone)}: {text}\n")
            sys.stdout.flush()
            return
        body = orjson.dumps({"phone": phone, "text": text})
        request = Request("POST", self._url, "/messages", {"content-type": "application/json"}, body, self._seconds)
        is_sent = False
        try:
            answer = await self._transport.send("message-gateway", request)
            is_sent = answer.status in (200, 201, 202, 204)
            if not is_sent:
                log.warning("message refused", phone=mask_phone(phone), status=answer.status)
        except TransportFailed as failure:
            log.warning("message service unreachable", phone=mask_phone(phone), reason=str(failure))
        self._breaker.record(is_sent, time.monotonic())
