"""Every route about one record × everybody: those it concerns see it, the others are told that there is none or that they may not.

The routes are the house's own: one that nobody has placed in the tables below fails the first test.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
import re
from typing import Any

import httpx
import pytest

from chassis.access import AccessRule, rules_of
from chassis.clock import SystemClock, local_day
from chassis.crypto import KeyRing
from host import city_bodies
from host.demo.journey import Journey
from host.demo.paper import small_pdf
from host.demo.sign_in import sign_in, sign_in_system
from host.sample_city import load_city
from host.services import SERVICES
from standards.uscc import make_uscc
from tests.architecture.house import api_routes
from tests.catalog.base_files import csv_file
from tests.journeys.bad_requests import Outsiders, seen
from tests.support.suite import RunningSuite, journey_through

pytestmark = pytest.mark.xdist_group("suite-single")

IDENTITY = "/api/identity/v1"
FAR = make_uscc("11", "511702", "MB000801")
PEOPLE = ("citizen", "organisation", "another citizen")
STAFF = ("clerk", "far window", "reviewer", "decider", "another department's reviewer", "administrator", "far administrator")
SYSTEMS = ("system", "another department's system", "operator")
EVERYBODY = (*PEOPLE, *STAFF, *SYSTEMS)

KEEPERS = {"administrator", "operator"}
SEE: dict[str, set[str]] = {
    "/api/identity/v1/delegations/{delegation_id}": {"decider", *KEEPERS},
    "/api/identity/v1/staff/{login}": KEEPERS,
    "/api/identity/v1/staff/{login}/delegations": KEEPERS,
    "/api/identity/v1/staff/{login}/authority": KEEPERS,
    "/api/identity/v1/client-requests/{request_id}": KEEPERS,
    "/api/identity/v1/holders/{subject_id}/identifier": {"operator"},
    "/api/identity/v1/clients/{client_id}/request-keys": set(),
    "/api/identity/v1/visits/{visit_id}": set(),
    "/api/catalog/v1/base-catalogs/{catalog}/editions": {"operator"},
    "/api/catalog/v1/base-catalogs/{catalog}/editions/{number}": {"operator"},
    "/api/catalog/v1/base-catalogs/{catalog}/editions/{number}/differences": {"operator"},
    "/api/catalog/v1/base-differences/{difference_id}": {"operator"},
    "/api/catalog/v1/base-differences/{difference_id}/implementations": {"operator"},
    "/api/catalog/v1/item-drafts/{draft_id}": {"operator"},
    "/api/catalog/v1/item-drafts/{draft_id}/history": {"operator"},
    "/api/catalog/v1/items/{local_code}/requests": set(SYSTEMS),
    "/api/certificates/v1/certificates/{certificate_id}": {"organisation", "system", "operator"},
    "/api/certificates/v1/certificates/{certificate_id}/pdf": {"organisation", "system", "operator"},
    "/api/certificates/v1/certificates/{certificate_id}/jws": {"organisation", "system", "operator"},
    "/api/intake/v1/applications/{application_id}": {"organisation"},
    "/api/intake/v1/applications/{application_id}/materials/{key}/file": {"organisation"},
    "/api/intake/v1/window/applications/{application_id}": {"clerk"},
    "/api/intake/v1/window/applications/{application_id}/materials/{key}/file": {"clerk"},
    "/api/intake/v1/receipts/{number}": {"organisation", "clerk"},
    "/api/intake/v1/receipts/{number}/qr": {"organisation", "clerk"},
    "/api/intake/v1/receipts/{number}/proof": {"organisation", "clerk"},
    "/api/approval/v1/cases/{case_id}": {"reviewer", "decider"},
    "/api/approval/v1/cases/{case_id}/clock": {"reviewer", "decider"},
    "/api/exchange/v1/subscriptions/{name}/deliveries": {"system"},
}
"""Who reads a record of the journey; nobody one that is none (how visits begin is in tests/identity)."""

REASON = {"reason": "不符合条件"}
OFFICE = {"name": "某", "department": FAR, "region": "511702000000", "posts": [], "grade": 0}
APPOINTMENT = {"kind": "helper", "agent": {"name": "某", "citizen_id": "51160219900101001X"}, "items": ["none"]}
OPINION = {"opinion": "核对权限矩阵"}
DECISION = {"decision": "rejected", "reason": "核对权限矩阵", "expected_count": 1}
WITH_ACCOUNTS = {"citizen", "another citizen", *STAFF}
CHANGE: dict[tuple[str, str], tuple[set[str], dict[str, Any] | None]] = {
    ("POST", "/api/identity/v1/delegations/{delegation_id}/revoke"): ({"decider", *KEEPERS}, REASON),
    ("PUT", "/api/identity/v1/departments/{uscc}"): (KEEPERS, {"name": "改名", "region": "511602000000"}),
    ("PUT", "/api/identity/v1/staff/{login}"): (KEEPERS, OFFICE),
    ("POST", "/api/identity/v1/staff/{login}/leave"): (KEEPERS, None),
    ("POST", "/api/identity/v1/staff/{login}/return"): (KEEPERS, None),
    ("POST", "/api/identity/v1/staff/{login}/password-reset"): (KEEPERS, None),
    ("PUT", "/api/identity/v1/clients/{client_id}"): ({"operator"}, {"name": "x", "kind": "confidential", "scopes": []}),
    ("POST", "/api/identity/v1/client-requests/{request_id}/approve"): ({"operator"}, None),
    ("POST", "/api/identity/v1/client-requests/{request_id}/refuse"): ({"operator"}, REASON),
    ("POST", "/api/identity/v1/me/mandates/{mandate_id}/end"): ({"citizen", "another citizen"}, None),
    ("POST", "/api/identity/v1/mandates/{mandate_id}/end"): ({"operator"}, None),
    ("POST", "/api/identity/v1/me/phone-confirmations/{code_id}/complete"): (WITH_ACCOUNTS, {"code": "000000"}),
    ("GET", "/api/identity/v1/me/qr-sign-ins/{handle}"): (WITH_ACCOUNTS, None),
    ("POST", "/api/identity/v1/me/qr-sign-ins/{handle}"): (WITH_ACCOUNTS, {"agree": True}),
    ("DELETE", "/api/identity/v1/me/sessions/{session_id}"): (set(), None),
    ("DELETE", "/api/identity/v1/me/passkeys/{passkey_id}"): (set(), None),
    ("POST", "/api/identity/v1/visits/{visit_id}/verifications"): (set(), {"liveness_reference": "liveness-of-nobody"}),
    ("POST", "/api/identity/v1/visits/{visit_id}/mandates"): (set(), APPOINTMENT),
    ("PUT", "/api/identity/v1/devices/{code}"): ({"operator"}, None),
    ("PUT", "/api/catalog/v1/items/{local_code}"): ({"operator"}, {}),
    ("POST", "/api/catalog/v1/items/{local_code}/check"): ({"operator"}, {}),
    ("PUT", "/api/catalog/v1/calendar/{year}"): ({"operator"}, {}),
    ("PUT", "/api/catalog/v1/obtainable-materials/{code}"): ({"operator"}, {}),
    ("POST", "/api/catalog/v1/base-catalogs/{catalog}/checks"): ({"operator"}, None),
    ("POST", "/api/catalog/v1/base-catalogs/{catalog}/editions"): ({"operator"}, None),
    ("POST", "/api/catalog/v1/base-catalogs/{catalog}/editions/{number}/decisions"): ({"operator"}, DECISION),
    ("PUT", "/api/catalog/v1/base-differences/{difference_id}/decision"): ({"operator"}, DECISION),
    ("PUT", "/api/catalog/v1/bundles/{code}"): ({"operator"}, {}),
    ("POST", "/api/catalog/v1/bundles/{code}/withdrawal"): ({"operator"}, REASON),
    ("POST", "/api/catalog/v1/lists/{kind}/checks"): ({"operator"}, None),
    ("POST", "/api/catalog/v1/lists/{kind}/editions"): ({"operator"}, None),
    ("POST", "/api/catalog/v1/retellings/{kind}"): ({"operator"}, None),
    ("PUT", "/api/catalog/v1/item-drafts/{draft_id}"): ({"operator"}, {"content": city_bodies.item(load_city(), load_city().items[0])}),
    ("DELETE", "/api/catalog/v1/item-drafts/{draft_id}"): ({"operator"}, None),
    ("POST", "/api/catalog/v1/item-drafts/{draft_id}/review"): (set(), {"verdict": "approved", **OPINION}),
    ("POST", "/api/catalog/v1/item-drafts/{draft_id}/publication"): ({"operator"}, {}),
    ("POST", "/api/catalog/v1/item-versions/{version_id}/recall"): ({"operator"}, REASON),
    ("POST", "/api/catalog/v1/items/{local_code}/freeze"): ({"operator"}, REASON),
    ("POST", "/api/catalog/v1/items/{local_code}/requests"): ({"operator"}, {"kind": "withdraw", **REASON}),
    ("PUT", "/api/catalog/v1/item-requests/{request_id}/decision"): ({"operator"}, {"decision": "approved", **OPINION}),
    ("POST", "/api/catalog/v1/items/{local_code}/delegations"): ({"operator"}, {}),
    ("POST", "/api/catalog/v1/item-delegations/{delegation_id}/end"): ({"operator"}, REASON),
    ("PUT", "/api/certificates/v1/certificate-types/{code}"): ({"operator"}, {}),
    ("PUT", "/api/intake/v1/applications/{application_id}/form"): ({"organisation"}, {"form": {}}),
    ("PUT", "/api/intake/v1/applications/{application_id}/situation"): ({"organisation"}, {"situation": {}}),
    ("POST", "/api/intake/v1/applications/{application_id}/fill"): ({"organisation"}, None),
    ("POST", "/api/intake/v1/applications/{application_id}/submit"): ({"organisation"}, None),
    ("POST", "/api/intake/v1/applications/{application_id}/withdraw"): ({"organisation"}, None),
    ("PUT", "/api/intake/v1/applications/{application_id}/materials/{key}/file"): ({"organisation"}, None),
    ("POST", "/api/intake/v1/window/applications/{application_id}/accept"): ({"clerk"}, None),
    ("POST", "/api/intake/v1/window/applications/{application_id}/refuse"): ({"clerk"}, {"reasons": "不符", "remedies": "复议"}),
    ("POST", "/api/approval/v1/tasks/{task_id}/claim"): ({"reviewer", "decider"}, None),
    ("POST", "/api/approval/v1/tasks/{task_id}/complete"): ({"reviewer", "decider"}, {"outcome": "grant"}),
    ("PUT", "/api/exchange/v1/subscriptions/{name}"): ({"system", "another department's system"}, {}),
    ("POST", "/api/exchange/v1/deliveries/{delivery_id}/redeliver"): ({"system"}, None),
}
"""Who may change a record, or is told why it cannot be changed now (systems name subscriptions of their own); and a body that is none."""


def guarded() -> dict[tuple[str, str], AccessRule]:
    """Every guarded route about one record."""
    found: dict[tuple[str, str], AccessRule] = {}
    for service in SERVICES:
        for context in api_routes(service):
            for rule in rules_of(context.dependant):
                if isinstance(rule, AccessRule) and "{" in str(context.path):
                    found.update({(method, str(context.path)): rule for method in context.methods or ()})
    return found


def test_every_route_about_a_record_says_whose_it_is() -> None:
    placed = {("GET", path) for path in SEE} | set(CHANGE)
    assert set(guarded()) == placed, "say in SEE or CHANGE who may"


@dataclass(slots=True)
class Scene:
    """A finished journey, what it made, and everybody's token."""

    journey: Journey
    ids: dict[str, str]
    tokens: dict[str, str]

    async def ask(self, method: str, template: str, who: str, body: dict[str, Any] | None = None) -> httpx.Response:
        ids = {**self.ids, "number": "1"} if "/editions/" in template else self.ids
        path = re.sub(r"\{(\w+)\}", lambda match: ids[match.group(1)], template)
        headers = {"Authorization": f"Bearer {self.tokens[who]}", **({"If-Match": '"1"'} if method != "GET" else {})}
        params = {"purpose": "核对权限矩阵"} if method == "GET" else {"filename": "a.pdf"}
        content: dict[str, Any] = {"json": body} if body is not None else {}
        if method == "PUT" and template.endswith("/file"):
            content = {"content": small_pdf("a stranger's")}
        return await self.journey.http.request(method, path, headers=headers, params=params, **content)


