"""Keep a department's subscription."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.exchange.errors import UnknownEventType, WebhookUrlRefused
from services.exchange.rules.subscriptions import UrlFault, UrlRefused, unknown_types, webhook_url
from services.exchange.store import webhooks as store

_FAULTS: dict[UrlFault, Text] = {
    "not-a-url": Text("不是有效的网址", "is not a valid URL"),
    "scheme": Text("网址应以 http:// 或 https:// 开头", "must begin with http:// or https://"),
    "userinfo": Text("网址中不得带用户名或口令", "must not carry a user name or password"),
    "fragment": Text("网址中不得带 # 片段", "must not have a fragment"),
    "private-address": Text("不得指向本机或内网地址", "must not point at a loopback or private address"),
}


async def keep_subscription(
    name: str, url: str, event_types: Sequence[str], *, department: str, actor: Actor, allow_private: bool, tx: WriteTx
) -> tuple[RowMapping, bool]:
    """A system of the department. Events from now on; no types at all pauses it. True where the subscription is new.

    Raises WebhookUrlRefused, UnknownEventType.
    """
    unknown = unknown_types(event_types)
    if unknown:
        text = Text("没有这种事件", "is no event type")
        raise UnknownEventType(errors=[FieldError(f"/event_types/{place}", "unknown_event_type", text) for place in unknown])
    try:
        target = webhook_url(url, allow_private=allow_private)
    except UrlRefused as refused:
        raise WebhookUrlRefused(errors=[FieldError("/url", refused.fault.replace("-", "_"), _FAULTS[refused.fault])]) from refused
    row = {
        "id": tx.clock.new_id(),
        "department": department,
        "name": name,
        "url": target,
        "event_types": sorted(set(event_types)),
        "client_id": actor.client_id,
        "created_at": tx.now,
        "changed_at": tx.now,
    }
    is_new = await store.keep_subscription(tx, row)
    kept = await store.subscription(tx, department, name)
    assert kept is not None
    return kept, is_new
