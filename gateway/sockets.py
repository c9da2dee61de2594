"""WebSockets (RFC 6455) over the network: a handshake with the service first, then messages both ways until either side ends."""

import asyncio

import aiohttp
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from gateway.backends import Call

MOST_MESSAGE_BYTES = 1_048_576
_OF_THE_HANDSHAKE = frozenset(
    (b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions", b"sec-websocket-protocol", b"sec-websocket-accept")
)
_GOING_AWAY = 1001
_INTERNAL_ERROR = 1011


async def relay(session: aiohttp.ClientSession, base: str, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass one WebSocket on to the service at `base`. Raises aiohttp.ClientError and OSError before the client is accepted."""
    assert (await receive())["type"] == "websocket.connect"
    target = base + call.raw_path.decode("ascii") + ("?" + call.query.decode("ascii") if call.query else "")
    headers = [(n.decode("latin-1"), v.decode("utf-8", "replace")) for n, v in call.headers if n not in _OF_THE_HANDSHAKE]
    try:
        service = await session.ws_connect(
            URL(target, encoded=True), headers=headers, protocols=scope["subprotocols"], max_msg_size=MOST_MESSAGE_BYTES, autoclose=False
        )
    except aiohttp.WSServerHandshakeError as refusal:
        if refusal.status < 500:
            await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": [(b"content-length", b"0")]})
            await send({"type": "websocket.http.response.body", "body": b""})
            return
        raise
    async with service:
        await send({"type": "websocket.accept", "subprotocol": service.protocol, "headers": []})
        ways = [asyncio.create_task(_from_client(receive, service)), asyncio.create_task(_from_service(service, send))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _from_client(receive: Receive, service: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        message: Message = await receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code") or _GOING_AWAY
            await service.close(code=code if code not in (1005, 1006, 1012) else _GOING_AWAY)
            return
        if message.get("text") is not None:
            await service.send_str(message["text"])
        else:
            await service.send_bytes(message.get("bytes") or b"")


async def _from_service(service: aiohttp.ClientWebSocketResponse, send: Send) -> None:
    while True:
        message = await service.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        elif message.type is aiohttp.WSMsgType.CLOSE:
            await send({"type": "websocket.close", "code": message.data or 1000, "reason": message.extra or ""})
            await service.close(code=message.data or 1000)
            return
        else:  # broken off, or nonsense
            await send({"type": "websocket.close", "code": _INTERNAL_ERROR, "reason": ""})
            return