@pytest.fixture
async def scene(single: RunningSuite) -> AsyncIterator[Scene]:
    async with journey_through(single, up_to="wallet") as journey:
        keys = KeyRing((single.var / "master.key").read_text().strip(), service="tests")
        tokens = {"operator": await sign_in_system(journey.gateway, "svc-operator", keys.secret_for("client:svc-operator"))}
        await appoint(journey, tokens["operator"])
        outsiders = Outsiders(single, journey)
        logins = {"far window": "far.window", "administrator": "near.admin", "far administrator": "far.admin"}
        for who in EVERYBODY[:-1]:
            login = logins.get(who)
            tokens[who] = await sign_in(journey.gateway, login, journey.cast.password) if login else await outsiders.token(who)
        yield Scene(journey, await records(journey, tokens), tokens)
        await journey.unsubscribe()


def market() -> str:
    return load_city().department("market-supervision").uscc


async def appoint(journey: Journey, operator: str) -> None:
    """A department far away with its own, an administrator of the one that decided, and one to whom something is delegated."""
    body = {"name": "外地审批局", "region": "511702000000"}
    await journey.gateway.call("PUT", f"{IDENTITY}/departments/{FAR}", token=operator, json=body, expect=(200, 201))
    password = journey.cast.password
    for login, department, region, post in (
        ("far.window", FAR, "511702000000", "window"),
        ("far.admin", FAR, "511702000000", "administrator"),
        ("near.admin", market(), "511602000000", "administrator"),
        ("near.clerk", market(), "511602000000", "reviewer"),
    ):
        office = {"name": "某某", "department": department, "region": region, "posts": [post], "grade": 0, "password": password}
        await journey.gateway.call("PUT", f"{IDENTITY}/staff/{login}", token=operator, json=office, expect=(200, 201))


