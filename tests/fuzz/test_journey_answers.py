"""The main journey's own answers, held against the document: what people really get is what integrators are told."""

import re
from typing import Any

import httpx
import pytest

from host.demo.journey import STEPS
from tests.fuzz.named_answers import CHECKS
from tests.support.suite import RunningSuite, journey_through

pytestmark = [pytest.mark.xdist_group("fuzz"), pytest.mark.timeout(400)]


async def test_every_answer_of_the_journey_is_one_the_document_names(document: Any, fuzzed: RunningSuite) -> None:
    answers: list[httpx.Response] = []

    async def keep(response: httpx.Response) -> None:
        await response.aread()
        answers.append(response)

    async with journey_through(fuzzed) as journey:
        journey.http.event_hooks["response"] = [keep]
        for step in STEPS:
            await journey.take(step)
        await journey.unsubscribe()

    templates = {re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): path for path in document}
    held = set()
    for answer in answers:
        path = next(template for pattern, template in templates.items() if pattern.fullmatch(answer.request.url.path))
        operation = document[path][answer.request.method.lower()]
        held.add(operation.label)
        operation.Case().validate_response(answer, checks=CHECKS)
    assert len(held) > 25, f"the journey was to touch most of the API, not only {sorted(held)}"
