"""Waiting for a condition: tests never sleep for a time they guess."""

import asyncio
from collections.abc import Awaitable, Callable
import inspect
import time
from typing import TypeVar, overload

Result = TypeVar("Result")


@overload
async def until(condition: Callable[[], Awaitable[Result]], *, seconds: float = 10.0) -> Result: ...


@overload
async def until(condition: Callable[[], Result], *, seconds: float = 10.0) -> Result: ...


async def until(condition: Callable[[], object], *, seconds: float = 10.0) -> object:
    """What the condition answered once it was true. Raises AssertionError with the last answer when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        found = await answer if inspect.isawaitable(answer) else answer
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {inspect.getsource(condition).strip()} (last answer: {found!r})")
        await asyncio.sleep(0.01)