async def records(journey: Journey, tokens: dict[str, str]) -> dict[str, str]:
    """The ids of everything the routes are about, by the name of the path's parameter."""
    call, story = journey.gateway.call, journey.story
    case = (await call("GET", f"/api/approval/v1/cases/{story.case_id}", token=tokens["decider"])).json()
    path = "/api/exchange/v1/subscriptions/tongban-demo/deliveries"
    deliveries = (await call("GET", path, token=tokens["system"])).json()["data"]
    application = (await call("GET", f"/api/intake/v1/applications/{story.application_id}", token=tokens["organisation"])).json()
    uploaded = next(material["key"] for material in application["materials"] if material["file"] is not None)
    today = local_day(SystemClock().now())
    delegation = {
        "delegate": "near.clerk", "posts": ["decider"], "region": "511602000000", "grade": 1, "reason": "leave", "item_codes": ["none"],
        "valid_from": today.isoformat(), "valid_until": (today + timedelta(days=1)).isoformat(), "password": journey.cast.password,
    }  # fmt: skip
    given = await call("POST", f"{IDENTITY}/delegations", token=tokens["decider"], json=delegation, expect=(201,))
    asked = {"client_id": "sys-matrix", "name": "x", "department": market(), "scopes": ["exchange.subscribe"], "purpose": "核对权限矩阵"}
    request = await call("POST", f"{IDENTITY}/client-requests", token=tokens["administrator"], json=asked, expect=(201,))
    neighbour = load_city().citizens[1]
    appointment = {
        "kind": "helper", "agent": {"name": neighbour.name, "citizen_id": neighbour.citizen_id}, "items": ["none"],
        "ends_at": (SystemClock().now() + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    mandate = await call("POST", f"{IDENTITY}/me/mandates", token=tokens["citizen"], json=appointment, expect=(201,))
    edition = "/api/catalog/v1/base-catalogs/matrix/editions"
    imported = {"issued_on": today.isoformat(), "source": "核对权限矩阵"}
    await call("POST", edition, token=tokens["operator"], content=csv_file(), params=imported, expect=(201,))
    differences = (await call("GET", f"{edition}/1/differences", token=tokens["operator"])).json()["data"]
    item = city_bodies.item_code(load_city().items[0])
    draft = await call("POST", "/api/catalog/v1/item-drafts", token=tokens["operator"], json={"local_code": item}, expect=(201,))
    return {
        "catalog": "matrix",
        "draft_id": draft.json()["id"],
        "difference_id": differences[0]["id"],
        "mandate_id": mandate.json()["id"],
        **dict.fromkeys(
            ("visit_id", "code_id", "handle", "session_id", "passkey_id", "version_id"), "0199a000-0000-7000-8000-000000000001"
        ),
        "delegation_id": given.json()["id"],
        "request_id": request.json()["id"],
        "login": "near.clerk",
        "uscc": market(),
        "client_id": "sys-matrix",
        "subject_id": story.organisation_id,
        "local_code": item,
        "year": "2031",
        "code": "matrix",
        "kind": "power",
        "certificate_id": story.certificate_id,
        "application_id": story.application_id,
        "key": uploaded,
        "number": story.receipt_number,
        "case_id": story.case_id,
        "task_id": case["tasks"][-1]["id"],
        "name": "tongban-demo",
        "delivery_id": deliveries[0]["id"],
    }


async def test_a_record_is_seen_and_changed_by_those_it_concerns_and_by_nobody_else(scene: Scene) -> None:
    wrong: list[str] = []
    for template, entitled in SEE.items():
        for who in EVERYBODY:
            answer = await scene.ask("GET", template, who)
            is_right = answer.status_code == 200 if who in entitled else answer.status_code in (403, 404)
            if not is_right:
                wrong.append(f"GET {template} by {who}: {answer.status_code} {answer.text[:160]}")
    before = await seen(scene.journey)
    for (method, template), (entitled, body) in CHANGE.items():
        for who in sorted(set(EVERYBODY) - entitled):
            answer = await scene.ask(method, template, who, body)
            if answer.status_code not in (403, 404):
                wrong.append(f"{method} {template} by {who}: {answer.status_code} {answer.text[:160]}")
    assert not wrong, "\n".join(wrong)
    assert await seen(scene.journey) == before
    for template, entitled in SEE.items():  # nothing a stranger sent made a record unreadable to its own
        for who in sorted(entitled)[:1]:
            assert (await scene.ask("GET", template, who)).status_code == 200, template
