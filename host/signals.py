"""Ctrl-C and SIGTERM ask to stop; another Ctrl-C does not wait."""

import asyncio
from collections.abc import Callable
import os
import signal


def told_to_stop(say: Callable[[str], None] | None = None) -> asyncio.Event:
    """Set by the first signal. A Ctrl-C after it ends the process there and then, which loses nothing: the next start goes on.

    A SIGTERM after it does not: a supervisor sends one to those that the terminal's Ctrl-C has already reached.
    """
    stopping = asyncio.Event()

    def tell(number: int) -> None:
        if stopping.is_set() and number == signal.SIGINT:
            if say is not None:
                say("立即结束，数据保留 ended at once; nothing is lost")
            os._exit(130)
        stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell, number)
    return stopping
