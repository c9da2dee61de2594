"""What routes reach of the running library."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.runtime import Runtime


async def _running(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


Running = Annotated[Runtime, Depends(_running)]
"""The library's runtime: its keys, cursors and seal."""
