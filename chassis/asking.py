"""Questions that requests share: many who wait are asked for together, and nobody is answered from what was read before they came.

So nothing is cached, however many share one question: requests that arrive while a question is under way wait for the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextvars import Context
from itertools import islice
from typing import Generic, TypeVar

AT_ONCE = 50
"""The most that one question is about."""
SECONDS = 3.0
_QUESTIONS_AT_ONCE = 4

K = TypeVar("K")
V = TypeVar("V")

Ask = Callable[[Collection[K]], Awaitable[Mapping[K, V]]]
"""At most `AT_ONCE` keys → what is known of them; what is not known is missing in the answer."""


class SharedQuestions(Generic[K, V]):
    """One per process and kind of question."""

    def __init__(self, ask: Ask[K, V]) -> None:
        self.ask = ask
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._questions: set[asyncio.Task[None]] = set()

    async def answer_for(self, key: K) -> V | None:
        """What was so after this call began. Raises what asking raised."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            if len(self._questions) < _QUESTIONS_AT_ONCE:
                # A context of its own: a question is nobody's, and ends by nobody's deadline.
                question = asyncio.create_task(self._ask_for_those_waiting(), name="shared-question", context=Context())
                self._questions.add(question)
                question.add_done_callback(self._questions.discard)
        return await asyncio.shield(future)

    async def _ask_for_those_waiting(self) -> None:
        while self._waiting:
            batch = dict(islice(self._waiting.items(), AT_ONCE))
            for key in batch:
                del self._waiting[key]
            try:
                found = await self.ask(list(batch))
            except Exception as error:
                for future in batch.values():
                    future.set_exception(error)
                    future.exception()  # those who asked may be gone; nobody is to be warned of that
            except BaseException:
                for future in batch.values():
                    future.cancel()
                raise
            else:
                for key, future in batch.items():
                    future.set_result(found.get(key))
