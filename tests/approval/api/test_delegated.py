"""Desks that work with delegated authority, or for a part of their department's matters."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.approval.conftest import AUTHORITY, OTHER_AUTHORITY, Desk, Town

DELEGATION = str(uuid4())


def grant(post: str = "decider", **change: Any) -> dict[str, Any]:
    box = {"department": AUTHORITY, "region": "511602000000", "grade": 1, "departments": None, "items": None, "delegation": DELEGATION}
    return {"post": post, **box, **change}


class Deputy(Desk):
    """Holds nothing of their own but what `grants` say."""

    grants: tuple[dict[str, Any], ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        return self.service.as_(
            "staff", "approval.work", subject=self.subject, name=self.name, posts=[], department=self.department, grants=list(self.grants)
        )  # fmt: skip


def deputy(town: Town, *grants: dict[str, Any], department: str = AUTHORITY) -> Deputy:
    found = Deputy(town.service, (), "副手", department=department)
    found.grants = grants
    return found


async def test_a_delegate_sees_and_decides_what_was_delegated_and_signs_with_their_own_name(town: Town) -> None:
    await town.accepted()
    await town.reviewer.do("pass")
    cover = deputy(town, grant(), department=OTHER_AUTHORITY)
    assert (await cover.do("grant"))["claimed_by"] == str(cover.subject)
    decided = (await town.service.emitted("tongban.approval.case.decided.v1"))[0]
    assert decided["decided_by"] == {"subject": str(cover.subject), "name": "副手"}


@pytest.mark.parametrize(
    "change",
    [
        {"region": "511603000000"},
        {"region": "511602100000"},
        {"items": ["SP-002"]},
        {"items": []},
        {"departments": [OTHER_AUTHORITY]},
        {"department": OTHER_AUTHORITY},
    ],
)
async def test_what_a_delegation_does_not_reach_does_not_exist_for_the_delegate(town: Town, change: dict[str, Any]) -> None:
    await town.accepted()
    await town.reviewer.do("pass")
    cover = deputy(town, grant(**change))
    assert await cover.tasks() == []
    (task,) = await town.decider.tasks()
    assert (await cover.claim(task["id"])).status_code == 404
    assert (await town.service.http.get(f"/cases/{task['case_id']}", headers=cover.headers)).status_code == 404


async def test_grades_of_different_posts_do_not_add_up(town: Town) -> None:
    """A high grade as reviewer lends nothing to a low one as decider."""
    steps = [
        {"key": "review", "name": "审查", "post": "reviewer", "grade": 1, "kind": "review"},
        {"key": "decide", "name": "决定", "post": "decider", "grade": 2, "kind": "decide"},
    ]
    await town.accepted(process=steps)
    await town.reviewer.do("pass")
    cover = deputy(town, grant("reviewer", grade=3, delegation=None), grant("decider", grade=1))
    (task,) = await cover.tasks()
    refused = await cover.claim(task["id"])
    assert (refused.status_code, refused.json()["needed"], refused.json()["actual"]) == (403, 2, 1)


async def test_a_desk_for_some_items_sees_only_those(town: Town) -> None:
    await town.accepted()
    await town.accepted(item={"local_code": "SP-002", "version_id": str(UUID(int=2)), "name": "食品小作坊登记"})
    desk = deputy(town, grant("reviewer", items=["SP-002"], delegation=None))
    assert [task["item_name"] for task in await desk.tasks()] == ["食品小作坊登记"]


async def test_a_matter_of_a_wider_region_is_its_departments_and_not_a_delegates(town: Town) -> None:
    await town.accepted(region_code="511600000000")
    own = deputy(town, grant("reviewer", delegation=None))
    assert len(await own.tasks()) == 1
    assert await deputy(town, grant("reviewer")).tasks() == []
    (task,) = await own.tasks()
    assert (await own.claim(task["id"])).status_code == 200


async def test_a_delegation_that_ends_after_the_claim_ends_the_task_in_hand_too(town: Town) -> None:
    await town.accepted()
    cover = deputy(town, grant("reviewer"))
    (task,) = await cover.tasks()
    claimed = (await cover.claim(task["id"])).json()
    cover.grants = (grant("decider"),)
    refused = await cover.complete(task["id"], claimed["version"], "pass")
    assert refused.status_code == 403
