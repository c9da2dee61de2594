"""Named facts of the life of items."""

from datetime import datetime

from chassis.clock import LOCAL_ZONE
from chassis.problems import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, Problem, Text


def said(instant: datetime | None) -> str:
    """An instant as people here read it, to the minute."""
    return f"{instant.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" if instant else ""


class ItemWithdrawn(Problem):
    """The code was an item's and is no more; `moved_to` is where it went, null where nothing takes its place."""

    status = 410
    slug = "item-withdrawn"
    title = Text("事项已取消", "The item is withdrawn")
    detail = Text("此事项自 {since} 起取消：{reason}", "The item is withdrawn since {since}: {reason}")


class ItemEnded(Conflict):
    slug = "item-ended"
    detail = Text(
        "事项 {local_code} 自 {since} 起取消，其编码不再使用；请另用新的编码。",
        "The item {local_code} is withdrawn since {since}, and its code is used no more; take a new code.",
    )


class VersionUnknown(NotFound):
    slug = "item-version-unknown"
    detail = Text("没有这个版本。", "There is no such version.")


class NothingInForce(NotFound):
    slug = "item-not-in-force"
    detail = Text("事项在 {at} 时没有生效的版本。", "No version of the item is in force at {at}.")


class VersionAhead(Conflict):
    """A published version waits for its instant; `version_id` names it."""

    slug = "item-version-ahead"
    detail = Text(
        "第 {version_number} 版已公布，将于 {effective_from} 生效；新版本须在其后生效，或先撤回该版本。",
        "Version {version_number} is published and takes effect at {effective_from}; begin after it, or recall it first.",
    )


class BeginsInThePast(Invalid):
    slug = "item-begins-in-the-past"
    detail = Text("生效时间不能早于现在。", "What takes effect cannot do so before now.")


class VersionInForce(Conflict):
    slug = "item-version-in-force"
    detail = Text(
        "第 {version_number} 版已经生效，不能撤回；请发布新版本。",
        "Version {version_number} has taken effect and cannot be recalled; publish another.",
    )


class VersionRecalled(Conflict):
    slug = "item-version-recalled"
    detail = Text("第 {version_number} 版已于 {recalled_at} 撤回。", "Version {version_number} was recalled at {recalled_at}.")


class NotYours(Forbidden):
    """The matter is another department's, or lies outside the region or the items of one's grants."""

    slug = "item-of-another-authority"
    detail = Text(
        "只能维护本部门、本辖区且在授权范围内的事项；此事项属于 {authority}（{region}）。",
        "Only items of your own department, region and grant can be maintained; this one is of {authority} ({region}).",
    )


class DraftUnknown(NotFound):
    slug = "item-draft-unknown"
    detail = Text("没有这份草稿，或当前身份看不到它。", "There is no such draft, or this identity may not see it.")


class DraftChanged(PreconditionFailed):
    """Somebody changed the draft after the caller read it; errors[] say what, in words, and `changed` by whom and when."""

    slug = "item-draft-changed"
    detail = Text(
        "您读到的是第 {seen} 稿，现在是第 {actual} 稿，最近由 {changed_by} 于 {changed_at} 修改；改动见 errors，请并入后再提交。",
        "You read state {seen}; it is {actual} now, changed last by {changed_by} at {changed_at}. errors[] say what changed: merge it and send again.",
    )


class DraftClosed(Conflict):
    slug = "item-draft-closed"
    detail = Text("草稿目前为“{state}”，不能这样做。", "The draft is {state}; this cannot be done now.")


class DraftOutdated(Conflict):
    """A version was published after the draft began; errors[] say what it changed, in words."""

    slug = "item-draft-outdated"
    detail = Text(
        "草稿依据第 {based_on} 版，其后已公布第 {newest} 版；请把 errors 所列变化并入草稿，并以 based_on 写明第 {newest} 版。",
        "The draft is based on version {based_on}, and version {newest} is published since. "
        "Merge what errors[] list into it and name {newest} as its based_on.",
    )


class OwnWork(Forbidden):
    slug = "item-own-work"
    detail = Text("自己参与起草的，须由他人审核。", "Somebody else reviews what you had a hand in writing.")


class OwnRequest(Forbidden):
    slug = "item-own-request"
    detail = Text("自己提出的申请，须由他人决定。", "Somebody else decides on what you requested.")


class AlreadyStands(Conflict):
    slug = "item-stands-so"
    detail = Text("事项目前为“{state}”，不能这样做。", "The item is {state}; this cannot be done now.")


class SuccessorInvalid(Invalid):
    slug = "item-successor-invalid"


class RequestUnknown(NotFound):
    slug = "item-request-unknown"
    detail = Text("没有这份申请，或当前身份看不到它。", "There is no such request, or this identity may not see it.")


class RequestOpen(Conflict):
    slug = "item-request-open"
    detail = Text("已有一份同类申请（{waiting_request}）待决定。", "A request of this kind ({waiting_request}) waits to be decided.")


class RequestDecided(Conflict):
    slug = "item-request-decided"
    detail = Text("这份申请已于 {decided_at} 决定。", "The request was decided at {decided_at}.")


class DelegationInvalid(Invalid):
    slug = "item-delegation-invalid"


class DelegationUnknown(NotFound):
    slug = "item-delegation-unknown"
    detail = Text("没有这项委托。", "There is no such delegation.")


class DelegationEnded(Conflict):
    slug = "item-delegation-ended"
    detail = Text("委托已于 {ends_at} 结束。", "The delegation ended at {ends_at}.")
