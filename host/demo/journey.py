"""The main journey of the suite, step by step, through the gateway's public API: from signing up to the licence in the wallet.

Every step may be taken again after a broken connection or a crash: its writes carry an Idempotency-Key made of the run and the write,
and are sent as they were the first time, so nothing happens twice. A step raises `Refused`, `Unreachable`, `NotAsExpected` or `TooLate`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
import time
from typing import Any
from uuid import uuid4

import httpx

from chassis.clock import local_day
from host.demo import checks
from host.demo.cast import Cast
from host.demo.checks import NotAsExpected, require
from host.demo.gateway import Gateway, Refused, Unreachable
from host.demo.paper import small_pdf, small_png
from host.demo.receiver import Receiver
from host.demo.sign_in import SignInFailed, act_for, sign_in, sign_in_system
from host.demo.steps import STEPS, Fact, Step, TooLate
from host.demo.story import ACCEPTED, DECIDED, ISSUED, Story

_TOKEN_SECONDS = 600.0
_POLL_SECONDS = 0.1
_SEARCH = "开饭店"


@dataclass(slots=True)
class _Sent:
    """A write as it was first sent."""

    method: str
    path: str
    if_match: str | None
    content: dict[str, Any]


@dataclass(slots=True)
class _Held:
    token: str
    until: float


@dataclass(slots=True)
class Journey:
    """One run. `patience` is how many seconds to wait for what follows by events; a run that is given the same `run_id` goes on with it."""

    http: httpx.AsyncClient
    cast: Cast
    receiver: Receiver
    patience: float = 30.0
    run_id: str = field(default_factory=lambda: uuid4().hex)
    subscription: str = "tongban-demo"
    story: Story = field(default_factory=Story)
    _sent: dict[str, _Sent] = field(default_factory=dict)
    _tokens: dict[str, _Held] = field(default_factory=dict)

    @property
    def gateway(self) -> Gateway:
        return Gateway(self.http)

    async def take(self, step: Step, *, retry_seconds: float = 0.0) -> list[Fact]:
        """Take a step; for so long take it again when a part of the suite is down or the connection broke."""
        deadline = time.monotonic() + retry_seconds
        act: Callable[[], Awaitable[list[Fact]]] = getattr(self, step.key)
        while True:
            try:
                return await act()
            except (Unreachable, Refused) as error:
                if time.monotonic() > deadline or not _may_pass(error):
                    raise
            await asyncio.sleep(2 * _POLL_SECONDS)

    async def sign_up(self) -> list[Fact]:
        """Goes on where the citizen has signed up in an earlier run."""
        citizen = self.cast.citizen
        body = {"name": citizen.name, "citizen_id": citizen.citizen_id, "phone": citizen.phone, "password": self.cast.password}
        answer = await self._write("sign-up", "POST", "/api/identity/v1/people", expect=(201, 409, 429), json=body)
        if answer.status_code != 201:
            return [Fact("已注册过，直接登录", "signed up before; goes on to sign in", citizen.name)]
        person = answer.json()
        require(person["assurance"] >= 2, "人口库应已核实实名", "the population base should have verified the name")
        return [Fact("实名等级", "assurance", str(person["assurance"])), Fact("证件号", "number", person["citizen_id_masked"])]

    async def sign_in(self) -> list[Fact]:
        token = await self.token("citizen")
        me = (await self.gateway.call("GET", "/api/identity/v1/me", token=token)).json()
        self.story.person_id = me["id"]
        return [Fact("登录者", "signed in", f"{me['name']} {me['citizen_id_masked']}")]

    async def act_for_organisation(self) -> list[Fact]:
        organisation, path = self.cast.organisation, "/api/identity/v1/organisations"
        body = {"name": organisation.name, "uscc": organisation.uscc}
        answer = await self._write("bind", "POST", path, token=await self.token("citizen"), expect=(201, 409), json=body)
        bound = answer.json()
        self.story.organisation_id = bound["id"] if answer.status_code == 201 else bound["organisation_id"]
        me = (await self.gateway.call("GET", "/api/identity/v1/me", token=await self.token("organisation"))).json()
        require(me["uscc"] == organisation.uscc, "令牌应代表该单位", "the token should speak for the business")
        return [Fact("代表", "acts for", f"{me['name']} {me['uscc']}"), Fact("经办人", "through", me["acting_person"])]

    async def subscribe(self) -> list[Fact]:
        keys = (await self.gateway.call("GET", "/api/exchange/v1/keys")).json()
        self.receiver.trust(keys)
        body = {"url": self.receiver.url, "event_types": [ACCEPTED, DECIDED, ISSUED]}
        await self._put_subscription(body)
        return [Fact("接收地址", "receiver", self.receiver.url), Fact("签名密钥", "signing key", keys["keys"][0]["kid"])]

    async def unsubscribe(self) -> None:
        """Pause the subscription: its receiver is about to go."""
        await self._put_subscription({"url": self.receiver.url, "event_types": []})

    async def find_item(self) -> list[Fact]:
        catalog = "/api/catalog/v1/items"
        search = {"q": _SEARCH, "region": self.cast.organisation.region_code}
        found = (await self.gateway.call("GET", catalog, params=search)).json()["data"]
        require(bool(found) and found[0]["local_code"] == self.cast.item_code, "第一条应是该事项", "the item should come first")
        answers = {"answers": self.cast.situation}
        narrowed = (await self.gateway.call("POST", f"{catalog}/{self.cast.item_code}/narrow", json=answers)).json()
        require(narrowed["is_complete"], "所有问题都应已回答", "no question should be open")
        guide = narrowed["guide"]
        self.story.item_version_id = guide["version_id"]
        limit = guide["promised_limit"]
        return [
            Fact(f"“{_SEARCH}”", "leads to", f"{guide['name']} {guide['name_en']}"),
            Fact("承诺时限", "promised", f"{limit['days']} {limit['unit']}"),
            Fact("材料", "materials", "、".join(material["name"] for material in guide["materials"])),
        ]

    async def draft(self) -> list[Fact]:
        body = {"item_code": self.cast.item_code, "situation": self.cast.situation}
        token = await self.token("organisation")
        answer = await self._write("draft", "POST", "/api/intake/v1/applications", token=token, expect=(201,), json=body)
        application = answer.json()
        self.story.application_id = application["id"]
        self.story.application_etag = answer.headers["etag"]
        materials = application["materials"]
        if any(material["standing"] == "pending_library" for material in materials):
            path = f"{self._application}/fill"
            answer = await self._write("fill", "POST", path, token=token, json={})
            self.story.application_etag = answer.headers["etag"]
            materials = answer.json()["materials"]
        self.story.asked = [material["key"] for material in materials if material["standing"] == "asked"]
        by_key = {material["key"]: material for material in materials}
        from_library = [material.key for material in self.cast.item.materials if material.source == "certificate"]
        for key in from_library:
            require(by_key[key]["standing"] == "filled", f"{key} 应取自证照库", f"{key} should come from the library")
        return [
            *(
                Fact("取自证照库", "from the library", f"{by_key[key]['name']} {by_key[key]['certificate']['identifier']}")
                for key in from_library
            ),
            Fact("还需上传", "still asked", "、".join(by_key[key]["name"] for key in self.story.asked)),
        ]

    async def upload(self) -> list[Fact]:
        made = []
        for number, key in enumerate(self.story.asked):
            content, name = (small_png(240, 160), f"{key}.png") if number == 0 else (small_pdf(f"Tongban demo: {key}"), f"{key}.pdf")
            path = f"{self._application}/materials/{key}/file"
            token = await self.token("organisation")
            answer = await self._write(f"upload-{key}", "PUT", path, token=token, content=content, params={"filename": name})
            self.story.application_etag = answer.headers["etag"]
            made.append(Fact("已上传", "uploaded", f"{name} {len(content)} B"))
        return made

    async def fill_in_form(self) -> list[Fact]:
        answer = await self._write_to_application("form", "PUT", "form", json={"form": self.cast.form})
        form = answer.json()["form"]
        return [Fact("经营项目", "kinds of food", "、".join(form["food_items"])), Fact("地址", "premises", form["premises_address"])]

    async def submit(self) -> list[Fact]:
        application = (await self._write_to_application("submit", "POST", "submit")).json()
        require(application["state"] == "submitted", "应已提交", "it should be submitted")
        self.story.application_number = application["number"]
        return [Fact("申请编号", "application", application["number"])]

    async def accept(self) -> list[Fact]:
        token = await self.token("clerk")
        path = f"/api/intake/v1/window/applications/{self.story.application_id}"
        seen = await self.gateway.call("GET", path, token=token)
        receipt = (await self._write("accept", "POST", f"{path}/accept", token=token, if_match=seen.headers["etag"])).json()
        self.story.receipt_number = receipt["number"]
        self.story.tracking_code = receipt["tracking_code"]
        self.story.links["tracking"] = receipt["tracking_url"]
        accepted_on = local_day(datetime.fromisoformat(receipt["accepted_at"]))
        self.story.accepted_on, self.story.due_on = accepted_on.isoformat(), receipt["due_on"]
        due = self.cast.calendar.add_working_days(accepted_on, self.cast.item.limits.promised)
        require(date.fromisoformat(receipt["due_on"]) == due.date, f"办结期限应为 {due.date}", f"the due date should be {due.date}")
        qr = await self.gateway.call("GET", f"/api/intake/v1/receipts/{receipt['number']}/qr", token=token)
        require(qr.text.lstrip().startswith("<svg"), "二维码应为 SVG", "the QR code should be SVG")
        return [
            Fact("受理回执", "receipt", receipt["number"]),
            Fact("承诺办结", "due", f"{receipt['due_on']}（{self.cast.item.limits.promised} 个工作日 working days from {accepted_on}）"),
            Fact("查询地址", "tracking", receipt["tracking_url"]),
        ]

    async def review(self) -> list[Fact]:
        body = {"outcome": "pass", "opinion": "材料齐全，符合条件。"}
        return await self._work("review", "reviewer", body)

    async def decide(self) -> list[Fact]:
        body = {"outcome": "grant", "opinion": "同意。", "reasons": "符合《食品安全法》第三十三条规定的条件。"}
        return await self._work("decide", "decider", body)

    async def certificate(self) -> list[Fact]:
        async for application in self._until("证照签发并送达", "the licence to be issued and delivered"):
            if application["state"] == "delivered":
                break
        issued = application["certificate"]
        self.story.certificate_id, self.story.certificate_identifier = issued["certificate_id"], issued["identifier"]
        token = await self.token("organisation")
        certificate = await checks.certificate(self.gateway, token, self.story, holder=self.cast.organisation.uscc)
        return [
            Fact("证照", "licence", f"{certificate.name} {certificate.number}"),
            Fact("标识（校验位正确）", "identifier, check character right", self.story.certificate_identifier),
            Fact("JWS 签名", "signature", f"ES256 {certificate.key_id}"),
            Fact("PDF", "PDF", f"{len(self.story.pdf) // 1024} KiB"),
            Fact("任何人可验", "anyone verifies", self.story.links["verify"]),
        ]

    async def webhooks(self) -> list[Fact]:
        facts = []
        for event_type in (ACCEPTED, DECIDED, ISSUED):
            try:
                async with asyncio.timeout(self.patience):
                    webhook = await self.receiver.wait_for(event_type, self.story.application_id)
            except TimeoutError as error:
                raise TooLate(f"没有收到推送 no webhook came: {event_type}") from error
            self.story.events[event_type] = webhook.event_id
            facts.append(Fact("签名有效", "signature valid", f"{event_type} {webhook.event_id}"))
        require(self.receiver.refused == 0, "不应有签名无效的推送", "no webhook should have failed verification")
        return facts

    async def evidence(self) -> list[Fact]:
        decided = await self.receiver.wait_for(DECIDED, self.story.application_id)
        deadline = time.monotonic() + self.patience
        while True:
            try:
                entries = [
                    await checks.acceptance_proof(self.gateway, await self.token("clerk"), self.story),
                    await checks.event_proof(self.gateway, await self.token("system"), decided),
                ]
                break
            except Refused as refused:
                if refused.status != 404 or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_POLL_SECONDS)
        return [
            Fact("已在存证日志中", "in the evidence log", f"#{entry.leaf_index}/{entry.tree_size} {entry.event_type}") for entry in entries
        ]

    async def track(self) -> list[Fact]:
        tracking = await self.gateway.call("GET", f"/api/intake/v1/tracking/{self.story.tracking_code}")
        shown = tracking.json()
        require(shown["state"] == "delivered", "应显示已送达", "it should show that it was delivered")
        require(
            shown["certificate_identifier"] == self.story.certificate_identifier, "证照标识应一致", "the certificate should be the same"
        )
        citizen, organisation = self.cast.citizen, self.cast.organisation
        hidden = (citizen.name, citizen.citizen_id, citizen.phone, organisation.name, organisation.uscc)
        require(not any(text in tracking.text for text in hidden), "公开进度不应含个人信息", "public tracking should name nobody")
        return [Fact("进度", "progress", " → ".join(step["step"] for step in shown["steps"]))]

    async def wallet(self) -> list[Fact]:
        token = await self.token("organisation")
        held = [one async for one in self.rows("/api/certificates/v1/wallet", token)]
        require(any(one["id"] == self.story.certificate_id for one in held), "证照应在卡包里", "the licence should be in the wallet")
        uses = [one async for one in self.rows("/api/certificates/v1/wallet/uses", token)]
        ours = [use for use in uses if use["application_id"] == self.story.application_id]
        require(bool(ours), "用证应有记录", "the use should be on record")
        return [
            Fact("证照", "certificates", str(len(held))),
            *(Fact("用证记录", "use", f"{use['type_name']} {use['purpose']}") for use in ours),
        ]

    @property
    def _application(self) -> str:
        return f"/api/intake/v1/applications/{self.story.application_id}"

    async def _put_subscription(self, body: dict[str, Any]) -> None:
        path = f"/api/exchange/v1/subscriptions/{self.subscription}"
        await self.gateway.call("PUT", path, token=await self.token("system"), expect=(200, 201), json=body)

    async def _work(self, key: str, who: str, body: dict[str, Any]) -> list[Fact]:
        """Find the task of this step, claim it, complete it."""
        token = await self.token(who)
        name, api = f"complete-{key}", "/api/approval/v1"
        if name not in self._sent:
            task = await self._task(key, token)
            self.story.case_id = task["case_id"]
            claimed = await self.gateway.call("POST", f"{api}/tasks/{task['id']}/claim", token=token)
            path, etag = f"{api}/tasks/{task['id']}/complete", claimed.headers["etag"]
        else:
            path, etag = self._sent[name].path, self._sent[name].if_match or ""
        done = (await self._write(name, "POST", path, token=token, if_match=etag, json=body)).json()
        clock = (await self.gateway.call("GET", f"{api}/cases/{self.story.case_id}/clock", token=token)).json()
        require(clock["due_on"] == self.story.due_on, "办件期限应与回执一致", "the case should be due when the receipt says")
        self.story.hands[key] = done["claimed_by"]
        require(len(set(self.story.hands.values())) == len(self.story.hands), "审查与决定应为两人", "two people should review and decide")
        return [
            Fact(done["name"], done["outcome"], f"{done['claimed_by_name']}：{done['opinion']}"),
            Fact("时限灯", "light", f"{clock['light']}，{clock['working_days_left']} 个工作日 working days left"),
        ]

    async def _task(self, key: str, token: str) -> dict[str, Any]:
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            for state in ("open", "claimed"):
                async for task in self.rows(f"/api/approval/v1/tasks?state={state}", token):
                    if task["application_number"] == self.story.application_number and task["key"] == key:
                        return dict(task)
            await asyncio.sleep(_POLL_SECONDS)
        raise TooLate(f"任务没有出现 the task did not appear: {key} {self.story.application_number}")

    async def _until(self, zh: str, en: str) -> AsyncIterator[dict[str, Any]]:
        """The application as it stands, again and again. Raises TooLate."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            yield (await self.gateway.call("GET", self._application, token=await self.token("organisation"))).json()
            await asyncio.sleep(_POLL_SECONDS)
        raise TooLate(f"等不到{zh} waited in vain for {en}")

    async def rows(self, path: str, token: str) -> AsyncIterator[dict[str, Any]]:
        """Every row of a list, following its cursors."""
        cursor: str | None = None
        joint = "&" if "?" in path else "?"
        while True:
            page = (await self.gateway.call("GET", f"{path}{joint}limit=200{f'&cursor={cursor}' if cursor else ''}", token=token)).json()
            for row in page["data"]:
                yield row
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def _write_to_application(self, name: str, method: str, room: str, **content: Any) -> httpx.Response:
        token, etag = await self.token("organisation"), self.story.application_etag
        answer = await self._write(name, method, f"{self._application}/{room}", token=token, if_match=etag, **content)
        self.story.application_etag = answer.headers["etag"]
        return answer

    async def _write(
        self, name: str, method: str, path: str, *, token: str | None = None, if_match: str | None = None,
        expect: tuple[int, ...] = (200,), **content: Any,
    ) -> httpx.Response:  # fmt: skip
        """Send a write, or send it again exactly as it was."""
        sent = self._sent.setdefault(name, _Sent(method, path, if_match, content))
        key = f"{self.run_id}.{name}"
        return await self.gateway.call(sent.method, sent.path, token=token, key=key, if_match=sent.if_match, expect=expect, **sent.content)

    async def token(self, who: str) -> str:
        """A token of one of the cast, fetched anew before it runs out."""
        held = self._tokens.get(who)
        if held is None or held.until < time.monotonic():
            held = self._tokens[who] = _Held(await self._fresh_token(who), time.monotonic() + _TOKEN_SECONDS)
        return held.token

    async def _fresh_token(self, who: str) -> str:
        cast = self.cast
        if who == "system":
            return await sign_in_system(self.gateway, cast.system, cast.system_secret)
        if who == "organisation":
            return await act_for(self.gateway, await self.token("citizen"), self.story.organisation_id)
        logins = {"citizen": cast.citizen.phone, "clerk": cast.clerk, "reviewer": cast.reviewer, "decider": cast.decider}
        return await sign_in(self.gateway, logins[who], cast.password)


def _may_pass(error: Unreachable | Refused) -> bool:
    """Whether the step may succeed when it is taken again; a code whose answer was lost is one of these: signing in anew makes another."""
    return isinstance(error, Unreachable) or error.is_passing or error.problem.get("error") == "invalid_grant"


__all__ = ["STEPS", "Fact", "Journey", "NotAsExpected", "Refused", "SignInFailed", "Step", "TooLate", "Unreachable"]
