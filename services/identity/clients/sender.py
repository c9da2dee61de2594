"""Messages to phones: through the gateway at the border, or onto the console of a machine that has none."""

import sys
from typing import Protocol

import orjson

from chassis.http import Request, Transport, TransportFailed
from chassis.logs import get_logger
from services.identity.rules.people import mask_phone

log = get_logger("tongban.identity.sender")

_SECONDS = 5.0


class Sender(Protocol):
    """A message that could not be sent is logged without its text; whoever waits for it asks again."""

    async def send(self, phone: str, text: str) -> None: ...


class ConsoleSender:
    """For one machine and for rehearsals: the operator reads what the phone would."""

    async def send(self, phone: str, text: str) -> None:
        sys.stdout.write(f"短信 message → {mask_phone(phone)}: {text}\n")
        sys.stdout.flush()


class GatewaySender:
    """The message gateway's `POST /messages`."""

    def __init__(self, transport: Transport, url: str) -> None:
        self._transport = transport
        self._url = url.rstrip("/")

    async def send(self, phone: str, text: str) -> None:
        body = orjson.dumps({"phone": phone, "text": text})
        request = Request("POST", self._url, "/messages", {"content-type": "application/json"}, body, _SECONDS)
        try:
            answer = await self._transport.send("message-gateway", request)
        except TransportFailed as failure:
            log.warning("message not sent", reason=str(failure))
            return
        if answer.status >= 300:
            log.warning("message refused", status=answer.status)


def open_sender(transport: Transport, url: str | None) -> Sender:
    return GatewaySender(transport, url) if url else ConsoleSender()
