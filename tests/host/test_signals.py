"""Ctrl-C stops cleanly; when that takes too long, another Ctrl-C ends at once, and a supervisor's SIGTERM does not."""

import signal
import subprocess
import sys

_PROGRAM = """
import asyncio
from host.signals import told_to_stop

async def main():
    stopping = told_to_stop(print)
    print("running", flush=True)
    await stopping.wait()
    print("stopping", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_second_ctrl_c_does_not_wait_and_a_sigterm_after_the_first_does() -> None:
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130


def test_one_sigterm_after_a_ctrl_c_leaves_the_end_its_time() -> None:
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM.replace("60", "0.5")], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
