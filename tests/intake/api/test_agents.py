"""Who acts for a citizen in one item sees and does nothing else of theirs."""

from tests.intake.conftest import PDF, Hall, Someone


def agent_of(hall: Hall, citizen: Someone, *items: str) -> Someone:
    """A token for the citizen, limited to items, in an agent's hands."""
    act = {"sub": "0199a000-0000-7000-8000-0000000000aa", "name": "代办人"}
    return Someone(hall.service, "person", ("intake.apply",), {**citizen.claims, "act": act, "items": list(items)}, subject=citizen.subject)


async def test_an_agent_applies_for_the_citizen_in_the_item_of_the_mandate(hall: Hall) -> None:
    citizen = hall.citizen()
    agent = agent_of(hall, citizen, "sp-jy")
    submitted = await agent.submitted()
    assert (submitted["applicant"]["name"], submitted["handler"]["name"]) == ("张三", "代办人")
    assert (await citizen.get(f"/applications/{submitted['id']}")).status_code == 200


async def test_an_agent_cannot_apply_in_another_item(hall: Hall) -> None:
    answered = await agent_of(hall, hall.citizen(), "other").post("/applications", {"item_code": "sp-jy", "form": {}})
    assert (answered.status_code, answered.json()["type"]) == (403, "urn:tongban:problem:item-not-covered")
    assert "other" in answered.json()["detail"]


async def test_an_agent_for_one_item_does_not_see_or_touch_what_the_citizen_does_in_others(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    path = f"/applications/{draft['id']}"
    agent = agent_of(hall, citizen, "other")
    assert (await agent.get("/applications")).json()["data"] == []
    assert (await agent.get(path)).status_code == 404
    assert (await agent.put(f"{path}/form", {"form": {}}, seen=1)).status_code == 404
    assert (await agent.upload(draft["id"], "floor-plan", PDF)).status_code == 404
    for step in ("fill", "submit", "withdraw"):
        assert (await agent.post(f"{path}/{step}", seen=1)).status_code == 404
    _, receipt = await hall.accepted(citizen)
    assert (await agent.get(f"/receipts/{receipt['number']}")).status_code == 404
