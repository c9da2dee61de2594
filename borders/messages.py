"""The message service at the border, as a stand-in that keeps what it was told to send, newest last, for whoever wants to look.

`PUT /behaviour` makes it slow or refusing on purpose, for the callers' time limits and breakers to be tried.
"""

import asyncio
from typing import Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

_KEPT = 1_000


class Conduct(BaseModel):
    """How to take messages: as asked, late by `delay_ms`, or not at all (503)."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["normal", "down"] = "normal"
    delay_ms: int = Field(default=0, ge=0, le=60_000)


class ShortMessage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: str = Field(pattern=r"^1[3-9][0-9]{9}$")
    text: str = Field(min_length=1, max_length=500)


def create_app() -> FastAPI:
    """The stand-in, with normal behaviour and nothing sent."""
    app = FastAPI(title="Message service (stand-in)", version="1")
    app.state.behaviour = Conduct()
    app.state.sent = []

    @app.put("/behaviour")
    async def set_behaviour(wanted: Conduct) -> Conduct:
        """Behave so from the next message on."""
        app.state.behaviour = wanted
        return wanted

    @app.post("/messages", status_code=202)
    async def send(message: ShortMessage, request: Request) -> Response:
        """Take a message to be sent."""
        behaviour: Conduct = request.app.state.behaviour
        await asyncio.sleep(behaviour.delay_ms / 1000)
        if behaviour.mode == "down":
            return JSONResponse({"title": "out of service"}, status_code=503, media_type="application/problem+json")
        request.app.state.sent = [*request.app.state.sent, message][-_KEPT:]
        return Response(status_code=202)

    @app.get("/messages")
    async def sent(request: Request) -> list[ShortMessage]:
        """What was sent."""
        kept: list[ShortMessage] = request.app.state.sent
        return kept

    return app
