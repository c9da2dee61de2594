"""Named facts of the exchange.

EntryNotFound 404                  the event is not in the log (yet)
TileNotFound 404, TilePathInvalid 400
SubscriptionNotFound, DeliveryNotFound 404
NoDepartment 403
WebhookUrlRefused, UnknownEventType 422
"""

from chassis.problems import Forbidden, Invalid, Malformed, NotFound, Text


class EntryNotFound(NotFound):
    slug = "evidence-entry-not-found"
    detail = Text("存证日志中还没有这个事件，请稍后再试。", "The event is not in the evidence log yet; try again shortly.")


class TileNotFound(NotFound):
    slug = "evidence-tile-not-found"
    detail = Text("存证日志还没有长到这一块。", "The evidence log has not grown to this tile.")


class TilePathInvalid(Malformed):
    slug = "evidence-tile-path-invalid"
    detail = Text("块的路径应如 000、x001/234 或 000.p/17。", "A tile's path is like 000, x001/234 or 000.p/17.")


class SubscriptionNotFound(NotFound):
    slug = "subscription-not-found"
    detail = Text("您的部门没有这个订阅。", "Your department has no such subscription.")


class DeliveryNotFound(NotFound):
    slug = "delivery-not-found"
    detail = Text("您的部门没有这次投递。", "Your department has no such delivery.")


class NoDepartment(Forbidden):
    slug = "no-department"
    detail = Text("此系统没有登记所属部门，请联系管理员。", "This system is registered under no department; ask the administrator.")


class WebhookUrlRefused(Invalid):
    slug = "webhook-url-refused"
    detail = Text("推送地址不可用，请按 errors 中的提示更正。", "Webhooks cannot go to this URL; errors says why.")


class UnknownEventType(Invalid):
    slug = "unknown-event-type"
    detail = Text("有不认识的事件类型，请按 errors 中的提示更正。", "There are unknown event types; errors points at them.")
