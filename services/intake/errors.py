"""Facts of intake that a caller can act on."""

from collections.abc import Collection
from datetime import datetime

from chassis.clock import LOCAL_ZONE
from chassis.problems import Conflict, FieldError, Forbidden, Invalid, Malformed, NotFound, Text, Unavailable, UnsupportedContent
from services.intake.rules.form import FormFault
from services.intake.rules.lifecycle import State, Step

_STATES: dict[State, Text] = {
    State.DRAFT: Text("草稿", "a draft"),
    State.SUBMITTED: Text("已提交", "submitted"),
    State.ACCEPTED: Text("已受理", "accepted"),
    State.REFUSED: Text("不予受理", "refused"),
    State.WITHDRAWN: Text("已撤回", "withdrawn"),
    State.CONCLUDED: Text("已办结", "concluded"),
    State.DELIVERED: Text("已送达", "delivered"),
}


class StepNotAllowed(Conflict):
    slug = "step-not-allowed"

    def __init__(self, state: State, step: Step) -> None:
        super().__init__(state=state.value, step=step.value)
        named = _STATES[state]
        self.detail = Text(f"申请目前为“{named.zh}”，不能这样做。", f"The application is {named.en}; this cannot be done now.")  # type: ignore[misc]


class ItemUnknown(Invalid):
    slug = "item-unknown"

    def __init__(self, code: str) -> None:
        super().__init__(
            errors=[FieldError("/item_code", "item-unknown", Text("没有这个在办事项", "is not an item that can be applied for"))],
            item_code=code,
        )


class ItemFrozen(Conflict):
    """No application may begin; those under way go on."""

    slug = "item-frozen"
    detail = Text(
        "此事项自 {since} 起暂停受理新的申请，原因：{reason}。已提交的申请照常办理。",
        "The item takes no new applications since {since}, because: {reason}. Those under way go on.",
    )

    def __init__(self, code: str, since: datetime | None, reason: str | None) -> None:
        said = f"{since.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" if since else ""
        super().__init__(item_code=code, since=said, reason=reason or "")


class ItemWithdrawn(Invalid):
    """`moved_to` is the item that takes its place, null where none does."""

    slug = "item-withdrawn"

    def __init__(self, code: str, *, since: str, reason: str, moved_to: str | None) -> None:
        said = Text(
            "此事项自 {since} 起取消（{reason}）；请改办 moved_to 所列事项（如有）",
            "is withdrawn since {since} ({reason}); ask for the item in moved_to, if there is one",
        )
        errors = [FieldError("/item_code", "item-withdrawn", said)]
        super().__init__(errors=errors, item_code=code, since=since, reason=reason, moved_to=moved_to)


class ItemNotCovered(Forbidden):
    slug = "item-not-covered"
    detail = Text("您的委托只针对以下事项：{items}。", "What you may do for this applicant is limited to these items: {items}.")

    def __init__(self, items: Collection[str]) -> None:
        super().__init__(items=", ".join(sorted(items)))


class RegionNotServed(Invalid):
    slug = "region-not-served"

    def __init__(self, region_code: str, item_region: str) -> None:
        said = Text(
            "此事项由地区 {item_region} 办理，不受理该地区的申请",
            "the item is handled in region {item_region}, which does not serve this one",
        )
        super().__init__(errors=[FieldError("/region_code", "region-not-served", said)], region_code=region_code, item_region=item_region)


class ApplicationIncomplete(Invalid):
    """Everything missing or wrong, said once."""

    slug = "application-incomplete"
    detail = Text(
        "申请还不完整，errors 一次列出了全部需要补正的内容。", "The application is not complete; errors[] lists everything at once."
    )


class LibraryUnanswered(Unavailable):
    slug = "library-unanswered"
    detail = Text(
        "电子证照库暂时没有答复，材料尚未取得；请稍后再试，也可以自行上传。",
        "The certificate library has not answered yet; try again shortly, or upload the material yourself.",
    )


class MaterialNotAsked(Conflict):
    slug = "material-not-asked"
    detail = Text(
        "此材料已由系统取得或在线填写，无需上传。", "This material is obtained by the system or answered online; it is not to be uploaded."
    )


class MaterialUnknown(NotFound):
    slug = "material-unknown"
    detail = Text("此申请没有这项材料。", "The application has no such material.")


class FileTypeRefused(UnsupportedContent):
    slug = "file-type-refused"
    detail = Text(
        "文件内容不是可接受的类型（{accepted}），或与声明的类型不符。",
        "The content is not of an accepted type ({accepted}), or not what it was declared to be.",
    )


class FileEmpty(Invalid):
    slug = "file-empty"
    detail = Text("文件是空的。", "The file is empty.")


class UploadBroken(Malformed):
    slug = "upload-broken"
    detail = Text("上传中断，没有保存任何内容，请重新上传。", "The upload broke off; nothing was kept. Send it again.")


class ProofNotReady(NotFound):
    slug = "proof-not-ready"
    detail = Text("存证正在写入，请稍后再取。", "The entry is on its way into the evidence log; come back shortly.")


class HolderUnknown(Forbidden):
    slug = "holder-unknown"
    detail = Text("令牌没有申请人的身份标识，请重新登录。", "The token does not say who the applicant is; sign in again.")


def form_errors(faults: tuple[FormFault, ...]) -> list[FieldError]:
    """The form's faults as fields of the application. Braces are doubled: what a schema says is not a template."""
    return [FieldError("/form" + f.pointer, f.code, Text(_plain(f.zh), _plain(f.en))) for f in faults]


def material_error(key: str, name: str, name_en: str | None) -> FieldError:
    """One material that has to be added."""
    said = Text(f"请提交材料：{_plain(name)}", f"submit this material: {_plain(name_en or name)}")
    return FieldError(f"/materials/{key}", "material-missing", said)


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
