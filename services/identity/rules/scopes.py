"""Scopes: what a token may be used for, who can ever hold each, and what the suite's own services hold.

A scope is granted only to the kinds of actor (and, for staff, the posts) it is meant for, whatever a client asks.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Scope(NamedTuple):
    """The public sentence of a scope in both languages, the kinds of actor and, of staff, the posts it is for (no posts: any)."""

    zh: str
    en: str
    kinds: frozenset[str]
    posts: frozenset[str] = frozenset()


def _scope(zh: str, en: str, kinds: str, posts: str = "") -> Scope:
    return Scope(zh, en, frozenset(kinds.split()), frozenset(posts.split()))


SCOPES: Mapping[str, Scope] = {
    "openid": _scope("确认您是谁", "confirm who you are", "person organisation staff"),
    "identity.self": _scope(
        "查看自己的身份信息，绑定自己代表的单位", "see your own identity, bind what you represent", "person organisation staff"
    ),
    "identity.appoint": _scope("委托他人代办，查看和撤销委托", "let others act for you, see and end that", "person organisation"),
    "identity.check.standing": _scope("核对令牌所依据的授权是否仍然有效", "check whether what a token stands on still holds", "service"),
    "identity.window": _scope("在窗口以一码识别到场的人", "identify people at a window by their one code", "staff", "window"),
    "identity.account": _scope(
        "管理自己的登录：通行密钥、登录会话、扫码确认",
        "look after how you sign in: passkeys, sessions, confirming sign-ins elsewhere",
        "person staff",
    ),
    "identity.admin": _scope("维护部门、工作人员和客户端", "maintain departments, staff and clients", "service"),
    "identity.staff.admin": _scope(
        "维护本部门及下级部门的机构、人员和系统",
        "keep departments, staff and systems of your department and those below",
        "staff",
        "administrator",
    ),
    "identity.read.standing": _scope("核对工作人员当前职权", "ask what staff may do at this moment", "service"),
    "identity.read.personal": _scope("为写明的用途读取证件号码", "read an identifying number for a stated purpose", "service"),
    "catalog.admin": _scope("维护事项、区划和日历", "maintain items, regions and calendars", "service"),
    "catalog.items.maintain": _scope(
        "起草和维护本部门、本辖区的事项",
        "draft and maintain the items of your department and region",
        "staff system service",
        "item-editor item-reviewer",
    ),
    "catalog.items.review": _scope(
        "审核他人起草的本部门事项", "review the items of your department that others drafted", "staff", "item-reviewer"
    ),
    "catalog.items.stop": _scope(
        "冻结、委托事项，决定下级事项的重启和取消",
        "freeze and delegate items, decide on restarts and withdrawals below",
        "staff service",
        "item-reviewer",
    ),
    "intake.apply": _scope("提交和查看自己的申请", "make and see your own applications", "person organisation"),
    "intake.window": _scope("在窗口受理申请", "accept applications at a window", "staff", "window"),
    "intake.read.internal": _scope("系统内部读取申请", "read applications inside the suite", "service"),
    "approval.work": _scope("办理本部门的审批任务", "work on the approval tasks of your department", "staff", "reviewer decider"),
    "approval.read.internal": _scope("系统内部读取办件", "read cases inside the suite", "service"),
    "certificates.own": _scope("查看自己的电子证照", "see your own certificates", "person organisation"),
    "certificates.use": _scope("授权使用自己的电子证照", "authorise a use of your own certificates", "person organisation"),
    "certificates.supply": _scope("归集本部门的电子证照", "supply the certificates of your department", "system service"),
    "certificates.admin": _scope("维护证照类型", "maintain certificate types", "service"),
    "exchange.subscribe": _scope("订阅本部门的事件", "subscribe to the events of your department", "system"),
    "exchange.evidence.read": _scope("读取存证的加盐证明", "read evidence proofs with their salt", "system service"),
}

OPERATOR = "svc-operator"
_FOR_SERVICES = frozenset(name for name, scope in SCOPES.items() if "service" in scope.kinds)
_OF_EVERY_SERVICE = frozenset({"identity.check.standing", "identity.read.standing"})
SERVICE_SCOPES: Mapping[str, frozenset[str]] = {
    OPERATOR: _FOR_SERVICES,
    "svc-identity": frozenset(),
    "svc-catalog": _OF_EVERY_SERVICE,
    "svc-intake": _OF_EVERY_SERVICE | {"approval.read.internal", "exchange.evidence.read"},
    "svc-approval": _OF_EVERY_SERVICE | {"intake.read.internal", "exchange.evidence.read"},
    "svc-certificates": _OF_EVERY_SERVICE
    | {"identity.read.personal", "intake.read.internal", "approval.read.internal", "exchange.evidence.read"},
    "svc-exchange": _OF_EVERY_SERVICE | {"intake.read.internal", "approval.read.internal"},
    "svc-gateway": _OF_EVERY_SERVICE,
}
"""The suite's own clients, known without registration by a secret derived from the master key; each holds only what it needs."""

_OF_THE_PROTOCOL = frozenset({"openid", "profile", "offline_access"})


_ONLY_BY_NAME = frozenset({"openid", "identity.account"})
"""Whoever holds a token of the account could let others sign in as the person: no client gets that without having asked for it."""


def parse_scope(text: str) -> frozenset[str]:
    """The scopes in a space-separated parameter."""
    return frozenset(text.split())


def granted(kind: str, asked: frozenset[str], *, ceiling: frozenset[str] | None = None, posts: Iterable[str] = ()) -> frozenset[str]:
    """What a token of this kind gets of what was asked; all it may have when nothing of ours was asked by name,
    but for what is only given by name.

    `ceiling` is the most the client (or the token exchanged) passes on, None for no ceiling. Empty when nothing asked can be given.
    """
    held = frozenset(posts)
    allowed = {name for name, scope in SCOPES.items() if kind in scope.kinds and (kind != "staff" or not scope.posts or scope.posts & held)}
    if ceiling is not None:
        allowed &= ceiling | {"openid"}
    by_name = asked - _OF_THE_PROTOCOL
    result = by_name & allowed if by_name else allowed - _ONLY_BY_NAME
    return frozenset(result | (asked & {"openid"} & allowed))
