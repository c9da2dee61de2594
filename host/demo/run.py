"""Walk the whole journey once and tell each step as it happens."""

from contextlib import suppress
import os
from pathlib import Path
import time

import httpx
import orjson

from host.demo.cast import sample_cast
from host.demo.gateway import Refused, Unreachable
from host.demo.journey import STEPS, Journey, NotAsExpected, SignInFailed, TooLate
from host.demo.receiver import receiving
from host.demo.telling import Aloud, AsJson, Telling
from host.environment import DEFAULT_PORT, master_key_of

_AGAIN = "改正后再次运行即可，已办成的不会重复 put it right and run it again; what is done is not done twice"


async def run_demo(url: str, *, as_json: bool, var: Path) -> int:
    """Walk the journey; 0 when everything was done and verified. `var` is the installation whose sample people play."""
    origin = (url or f"http://127.0.0.1:{os.environ.get('TONGBAN_PORT', DEFAULT_PORT)}").rstrip("/")
    telling: Telling = AsJson(origin, lambda document: print(orjson.dumps(document).decode())) if as_json else Aloud(origin)
    if not os.environ.get("TONGBAN_MASTER_KEY") and not (var / "master.key").exists():
        missing = FileNotFoundError(f"{var / 'master.key'}")
        telling.failed(None, missing, "请先 make run，或用 --var 指明数据目录 start it with `make run`, or name its folder with --var")
        return 1
    cast = sample_cast(master_key_of(var))
    language = {"Accept-Language": "zh-CN"}
    async with receiving() as receiver, httpx.AsyncClient(base_url=origin, timeout=30, headers=language) as http:
        journey = Journey(http, cast, receiver)
        is_done = await _walk(journey, telling)
        with suppress(Refused, Unreachable):
            await journey.unsubscribe()
    if is_done:
        _keep_pdf(journey, var)
        telling.end(journey.story)
    return 0 if is_done else 1


async def _walk(journey: Journey, telling: Telling) -> bool:
    for step in STEPS:
        telling.begin(step)
        began = time.monotonic()
        try:
            facts = await journey.take(step)
        except Unreachable as error:
            telling.failed(step, error, "系统没有应答；请确认 make run 正在运行 nobody answers: is `make run` running?")
            return False
        except (Refused, NotAsExpected, TooLate, SignInFailed) as error:
            telling.failed(step, error, _AGAIN)
            return False
        telling.done(step, facts, time.monotonic() - began)
    return True


def _keep_pdf(journey: Journey, var: Path) -> None:
    folder = var / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{journey.story.certificate_identifier}.pdf"
    file.write_bytes(journey.story.pdf)
    journey.story.links["file"] = str(file)
